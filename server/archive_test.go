package server_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// archive is a file in txtar form: a comment, then sections that each begin
// with a line "-- name --".
type archive struct {
	path, comment string
	sections      []section
}

type section struct{ name, text string }

func readArchive(t *testing.T, path string) *archive {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{path: path}
	into := &a.comment
	for line := range strings.Lines(string(raw)) {
		if name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- "); ok && strings.HasSuffix(name, " --") {
			a.sections = append(a.sections, section{name: strings.TrimSuffix(name, " --")})
			into = &a.sections[len(a.sections)-1].text
			continue
		}
		*into += line
	}
	return a
}

func (a *archive) section(name string) (string, bool) {
	for _, s := range a.sections {
		if s.name == name {
			return s.text, true
		}
	}
	return "", false
}

// set replaces a section or adds it at the end, and writes the file.
func (a *archive) set(t *testing.T, name, text string) {
	t.Helper()
	found := false
	for i := range a.sections {
		if a.sections[i].name == name {
			a.sections[i].text, found = text, true
		}
	}
	if !found {
		a.sections = append(a.sections, section{name, text})
	}
	var b strings.Builder
	b.WriteString(a.comment)
	for _, s := range a.sections {
		fmt.Fprintf(&b, "-- %s --\n%s", s.name, s.text)
	}
	if err := os.WriteFile(a.path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
