package gitignore

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ours walks as flowls does and returns the ignored entries; below an ignored
// folder everything is ignored and nothing is listed.
func ours(t *testing.T, top string) map[string]bool {
	t.Helper()
	got := map[string]bool{}
	var walk func(scope *Scope, dir string)
	walk = func(scope *Scope, dir string) {
		scope, err := scope.Enter(dir)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() == ".git" {
				continue
			}
			p := filepath.Join(dir, e.Name())
			if scope.Ignored(p, e.IsDir()) {
				got[p] = true
			} else if e.IsDir() {
				walk(scope, p)
			}
		}
	}
	walk(Above(top), top)
	return got
}

// git asks `git check-ignore` about every entry that is not below an ignored folder.
func git(t *testing.T, top string) map[string]bool {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if d.Name() == ".git" {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return err
		}
		if p != top {
			fmt.Fprintf(&all, "%s\x00", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "git", "-C", top, "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Stdin = &all
	out, err := cmd.Output()
	if ee, ok := err.(*exec.ExitError); err != nil && (!ok || ee.ExitCode() != 1) {
		t.Fatalf("git check-ignore (this test needs git on PATH): %v", err)
	}
	ignored := map[string]bool{}
	for p := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if p != "" {
			ignored[p] = true
		}
	}
	maps.DeleteFunc(ignored, func(p string, _ bool) bool {
		for up := filepath.Dir(p); up != top; up = filepath.Dir(up) {
			if ignored[up] {
				return true
			}
		}
		return false
	})
	return ignored
}

func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	top := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "git", "init", "-q", top)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git init (this test needs git on PATH): %v\n%s", err, out)
	}
	for name, text := range files {
		p := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("XDG_CONFIG_HOME", top+"/none")
	return top
}

func diff(t *testing.T, top string, rules string) {
	t.Helper()
	want, got := git(t, top), ours(t, top)
	if !maps.Equal(want, got) {
		t.Errorf("git ignores %v\nflowls ignores %v\nrules:\n%s", names(top, want), names(top, got), rules)
	}
}

func names(top string, set map[string]bool) []string {
	out := []string{}
	for p := range set {
		rel, _ := filepath.Rel(top, p)
		out = append(out, rel)
	}
	slices.Sort(out)
	return out
}

var tree = map[string]string{
	"a.py": "", "b.py": "", "[x].py": "", "sp ace ": "", "{a,b}": "", "#note": "", "!bang": "", "x\\y": "",
	"build/a.py": "", "src/build/a.py": "", "src/keep/a.py": "", "src/a.py": "", "src/deep/er/a.py": "", "src/deep/er/b.pyc": "",
	"foo/bar/baz/a.py": "", "foo/x/bar/baz/a.py": "", "foo/bar/x/baz/a.py": "", "foo/bar/foo/bar/baz/c.py": "",
}

func TestSameVerdictAsGit(t *testing.T) {
	cases := []string{
		"*.py\n!a.py\n", "build/\n", "/build\n", "src/*\n!src/keep\n", "foo/**/baz\n", "**/baz\n", "foo/**\n", "foo/**/\n",
		"a.*\r\nb.*\r\n", "\\#note\n\\!bang\n", "#note\n", "sp ace\\ \n", "sp ace \n", "{a,b}\n", "[[]x].py\n", "[!a].py\n", "[^a].py\n",
		"*\n!*/\n!*.py\n", "src/\n!src/a.py\n", "foo\n!foo/bar\n", "/\n", "//\n", "!\n", "**\n!a.py\n", "a**\n", "x\\\\y\n", "src/**/*.pyc\n",
		"\ufeffa.py\n", "?.py\n", "[a-b].py\n", "src/deep/\n", "deep/er\n", "/*/deep\n", "foo/*/baz\n", "[a\n", "a.py/\n", "build\t\n", "**/foo/bar/baz/c.py\n",
	}
	for _, rules := range cases {
		files := maps.Clone(tree)
		files[".gitignore"] = rules
		diff(t, repository(t, files), rules)
	}
}

func TestNestedFilesAndExclude(t *testing.T) {
	files := maps.Clone(tree)
	files[".gitignore"] = "*.pyc\nbuild/\nkeep\n"
	files["src/.gitignore"] = "!build/\n!*.pyc\n/a.py\n"
	files["src/deep/.gitignore"] = "*\n!er\n"
	files["src/deep/er/.gitignore"] = "!b.pyc\n"
	files[".git/info/exclude"] = "foo/x\n*.py\n"
	files["foo/.gitignore"] = "!a.py\n"
	diff(t, repository(t, files), "nested")
}

func TestRandomRules(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	// `**` stands between slashes: elsewhere Git's manual calls it a plain `*`,
	// and Git's own answer varies with the addresses of its strings.
	parts := []string{"a", "?", "/**/", "*/", "/*", "/", "/", "foo", "bar", "baz", "build", "src", "deep", ".py", "/*.py", "[ab]", "[!a]", "!", "er"}
	line := func() string {
		var b strings.Builder
		if r.IntN(4) == 0 {
			b.WriteByte('!')
		}
		for range 1 + r.IntN(5) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		return b.String()
	}
	top := repository(t, tree)
	for range 150 {
		rules := ""
		for range 1 + r.IntN(5) {
			rules += line() + "\n"
		}
		if err := os.WriteFile(filepath.Join(top, ".gitignore"), []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
		diff(t, top, rules)
	}
}

func TestGivenFolderThatIsIgnored(t *testing.T) {
	top := repository(t, map[string]string{".gitignore": "build/\n*.pyc\n", "build/sub/a.py": "", "src/a.pyc": ""})
	if Above(filepath.Join(top, "build", "sub")) != nil {
		t.Error("rules from above hold in a folder that the user named although it is ignored")
	}
	if !Above(filepath.Join(top, "src")).Ignored(filepath.Join(top, "src", "a.pyc"), false) {
		t.Error("rules from above do not reach a folder that is not ignored")
	}
}

func TestWorktree(t *testing.T) {
	top := repository(t, map[string]string{"a.py": "", ".git/info/exclude": "hidden.py\n"})
	for _, args := range [][]string{
		{"add", "a.py"},
		{"-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "m"},
		{"worktree", "add", "-q", "wt"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", top}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	wt := filepath.Join(top, "wt")
	if err := os.WriteFile(filepath.Join(wt, "hidden.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	diff(t, wt, "worktree")
}
