package syntax

import (
	"math/rand/v2"
	"strings"
	"testing"

	"flowls/analysis/text"
)

// TestAttemptAgreesWithParser compares parses that stop at errors with whole
// ones, on texts so long that they do stop.
func TestAttemptAgreesWithParser(t *testing.T) {
	const method = `    @step
    def a(self):
        """Doc."""
        # comment
        match self.x:
            case [1, *_] | {"a": b}: print(f"{self.x!r:>{w}} a")
        with (open(a) as b, open(c) as d): type(match)
        self.next(self.j, foreach="x")

`
	edits := []string{"(", ")", "\n", "'", "\"\"\"", ":", ".", "print ", "match ", "case", "[", "type ", "async ", "*", "def f(", " = ", "x", "f'{", "#", "lambda"}
	failed := 0
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 5))
		tree := Parse(text.New([]byte("class F(FlowSpec):\n" + strings.Repeat(method, 60))))
		ast := tree.AST(nil)
		for i := range 40 {
			at := r.IntN(tree.Text().Len() + 1)
			e := text.Edit{Span: text.Span{Start: at, End: at}, New: edits[r.IntN(len(edits))]}
			next := tree.Edit(text.Apply(tree.Text(), []text.Edit{e}), ast)
			whole := parseInput(next.input, sitterTree{}, false)
			want := whole.root().hasError()
			whole.close()
			if next.HasError() != want {
				t.Fatalf("after %v: error %v, want %v\n%s", e, next.HasError(), want, next.Text().Bytes())
			}
			fresh := Parse(next.Text())
			if fresh.HasError() != want {
				t.Fatalf("afresh: error %v, want %v\n%s", fresh.HasError(), want, next.Text().Bytes())
			}
			fresh.Close()
			if want {
				failed++
			}
			if want && i%3 > 0 { // one error, sometimes a few
				next.Close()
				continue
			}
			tree.Close()
			tree, ast = next, next.AST(ast)
		}
		tree.Close()
	}
	if failed == 0 {
		t.Error("no text was broken")
	}
}
