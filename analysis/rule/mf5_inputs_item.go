package rule

import (
	"fmt"
	"slices"
	"strconv"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// inputItemChecks looks at what joins write between the brackets of inputs[…].
func (c *checker) inputItemChecks() {
	for n := range c.nodes() {
		if n.Type != graph.Join || !n.Reachable || n.Step.Opaque || n.Step.Method.Wrapped || !c.whole() && !c.own(n.Step) {
			continue
		}
		if ops := n.Step.Method.Code().Ops; !bindsLocal(ops, n.Step.Method.Code().Inputs) {
			c.inputItems(n, ops, false)
		}
	}
}

// inputItems: a part that may not run may have asked for the number of inputs first.
func (c *checker) inputItems(n *graph.Node, ops []flow.Op, perhaps bool) {
	for i := range ops {
		switch op := &ops[i]; op.Kind {
		case flow.OpTry: // what fails there is expected to
		case flow.OpIf, flow.OpLoop, flow.OpNested:
			for _, b := range op.Blocks {
				c.inputItems(n, b, true)
			}
		case flow.OpInputsItem:
			c.inputItem(n, op, perhaps)
		default:
			for _, b := range op.Blocks {
				c.inputItems(n, b, perhaps)
			}
		}
	}
}

func (c *checker) inputItem(n *graph.Node, op *flow.Op, perhaps bool) {
	code := n.Step.Method.Code()
	d := Diagnostic{Rule: unknownBranch, Step: n.Step.Name, Span: op.Value.Span.Shift(n.Step.Method.Base)}
	switch op.Value.Kind {
	case flow.Int:
		number, err := strconv.Atoi(op.Value.Text)
		count := c.branchCount(n)
		if err != nil || perhaps || count == 0 || -count <= number && number < count {
			return
		}
		d.Message = fmt.Sprintf("`%s` joins %d branches, so `%s[%d]` does not exist: the last one is `%s[%d]`.", n.Step.Name, count, code.Inputs, number, code.Inputs, count-1)
	case flow.String:
		d.Message = fmt.Sprintf("`%s` takes a number in brackets: name a branch as an attribute, `%s.step`.", code.Inputs, code.Inputs)
		if slices.Contains(n.In, op.Value.Text) {
			d.Message = fmt.Sprintf("`%s` takes a number in brackets: a branch is an attribute, `%s.%s`.", code.Inputs, code.Inputs, op.Value.Text)
			whole := op.Span.Shift(n.Step.Method.Base)
			rest := text.Span{Start: whole.Start + len(code.Inputs), End: whole.End}
			d.Fixes = []Fix{{Title: "Change to " + code.Inputs + "." + op.Value.Text, Edits: []text.Edit{{Span: rest, New: "." + op.Value.Text}}, Preferred: true}}
		}
	default:
		return
	}
	c.report(d)
}

// branchCount is how many branches come to a join of a split; 0 if that depends on the run.
func (c *checker) branchCount(n *graph.Node) int {
	parents := n.SplitParents()
	if len(parents) == 0 || c.brokenGraph() {
		return 0
	}
	if split := c.graph.Nodes[parents[len(parents)-1]]; split.Type == graph.Split {
		return len(split.Step.Next.Targets)
	}
	return 0
}
