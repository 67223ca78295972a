package rule

import (
	"fmt"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// parallel checks that num_parallel, @parallel and the join behind belong together.
func (c *checker) parallel() {
	for n := range c.nodes() {
		if !c.unsure(n) && n.Type != graph.End && n.Step.Next.Kind == flow.NumParallel {
			c.parallelTarget(n)
		}
		if n.ParallelStep {
			c.parallelJoin(n)
		}
	}
	c.parallelCallers()
}

func (c *checker) parallelTarget(n *graph.Node) {
	for _, t := range n.Step.Next.Targets {
		child := c.graph.Nodes[t.Name]
		if child == nil || child.ParallelStep || child.MaybeParallel {
			continue
		}
		d := c.atDef(parallelStepMissing, n, fmt.Sprintf("`%s` is called with `num_parallel` but is not decorated with `@parallel`.", t.Name))
		d.Span = t.Span
		d.Related = []Related{related(child, "this step needs `@parallel`")}
		c.report(d)
	}
}

// parallelJoin checks the step behind a parallel step.
func (c *checker) parallelJoin(n *graph.Node) {
	if n.Type == graph.End {
		// Metaflow's linter crashes on this one.
		if len(n.Out) == 0 {
			d := c.atDef(parallelNotJoined, n, fmt.Sprintf("The end step `%s` cannot be parallel: a parallel step must be followed by a join.", n.Step.Name))
			d.MetaflowCheck, d.MetaflowLine = "", 0
			c.report(d)
		}
		return
	}
	if c.unsure(n) || len(n.Out) == 0 {
		return
	}
	next := c.graph.Nodes[n.Out[0]]
	if next == nil || next.Type == graph.Join || len(next.Step.Args) > 1 {
		return
	}
	d := c.atDef(parallelNotJoined, n, fmt.Sprintf("The parallel step `%s` must be followed by a join, but `%s` takes no `inputs`.", n.Step.Name, next.Step.Name))
	d.Related = []Related{related(next, "this step must be a join: `def "+next.Step.Name+"(self, inputs)`")}
	c.report(d)
}

// parallelCallers checks that parallel steps are only called with num_parallel.
func (c *checker) parallelCallers() {
	for caller := range c.nodes() {
		if c.unsure(caller) || caller.Type == graph.End || caller.Step.Next.Kind == flow.NumParallel {
			continue
		}
		var seen map[string]bool
		for _, t := range caller.Step.Next.Targets {
			n := c.graph.Nodes[t.Name]
			if n == nil || !n.ParallelStep || seen[t.Name] {
				continue
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[t.Name] = true
			d := c.atDef(parallelWithoutNumParallel, n, fmt.Sprintf("`%s` is a parallel step: call it with `num_parallel=`.", t.Name))
			d.Span, d.Step = t.Span, caller.Step.Name
			d.Related = []Related{related(n, "the parallel step")}
			c.report(d)
		}
	}
}
