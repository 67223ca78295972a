package prooftest

import (
	"testing"

	"flowls/analysis/rule"
)

// The judges must notice every way in which a proof can fail.
func TestJudgesNotice(t *testing.T) {
	says := []string{"boom"}
	executed := "Metaflow 2.0 executing F for user:t\n"
	for name, c := range map[string]struct {
		stage rule.Stage
		bad   result
		check *result
		want  int
	}{
		"import":                    {rule.AtImport, result{1, "boom"}, nil, 0},
		"import that succeeds":      {rule.AtImport, result{0, "boom"}, nil, 1},
		"import later":              {rule.AtImport, result{1, executed + "boom"}, nil, 1},
		"init":                      {rule.AtInit, result{1, executed + "boom"}, nil, 0},
		"init after the linter":     {rule.AtInit, result{1, accepted + "boom"}, nil, 1},
		"init is the linter":        {rule.AtInit, result{1, refused + "boom"}, nil, 1},
		"check":                     {rule.AtCheck, result{1, refused + "boom"}, nil, 0},
		"check dies":                {rule.AtCheck, result{1, died + "boom"}, nil, 0},
		"check, but not the linter": {rule.AtCheck, result{1, "boom"}, nil, 1},
		"check accepts":             {rule.AtCheck, result{0, accepted + "boom"}, nil, 3},
		"run":                       {rule.AtRun, result{1, accepted + "boom"}, &result{0, accepted}, 0},
		"run, other words":          {rule.AtRun, result{1, accepted}, &result{0, accepted}, 1},
		"run that check refuses":    {rule.AtRun, result{1, refused + "boom"}, &result{1, refused}, 1},
		"run that ends well":        {rule.AtRun, result{0, accepted + "boom"}, &result{0, accepted}, 1},
		"silent":                    {rule.Silent, result{0, "boom"}, nil, 0},
		"silent that fails":         {rule.Silent, result{1, "boom"}, nil, 1},
		"silent without a word":     {rule.Silent, result{0, ""}, nil, 1},
		"deploy":                    {rule.AtDeploy, result{1, "boom"}, nil, 0},
		"deploy that works":         {rule.AtDeploy, result{0, "boom"}, nil, 1},
	} {
		p := &rule.Proof{Stage: c.stage, Args: []string{"run"}, Says: says}
		if got := judgeBad(p, c.bad, c.check); len(got) != c.want {
			t.Errorf("%s: %d complaints, want %d: %q", name, len(got), c.want, got)
		}
	}
	for name, c := range map[string]struct {
		good result
		want int
	}{
		"good":              {result{0, "Done!"}, 0},
		"good that fails":   {result{1, ""}, 1},
		"good that says so": {result{0, "boom"}, 1},
		"as bad as the bad": {result{1, "boom"}, 2},
	} {
		if got := judgeGood(&rule.Proof{Good: []string{"run"}, Says: says}, c.good); len(got) != c.want {
			t.Errorf("%s: %d complaints, want %d: %q", name, len(got), c.want, got)
		}
	}
}

func TestMessageMatches(t *testing.T) {
	templates := []string{"Step {0.name} goes to *{step}*.", "The step %s\n has %d of 100%% faults."}
	for output, want := range map[string]bool{
		"    Step a goes to b.":                      true,
		"Step a goes\n    to b.":                     true,
		"goes to b. Step a":                          false,
		"    The step s\n     has 3 of 100% faults.": true,
		"The step s has faults.":                     false,
		"":                                           false,
	} {
		if messageMatches(templates, output) != want {
			t.Errorf("%q matches: want %v", output, want)
		}
	}
}
