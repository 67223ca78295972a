package analysis_test

import (
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

const twoSlips = `from metaflow import FlowSpec, step


class F(FlowSpec):
    @step
    def start(self):
        self.next(self.ened)

    @step
    def end(self):
        self.next()
`

// TestFixAllLeavesHarmOut puts a fix among the good ones that breaks the text,
// one that mends nothing, and one that touches another.
func TestFixAllLeavesHarmOut(t *testing.T) {
	d := analysis.New([]byte(twoSlips))
	defer d.Close()
	if len(d.Diagnostics) != 2 {
		t.Fatalf("%d findings: %v", len(d.Diagnostics), d.Diagnostics)
	}
	at := func(s string) text.Span {
		i := strings.Index(twoSlips, s)
		return text.Span{Start: i, End: i + len(s)}
	}
	fix := func(where, new string) rule.Diagnostic {
		return rule.Diagnostic{Rule: d.Diagnostics[0].Rule, Fixes: []rule.Fix{{Title: where, Preferred: true, Edits: []text.Edit{{Span: at(where), New: new}}}}}
	}
	want := strings.NewReplacer("ened", "end", "self.next()", "pass").Replace(twoSlips)
	for name, bad := range map[string]rule.Diagnostic{
		"breaks":  fix("def start(self):", "def start(self:"),
		"nothing": fix("class F", "class  F"),
		"touches": fix("(self.ened)", "(self.end)"),
	} {
		for _, found := range [][]rule.Diagnostic{append([]rule.Diagnostic{bad}, d.Diagnostics...), {d.Diagnostics[0], bad, d.Diagnostics[1]}, append(d.Diagnostics[:2:2], bad)} {
			edits, n := d.FixAll(found)
			if got := string(text.Apply(d.Text, edits).Bytes()); n != 2 || got != want {
				t.Errorf("%s: %d fixed:\n%s", name, n, got)
			}
		}
	}
	if edits, n := d.FixAll(nil); n != 0 || edits != nil {
		t.Errorf("nothing to fix, but %d: %v", n, edits)
	}
}
