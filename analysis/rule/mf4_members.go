package rule

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// ignoredName reports whether Metaflow passes over a parameter because of the
// name of its attribute (FlowSpec._get_parameters).
func ignoredName(attr string) bool {
	return strings.HasPrefix(attr, "_") || slices.Contains([]string{"cmd", "foreach_stack", "index", "input", "name", "script_name"}, attr)
}

// classAttributes checks what the class bodies of the flow bind.
func (c *checker) classAttributes() {
	c.ignoredParameters()
	for name, list := range c.flow.Attributes {
		if a := list[0]; c.inForce(a) && !c.attributeSeenBefore(name, a) {
			c.classAttribute(a)
		}
	}
	for _, list := range c.flow.Methods {
		m := list[0]
		if hiding := c.flow.Attributes[m.Name]; len(hiding) > 0 && hiding[0].Rank <= m.Rank {
			continue
		}
		c.classMethod(m, len(list) > 1)
	}
}

// inForce: no method and no other statement of the class decides what the name
// is.
func (c *checker) inForce(a *flow.Attribute) bool {
	if a.Conditional {
		return false
	}
	methods := c.flow.Methods[a.Name]
	return len(methods) == 0 || methods[0].Rank > a.Rank
}

func (c *checker) attributeSeenBefore(name string, a *flow.Attribute) bool {
	if c.flow.Owns(a.Span) {
		return false
	}
	for _, f := range c.file.Flows {
		if f == c.flow {
			return false
		}
		if list := f.Attributes[name]; !f.Abstract && len(list) > 0 && list[0].NameSpan == a.NameSpan {
			return true
		}
	}
	return false
}

// ignoredParameters are those that Metaflow does not see, so that there is no
// option and the attribute is the Parameter object itself.
func (c *checker) ignoredParameters() {
	for _, p := range c.flow.Parameters {
		if !ignoredName(p.Attr) || c.seenBefore(p) {
			continue
		}
		message := "Metaflow does not see a parameter whose attribute begins with `_`: rename `" + p.Attr + "`."
		if !strings.HasPrefix(p.Attr, "_") {
			message = "Metaflow does not see a parameter of this name, since `" + p.Attr + "` is a member of `FlowSpec`: rename the attribute."
		}
		c.report(Diagnostic{Rule: ignoredAttribute, Span: p.AttrSpan, Message: message})
	}
	for _, h := range c.flow.Hidden {
		if !c.flow.Owns(h.AttrSpan) {
			continue
		}
		c.report(Diagnostic{Rule: ignoredAttribute, Span: h.AttrSpan,
			Message: "This parameter is lost: `" + h.Attr + "` is defined again further down. Rename one of them.",
			Related: []Related{{Span: h.By, Message: "the definition that stays"}}})
	}
}

// data are the kinds of values that Metaflow keeps as constants; a function is none.
var data = []flow.ValueKind{
	flow.String, flow.FString, flow.Bytes, flow.Int, flow.Float, flow.Complex, flow.Bool, flow.None, flow.List, flow.Tuple, flow.Set, flow.Dict,
	flow.ListComp, flow.SetComp, flow.DictComp,
}

func (c *checker) classAttribute(a *flow.Attribute) {
	value := flow.Value{}
	if a.Kind == flow.AssignedAttribute {
		value = a.Value()
	}
	if c.flowMember(a, value) {
		return
	}
	if what := c.isClass(a, value); what != "" {
		if !strings.HasPrefix(a.Name, "_") {
			c.report(Diagnostic{Rule: classInFlow, Span: a.NameSpan,
				Message: "`" + a.Name + "` is " + what + ", which `run` fails to store: put it outside of the flow."})
		}
		return
	}
	if strings.HasPrefix(a.Name, "__") {
		return
	}
	if what := c.unpicklable(a, value); what != "" {
		c.report(Diagnostic{Rule: unpicklableAttribute, Span: a.NameSpan,
			Message: "`run` stores the class attributes, and " + what + " cannot be pickled: put `" + a.Name + "` outside of the class, or make it in the step."})
	}
}

// flowMember checks an attribute that takes the place of a member of FlowSpec.
func (c *checker) flowMember(a *flow.Attribute, value flow.Value) bool {
	literal := a.Kind == flow.AssignedAttribute && slices.Contains(data, value.Kind)
	broken := func(message string) {
		c.report(Diagnostic{Rule: brokenMember, Span: a.NameSpan, Message: message})
	}
	switch a.Name {
	case "name":
		if literal {
			c.report(Diagnostic{Rule: ignoredAttribute, Span: a.NameSpan,
				Message: "`self.name` is the name of the flow, `" + c.flow.Name + "`, whatever stands here: choose another name."})
		}
	case "input", "index":
		if literal && c.hasForeach() {
			c.report(Diagnostic{Rule: ignoredAttribute, Span: a.NameSpan,
				Message: "This hides `self." + a.Name + "` of the foreach: its tasks get this value instead. Choose another name."})
		}
	case "cmd", "foreach_stack", "script_name":
		if literal {
			broken("`" + a.Name + "` is a member of `FlowSpec`: `run` fails to store a constant of this name. Choose another one.")
		}
	case "next":
		if (literal || c.isParameter(a)) && len(c.flow.Steps) > 1 {
			broken("This takes the place of `self.next`, which every step needs: choose another name.")
		}
	case "merge_artifacts":
		if literal || c.isParameter(a) {
			for s := range c.stepsWith(flow.OpMerge, "merge_artifacts") {
				broken("This takes the place of `self.merge_artifacts`, which `" + s + "` calls: choose another name.")
				break
			}
		}
	default:
		return false
	}
	return true
}

func (c *checker) isParameter(a *flow.Attribute) bool {
	return slices.ContainsFunc(c.flow.Parameters, func(p *flow.Parameter) bool { return p.AttrSpan == a.NameSpan })
}

func (c *checker) hasForeach() bool {
	for n := range c.nodes() {
		if n.Type == graph.Foreach {
			return true
		}
	}
	return false
}

// stepsWith yields the steps whose body does something at its top level.
func (c *checker) stepsWith(kind flow.OpKind, name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range c.flow.Steps {
			if slices.ContainsFunc(s.Method.Code().Ops, func(o flow.Op) bool { return o.Kind == kind && o.Name == name }) && !yield(s.Name) {
				return
			}
		}
	}
}

// isClass says what kind of class an attribute is, "" if it is none for certain.
func (c *checker) isClass(a *flow.Attribute, value flow.Value) string {
	if a.Kind == flow.ClassAttribute {
		return "a class"
	}
	switch full, bound := c.flow.Resolve(value.Text, a.Span.Start); {
	case value.Kind == flow.Name && c.flow.IsClass(value.Text, a.Span.Start):
		return "the class `" + value.Text + "`"
	case value.Kind == flow.Name && (slices.Contains(builtinTypes, value.Text) || value.Text == "bytes" || value.Text == "object") && c.isBuiltin(value.Text, a.Span.Start):
		return "the class `" + value.Text + "`"
	case value.Kind == flow.Call && bound && full == "collections.namedtuple", value.Kind == flow.Call && bound && full == "enum.Enum" && len(value.Items) == 2:
		return "a class"
	}
	return ""
}

// classMethod checks a method that is no step.
func (c *checker) classMethod(m *flow.Method, several bool) {
	if m.Step || !c.flow.Owns(m.NameSpan) {
		return
	}
	switch {
	case m.Name == "name" && m.Property && !m.Wrapped && !several:
		c.report(Diagnostic{Rule: brokenMember, Span: m.NameSpan,
			Message: "Metaflow sets `self.name` to the name of the flow, which a property does not allow: choose another name."})
	case m.Cached && !strings.HasPrefix(m.Name, "_"):
		c.report(Diagnostic{Rule: unpicklableAttribute, Span: m.NameSpan,
			Message: "`run` stores the class attributes, and a `cached_property` cannot be pickled: make `" + m.Name + "` a `property`, or call it `_" + m.Name + "`."})
	}
}
