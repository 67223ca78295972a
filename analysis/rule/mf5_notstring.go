package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var foreachNotString = &Rule{Code: "MF524", Name: "foreach-not-string", Severity: Error, Summary: "The argument of foreach= is no name of an artifact."}

// notString reports a foreach that is surely given something else than a name,
// mostly the list itself: Metaflow finds out in the run.
func (c *checker) notString(n *graph.Node, op *flow.Op, keyword flow.Keyword) bool {
	v := keyword.Value
	what := c.noString(n, n.Step.Method, v)
	if what == "" {
		return false
	}
	span := v.Span.Shift(n.Step.Method.Base)
	d := Diagnostic{Rule: foreachNotString, Step: n.Step.Name, Span: span}
	switch {
	case v.Kind == flow.None || v.Text == "" && v.Kind == flow.String || v.Kind == flow.Int && v.Text == "0" || v.Text == "False":
		d.Message = fmt.Sprintf("`foreach=` is `%s`, which names no artifact: the run fails here. Write the name of the artifact to go over, as a string, or leave `foreach=` out.", c.file.Slice(span))
	default:
		d.Message = fmt.Sprintf("`foreach=` takes the name of an artifact as a string, and this is %s: the run fails with \"The argument to 'foreach' must be a string\".", what)
		d.Message += " Store it in an artifact, and write its name in quotes."
		d.Fixes = c.nameFixes(n, op, v)
	}
	c.report(d)
	return true
}

// nameFixes write the name of the artifact, and store it first if it is a local variable.
func (c *checker) nameFixes(n *graph.Node, op *flow.Op, v flow.Value) []Fix {
	self, base := n.Step.Method.Code().Self, n.Step.Method.Base
	span := v.Span.Shift(base)
	if v.Kind != flow.Name || self == "" || span.Foreign() {
		return nil
	}
	if name, ok := strings.CutPrefix(v.Text, self+"."); ok {
		return []Fix{{Title: "Write \"" + name + "\"", Preferred: true, Edits: []text.Edit{{Span: span, New: `"` + name + `"`}}}}
	}
	if strings.Contains(v.Text, ".") || c.isClassValue(v.Text) || artifact.Reserved(v.Text) {
		return nil
	}
	at, indent, ok := c.lineStart(op.Span.Shift(base).Start)
	if !ok {
		return nil
	}
	store := self + "." + v.Text + " = " + v.Text + c.file.Text.LineEnding() + indent
	return []Fix{{Title: "Store it in self." + v.Text, Preferred: true, Edits: []text.Edit{
		{Span: text.Span{Start: at, End: at}, New: store}, {Span: span, New: `"` + v.Text + `"`},
	}}}
}

// noString says what a value is that is surely no string, "" if it may be one.
func (c *checker) noString(n *graph.Node, m *flow.Method, v flow.Value) string {
	switch v.Kind {
	case flow.String:
		if v.Text == "" {
			return "an empty string"
		}
	case flow.Int, flow.Float, flow.Complex, flow.Bool, flow.None, flow.Ellipsis, flow.Bytes:
		return "`" + keyText(v) + "`"
	case flow.List, flow.ListComp:
		return "a list"
	case flow.Tuple:
		return "a tuple"
	case flow.Set, flow.SetComp:
		return "a set"
	case flow.Dict, flow.DictComp:
		return "a dict"
	case flow.Generator:
		return "a generator"
	case flow.Lambda:
		return "a function"
	case flow.Call:
		switch name := c.builtinCall(m, v); name {
		case "list", "sorted", "tuple", "set", "frozenset", "dict", "range", "zip", "map", "filter", "enumerate", "reversed", "iter", "len", "int":
			return "what `" + name + "(...)` returns"
		}
	case flow.Name:
		if name, ok := strings.CutPrefix(v.Text, m.Code().Self+"."); ok {
			return c.noStringArtifact(n, name)
		}
		if of, known := boundTo(m, v.Text); known && of.Kind != flow.Name {
			return c.noString(n, m, of)
		}
	}
	return ""
}

// noStringArtifact is that of an artifact all of whose values are known, or of a parameter.
func (c *checker) noStringArtifact(n *graph.Node, name string) string {
	if i := slices.IndexFunc(c.flow.Parameters, func(p *flow.Parameter) bool { return p.Attr == name }); i >= 0 {
		value := c.flow.Attributes[name][0].Value()
		if k, ok := value.Keyword("separator"); ok && k.Value.Kind == flow.String && k.Value.Text != "" && c.flow.Parameters[i].Kind == "Parameter" && len(c.flow.Attributes[name]) == 1 {
			return "a list of strings"
		}
		return ""
	}
	if c.isClassValue(name) || !c.artifacts.Closed {
		return ""
	}
	s := c.artifacts.Step(n.Step.Name)
	sites, open := s.Reached(name)
	if open || len(sites) == 0 {
		return ""
	}
	what := ""
	for _, site := range sites {
		if site.Augmented || site.Catch || site.ValueKind() == flow.Name && strings.Contains(site.Written().Text, ".") {
			return "" // what another artifact holds is not followed
		}
		if what = c.noString(n, site.Method, site.Value()); what == "" {
			return ""
		}
	}
	return what
}
