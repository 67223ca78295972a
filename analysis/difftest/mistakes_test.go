package difftest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
	"flowls/internal/venv"
)

// unfound are the errors of Python's compiler that are left to it: they need to
// know what a whole function binds or yields.
var unfound = []string{"no binding for nonlocal", "'return' with value in async generator"}

// TestSyntaxMistakes compares with Python's compiler on statements that its
// grammar or its scopes may refuse, in all sorts of places. FLOWLS_MISTAKES sets how many.
func TestSyntaxMistakes(t *testing.T) {
	n := count(t, "FLOWLS_MISTAKES", 8000)
	lines := pythonLines(t, "mistakes.py", strconv.Itoa(n))
	if len(lines) != n {
		t.Fatalf("%d statements, want %d", len(lines), n)
	}
	valid, unseen := 0, 0
	for _, line := range lines {
		var c struct{ Text, Error string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		problems := problemsOf([]byte(c.Text))
		switch {
		case c.Error == "":
			valid++
			for _, p := range problems {
				t.Errorf("%q is valid, but: %s", c.Text, p.Message)
			}
		case len(problems) == 0 && containsAny(c.Error, unfound):
			unseen++
		case len(problems) == 0:
			t.Errorf("%q: nothing found, but: %s", c.Text, c.Error)
		}
	}
	if valid < n/5 || valid > 4*n/5 || unseen > n/50 {
		t.Errorf("of %d statements %d are valid and %d mistakes are left to Python", n, valid, unseen)
	}
}

// TestLibraryIsValid reads the interpreter's own files, tests included: none
// that compiles may have a problem. FLOWLS_LIBRARY reads one of so many (1: all).
func TestLibraryIsValid(t *testing.T) {
	every := count(t, "FLOWLS_LIBRARY", 10)
	files := pythonLines(t, "library.py", strconv.Itoa(every))
	if len(files) < 1000/every {
		t.Fatalf("%d files only", len(files))
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problemsOf(src) {
			t.Errorf("%s: %s\n%s", file, p.Message, src[max(0, p.Span.Start-200):min(len(src), p.Span.End+80)])
		}
	}
}

func problemsOf(src []byte) []syntax.Problem {
	tree := syntax.Once(text.New(src))
	defer tree.Close()
	return tree.AST(nil).Problems
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// pythonLines are the lines that a program of testdata prints.
func pythonLines(t *testing.T, program string, args ...string) []string {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	out, err := venv.Output(filepath.Join(root, "analysis/difftest/testdata", program), args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
