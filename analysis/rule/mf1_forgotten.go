package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// undecorated is the method of the flow that only lacks @step to be the step
// of that name, nil if there is none.
func (c *checker) undecorated(name string) *flow.Method {
	methods := c.flow.Methods[name]
	if len(methods) == 0 {
		return nil
	}
	if m := methods[0]; !m.Step && !m.Property && !m.Static && !m.Wrapped && c.flow.Owns(m.NameSpan) && len(c.flow.Attributes[name]) == 0 {
		return m
	}
	return nil
}

// mostForgotten bounds how many methods a fix decorates at once.
const mostForgotten = 20

// forgotten are a method that lacks @step and those to which only it, or others
// of them, would lead.
func (c *checker) forgotten(m *flow.Method) []*flow.Method {
	list := []*flow.Method{m}
	for i := 0; i < len(list) && len(list) < mostForgotten; i++ {
		for _, name := range c.goesTo(list[i]) {
			if next := c.undecorated(name); c.graph.Nodes[name] == nil && next != nil && !slices.Contains(list, next) {
				list = append(list, next)
			}
		}
	}
	return list
}

// goesTo are the steps that the last statement of a method names, if it is a
// plain self.next.
func (c *checker) goesTo(m *flow.Method) []string {
	ops := m.Code().Ops
	if len(ops) == 0 || ops[len(ops)-1].Kind != flow.OpNext {
		return nil
	}
	var names []string
	for _, target := range ops[len(ops)-1].Value.Items {
		if name, ours := strings.CutPrefix(target.Text, m.Code().Self+"."); ours && target.Kind == flow.Name && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// decorateStep puts @step above the def of a method, and of those that it leads to.
func (c *checker) decorateStep(n *graph.Node, m *flow.Method) Fix {
	list := c.forgotten(m)
	var names []string
	var edits []text.Edit
	for _, m := range list {
		names = append(names, m.Name)
		src := c.file.Text
		line := src.LineSpan(src.Line(m.NameSpan.Start))
		header := src.Slice(text.Span{Start: line.Start, End: m.NameSpan.Start})
		indent := header[:len(header)-len(strings.TrimLeft(header, " \t"))]
		edits = append(edits, insert(line.Start+len(indent), c.stepDecorator(n)+src.LineEnding()+indent)...)
	}
	slices.SortFunc(edits, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return Fix{Title: fmt.Sprintf("Add %s to %s", c.stepDecorator(n), strings.Join(names, " and ")), Edits: edits, Preferred: true}
}

// addStep is decorateStep where the methods are fit to be steps as they stand:
// else one mistake would only take the place of another.
func (c *checker) addStep(n *graph.Node, m *flow.Method) []Fix {
	list := c.forgotten(m)
	for _, m := range list {
		targets := c.goesTo(m)
		if len(m.Args) == 0 || m.Args[0].Name != "self" || len(targets) == 0 && (m.Name != "end" || len(m.Args) > 1) {
			return nil
		}
		for _, name := range targets {
			if c.graph.Nodes[name] == nil && !slices.ContainsFunc(list, func(m *flow.Method) bool { return m.Name == name }) {
				return nil
			}
		}
	}
	return []Fix{c.decorateStep(n, m)}
}

// forgottenEnd is the method that the transition of the only step names and
// that lacks @step.
func (c *checker) forgottenEnd(only *graph.Node) *flow.Method {
	if c.graph.Start != c.graph.End {
		return nil
	}
	for _, out := range only.Out {
		if m := c.undecorated(out); m != nil {
			return m
		}
	}
	return nil
}

// forgottenNamed is the method called start or end that lacks @step, where the
// flow has no such step: of start only one that goes on as a step does, of end
// only one that steps lead to.
func (c *checker) forgottenNamed(which string) *flow.Method {
	m := c.undecorated(which)
	if m == nil || len(c.flow.Methods[which]) > 1 || len(c.graph.List) == 0 {
		return nil // of a step that it hides MF138 speaks
	}
	if which == "start" && len(c.goesTo(m)) == 0 || which == "end" && !c.targeted()[which] {
		return nil
	}
	return m
}

// lostStart is the method start that Metaflow never runs, nil if there is none:
// it ends with the self.next of a step and nothing calls it, but it lacks @step,
// so that the end step is the only one, with which Metaflow is content.
func (c *checker) lostStart() *flow.Method {
	if !c.lostStartKnown {
		c.lostStartKnown, c.lostStartMethod = true, c.findLostStart()
	}
	return c.lostStartMethod
}

func (c *checker) findLostStart() *flow.Method {
	m, end := c.undecorated("start"), c.graph.End
	if m == nil || m.Async || !c.whole() || len(c.graph.List) != 1 || end == nil || end.Step.Name != "end" || end.Step.IsStart || end.Step.Broken ||
		end.Step.Opaque || len(c.flow.Methods["start"]) > 1 || len(m.Args) != 1 || len(c.goesTo(m)) == 0 {
		return nil
	}
	list := c.forgotten(m)
	if !slices.ContainsFunc(list, func(m *flow.Method) bool { return slices.Contains(c.goesTo(m), "end") }) {
		return nil
	}
	foreign := func(d *flow.Decorator) bool { return !d.FromMetaflow }
	if slices.ContainsFunc(c.flow.Decorators, foreign) || slices.ContainsFunc(c.flow.BaseDecorators, foreign) || c.callsStart() {
		return nil
	}
	return m
}

var startAttribute = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\.\s*start\b|["']start["']`) })

// callsStart reports whether something may run the method start: code of the
// flow by self, or anything around the flow by whatever it holds.
func (c *checker) callsStart() bool {
	src := c.file.Text
	around := []text.Span{{Start: 0, End: c.flow.Span.Start}, {Start: c.flow.Span.End, End: len(src.Bytes())}}
	if slices.ContainsFunc(around, func(s text.Span) bool { return startAttribute().MatchString(src.Slice(s)) }) {
		return true
	}
	called := false
	for _, methods := range c.flow.Methods {
		for _, m := range methods {
			walkOps(m.Code().Ops, func(op *flow.Op) {
				switch op.Kind {
				case flow.OpCall, flow.OpRead, flow.OpSuper, flow.OpGuard, flow.OpClass, flow.OpAssign:
					called = called || op.Name == "start"
				}
			})
		}
	}
	return called
}

// lostStartCheck reports it. A read of what start would have set is no finding
// of its own; it fails the run.
func (c *checker) lostStartCheck() {
	m := c.lostStart()
	if m == nil {
		return
	}
	end := c.graph.End
	d := Diagnostic{Rule: stepLost, Span: m.NameSpan, Perhaps: true,
		Message: fmt.Sprintf("`start` is no step: the method lacks `@step`, so Metaflow runs `%s` alone and never comes here. Add the decorator above it.", end.Step.Name),
		Related: append([]Related{related(end, "the only step")}, c.lostReads...)}
	if c.lostReads != nil {
		d.Perhaps = c.lostReadsPerhaps
	}
	d.Fixes = c.addStep(end, m)
	c.report(d)
}

// lostRead notes a read of what only the lost start sets.
func (c *checker) lostRead(u use) bool {
	if c.lostStart() == nil || !c.effects("start").sets(u.read.Name) {
		return false
	}
	if len(c.lostReads) == 0 {
		c.lostReadsPerhaps = true
	}
	c.lostReadsPerhaps = c.lostReadsPerhaps && u.perhaps()
	if len(c.lostReads) < namedLosses {
		c.lostReads = append(c.lostReads, Related{u.read.Span, "`self." + u.read.Name + "` is read here, and only `start` sets it"})
	}
	return true
}
