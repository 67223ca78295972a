package rule

import (
	"fmt"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// stepConflicts finds decorators of a step that exclude each other, or the
// transition of the step.
func (c *checker) stepConflicts(s *flow.Step, list []applied) {
	found := map[string]applied{}
	for _, a := range list {
		if a.builtin != nil {
			found[a.builtin.Name] = a
		}
	}
	remote, isRemote := found["kubernetes"]
	if batch, ok := found["batch"]; ok {
		if isRemote {
			c.conflictOf(batch, remote, "a step runs on AWS Batch or on Kubernetes; remove one of them")
		} else {
			remote, isRemote = batch, true
		}
		c.exclusive(batch, "inferentia", "trainium", notNone)
	}
	if isRemote {
		if timeout, ok := found["timeout"]; ok {
			if seconds, known := timeoutSeconds(timeout); known && seconds != 0 && seconds < 60 {
				c.at(timeoutTooShort, timeout, timeout.Span, fmt.Sprintf("`@timeout` is below 60 seconds, which `@%s` refuses; give the task a minute or more.", remote.builtin.Name))
			}
		}
	}
	parallel, isParallel := found["parallel"]
	if catch, ok := found["catch"]; ok {
		if isParallel && found["kubernetes"].builtin != nil {
			c.conflictOf(catch, parallel, "Metaflow does not support both on Kubernetes; catch exceptions in the step itself")
		}
		c.catchOnSplit(s, catch)
	}
	if pytorch, ok := found["pytorch_parallel"]; ok && !isParallel {
		parallel, isParallel = pytorch, true
	}
	if isParallel && c.typeOf(s) == graph.Switch {
		c.at(parallelOnSwitch, parallel, parallel.Span, fmt.Sprintf("`%s` ends with a switch, which `@%s` does not allow; join the tasks first, and let the step behind the join choose.", s.Name, parallel.builtin.Name))
	}
}

func (c *checker) conflictOf(a, other applied, advice string) {
	c.reportOnce(Diagnostic{
		Rule: conflictingDecorators, Span: a.Span, Step: a.step.Name, Related: []Related{{other.Span, "the other one"}},
		Message: fmt.Sprintf("`@%s` is used with `@%s`: %s.", a.builtin.Name, other.builtin.Name, advice), Fixes: c.removeDecorator(a),
	})
}

// typeOf is the type of a step as Metaflow sees it, unknown if its transition is.
func (c *checker) typeOf(s *flow.Step) graph.Type {
	n := c.graph.Nodes[s.Name]
	if s.Opaque || s.Broken || n == nil || n.Step != s {
		return graph.Unknown
	}
	return n.Type
}

func (c *checker) catchOnSplit(s *flow.Step, catch applied) {
	what := map[graph.Type]string{graph.Foreach: "starts a foreach", graph.Switch: "ends with a switch"}[c.typeOf(s)]
	if what != "" {
		c.at(catchOnSplit, catch, catch.Span, fmt.Sprintf("`%s` %s, which `@catch` does not support; move the work into a step of its own and catch there.", s.Name, what))
	}
}

// exclusive reports two arguments that are both given.
func (c *checker) exclusive(a applied, one, other string, given func(flow.Value) (is, known bool)) {
	first, ok := a.arg(one)
	second, both := a.arg(other)
	if !ok || !both {
		return
	}
	for _, arg := range []flow.DecoratorArg{first, second} {
		if is, known := given(arg.Value); !is || !known {
			return
		}
	}
	c.at(conflictingArguments, a, second.Span, fmt.Sprintf("`@%s` takes `%s` or `%s`, not both; remove one.", a.builtin.Name, one, other))
}
