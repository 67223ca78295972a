package runstate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCards(t *testing.T) {
	root := t.TempDir()
	now := filepath.Join(root, "Flow", "runs", "1", "steps", "fit", "tasks", "4", "cards")
	old := filepath.Join(root, "Flow", "runs", "1", "tasks", "4", "cards")
	older := filepath.Join(root, "Flow", "runs", "1", "tasks", "5", "cards")
	outside := filepath.Join(t.TempDir(), "secret.html")
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write(outside, "secret")
	write(filepath.Join(now, "default-77d0051b.html"), "<html>")
	write(filepath.Join(now, "blank-mine-01663fbc.html"), "<html></html>")
	write(filepath.Join(now, "huge-1.html"), "")
	if err := os.Truncate(filepath.Join(now, "huge-1.html"), maxCard+1); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"notes.txt", "plain.html", "a-b-c-d.html", "-1.html", "default-.html", "default-1.data.json"} {
		write(filepath.Join(now, other), "")
	}
	write(filepath.Join(old, "default-1.html"), "not looked at")
	write(filepath.Join(older, "default-2.html"), "before June 2022")
	for name, target := range map[string]string{"stolen-1.html": outside, "inside-1.html": "default-77d0051b.html", "gone-1.html": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(now, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(now, "folder-1.html"), 0o700); err != nil {
		t.Fatal(err)
	}

	cards, err := Cards([]string{root, filepath.Join(root, "none")}, "Flow", "1", "fit", "4")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range cards {
		got[c.Type+" "+c.ID] = c.Problem
	}
	want := map[string]string{
		"default ": "", "blank mine": "", "inside ": "", "huge ": "it is larger than 64 MB",
		"stolen ": "it is a link that leads out of " + root, "folder ": "it is not a file",
	}
	if len(got) != len(want) || len(cards) != len(want) {
		t.Errorf("cards: %v", got)
	}
	for name, problem := range want {
		if had, ok := got[name]; !ok || had != problem {
			t.Errorf("%s: %q, want %q", name, had, problem)
		}
	}
	if cards, err := Cards([]string{root}, "Flow", "1", "fit", "5"); err != nil || len(cards) != 1 || cards[0].Hash != "2" {
		t.Errorf("old layout: %+v, %v", cards, err)
	}
	if cards, err := Cards([]string{root}, "Flow", "1", "fit", "6"); err != nil || len(cards) != 0 {
		t.Errorf("no cards: %+v, %v", cards, err)
	}
	if roots := RootsWithCards([]string{root, filepath.Join(root, "none")}, "Flow"); len(roots) != 1 || roots[0] != root {
		t.Errorf("roots with cards: %v", roots)
	}
	if roots := RootsWithCards([]string{root}, "Other"); len(roots) != 0 {
		t.Errorf("roots with cards of another flow: %v", roots)
	}
	if _, err := Cards([]string{root}, "Flow", "..", "fit", "6"); err == nil {
		t.Error("a path as run id")
	}
}

func TestCardRoots(t *testing.T) {
	dir := t.TempDir()
	if dir, _ = filepath.EvalSymlinks(dir); os.Mkdir(filepath.Join(dir, rootName), 0o700) != nil {
		t.Fatal("no folder")
	}
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "config_far.json"), []byte(`{"METAFLOW_CARD_LOCALROOT": "/configured"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(pair string) func(string) string {
		return func(name string) string {
			if k, v, _ := strings.Cut(pair, "="); k == name {
				return v
			}
			if name == "METAFLOW_HOME" {
				return home
			}
			return ""
		}
	}
	for _, tt := range []struct {
		root, env string
		want      []string
	}{
		{filepath.Join(dir, rootName), "", []string{filepath.Join(dir, rootName, "mf.cards")}},
		{"/data/.metaflow", "", []string{"/data/.metaflow/mf.cards", filepath.Join(dir, rootName, "mf.cards")}},
		{"/data/.metaflow", "METAFLOW_CARD_LOCALROOT=/cards", []string{"/cards"}},
		{"/data/.metaflow", "METAFLOW_PROFILE=far", []string{"/configured"}},
		{"/data/.metaflow", "METAFLOW_CARD_LOCALROOT=cards", []string{filepath.Join(dir, "cards")}},
	} {
		if got := CardRoots(tt.root, dir, env(tt.env)); strings.Join(got, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s %s: %v, want %v", tt.root, tt.env, got, tt.want)
		}
	}
}
