package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A setting is what it is for Metaflow: an empty one of the environment counts, and
// a file may hold a number.
func TestSettings(t *testing.T) {
	project, home := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(home, "config.json"), `{"METAFLOW_A": "home", "METAFLOW_B": "home", "METAFLOW_C": "home", "METAFLOW_N": 2, "METAFLOW_NULL": "home"}`)
	write(filepath.Join(home, "config_work.json"), `{"METAFLOW_A": "work"}`)
	write(filepath.Join(project, ".metaflow", "config.json"), `{"METAFLOW_B": "project", "METAFLOW_NULL": null}`)
	below := filepath.Join(project, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"METAFLOW_HOME": home, "METAFLOW_C": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	read := ReadSettings(below, lookup, "")
	for name, want := range map[string]any{"METAFLOW_A": "home", "METAFLOW_B": "project", "METAFLOW_C": "", "METAFLOW_N": 2.0} {
		if got, set := read.Value(name); got != want || !set {
			t.Errorf("%s: %v, %v", name, got, set)
		}
	}
	for _, name := range []string{"METAFLOW_NOTHERE", "METAFLOW_NULL"} {
		if got, set := read.Value(name); set {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := read.Text("METAFLOW_N"); got != "" {
		t.Errorf("a number as a text: %q", got)
	}
	if got := ReadSettings(below, lookup, "work").Text("METAFLOW_A"); got != "work" {
		t.Errorf("profile: %q", got)
	}
	env["METAFLOW_PROFILE"] = "work"
	if got := ReadSettings(below, lookup, "").Text("METAFLOW_A"); got != "work" {
		t.Errorf("profile of the environment: %q", got)
	}
}
