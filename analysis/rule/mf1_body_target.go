package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// foreignTargets: Metaflow reads the last name of a target only, but calls
// what the whole expression is.
func (c *checker) foreignTargets(n *graph.Node) {
	op := c.transition(n)
	if op == nil || n.Step.Next.Kind == flow.Switch {
		return
	}
	for _, target := range op.Value.Items {
		if target.Kind != flow.Name {
			continue
		}
		k := strings.LastIndexByte(target.Text, '.')
		if k < 0 || c.graph.Nodes[target.Text[k+1:]] == nil { // the other is an unknown step, said elsewhere
			continue
		}
		base, step := target.Text[:k], target.Text[k+1:]
		if base == "self" || !c.isForeign(n, base) {
			continue
		}
		span := target.Span.Shift(n.Step.Method.Base)
		d := Diagnostic{Rule: foreignTarget, Step: n.Step.Name, Span: span,
			Message: fmt.Sprintf("`%s` is not a method of this flow object, and the run fails here with \"argument in self.next() is not a function\". Write `self.%s`.", target.Text, step)}
		if strings.HasPrefix(c.file.Slice(span), base+".") {
			d.Fixes = []Fix{{Title: "Write self." + step, Edits: []text.Edit{{Span: text.Span{Start: span.Start, End: span.Start + len(base)}, New: "self"}}, Preferred: true}}
		}
		c.report(d)
	}
}

// isForeign reports whether a dotted name is surely not the flow object.
func (c *checker) isForeign(n *graph.Node, base string) bool {
	first, rest, _ := strings.Cut(base, ".")
	if first == "self" {
		attribute, _, _ := strings.Cut(rest, ".")
		m := c.flow.Methods[attribute]
		return len(m) == 0 || !m[0].Property
	}
	if bindsLocal(n.Step.Method.Code().Ops, first) || slices.ContainsFunc(n.Step.Args, func(a flow.Arg) bool { return a.Name == first }) {
		return false
	}
	_, bound := c.flow.Resolve(first, n.Step.Span.Start)
	return bound
}

func bindsLocal(ops []flow.Op, name string) bool {
	return slices.ContainsFunc(ops, func(op flow.Op) bool {
		return op.Kind == flow.OpLocal && op.Name == name ||
			slices.ContainsFunc(op.Blocks, func(b []flow.Op) bool { return bindsLocal(b, name) })
	})
}
