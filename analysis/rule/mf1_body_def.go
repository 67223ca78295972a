package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// bodyNeverRuns: calling an async function or a generator only makes an object.
func (c *checker) bodyNeverRuns(n *graph.Node) bool {
	s := n.Step
	after := "then Metaflow stops the run with an internal error"
	if n.Type == graph.End {
		after = "although nothing was done"
	}
	if s.Async {
		d := c.atDef(bodyNeverRuns, n, fmt.Sprintf("`%s` is `async`: Metaflow calls it but never awaits it, so its body does not run. The task succeeds, %s. Make it a plain `def`, and call `asyncio.run(...)` inside.", s.Name, after))
		d.MetaflowLine = 0
		if body := c.file.Slice(s.BodySpan); !strings.Contains(body, "await") && !strings.Contains(body, "async") {
			header := c.file.Slice(s.DefSpan)
			if def := strings.Index(header, "def"); def > 0 && strings.TrimSpace(header[:def]) == "async" {
				d.Fixes = []Fix{{Title: "Remove async", Edits: []text.Edit{{Span: text.Span{Start: s.DefSpan.Start, End: s.DefSpan.Start + def}}}, Preferred: true}}
			}
		}
		c.report(d)
		return true
	}
	if !s.Method.Code().Generator {
		return false
	}
	d := c.atDef(bodyNeverRuns, n, fmt.Sprintf("`%s` holds a `yield`, so calling it only makes a generator and its body does not run. The task succeeds, %s. Move the `yield` into a helper function.", s.Name, after))
	d.MetaflowLine = 0
	if op := firstYield(s.Method.Code().Ops); op != nil {
		d.Related = []Related{{op.Span.Shift(s.Method.Base), "the `yield`"}}
	}
	c.report(d)
	return true
}

func firstYield(ops []flow.Op) *flow.Op {
	for i := range ops {
		if ops[i].Kind == flow.OpYield {
			return &ops[i]
		}
		if ops[i].Kind == flow.OpNested {
			continue
		}
		for _, b := range ops[i].Blocks {
			if op := firstYield(b); op != nil {
				return op
			}
		}
	}
	return nil
}

// unboundStep: Metaflow calls a step as a method of the flow.
func (c *checker) unboundStep(n *graph.Node) {
	m := n.Step.Method
	if !m.Static && !m.Property {
		return
	}
	d := Diagnostic{Rule: unboundStep, Step: n.Step.Name, Span: n.Step.NameSpan,
		Message: fmt.Sprintf("Step `%s` is no plain method: Metaflow does not find it, or cannot call it with the flow as `self`. Remove the decorator.", n.Step.Name)}
	for _, deco := range n.Step.Decorators {
		if !slices.Contains([]string{"staticmethod", "classmethod", "property"}, deco.Written) {
			continue
		}
		d.Message = fmt.Sprintf("Step `%s` is a `%s`: Metaflow does not find it, or cannot call it with the flow as `self`. Remove `@%s`.", n.Step.Name, deco.Written, deco.Written)
		d.Related = []Related{{deco.Span, "this decorator"}}
		if edits := c.removeLine(deco.Span); edits != nil && len(n.Step.Args) > 0 && n.Step.Args[0].Name == "self" {
			d.Fixes = []Fix{{Title: "Remove @" + deco.Written, Edits: edits, Preferred: true}}
		}
	}
	c.report(d)
}

// replacedSteps: of two definitions in a class body the last one counts.
func (c *checker) replacedSteps() {
	for _, r := range c.flow.Replaced {
		c.report(Diagnostic{Rule: stepRedefined, Step: r.Name, Span: r.NameSpan,
			Message: fmt.Sprintf("Step `%s` is defined again below: this definition is dead, and its code never runs. Remove it, or give it another name.", r.Name),
			Related: []Related{{r.By, "the definition that counts"}}})
	}
}

// lostSteps: a method without @step hides a step of a base class that the
// graph needs.
func (c *checker) lostSteps() {
	if !c.whole() {
		return
	}
	var names []string // of methods that hide another
	for name, methods := range c.flow.Methods {
		if len(methods) > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		methods := c.flow.Methods[name]
		m := methods[0]
		if m.Step || m.Wrapped || m.Property || m.Static || len(c.flow.Attributes[name]) > 0 || !c.wanted(name) {
			continue
		}
		hidden := slices.IndexFunc(methods, func(m *flow.Method) bool { return m.Step })
		if hidden < 0 {
			continue
		}
		d := Diagnostic{Rule: stepLost, Span: m.NameSpan,
			Message: fmt.Sprintf("`%s` overrides the step `%s` of `%s` but is not decorated with `@step`, so the flow loses that step. Add `@step`.", name, name, methods[hidden].Class),
			Related: []Related{{methods[hidden].NameSpan, "the step that is lost"}}}
		if indent, alone := c.indentAt(m.NameSpan.Start - len("def ")); alone && len(c.graph.List) > 0 {
			decorator := c.stepDecorator(c.graph.List[0])
			d.Fixes = []Fix{{Title: "Add " + decorator, Edits: insert(m.NameSpan.Start-len("def "), decorator+c.file.Text.LineEnding()+indent), Preferred: true}}
		}
		c.report(d)
	}
}

// wanted reports whether the graph needs a step of that name.
func (c *checker) wanted(name string) bool {
	return c.targeted()[name] || name == "start" && c.graph.Start == nil || name == "end" && c.graph.End == nil
}

// starInputs: *inputs does not count as the argument of a join.
func (c *checker) starInputs() {
	open := slices.ContainsFunc(c.found, func(d Diagnostic) bool { return d.Rule == unjoinedSplit })
	if !open {
		return
	}
	for n := range c.nodes() {
		s := n.Step
		if s.Rest.Name == "" || len(s.Args) != 1 || !n.Reachable || s.Opaque || n.Type != graph.LinearT {
			continue
		}
		// Only where branches meet, or behind the first step of a foreach.
		parents := n.SplitParents()
		if len(parents) == 0 || slices.Contains(n.In, parents[len(parents)-1]) ||
			c.graph.Nodes[parents[len(parents)-1]].Type == graph.Split && len(n.In) < 2 {
			continue
		}
		d := Diagnostic{Rule: starInputs, Step: s.Name, Span: s.Rest.Span,
			Message: fmt.Sprintf("`*%s` does not make `%s` a join: Metaflow counts plain arguments only. Write `def %s(self, %s)`.", s.Rest.Name, s.Name, s.Name, s.Rest.Name)}
		d.Fixes = []Fix{{Title: "Remove the star", Edits: []text.Edit{{Span: text.Span{Start: s.Rest.Span.Start, End: s.Rest.Span.Start + 1}}}, Preferred: true}}
		c.report(d)
	}
}
