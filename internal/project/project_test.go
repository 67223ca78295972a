package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowls/internal/project"
)

// tree makes files below a folder of its own; an empty one ends with a slash.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		at := filepath.Join(dir, path)
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(at, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, at, content)
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

const table = "[tool.flowls]\nignore = ['MF107']\n"

func TestNearest(t *testing.T) {
	dir := tree(t, map[string]string{
		"pyproject.toml": table, "a/b/c/": "", "a/pyproject.toml": "[tool.black]\n", "a/b/pyproject.toml": table,
		"repo/.git/": "", "repo/x/": "", "worktree/.git": "gitdir: x", "worktree/x/": "", "own/.git/": "", "own/pyproject.toml": table, "own/x/": "",
		"folder/pyproject.toml/": "",
	})
	l := project.NewLoader()
	for folder, want := range map[string]string{
		".": "pyproject.toml", "a": "pyproject.toml", "a/b": "a/b/pyproject.toml", "a/b/c": "a/b/pyproject.toml", "a/b/c/not/there": "a/b/pyproject.toml",
		"repo": "", "repo/x": "", "worktree/x": "", "own/x": "own/pyproject.toml", "pyproject.toml/in/a/file": "pyproject.toml",
	} {
		got := ""
		if p := l.Folder(filepath.Join(dir, folder)); p != nil {
			got, _ = filepath.Rel(dir, p.File)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
	if p := l.Folder(filepath.Join(dir, "folder")); p == nil || len(p.Problems) != 1 {
		t.Errorf("a folder of that name: %+v", p)
	}
}

func TestRefresh(t *testing.T) {
	dir := tree(t, map[string]string{"pyproject.toml": table, "a/.git/": ""})
	file, sub := filepath.Join(dir, "pyproject.toml"), filepath.Join(dir, "b")
	l := project.NewLoader()
	first := l.Folder(sub)
	if first == nil || len(first.Layer.Ignore) != 1 {
		t.Fatalf("%+v", first)
	}
	l.Folder(filepath.Join(dir, "a"))
	expect := func(what string, changed bool) *project.Project {
		t.Helper()
		if l.Refresh() != changed {
			t.Errorf("%s: changed is %v", what, !changed)
		}
		return l.Folder(sub)
	}
	if expect("nothing", false) != first {
		t.Error("read again")
	}
	write(t, file, strings.Replace(table, "[tool", "\n[tool", 1)+"select = ['MF1']\n")
	if p := expect("another text", true); len(p.Layer.Select) != 1 {
		t.Errorf("%+v", p)
	}
	// Half-written, what held goes on.
	write(t, file, table+"select = [\n")
	if p := expect("not valid", true); len(p.Layer.Select) != 1 || len(p.Problems) != 1 {
		t.Errorf("%+v", p)
	}
	// The same size, another time.
	write(t, file, table+"select = []")
	if err := os.Chtimes(file, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if p := expect("the same size", true); len(p.Layer.Select) != 0 || len(p.Problems) != 0 {
		t.Errorf("%+v", p)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if expect("gone", true) != nil {
		t.Error("still there")
	}
	write(t, filepath.Join(dir, "a", "pyproject.toml"), table)
	if expect("elsewhere", true) != nil || l.Folder(filepath.Join(dir, "a")) == nil {
		t.Error("a file that is new is not found")
	}
}

func TestBounded(t *testing.T) {
	dir := tree(t, map[string]string{"large/pyproject.toml": table + strings.Repeat("#", 1<<20), "pipe/": "", "bom/pyproject.toml": "\ufeff" + table})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe", "pyproject.toml"), 0o644); err != nil {
		t.Fatal(err)
	}
	l := project.NewLoader()
	for folder, want := range map[string]string{"large": "is larger than 1 MiB", "pipe": "is not a regular file"} {
		p := l.Folder(filepath.Join(dir, folder))
		if p == nil || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Message, want) || len(p.Layer.Ignore) > 0 {
			t.Errorf("%s: %+v", folder, p)
		}
	}
	if p := l.Folder(filepath.Join(dir, "bom")); p == nil || len(p.Layer.Ignore) != 1 {
		t.Errorf("byte order mark: %+v", p)
	}
}
