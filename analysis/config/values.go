package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"flowls/analysis/rule"
	"flowls/internal/near"

	"github.com/bmatcuk/doublestar/v4"
)

// severities are the words for them, the worst first.
var severities = []rule.Severity{rule.Error, rule.Warning, rule.Info, rule.Hint}

// Severities are the words for severities, the worst first.
func Severities() []string {
	words := make([]string, len(severities))
	for i, s := range severities {
		words[i] = s.String()
	}
	return words
}

// ParseSeverity reads a word; what is wrong is "" if it is one.
func ParseSeverity(word string) (s rule.Severity, wrong string) {
	if i := slices.Index(Severities(), word); i >= 0 {
		return severities[i], ""
	}
	return 0, "`" + near.Short(word) + "` is no severity. Use " + near.Join(Severities(), "or") + "."
}

// ParseSelector reads a code, the beginning of codes or a rule's name; what is
// wrong is "" if some rule fits.
func ParseSelector(written string) (s rule.Selector, wrong string) {
	written = strings.TrimSpace(written)
	s, ok := rule.ParseSelector(written)
	if !ok {
		return s, "no rule has the code or name `" + near.Short(written) + "`" + cmp.Or(near.DidYouMean(written, rule.Names()), ".")
	}
	return s, ""
}

// maxBraces bounds what a pattern can cost: it doubles with each pair.
const maxBraces = 4

// checkPattern says what is wrong with a pattern for files, "" if nothing is.
func checkPattern(pattern string) string {
	switch {
	case pattern == "":
		return "a pattern is empty."
	case strings.HasPrefix(pattern, "!"):
		return "a pattern cannot be negated: `" + near.Short(pattern) + "`."
	case strings.Count(pattern, "{") > maxBraces:
		return "`" + near.Short(pattern) + "` has too many braces. Write several patterns."
	case !doublestar.ValidatePattern(pattern):
		return "`" + near.Short(pattern) + "` is no valid pattern."
	}
	return ""
}

// FromLists makes a layer of an editor's settings. What is wrong is left out
// and said, a line each.
func FromLists(selects, ignores []string, severity map[string]string) (l Layer, wrong []string) {
	list := func(name string, written []string) (out []rule.Selector) {
		for _, w := range written {
			s, problem := ParseSelector(w)
			if problem != "" {
				wrong = append(wrong, "`"+name+"`: "+problem)
				continue
			}
			out = append(out, s)
		}
		return out
	}
	l.Select, l.Ignore = list("select", selects), list("ignore", ignores)
	for _, name := range slices.Sorted(maps.Keys(severity)) {
		s, problem := ParseSelector(name)
		as, problem2 := ParseSeverity(severity[name])
		if problem = cmp.Or(problem, problem2); problem != "" {
			wrong = append(wrong, "`severity`: "+problem)
			continue
		}
		l.Severity = append(l.Severity, Severity{s, as})
	}
	return l, wrong
}
