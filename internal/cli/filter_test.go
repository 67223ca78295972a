package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/rule"
)

func TestFilter(t *testing.T) {
	var found []rule.Diagnostic
	for _, code := range []string{"MF001", "MF002", "MF107", "MF108"} {
		found = append(found, rule.Diagnostic{Rule: rule.Lookup(code)})
	}
	for _, c := range []struct{ selects, ignores, min, want string }{
		{"", "", "hint", "MF001 MF002 MF107 MF108"},
		{"", "", "info", "MF001 MF107 MF108"},
		{"MF1", "", "hint", "MF107 MF108"},
		{"mf1", "LOOP", "hint", "MF107"},
		{"", "MF", "hint", ""},
		{"unknown-step,MF001", "", "hint", "MF001 MF107"},
		{"MF107", "MF1", "hint", "MF107"},        // the more exact wins
		{"unknown-step", "MF1", "hint", "MF107"}, // a name is exact
		{"MF107", "unknown-step", "hint", ""},    // alike: ignore wins
		{"MF1", "MF10", "hint", ""},
	} {
		f, err := newFilter(fields(c.selects), fields(c.ignores), c.min)
		if err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		var got []string
		kept, _, err := f.keep("", "flow.py", found)
		if err != nil {
			t.Error(err)
		}
		for _, d := range kept {
			got = append(got, d.Rule.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v keeps %v", c, got)
		}
	}
}

func fields(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(s string) bool { return s == "" })
}

func TestFilterRefusesWhatNoRuleHas(t *testing.T) {
	for _, c := range []struct{ selects, want string }{
		{"MF777", "no rule has the code or name"}, {"unknwn-step", "did you mean `unknown-step`?"}, {" ", "no rule"}, {"MF107x", "did you mean"},
	} {
		_, err := newFilter([]string{c.selects}, nil, "hint")
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("--select %q: %v, want a usage error with %q", c.selects, err, c.want)
		}
	}
}
