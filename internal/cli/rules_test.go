package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/analysis/rule"
)

const docsDir = "../../docs/rules"

func TestRulePagesAreFresh(t *testing.T) {
	pages := RulePages()
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(docsDir, name))
		if err != nil || string(got) != want {
			t.Errorf("docs/rules/%s is stale (%v): run `make generate`", name, err)
		}
	}
	entries, err := os.ReadDir(docsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := pages[e.Name()]; !ok {
			t.Errorf("docs/rules/%s belongs to no rule: run `make generate`", e.Name())
		}
	}
}

// A rule without a reason, an example and a repair helps nobody.
func TestEveryRuleIsDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rule.All() {
		for what, text := range map[string]string{"summary": r.Summary, "why": r.Why, "bad example": r.Bad, "repair": r.Fix} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", r.Code, what)
			}
		}
		if strings.Contains(r.Summary, "\n") {
			t.Errorf("%s: the summary has several lines", r.Code)
		}
		if seen[r.Code] || seen[r.Name] || r.Code == r.Name {
			t.Errorf("%s %s: code or name is taken", r.Code, r.Name)
		}
		seen[r.Code], seen[r.Name] = true, true
	}
}
