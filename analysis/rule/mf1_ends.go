package rule

import (
	"fmt"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// startAndEnd checks that there is one start step and one end step, and that
// nothing enters the one or leaves the other.
func (c *checker) startAndEnd() {
	g := c.graph
	if len(g.Order) == 0 {
		c.report(Diagnostic{Rule: noStartOrEnd, MetaflowCheck: noStartOrEnd.MetaflowCheck, Span: c.flow.NameSpan,
			Message: fmt.Sprintf("`%s` has no steps. Add a method decorated with `@step` named `start`, and one named `end`.", c.flow.Name)})
		return
	}
	c.oneEnd("start", g.Start, func(s *flow.Step) bool { return s.IsStart })
	c.oneEnd("end", g.End, func(s *flow.Step) bool { return s.IsEnd })
	if g.Start == nil || g.End == nil {
		return
	}
	if len(g.Start.In) > 0 {
		d := c.atDef(startHasIncoming, g.Start, fmt.Sprintf("Nothing may lead to the start step `%s`, but %s does. Remove that transition, or let another step be the start.", g.Start.Step.Name, quote(g.Start.In)))
		for _, from := range g.Start.In {
			d.Related = append(d.Related, c.targetOf(g.Nodes[from], g.Start.Step.Name))
		}
		c.report(d)
	}
	c.endRules(g.End)
}

func (c *checker) oneEnd(which string, n *graph.Node, annotated func(*flow.Step) bool) {
	var marked []*graph.Node
	for m := range c.nodes() {
		if annotated(m.Step) {
			marked = append(marked, m)
		}
	}
	if n == nil && len(marked) < 2 && slices.ContainsFunc(c.graph.List, func(m *graph.Node) bool { return m.Step.Broken && m.Step.Opaque }) {
		return // a name or annotation that is being typed may be the one
	}
	other := c.graph.Nodes[which]
	switch {
	case n == nil && len(marked) > 1:
		for _, m := range marked[1:] {
			c.report(Diagnostic{
				Rule: noStartOrEnd, MetaflowCheck: noStartOrEnd.MetaflowCheck, Span: m.Step.StepSpan, Step: m.Step.Name,
				Message: fmt.Sprintf("Several steps are annotated with `@step(%s=True)`. Keep exactly one.", which),
				Related: []Related{{marked[0].Step.StepSpan, "also annotated"}},
			})
		}
	case n == nil:
		d := Diagnostic{
			Rule: noStartOrEnd, MetaflowCheck: noStartOrEnd.MetaflowCheck, Span: c.flow.NameSpan,
			Message: fmt.Sprintf("`%s` has no %s step. Name a step `%s`, or annotate one with `@step(%s=True)`.", c.flow.Name, which, which, which),
		}
		if m := c.forgottenNamed(which); m != nil {
			d.Span, d.Message = m.NameSpan, fmt.Sprintf("`%s` is no step: the method lacks `@step`. Add the decorator above it.", which)
			d.Fixes = c.addStep(c.graph.List[0], m)
		}
		c.report(d)
	case other != nil && other != n:
		c.report(Diagnostic{
			Rule: ambiguousStartOrEnd, MetaflowCheck: ambiguousStartOrEnd.MetaflowCheck, Span: n.Step.StepSpan, Step: n.Step.Name,
			Message: fmt.Sprintf("`%s` is annotated as the %s step, but there is also a step named `%s`. Rename that step, or remove the annotation.", n.Step.Name, which, which),
			Related: []Related{related(other, "the step with that name")},
		})
	}
}

// endRules checks the end step itself.
func (c *checker) endRules(end *graph.Node) {
	s := end.Step
	if s.Opaque {
		return
	}
	if s.Next != nil && !s.Broken {
		message := fmt.Sprintf("The end step `%s` must not have a `self.next(...)`. Remove it.", s.Name)
		d := c.atCall(endHasOutgoing, end, s.Next.Span, message)
		d.MetaflowCheck = "check_that_end_is_end"
		if len(end.Out) > 0 {
			d.MetaflowCheck, d.MetaflowLine = endHasOutgoing.MetaflowCheck, c.defLine(end)
		}
		if m := c.forgottenEnd(end); m != nil {
			d.Span = m.NameSpan
			d.Message = fmt.Sprintf("`%s` is no step: the method lacks `@step`, so `%s` is the only step and nothing can follow it. Add the decorator above it.", m.Name, s.Name)
			d.Related = []Related{{s.Next.Span, "it should lead there"}}
			d.Fixes = c.addStep(end, m)
		} else if !c.onlyWayOn(end) {
			d.Fixes = []Fix{c.removeStatement(end)}
		}
		c.report(d)
	}
	if len(s.Args) > 1 {
		d := c.atDef(endIsJoin, end, fmt.Sprintf("The end step `%s` takes `%s`, as a join does. Add a join step before it, and let `%s` take only `self`.", s.Name, s.Args[1].Name, s.Name))
		d.MetaflowLine = 0 // Metaflow prints line 0
		c.report(d)
	}
}

// onlyWayOn reports whether a step is named by no other: without this
// transition it could not be reached.
func (c *checker) onlyWayOn(n *graph.Node) bool {
	return slices.ContainsFunc(n.Out, func(out string) bool {
		child := c.graph.Nodes[out]
		return child != nil && child != n && child != c.graph.Start && !slices.ContainsFunc(child.In, func(in string) bool { return in != n.Step.Name })
	})
}

// targetOf points at the place where from names the step.
func (c *checker) targetOf(from *graph.Node, step string) Related {
	for _, t := range from.Step.Next.Targets {
		if t.Name == step {
			return Related{t.Span, "from `" + from.Step.Name + "`"}
		}
	}
	return related(from, "from here")
}
