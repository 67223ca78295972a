package rule

import (
	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

var (
	earlyReturn           = &Rule{Code: "MF131", Name: "early-return", Severity: Error, Summary: "A step can return before it calls self.next(...)."}
	secondTransition      = &Rule{Code: "MF132", Name: "second-transition", Severity: Error, Summary: "A step calls self.next(...) twice."}
	conditionalTransition = &Rule{Code: "MF133", Name: "conditional-transition", Severity: Warning, Summary: "On some path a step calls self.next(...) before the last one."}
	transitionInHelper    = &Rule{Code: "MF134", Name: "transition-in-helper", Severity: Error, Summary: "A method that a step calls calls self.next(...)."}
	foreignTarget         = &Rule{Code: "MF135", Name: "foreign-target", Severity: Error, Summary: "A target of self.next(...) is not self.<step>."}
	bodyNeverRuns         = &Rule{Code: "MF136", Name: "body-never-runs", Severity: Error, Summary: "A step is async or has a yield: its body never runs."}
	stepRedefined         = &Rule{Code: "MF137", Name: "step-redefined", Severity: Warning, Summary: "A step is defined twice: the first definition is dead."}
	stepLost              = &Rule{Code: "MF138", Name: "step-lost", Severity: Error, Summary: "A step is lost, because its method lacks @step."}
	starInputs            = &Rule{Code: "MF139", Name: "star-inputs", Severity: Error, Summary: "A join declares its inputs with a star."}
	unboundStep           = &Rule{Code: "MF140", Name: "unbound-step", Severity: Error, Summary: "A step is a staticmethod or classmethod."}
)

// bodyRules are about what a step does beside its transition: MF131 and on.
var bodyRules = []*Rule{
	earlyReturn, secondTransition, conditionalTransition, transitionInHelper, foreignTarget, bodyNeverRuns, stepRedefined, stepLost, starInputs,
	unboundStep,
}

// bodyChecks finds what breaks bodyRules.
func (c *checker) bodyChecks() {
	for n := range c.nodes() {
		if !c.whole() && !c.own(n.Step) || n.Step.Broken {
			continue
		}
		c.unboundStep(n)
		if n.Step.Opaque || n.Step.Method.Wrapped {
			continue // what runs may be something else
		}
		if c.bodyNeverRuns(n) {
			continue
		}
		c.foreignTargets(n)
		c.paths(n)
	}
	c.replacedSteps()
	c.lostSteps()
	c.starInputs()
}

// transition is the call of self.next that ends a step, as the code of its
// body has it; nil if there is none that Metaflow can follow.
func (c *checker) transition(n *graph.Node) *flow.Op {
	if c.unsure(n) || n.Step.Next == nil {
		return nil
	}
	return lastTransition(n.Step)
}

// lastTransition is the last statement of a step, which is a self.next.
func lastTransition(s *flow.Step) *flow.Op {
	ops := s.Method.Code().Ops
	if len(ops) == 0 || s.Next == nil {
		return nil
	}
	last := &ops[len(ops)-1]
	if last.Kind != flow.OpNext || last.Span.Shift(s.Method.Base) != s.Next.Span {
		return nil
	}
	return last
}

// inBody reports something in the body of a step; the span is one of its code.
func (c *checker) inBody(r *Rule, n *graph.Node, op *flow.Op, message string) Diagnostic {
	return Diagnostic{Rule: r, Step: n.Step.Name, Span: op.Span.Shift(n.Step.Method.Base), Message: message}
}
