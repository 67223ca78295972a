package cli

import (
	"flowls/internal/near"
	"fmt"
	"strings"

	"flowls/analysis/rule"
)

// filter keeps the rules that --select, --ignore and --min-severity leave.
type filter struct {
	selects, ignores []selector
	min              rule.Severity
}

// selector is a code, the beginning of codes ("MF1"), or a rule's name.
type selector struct {
	prefix string // of codes, upper case
	name   string
}

func newFilter(selects, ignores []string, min string) (*filter, error) {
	f := &filter{}
	var err error
	if f.selects, err = selectors("select", selects); err != nil {
		return nil, err
	}
	if f.ignores, err = selectors("ignore", ignores); err != nil {
		return nil, err
	}
	severities := map[string]rule.Severity{"hint": rule.Hint, "info": rule.Info, "warning": rule.Warning, "error": rule.Error}
	f.min = severities[min]
	if f.min == 0 {
		return nil, oneOf("min-severity", min, "hint", "info", "warning", "error")
	}
	return f, nil
}

func selectors(flag string, written []string) ([]selector, error) {
	var out []selector
	for _, w := range written {
		w = strings.TrimSpace(w)
		s, ok := parseSelector(w)
		if !ok {
			return nil, usageError{fmt.Errorf("--%s: no rule has the code or name %q%s", flag, w, near.DidYouMean(w, ruleNames()))}
		}
		out = append(out, s)
	}
	return out, nil
}

func parseSelector(w string) (selector, bool) {
	upper := strings.ToUpper(w)
	for _, r := range rule.All() {
		switch {
		case w == "":
		case strings.EqualFold(w, r.Name):
			return selector{name: r.Name}, true
		case strings.HasPrefix(r.Code, upper):
			return selector{prefix: upper}, true
		}
	}
	return selector{}, false
}

// ruleNames lists what can be written for a rule.
func ruleNames() []string {
	var names []string
	for _, r := range rule.All() {
		names = append(names, r.Code, r.Name)
	}
	return names
}

// keep says whether findings of r are reported. The more exact of --select and
// --ignore wins; if they are alike, --ignore does.
func (f *filter) keep(r *rule.Rule) bool {
	if r.Severity < f.min {
		return false
	}
	selected := weight(f.selects, r)
	if len(f.selects) > 0 && selected == 0 {
		return false
	}
	return weight(f.ignores, r) == 0 || selected > weight(f.ignores, r)
}

// weight is how exactly one of the selectors names the rule, 0 if none does.
func weight(ss []selector, r *rule.Rule) int {
	most := 0
	for _, s := range ss {
		switch {
		case s.name != "" && s.name == r.Name:
			most = max(most, len(r.Code))
		case s.name == "" && strings.HasPrefix(r.Code, s.prefix):
			most = max(most, len(s.prefix))
		}
	}
	return most
}
