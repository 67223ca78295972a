package rule

import (
	"fmt"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
)

// targetsOfStep finds flow decorators on a step.
func (c *checker) targetsOfStep(s *flow.Step, list []applied) {
	for _, a := range list {
		if a.builtin != nil && a.builtin.Level == catalog.FlowLevel {
			c.at(wrongTarget, a, a.Span, fmt.Sprintf("`@%s` is for flows, not for steps; move it above the class%s.", a.builtin.Name, stepForm(a)))
		}
	}
}

// stepForm names the step decorator that does the same for one step.
func stepForm(a applied) string {
	if name := map[string]string{"conda_base": "conda", "pypi_base": "pypi"}[a.builtin.Name]; name != "" {
		return fmt.Sprintf(", or use `@%s`", name)
	}
	return ""
}

// targetsOfClass finds step decorators on a class. What a decorator from
// elsewhere makes of the class is not known, so those above it are left alone.
func (c *checker) targetsOfClass(own []applied) {
	for i := len(own) - 1; i >= 0; i-- {
		a := own[i]
		if a.builtin == nil {
			return
		}
		if a.builtin.Level == catalog.StepLevel {
			advice := "move it above the `@step` of each step that needs it"
			if name := map[string]string{"conda": "conda_base", "pypi": "pypi_base"}[a.builtin.Name]; name != "" {
				advice = fmt.Sprintf("use `@%s` for all steps", name)
			}
			c.at(wrongTarget, a, a.Span, fmt.Sprintf("`@%s` is for steps, not for flows; %s.", a.builtin.Name, advice))
		}
	}
}

// targetOfMethod finds decorators of Metaflow's on a method without @step.
func (c *checker) targetOfMethod(m *flow.Method) {
	list := c.flow.DecoratorsOf(m)
	for i := len(list) - 1; i >= 0; i-- {
		a := c.apply(list[i], nil)
		switch {
		case a.builtin == nil:
			return // it may make a step of the method
		case c.syntaxErrorAt(a):
			return
		case a.builtin.Level == catalog.FlowLevel:
			c.at(wrongTarget, a, a.Span, fmt.Sprintf("`@%s` is for flows, not for methods; move it above the class.", a.builtin.Name))
		default:
			c.at(wrongTarget, a, a.Span, fmt.Sprintf("`@%s` is for steps, and `%s` is none; add `@step` just above `def`, or remove `@%s`.", a.builtin.Name, m.Name, a.builtin.Name))
		}
	}
}

// syntaxErrorAt: what stands around the decorator is not valid Python.
func (c *checker) syntaxErrorAt(a applied) bool {
	first := c.file.Text.Line(a.Span.Start) - 1
	last := c.file.Text.Line(a.Span.End) + 2
	for _, e := range c.file.SyntaxErrors {
		if line := c.file.Text.Line(e.Span.Start); first <= line && line <= last {
			return true
		}
	}
	return false
}
