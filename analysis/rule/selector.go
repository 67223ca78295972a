package rule

import "strings"

// Selector names rules: by a code, the beginning of codes ("MF1") or a rule's name.
type Selector struct{ prefix string } // of codes; the whole code of a rule that is named

// ParseSelector reads a selector in any case; false if no rule fits it.
func ParseSelector(written string) (Selector, bool) {
	upper := strings.ToUpper(written)
	for _, r := range rules {
		switch {
		case written == "":
		case strings.EqualFold(written, r.Name):
			return Selector{r.Code}, true
		case strings.HasPrefix(r.Code, upper):
			return Selector{upper}, true
		}
	}
	return Selector{}, false
}

// Weight is how exactly the selector names a rule, 0 if it does not.
func (s Selector) Weight(r *Rule) int {
	if !strings.HasPrefix(r.Code, s.prefix) {
		return 0
	}
	return len(s.prefix)
}

// Rule is the one rule that the selector names, nil if it may name several.
func (s Selector) Rule() *Rule {
	for _, r := range rules {
		if r.Code == s.prefix {
			return r
		}
	}
	return nil
}

// Within reports whether all the rules that the selector names have codes that begin so.
func (s Selector) Within(prefix string) bool { return strings.HasPrefix(s.prefix, prefix) }

// Names lists what can be written for a single rule: all codes and names.
func Names() []string {
	names := make([]string, 0, 2*len(rules))
	for _, r := range rules {
		names = append(names, r.Code, r.Name)
	}
	return names
}
