package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/graph"
)

// unknownSteps checks that every target exists.
func (c *checker) unknownSteps() {
	endSaid := c.endSaid()
	for n := range c.nodes() {
		if c.unsure(n) || n.Type == graph.End {
			continue
		}
		for _, t := range n.Step.Next.Targets {
			if c.graph.Nodes[t.Name] != nil || endSaid && t.Name == "end" {
				continue
			}
			d := c.atCall(unknownStep, n, t.Span, fmt.Sprintf("There is no step `%s` in `%s`.", t.Name, c.flow.Name))
			d.Fixes = c.unknownStepFixes(n, t)
			if m := c.undecorated(t.Name); m != nil {
				d.Message = fmt.Sprintf("`%s` is no step: the method lacks `@step`. Add the decorator above it.", t.Name)
				d.Related = []Related{{m.NameSpan, "the method"}}
			} else if why, at := c.misplaced(t.Name); why != "" {
				d.Message, d.Fixes = why, nil
				d.Related = []Related{{at, "the function"}}
			} else if likely := c.likely(n, t.Name); likely != "" {
				d.Message += fmt.Sprintf(" Did you mean `%s`?", likely)
			}
			c.report(d)
		}
	}
}

// endSaid: that the method end lacks @step is said where the flow lacks the step.
func (c *checker) endSaid() bool {
	if c.graph.End != nil {
		return false
	}
	m := c.forgottenNamed("end")
	return m != nil && slices.ContainsFunc(c.found, func(d Diagnostic) bool { return d.Rule == noStartOrEnd && d.Span == m.NameSpan })
}

const (
	white = iota
	grey  // on the path
	black // done: leads to no loop that was not reported
)

type walk struct {
	node *graph.Node
	next int // index into Out
}

// loops finds every transition that closes a loop, in the order in which
// Metaflow walks: from each step alphabetically, the first step of a walk not
// being on its own path yet. A step that leads to no loop is never entered
// twice, so the walk is linear.
func (c *checker) loops() {
	colour := make([]uint8, len(c.graph.List))
	var path []walk
	for start := range c.nodes() {
		if colour[start.Index] == black {
			continue
		}
		path = append(path[:0], walk{node: start})
		for len(path) > 0 {
			w := &path[len(path)-1]
			if w.next == len(w.node.Out) {
				colour[w.node.Index] = black
				path = path[:len(path)-1]
				continue
			}
			at := w.next
			w.next++
			child := c.graph.Nodes[w.node.Out[at]]
			if child == nil || child == w.node && child.Type == graph.Switch {
				continue
			}
			switch colour[child.Index] {
			case grey:
				c.loop(path, at, child)
			case white:
				colour[child.Index] = grey
				path = append(path, walk{node: child})
			}
		}
	}
}

func (c *checker) loop(path []walk, at int, to *graph.Node) {
	c.hasLoop = true
	from := path[len(path)-1].node
	var names []string
	for _, w := range path {
		if w.node == to {
			names = names[:0]
		}
		names = append(names, w.node.Step.Name)
	}
	names = append(names, to.Step.Name)
	if len(names) > 12 {
		names = append(append(names[:6:6], "…"), names[len(names)-5:]...)
	}
	d := c.atCall(loop, from, from.Step.Next.Targets[at].Span,
		fmt.Sprintf("This closes a loop: `%s`. Break it by changing one of these transitions; only a switch may go back, and only to itself.", strings.Join(names, " → ")))
	c.report(d)
}

// unreachable checks that the start step leads to every step. It says nothing
// while a reachable step leads nowhere known or back: that is the mistake, and
// what cannot be reached follows from it.
func (c *checker) unreachable() {
	if c.graph.Start == nil || c.hasLoop {
		return
	}
	for n := range c.nodes() {
		if n.Reachable && n.Type != graph.End && (c.unsure(n) || c.leadsNowhere(n)) {
			return
		}
	}
	for n := range c.nodes() {
		if n.Reachable {
			continue
		}
		c.report(c.atDef(unreachableStep, n, fmt.Sprintf("Nothing leads from `%s` to step `%s`. Add `self.next(self.%s)` in another step, or remove `%s`.",
			c.graph.Start.Step.Name, n.Step.Name, n.Step.Name, n.Step.Name)))
	}
}

// leadsNowhere reports whether a step names one that does not exist.
func (c *checker) leadsNowhere(n *graph.Node) bool {
	return slices.ContainsFunc(n.Out, func(out string) bool { return c.graph.Nodes[out] == nil })
}

// switchJoins checks that no switch leads straight into a join.
func (c *checker) switchJoins() {
	for n := range c.nodes() {
		if n.Type != graph.Join {
			continue
		}
		var from []string
		var places []Related
		for _, p := range n.In {
			if parent := c.graph.Nodes[p]; parent.Type == graph.Switch {
				from = append(from, p)
				places = append(places, c.targetOf(parent, n.Step.Name))
			}
		}
		if len(from) > 0 {
			d := c.atDef(switchIntoJoin, n, fmt.Sprintf("The switch in %s leads straight into the join `%s`. Put a step without condition in between.", quote(from), n.Step.Name))
			d.Related = places
			c.report(d)
		}
	}
}
