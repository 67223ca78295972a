package walk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// build makes a tree in a fresh working folder: "dir/", "file", "link -> target",
// "file = content".
func build(t *testing.T, entries ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, e := range entries {
		name, target, link := strings.Cut(e, " -> ")
		name, text, _ := strings.Cut(name, " = ")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case link:
			err = os.Symlink(target, name)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(name, 0o755)
		default:
			err = os.WriteFile(name, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func list(paths ...string) []string {
	out := []string{}
	for it := range Files(paths) {
		line := it.Path
		if it.Given {
			line += " given"
		}
		if it.Err != nil {
			line += fmt.Sprintf(": %v", it.Err)
		}
		out = append(out, line)
	}
	return out
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestOrderAndKinds(t *testing.T) {
	build(t, "b.py", "a.txt", "a/z.py", "a/y/x.py", "c.pyc", "a.py")
	want(t, list("."), "a/y/x.py", "a/z.py", "a.py", "b.py")
	want(t, list("b.py", "a", "b.py", "./a/z.py", "a.txt"), "b.py given", "a/y/x.py", "a/z.py", "a.txt given")
}

func TestSkipsEnvironmentsAndCaches(t *testing.T) {
	build(t, "f.py", ".venv/x.py", "env/pyvenv.cfg", "env/lib/x.py", "conda/conda-meta/history", "conda/x.py", "node_modules/x.py",
		"__pycache__/x.py", ".tox/x.py", ".git/x.py", ".metaflow/x.py", "lib/site-packages/x.py", "venv/mine.py")
	want(t, list("."), "f.py", "venv/mine.py")
	// Named, it is what the user wants.
	want(t, list("env", ".venv/x.py"), "env/lib/x.py", ".venv/x.py given")
}

func TestIgnoreFiles(t *testing.T) {
	build(t, ".git/info/exclude = secret.py\n", ".gitignore = build/\n*_gen.py\n", "sub/.gitignore = !keep_gen.py\n/only.py\n",
		"secret.py", "a.py", "x_gen.py", "build/b.py", "sub/keep_gen.py", "sub/only.py", "sub/deep/only.py", "sub/deep/y_gen.py")
	want(t, list("."), "a.py", "sub/deep/only.py", "sub/keep_gen.py")
	want(t, list("sub/deep"), "sub/deep/only.py")
	want(t, list("build", "x_gen.py"), "build/b.py", "x_gen.py given")
	t.Chdir("sub")
	want(t, list("."), "deep/only.py", "keep_gen.py")
}

func TestIgnoreFileOutsideOfRepository(t *testing.T) {
	build(t, ".gitignore = b.py\n", "a.py", "b.py")
	want(t, list("."), "a.py")
}

func TestLinks(t *testing.T) {
	build(t, "out/o.py", "in/a.py", "in/loop -> .", "in/up -> ..", "in/same -> sub", "in/sub/s.py", "in/sub/back -> ../../in",
		"in/out -> ../out", "in/out2 -> ../out", "in/self -> self", "in/z.py -> a.py", "in/zz.py -> nowhere.py")
	want(t, list("in"), "in/a.py", "in/out/o.py", "in/sub/s.py", "in/zz.py")
	// A given link is followed.
	want(t, list("in/same"), "in/same/s.py") // back leads to a folder around it
}

func TestEmptyAndMissing(t *testing.T) {
	build(t, "empty/", "text/a.md")
	for _, dir := range []string{"empty", "text"} {
		want(t, list(dir), dir+" given: "+ErrNoPython.Error())
	}
	want(t, list("missing"), "missing given") // reading it tells why
}

func TestStopsWhenTold(t *testing.T) {
	build(t, "a.py", "b.py", "c/c.py")
	n := 0
	for range Files([]string{".", "a.py"}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("yielded %d items after a break", n)
	}
}

func TestUnreadableFolder(t *testing.T) {
	build(t, "a.py", "shut/b.py", "z.py")
	w := &walker{seen: map[string]bool{}}
	var items []Item
	w.yield = func(it Item) bool { items = append(items, it); return true }
	// A folder that vanishes between its listing and its reading; permissions
	// would not stop root.
	wd, _ := os.Getwd()
	w.dir("gone", filepath.Join(wd, "gone"), nil, false)
	if len(items) != 1 || items[0].Err == nil || errors.Is(items[0].Err, ErrNoPython) {
		t.Errorf("items %v, want one error", items)
	}
}
