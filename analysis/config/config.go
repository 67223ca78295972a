// Package config decides which findings are reported, and how severe they are:
// by what pyproject.toml, the editor and the command line say.
package config

import (
	"path"
	"slices"
	"strings"

	"flowls/analysis/rule"

	"github.com/bmatcuk/doublestar/v4"
)

// Layer is what one source says.
type Layer struct {
	// Select, if not empty, are the only rules to report; Ignore are not reported.
	Select, Ignore []rule.Selector
	Severity       []Severity
	PerFile        []PerFile

	off []rule.Selector // for the file that the layer was narrowed to
}

// Severity gives rules a severity.
type Severity struct {
	Of rule.Selector
	As rule.Severity
}

// PerFile are rules not to report in the files that a pattern fits.
type PerFile struct {
	Pattern string
	Ignore  []rule.Selector
}

// In is the layer for one file; its path is relative to the folder that the
// patterns are about, with slashes.
func (l Layer) In(file string) Layer {
	l.off = nil
	for _, p := range l.PerFile {
		if p.fits(file) {
			l.off = append(l.off, p.Ignore...)
		}
	}
	return l
}

// fits reports whether the pattern fits a file or a folder that it lies in. A
// pattern without a slash is about their names alone.
func (p PerFile) fits(file string) bool {
	named := !strings.Contains(p.Pattern, "/")
	pattern := strings.TrimPrefix(strings.TrimPrefix(p.Pattern, "./"), "/")
	for at := path.Clean(file); at != "." && at != "/" && at != ""; at = path.Dir(at) {
		name := at
		if named {
			name = path.Base(at)
		}
		if doublestar.MatchUnvalidated(pattern, name) {
			return true
		}
	}
	return false
}

// Apply gives what is left of the findings, with their severities. The layer
// that counts most comes first. Found is not changed. What happened in a run is
// no matter of configuration.
func Apply(found []rule.Diagnostic, layers ...Layer) []rule.Diagnostic {
	known := map[*rule.Rule]decision{}
	var out []rule.Diagnostic
	for i, d := range found {
		is, ok := known[d.Rule]
		if !ok {
			is = decide(d.Rule, layers)
			known[d.Rule] = is
		}
		if is.off || is.severity != d.Configured {
			if out == nil {
				out = slices.Clone(found[:i])
			}
			d.Configured = is.severity
		}
		if out != nil && !is.off {
			out = append(out, d)
		}
		if is.off && out == nil {
			out = []rule.Diagnostic{}
		}
	}
	if out == nil {
		return found
	}
	return out
}

// decision is what holds for a rule.
type decision struct {
	off      bool
	severity rule.Severity // 0: the rule's own
}

func decide(r *rule.Rule, layers []Layer) (is decision) {
	if r.FromRun {
		return is
	}
	for _, l := range layers {
		if is.severity == 0 {
			is.severity = l.severity(r)
		}
		is.off = is.off || weight(l.off, r) > 0
	}
	for _, l := range layers {
		selected, ignored := weight(l.Select, r), weight(l.Ignore, r)
		switch {
		case len(l.Select) > 0:
			// The more exact of the two wins; if they are alike, ignore does.
			is.off = is.off || selected == 0 || ignored > 0 && selected <= ignored
			return is
		case ignored > 0:
			is.off = true
			return is
		}
	}
	return is
}

// severity is what the most exact entry says, the last one of those; 0 if none.
func (l Layer) severity(r *rule.Rule) rule.Severity {
	most, as := 1, rule.Severity(0)
	for _, s := range l.Severity {
		if w := s.Of.Weight(r); w >= most {
			most, as = w, s.As
		}
	}
	return as
}

// weight is how exactly one of the selectors names the rule, 0 if none does.
func weight(ss []rule.Selector, r *rule.Rule) int {
	most := 0
	for _, s := range ss {
		most = max(most, s.Weight(r))
	}
	return most
}
