package rule

import (
	"fmt"

	"flowls/analysis/graph"
)

// wrapperRules check a step whose decorator gives @step another function than
// the method: Metaflow reads that one as the step.
func (c *checker) wrapperRules(n *graph.Node) {
	w, end := n.Step.Wrapper, n.Type == graph.End
	if w == nil || n.Step.Broken {
		return
	}
	switch {
	case end && w.Args > 1:
		d := c.atWrapper(endIsJoin, n, fmt.Sprintf("takes %d arguments, which the end step must not", w.Args))
		d.MetaflowLine = 0 // Metaflow prints line 0
		c.report(d)
	case w.Args == 0:
		c.report(c.atWrapper(missingSelf, n, "has no `self` argument"))
	case w.Args > 2:
		c.report(c.atWrapper(tooManyArguments, n, fmt.Sprintf("takes %d arguments", w.Args)))
	case end || w.Next:
	default:
		d := c.atWrapper(missingTransition, n, "does not end with `self.next(...)`")
		if w.Args == 2 {
			d.MetaflowCheck = joinAndSplit.MetaflowCheck
		}
		c.report(d)
	}
}

// atWrapper reports at the decorator; Metaflow prints the line of the function
// that it returns.
func (c *checker) atWrapper(r *Rule, n *graph.Node, what string) Diagnostic {
	w := n.Step.Wrapper
	d := c.atDef(r, n, fmt.Sprintf("`@%s` puts `%s` in the place of step `%s`, and Metaflow reads that instead: it %s. Write `@functools.wraps(%s)` above `def %s`.",
		w.Decorator.Written, w.Name, n.Step.Name, what, w.Of, w.Name))
	d.Span, d.MetaflowLine = w.Decorator.NameSpan, c.line(w.DefSpan.Start)
	d.Related = []Related{{w.DefSpan, "what Metaflow reads"}}
	return d
}
