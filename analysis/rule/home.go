package rule

import (
	"fmt"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// own reports whether the class itself defines the step: not a base class.
func (c *checker) own(s *flow.Step) bool { return c.flow.Owns(s.Span) }

// bringHome makes a finding about another file one of this file: at the class
// that inherits what is wrong, with the place itself as an explanation. No span
// of another file leaves the rules, and no fix that would change one. False:
// the finding is that file's own matter.
func (c *checker) bringHome(d *Diagnostic) bool {
	if len(c.file.Others) == 0 {
		return true
	}
	abroad := d.Span.Foreign()
	if abroad && d.Severity() != Error {
		return false // it is shown there, and breaks nothing here
	}
	if abroad {
		d.Elsewhere = append(d.Elsewhere, c.elsewhere(d.Span, c.inherited(d)))
		d.Span = c.flow.NameSpan
	}
	if d.MetaflowLine == 0 {
		d.MetaflowFile = ""
	}
	d.Related = slices.DeleteFunc(slices.Clone(d.Related), func(r Related) bool {
		if r.Span.Foreign() {
			d.Elsewhere = append(d.Elsewhere, c.elsewhere(r.Span, r.Message))
		}
		return r.Span.Foreign()
	})
	d.Fixes = slices.DeleteFunc(slices.Clone(d.Fixes), func(f Fix) bool {
		return slices.ContainsFunc(f.Edits, func(e text.Edit) bool { return e.Span.Foreign() })
	})
	return true
}

// inherited says what the place of a finding is.
func (c *checker) inherited(d *Diagnostic) string {
	if n := c.graph.Nodes[d.Step]; n != nil && n.Step.File != "" {
		return fmt.Sprintf("here, in `%s`, which `%s` inherits from `%s`", d.Step, c.flow.Name, n.Step.Class)
	}
	return "here, in a base class of `" + c.flow.Name + "`"
}

func (c *checker) elsewhere(s text.Span, message string) Elsewhere {
	m, at := c.file.Locate(s)
	if m == nil { // a span out of nowhere
		return Elsewhere{Message: message}
	}
	return Elsewhere{File: m.Path, Line: m.Text.Line(at.Start) + 1, Message: message, Text: m.Text, Span: at}
}
