package workspace

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/analysis/text"
	"flowls/internal/source"
)

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is not a readable regular file is not there, or says why.
func TestReadOddFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("good.py"), "x = 1\n")
	write(t, at("binary.py"), "\x00\x01")
	write(t, at("utf16.py"), "\xff\xfex\x00")
	write(t, at("huge.py"), strings.Repeat("#", source.MaxSize+1))
	for _, err := range []error{
		os.Mkdir(at("folder.py"), 0o755),
		syscall.Mkfifo(at("pipe.py"), 0o644),
		os.Symlink(at("good.py"), at("link.py")),
		os.Symlink(at("nothing.py"), at("dangling.py")),
		os.Symlink(at("loop.py"), at("loop.py")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]struct {
		there bool
		err   string
	}{
		"good.py": {there: true}, "link.py": {there: true},
		"absent.py": {}, "folder.py": {}, "pipe.py": {}, "dangling.py": {}, "good.py/x.py": {},
		"binary.py": {err: "is binary"}, "utf16.py": {err: "UTF-16"}, "huge.py": {err: "larger"}, "loop.py": {err: "symbolic links"},
	} {
		for _, frozen := range []bool{false, true} {
			d := &Disk{Frozen: frozen}
			for range 2 {
				got, err := d.Read(at(name))
				if (got != nil) != want.there || (err != nil) != (want.err != "") || err != nil && !strings.Contains(err.Error(), want.err) {
					t.Errorf("%s, frozen %v: text %v, error %v", name, frozen, got != nil, err)
				}
			}
		}
	}
	if (&Disk{}).IsDir(at("good.py")) || !(&Disk{}).IsDir(dir) {
		t.Error("folders are not told from files")
	}
}

// The same version is the same text; another one is read; frozen, none is.
func TestReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.py")
	write(t, path, "x = 1\n")
	live, frozen := &Disk{}, &Disk{Frozen: true}
	read := func(d *Disk) *text.Text {
		got, err := d.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first, once := read(live), read(frozen)
	if read(live) != first {
		t.Error("an unchanged file was read again")
	}
	write(t, path, "x = 2\n")
	stamp := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, stamp, stamp); err != nil {
		t.Fatal(err)
	}
	second := read(live)
	if string(second.Bytes()) != "x = 2\n" || read(frozen) != once {
		t.Error("the change was not seen, or seen though frozen")
	}
	write(t, path, "x = 3\n") // of the same size; and now of the same time
	if err := os.Chtimes(path, stamp, stamp); err != nil {
		t.Fatal(err)
	}
	live.Changed(path)
	if string(read(live).Bytes()) != "x = 3\n" {
		t.Error("what the editor said changed was not read")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if read(live) != nil || read(frozen) != once {
		t.Error("the file is gone")
	}
	live.Open = func(string) *text.Text { return first }
	if read(live) != first {
		t.Error("the editor's text comes first")
	}
}

func TestRoots(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("project/pyproject.toml"), "")
	write(t, at("project/flows/f.py"), "")
	want := []string{dir, at("src"), at("project"), at("project/src")}
	if got := Roots(at("project/flows/f.py"), []string{dir, at("elsewhere"), ""}); !slices.Equal(got, want) {
		t.Errorf("roots %q, want %q", got, want)
	}
	if err := os.Symlink(at("project/flows/f.py"), at("link.py")); err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(at("project/flows"))
	if err != nil {
		t.Fatal(err)
	}
	if got := Dir(at("link.py")); got != real {
		t.Errorf("Python looks first in %q, want %q", got, real)
	}
	if got := Dir(at("project/flows/f.py")); got != at("project/flows") {
		t.Errorf("Python looks first in %q", got)
	}
}

// A folder that links to itself is no endless package.
func TestLinkedFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "f.py"), "from p.p.p.p.base import Base\n\n\nclass F(Base):\n    pass\n\n\nif __name__ == '__main__':\n    F()\n")
	write(t, filepath.Join(dir, "p", "base.py"), "from metaflow import FlowSpec, step\n\n\nclass Base(FlowSpec):\n    @step\n    def start(self):\n        pass\n")
	if err := os.Symlink(".", filepath.Join(dir, "p", "p")); err != nil {
		t.Fatal(err)
	}
	doc, err := analysis.Load(&index.Site{Index: index.New(&Disk{}), Path: filepath.Join(dir, "f.py")})
	if err != nil || len(doc.File.Flows) != 1 || doc.File.Flows[0].Open || len(doc.File.Flows[0].Steps) != 1 {
		t.Errorf("%v %+v", err, doc.File.Flows)
	}
	names := Names(t.Context(), []string{dir}, text.UTF8, (&Disk{}).Read)
	if !names.Whole || len(names.Flows()) != 1 {
		t.Errorf("%v %q", names.Whole, names.Flows())
	}
	write(t, filepath.Join(dir, "bad.py"), string(bytes.Repeat([]byte{0}, 10)))
	if Names(t.Context(), []string{dir}, text.UTF8, (&Disk{}).Read).Whole {
		t.Error("a workspace with an unreadable file is not whole")
	}
}
