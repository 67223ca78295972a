package rule

import (
	"fmt"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

var reservedNames = []string{"name", "next", "input", "index", "cmd"}

// validName reports whether a name matches Metaflow's [a-z0-9][a-z0-9_]*.
func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '_' || i == 0) {
			return false
		}
	}
	return s != ""
}

// stepRules are the checks that need to see no more than one step.
func (c *checker) stepRules(n *graph.Node) {
	s := n.Step
	if slices.Contains(reservedNames, s.Name) {
		c.report(c.atDef(reservedStepName, n, fmt.Sprintf("`%s` is a reserved name. Choose another name for the step.", s.Name)))
	}
	if !validName(s.Name) {
		c.report(c.atDef(invalidStepName, n, fmt.Sprintf("`%s` is not a valid step name. Use lowercase ASCII letters, digits and underscores, and do not start with an underscore.", s.Name)))
	}
	if s.Opaque {
		c.wrapperRules(n)
		return
	}
	c.argumentRules(n)
	if n.Type == graph.End || s.Broken && c.unsure(n) {
		return
	}
	switch {
	case s.Next == nil:
		c.missingTransition(n)
	case s.Next.Kind == flow.Invalid:
		c.invalidTransition(n)
	case n.Type == graph.Switch && len(n.Out) < 2:
		c.report(c.atDef(singleCaseSwitch, n, fmt.Sprintf("The switch in `%s` has only one case. Add a second case, or use a plain `self.next(self.%s)`.", s.Name, n.Out[0])))
	}
}

func (c *checker) argumentRules(n *graph.Node) {
	s := n.Step
	switch args := len(s.Args); {
	case args > 2 && n.Type != graph.End:
		d := c.atDef(tooManyArguments, n, fmt.Sprintf("Step `%s` takes %d arguments. A step takes only `self`, a join step takes `self` and `inputs`.", s.Name, args))
		c.report(d)
	case args == 2 && slices.Contains([]graph.Type{graph.Split, graph.Foreach, graph.Switch}, n.Type) && !s.Broken && s.Next.Kind != flow.Invalid:
		d := c.atDef(joinAndSplit, n, fmt.Sprintf("Step `%s` is a join (it takes `%s`) and a split at once. Join here, and split in a new step behind it.", s.Name, s.Args[1].Name))
		d.Fixes = c.splitBehind(n)
		c.report(d)
	case args == 0:
		c.report(c.missingSelf(n))
	}
}

func (c *checker) invalidTransition(n *graph.Node) {
	s := n.Step
	d := c.atCall(invalidTransition, n, s.Next.Span, fmt.Sprintf("This is none of the forms that Metaflow can follow from `%s`: "+
		"`self.next(self.a)`, `self.next(self.a, self.b)`, `self.next(self.a, foreach=\"x\")`, `self.next(self.a, num_parallel=4)` or `self.next({\"key\": self.a, ...}, condition=\"x\")`.", s.Name))
	if message, fixes := c.wrongForm(n); message != "" {
		d.Message, d.Fixes = message, fixes
	}
	if len(s.Args) == 2 {
		d.MetaflowCheck, d.MetaflowLine = joinAndSplit.MetaflowCheck, c.defLine(n)
	}
	c.report(d)
}

func (c *checker) missingSelf(n *graph.Node) Diagnostic {
	d := c.atDef(missingSelf, n, fmt.Sprintf("Step `%s` has no `self` argument. Write `def %s(self)`.", n.Step.Name, n.Step.Name))
	d.Fixes = c.addSelf(n)
	return d
}
