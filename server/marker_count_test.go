package server_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/rule"
)

// How many places show each rule: those where it finds something, and those
// where the code is nearly what it looks for and it finds nothing.
const (
	wantFound = 2
	wantNot   = 4
)

// TestMarkersShowEveryRule counts the markers diag and no of each rule in the
// archives that TestMarkers runs. A place counts once.
func TestMarkersShowEveryRule(t *testing.T) {
	paths, err := filepath.Glob("../testdata/marker/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	type spot struct {
		path string
		line int
		at   string
		nth  int
		code string
	}
	found, not := map[string]int{}, map[string]int{}
	seen := map[spot]bool{}
	for _, path := range paths {
		for _, s := range readArchive(t, path).sections {
			if !strings.HasSuffix(s.name, ".py") {
				continue
			}
			_, markers := parseMarkers(t, s.text)
			if filepath.Base(s.name) != "flow.py" { // other files may name places
				if slices.ContainsFunc(markers, func(m marker) bool { return m.name != "def" }) {
					t.Errorf("%s: of %s nothing is checked: give it an archive of its own", path, s.name)
				}
				continue
			}
			for _, m := range markers {
				if m.name != "diag" && m.name != "no" {
					continue
				}
				count, codes := found, m.args[1:2]
				if m.name == "no" {
					count, codes = not, m.args[1:]
				}
				for _, code := range codes {
					p := spot{path, m.line, m.args[0], m.nth, code}
					if !seen[p] {
						seen[p] = true
						count[code]++
					}
				}
			}
		}
	}
	var short []string
	for _, r := range rule.All() {
		if r.Outside() {
			continue // no file shows it
		}
		if found[r.Code] < wantFound || not[r.Code] < wantNot {
			short = append(short, fmt.Sprintf("%s %-32s %d found, %d not", r.Code, r.Name, found[r.Code], not[r.Code]))
		}
	}
	if len(short) > 0 {
		t.Errorf("%d rules have fewer than %d places with a finding or %d without one:\n%s", len(short), wantFound, wantNot, strings.Join(short, "\n"))
	}
}
