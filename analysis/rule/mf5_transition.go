package rule

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// transitionRules are about the values that foreach, num_parallel and switches
// are given, and about self.input: MF510 and on.
var transitionRules = []*Rule{
	foreachSet, foreachNotIterable, foreachEmpty, foreachIterator, foreachDict, foreachCharacters, foreachTooMany, foreachNotLiteral,
	inputOutsideForeach, badNumParallel, switchWithoutCase, duplicateCase, sameCases, switchKeyword, foreachNotString,
}

// transitionChecks finds what breaks transitionRules.
func (c *checker) transitionChecks() {
	for n := range c.nodes() {
		if n.Step.Opaque || !c.whole() && !c.own(n.Step) {
			continue
		}
		if op := c.transition(n); op != nil && n.Type != graph.End {
			switch n.Step.Next.Kind {
			case flow.Foreach:
				c.foreach(n, op)
			case flow.NumParallel:
				c.numParallel(n, op)
			case flow.Switch:
				c.switches(n, op)
			}
		}
	}
}

// foreachInputChecks comes behind the linter's checks, of whose findings it asks.
func (c *checker) foreachInputChecks() {
	if c.whole() && !c.brokenGraph() {
		for n := range c.nodes() {
			c.inputs(n)
		}
	}
}

// brokenGraph: where steps stand in splits is a guess when the linter refuses the flow.
func (c *checker) brokenGraph() bool {
	return slices.ContainsFunc(c.found, func(d Diagnostic) bool { return d.Rule.Severity == Error && d.Rule.Code < "MF130" }) ||
		slices.ContainsFunc(c.graph.List, func(n *graph.Node) bool { return n.Step.Broken || n.Step.Opaque })
}
