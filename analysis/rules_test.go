package analysis_test

import (
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index/indextest"
	"flowls/analysis/rule"
)

// example is the flow in the code block of a rule's example.
func example(t *testing.T, markdown string) *analysis.Document {
	t.Helper()
	code := rule.Code(markdown)
	if code == "" {
		t.Fatalf("no code block in %q", markdown)
	}
	d := analysis.NewAt([]byte(code), indextest.Alone([]byte(code)))
	t.Cleanup(d.Close)
	return d
}

func TestEveryRuleIsExplained(t *testing.T) {
	for _, r := range rule.All() {
		if r.Why == "" || r.Fix == "" || r.Summary == "" {
			t.Errorf("%s lacks text", r.Code)
		}
		found := false
		for _, d := range example(t, r.Bad).Diagnostics {
			found = found || d.Rule == r
		}
		if found == r.Outside() { // what happens in a run or on a cluster is not seen before
			t.Errorf("the bad example of %s shows it: %v", r.Code, found)
		}
		for _, d := range example(t, r.Good).Diagnostics {
			t.Errorf("the good example of %s has %s: %s", r.Code, d.Rule.Code, d.Message)
		}
		if rule.Lookup(r.Code) != r || rule.Lookup(strings.ToLower(r.Code)) != r || rule.Lookup(r.Name) != r {
			t.Errorf("%s is not found by code and name", r.Code)
		}
	}
	if rule.Lookup("MF999") != nil {
		t.Error("MF999 exists")
	}
}
