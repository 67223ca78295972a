package analysis_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/rule"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// longFlow is a valid flow of about that many lines.
func longFlow(lines int) []byte {
	var b bytes.Buffer
	b.WriteString("from metaflow import FlowSpec, step, retry\n\n\nclass Long(FlowSpec):\n")
	steps := max(1, (lines-8)/9)
	for i := range steps {
		name, next := fmt.Sprintf("s%d", i), fmt.Sprintf("s%d", i+1)
		if i == 0 {
			name = "start"
		}
		if i == steps-1 {
			next = "end"
		}
		fmt.Fprintf(&b, `    @retry(times=2)
    @step
    def %s(self):
        """Does a part of the work."""
        self.x = [i for i in range(10)]
        if self.x:
            print("hello", self.x[0])
        self.next(self.%s)

`, name, next)
	}
	b.WriteString("    @step\n    def end(self):\n        pass\n")
	return b.Bytes()
}

// keystrokes are pairs of edits that type and take back one character.
func keystrokes(src []byte, at int, s string) [2]text.Edit {
	return [2]text.Edit{
		{Span: text.Span{Start: at, End: at}, New: s},
		{Span: text.Span{Start: at, End: at + len(s)}},
	}
}

// BenchmarkKeystroke measures edit → findings beside the bare incremental
// parse of the same edit, in the middle of the file.
func BenchmarkKeystroke(b *testing.B) {
	for _, lines := range []int{100, 1000, 5000} {
		src := longFlow(lines)
		middle := len(src)/2 + bytes.Index(src[len(src)/2:], []byte("hello"))
		for name, c := range map[string]struct {
			at  int
			new string
		}{
			"text":   {middle, "x"},
			"target": {len(src)/2 + bytes.Index(src[len(src)/2:], []byte("self.next(self.")) + len("self.next(self."), "x"},
			"broken": {middle - 1, "("},
		} {
			edits := keystrokes(src, c.at, c.new)
			b.Run(fmt.Sprintf("%d/%s/whole", lines, name), func(b *testing.B) {
				d := analysis.New(src)
				for i := 0; b.Loop(); i++ {
					next := d.Edit(edits[i%2 : i%2+1])
					d.Close()
					d = next
				}
				d.Close()
			})
			if name == "broken" {
				continue
			}
			b.Run(fmt.Sprintf("%d/%s/bare", lines, name), func(b *testing.B) {
				tree := syntax.Parse(text.New(src))
				for i := 0; b.Loop(); i++ {
					next := tree.Edit(text.Apply(tree.Text(), edits[i%2:i%2+1]), nil)
					tree.Close()
					tree = next
				}
				tree.Close()
			})
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, lines := range []int{100, 1000, 5000} {
		src := longFlow(lines)
		b.Run(fmt.Sprint(lines, "/new"), func(b *testing.B) {
			for b.Loop() {
				analysis.New(src).Close()
			}
		})
		d := analysis.New(src)
		b.Run(fmt.Sprint(lines, "/graph+rules"), func(b *testing.B) {
			for b.Loop() {
				g := graph.Build(d.File.Flows[0])
				rule.Check(rule.Input{File: d.File, Graphs: []*graph.Graph{g}, Artifacts: func(int) *artifact.Facts { return artifact.Analyse(d.File.Flows[0], g) }})
			}
		})
		tree := syntax.Parse(text.New(src))
		ast := tree.AST(nil)
		b.Run(fmt.Sprint(lines, "/ast"), func(b *testing.B) {
			for b.Loop() {
				tree.AST(ast)
			}
		})
		b.Run(fmt.Sprint(lines, "/flow"), func(b *testing.B) {
			for b.Loop() {
				flow.Build(d.Text, ast)
			}
		})
		d.Close()
		tree.Close()
	}
}

var _ = strings.Repeat
