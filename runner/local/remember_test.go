package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestValuesAreRemembered(t *testing.T) {
	g := &Registry{Dir: filepath.Join(t.TempDir(), "flowls", "runs")}
	if v, err := g.LastValues(Run, "/w/f.py", "F"); v != nil || err != nil {
		t.Errorf("before: %+v, %v", v, err)
	}
	given := Values{Kind: Run, Flow: "F", Script: "/w/f.py", Parameters: map[string]any{"big": json.Number("12345678901234567890")}, Options: Options{Tags: []string{"t"}}}
	if err := g.Remember(given); err != nil {
		t.Fatal(err)
	}
	v, err := g.LastValues(Run, "/w/f.py", "F")
	if err != nil || v.Parameters["big"] != json.Number("12345678901234567890") || v.Options.Tags[0] != "t" {
		t.Errorf("after: %+v, %v", v, err)
	}
	if v, err := g.LastValues(Run, "/other/f.py", "F"); v != nil || err != nil {
		t.Errorf("another file with such a flow: %+v, %v", v, err)
	}
	path := g.ValuesPath(Run, "/w/f.py", "F")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("{\n  \"parameters\": {\n    x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := g.LastValues(Run, "/w/f.py", "F"); err == nil || !strings.HasPrefix(err.Error(), "line 3 of "+path) {
		t.Errorf("broken: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"version": 9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var newer *VersionError
	if _, err := g.LastValues(Run, "/w/f.py", "F"); !errors.As(err, &newer) {
		t.Errorf("newer: %v", err)
	}
}

// What a flow is resumed with is remembered beside what it is run with.
func TestOptionsOfEachKindAreRemembered(t *testing.T) {
	g := &Registry{Dir: filepath.Join(t.TempDir(), "flowls", "runs")}
	for kind, want := range map[Kind]string{
		Spin:   `{"with":["retry"],"environment":"","profile":""}`,
		Resume: `{"with":["retry"],"environment":"","profile":"","tags":["t"],"maxWorkers":2,"maxNumSplits":0}`,
	} {
		o := Options{With: []string{"retry"}}
		if kind == Resume {
			o.Tags, o.MaxWorkers = []string{"t"}, 2
		}
		if err := g.Remember(Values{Kind: kind, Flow: "F", Script: "/w/f.py", Options: o}); err != nil {
			t.Fatal(err)
		}
		v, err := g.LastValues(kind, "/w/f.py", "F")
		if err != nil || v.Options.With[0] != "retry" || v.Options.MaxWorkers != o.MaxWorkers {
			t.Errorf("%s: %+v, %v", kind, v, err)
		}
		data, err := os.ReadFile(g.ValuesPath(kind, "/w/f.py", "F"))
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Options json.RawMessage }
		var compact bytes.Buffer
		if err := json.Unmarshal(data, &document); err != nil || json.Compact(&compact, document.Options) != nil || compact.String() != want {
			t.Errorf("%s: %s, want %s (%v)", kind, &compact, want, err)
		}
	}
	if v, err := g.LastValues(Run, "/w/f.py", "F"); v != nil || err != nil {
		t.Errorf("of a run: %+v, %v", v, err)
	}
}

func TestOldValuesAreForgotten(t *testing.T) {
	g := &Registry{Dir: filepath.Join(t.TempDir(), "runs")}
	if err := os.MkdirAll(g.valuesDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range maxValues + 5 {
		path := filepath.Join(g.valuesDir(), fmt.Sprint(i))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Remember(Values{Kind: Run, Flow: "F", Script: "/w/f.py"}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(g.valuesDir())
	if err != nil || len(entries) != maxValues {
		t.Errorf("%d left, %v", len(entries), err)
	}
	if _, err := os.Stat(filepath.Join(g.valuesDir(), "5")); err == nil {
		t.Error("an old one is left")
	}
}
