package prooftest

import (
	"fmt"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index/indextest"
	"flowls/analysis/rule"
)

func TestEveryRuleIsProven(t *testing.T) {
	kept := openCache(t)
	for _, r := range rule.All() {
		t.Run(r.Code, func(t *testing.T) {
			t.Parallel()
			p, err := r.Proof()
			if err != nil {
				t.Fatalf("analysis/rule/docs/%s.md, section Proof: %v", r.Code, err)
			}
			kept := kept.of(p)
			if p.Stage != rule.Static {
				proveBad(t, kept, r, p)
			}
			good := kept.run(t, runnable(t, r.Good), p.Good)
			if !complain(t, "good", judgeGood(p, good.result), good.result) {
				good.keep(t)
			}
		})
	}
}

func proveBad(t *testing.T, kept cache, r *rule.Rule, p *rule.Proof) {
	t.Helper()
	source := runnable(t, r.Bad)
	var check *result
	if p.Stage == rule.AtRun {
		checked := kept.run(t, source, checkArgs(p.Args))
		check = &checked.result
		defer func() {
			if !t.Failed() {
				checked.keep(t)
			}
		}()
	}
	bad := kept.run(t, source, p.Args)
	complaints := judgeBad(p, bad.result, check)
	if p.Stage == rule.AtCheck {
		complaints = append(complaints, otherMessage(t, r, bad.Output)...)
	}
	if !complain(t, "bad", complaints, bad.result) {
		bad.keep(t)
	}
}

// otherMessage complains when the finding stands for a check of Metaflow's
// linter, and another one raised.
func otherMessage(t *testing.T, r *rule.Rule, output string) []string {
	t.Helper()
	messages, err := lintMessages()
	if err != nil {
		t.Fatal(err)
	}
	bad := []byte(rule.Code(r.Bad))
	doc := analysis.NewAt(bad, indextest.Alone(bad))
	defer doc.Close()
	for _, d := range doc.Diagnostics {
		if d.Rule == r && d.MetaflowCheck != "" && !messageMatches(messages[d.MetaflowCheck], output) {
			return []string{"prints no message of " + d.MetaflowCheck}
		}
	}
	return nil
}

func complain(t *testing.T, which string, complaints []string, r result) bool {
	t.Helper()
	if len(complaints) > 0 {
		t.Errorf("the %s example: %s\nIt printed:\n%s", which, strings.Join(complaints, "; "), ending(r.Output))
	}
	return len(complaints) > 0
}

// runnable is the example of a section as a script: the last flow is started
// when the example does not do so itself.
func runnable(t *testing.T, section string) string {
	t.Helper()
	code := rule.Code(section)
	if code == "" {
		t.Fatal("an example has no code block")
	}
	return started([]byte(code))
}

// started is a file that starts its last flow when executed, unless it decides for itself.
func started(src []byte) string {
	doc := analysis.New(src)
	defer doc.Close()
	flows := doc.File.Flows
	if strings.Contains(string(src), "__main__") || len(flows) == 0 {
		return string(src)
	}
	return fmt.Sprintf("%s\n\nif __name__ == \"__main__\":\n    %s()\n", src, flows[len(flows)-1].Name)
}

// ending is the part of an output that tells most.
func ending(output string) string {
	lines := strings.Split(output, "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
