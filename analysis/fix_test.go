package analysis_test

import (
	"strings"
	"testing"

	"flowls/analysis"
)

// TestFixes applies each fix and compares the whole text; «\n» of the source
// stands for each line ending in turn.
func TestFixes(t *testing.T) {
	const head = "from metaflow import FlowSpec, step\n\nclass F(FlowSpec):\n"
	const start, end = "    @step\n    def start(self):\n        self.next(self.fit)\n", "    @step\n    def end(self):\n        pass\n"
	for _, c := range []struct{ name, title, before, after string }{
		{"create", "Create step fit", start + "\n" + end,
			start + "\n    @step\n    def fit(self):\n        self.next(self.end)\n\n" + end},
		{"did you mean", "Did you mean self.fit?", strings.Replace(start, "self.fit", "self.fti", 1) + "    @step\n    def fit(self):\n        self.next(self.end)\n" + end,
			start + "    @step\n    def fit(self):\n        self.next(self.end)\n" + end},
		{"append", "Add self.next(self.end)", start + "    @step\n    def fit(self):\n        x = 1  # c\n\n" + end,
			start + "    @step\n    def fit(self):\n        x = 1  # c\n        self.next(self.end)\n\n" + end},
		{"self", "Add self", start + "    @step\n    def fit():\n        self.next(self.end)\n" + end,
			start + "    @step\n    def fit(self):\n        self.next(self.end)\n" + end},
		{"remove line", "Remove self.next(...)", strings.Replace(start, "fit", "end", 1) + "    @step\n    def end(self):\n        x = 1\n        self.next()\n",
			strings.Replace(start, "fit", "end", 1) + "    @step\n    def end(self):\n        x = 1\n"},
		{"remove all", "Remove self.next(...)", strings.Replace(start, "fit", "end", 1) + "    @step\n    def end(self): self.next()\n",
			strings.Replace(start, "fit", "end", 1) + "    @step\n    def end(self): pass\n"},
	} {
		for _, nl := range []string{"\n", "\r\n", "\r"} {
			src, want := strings.ReplaceAll(head+c.before, "\n", nl), strings.ReplaceAll(head+c.after, "\n", nl)
			d := analysis.New([]byte(src))
			applied := false
			for _, found := range d.Diagnostics {
				for _, fix := range found.Fixes {
					if fix.Title != c.title {
						continue
					}
					applied = true
					fixed := d.Edit(fix.Edits)
					if got := string(fixed.Text.Bytes()); got != want {
						t.Errorf("%s (%q):\n%s\nwant:\n%s", c.name, nl, got, want)
					}
					for _, left := range fixed.Diagnostics {
						t.Errorf("%s: left behind %s %s", c.name, left.Rule.Code, left.Message)
					}
					fixed.Close()
				}
			}
			if !applied {
				t.Errorf("%s (%q): no fix %q in %v", c.name, nl, c.title, d.Diagnostics)
			}
			d.Close()
		}
	}
}
