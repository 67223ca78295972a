package rule

import (
	"slices"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

var classValue = &Rule{Code: "MF217", Name: "class-value-in-task", Severity: Warning, Summary: "A task reads a value of the flow class through the class, where Metaflow has put a property."}

// classValueChecks looks for values of the class that a task reads without
// self. Only in the class of the flow itself does Metaflow replace them: a base
// class keeps its own.
func (c *checker) classValueChecks() {
	if c.flow.Open || c.flow.Broken {
		return
	}
	seen := map[*flow.Method]bool{}
	for s := range c.reachableSteps() {
		c.classValuesIn(s.Node.Step, s.Node.Step.Method, seen)
	}
	for name, list := range c.flow.Methods {
		if m := list[0]; !m.Step && !m.Wrapped && c.flow.Owns(m.NameSpan) {
			if callers := c.callersOf(name); len(callers) > 0 {
				c.classValuesIn(callers[0], m, seen)
			}
		}
	}
}

func (c *checker) classValuesIn(s *flow.Step, m *flow.Method, seen map[*flow.Method]bool) {
	if seen[m] || !c.flow.Owns(m.NameSpan) {
		return
	}
	seen[m] = true
	code := m.Code()
	walkOps(code.Ops, func(op *flow.Op) {
		switch {
		case op.Kind == flow.OpRead && m.Static && code.Self == "cls": // of a classmethod
		case op.Kind == flow.OpClass && op.Branch == "" && !m.Static:
		case op.Kind == flow.OpClass && op.Branch == c.flow.Name && !c.hasHeirs() && !bindsLocal(code.Ops, op.Branch):
		default:
			return
		}
		method, attribute := artifact.Definition(c.flow, op.Name)
		if method != nil || attribute == nil || attribute.Conditional || c.readOnly(op.Name, attribute) == "" {
			return
		}
		c.report(Diagnostic{
			Rule: classValue, Span: op.Span.Shift(m.Base), Step: s.Name,
			Message: "In a task this is no value but a property object, as Metaflow makes one of `" + op.Name + "`: read it through `self`.",
			Related: []Related{{Span: attribute.NameSpan, Message: "`" + op.Name + "` is defined here"}},
			Fixes:   c.readSelf(m, op),
		})
	})
}

// readSelf reads the value through self, where there is one.
func (c *checker) readSelf(m *flow.Method, op *flow.Op) []Fix {
	self := m.Code().Self
	if m.Static || self == "" || op.Span.Shift(m.Base).Foreign() {
		return nil
	}
	return []Fix{{Title: "Read " + self + "." + op.Name, Preferred: true, Edits: []text.Edit{{Span: op.Span.Shift(m.Base), New: self + "." + op.Name}}}}
}

// hasHeirs: another flow of the file has steps or methods of this one, and when
// that flow runs, this class keeps its values.
func (c *checker) hasHeirs() bool {
	return slices.ContainsFunc(c.file.Flows, func(f *flow.Flow) bool {
		if f == c.flow {
			return false
		}
		for _, list := range f.Methods {
			if slices.ContainsFunc(list, func(m *flow.Method) bool { return m.Class == c.flow.Name }) {
				return true
			}
		}
		return false
	})
}
