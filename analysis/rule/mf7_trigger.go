package rule

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// Forms of events: a string, a dict with name and parameters, or a function
// that makes one of them when the flow is deployed.

func (c *checker) trigger(a applied) {
	mapped := map[string]bool{}
	if one, ok := a.arg("event"); ok {
		if is, known := truth(one.Value); is || !known {
			c.event(a, one.Value, mapped)
		}
	}
	many, ok := a.arg("events")
	if !ok {
		return
	}
	is, known := truth(many.Value)
	switch kind := kindOf(many.Value); {
	case known && !is, kind == "", kind == "function":
		return
	case kind != "list":
		c.at(invalidTrigger, a, many.ValueSpan, "`events` of `@trigger` "+wrongKind(many.Value, "a list"), listFix(c, many.Value)...)
		return
	}
	seen := map[string]bool{}
	for _, event := range many.Value.Items {
		name, span := c.event(a, event, mapped)
		if name == "" {
			continue
		}
		if seen[name] {
			c.at(duplicateEvent, a, span.Span, fmt.Sprintf("The event `%s` is named twice; remove one.", name))
		}
		seen[name] = true
	}
}

// listFix turns a tuple or a string into a list.
func listFix(c *checker, v flow.Value) []Fix {
	source := c.file.Slice(v.Span)
	switch {
	case v.Kind == flow.String:
		return []Fix{replace(v.Span, "["+source+"]", "Make it a list")}
	case v.Kind == flow.Tuple && strings.HasPrefix(source, "(") && strings.HasSuffix(source, ")"):
		return []Fix{replace(v.Span, "["+source[1:len(source)-1]+"]", "Make it a list")}
	}
	return nil
}

var eventName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]+\n?$`) })

// event judges one event, and says its name if that is a literal.
func (c *checker) event(a applied, v flow.Value, mapped map[string]bool) (string, flow.Value) {
	name := v
	switch kindOf(v) {
	case "", "function", "bytes":
		return "", v
	case "str":
	case "dict":
		if v.Kind != flow.Dict || v.Unpacks || !allConstant(v.Keys) {
			return "", v
		}
		given, ok := entry(v, "name")
		if !ok {
			c.at(invalidTrigger, a, v.Span, "The event has no `name`; add it.")
			return "", v
		}
		name = given
		if parameters, ok := entry(v, "parameters"); ok {
			c.eventParameters(a, parameters, mapped)
		}
		if kind := kindOf(name); kind == "list" || kind == "dict" || kind == "set" {
			c.at(invalidTrigger, a, name.Span, "The name of the event "+wrongKind(name, "a string"))
			return "", v
		}
	default:
		c.at(invalidTrigger, a, v.Span, "The event "+wrongKind(v, "a string, or a dictionary with `name` and `parameters`"))
		return "", v
	}
	if name.Kind != flow.String {
		return "", v
	}
	if !eventName().MatchString(name.Text) {
		c.at(invalidEventName, a, name.Span, fmt.Sprintf("Argo Workflows refuses the event name %s; use letters, digits, `_`, `-` and `.`.", shown(name)))
	}
	return name.Text, name
}

func allConstant(list []flow.Value) bool {
	for _, v := range list {
		if !v.Constant() {
			return false
		}
	}
	return true
}

var fieldName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_]+\n?$`) })

// eventParameters judges a mapping of parameters of the flow to fields of the
// event: a dict, or a list of names and pairs.
func (c *checker) eventParameters(a applied, v flow.Value, mapped map[string]bool) {
	pair := func(parameter, field flow.Value) {
		for _, part := range []flow.Value{parameter, field} {
			if kind := kindOf(part); kind != "" && kind != "str" && kind != "bytes" {
				c.at(invalidTrigger, a, part.Span, "A parameter of the event "+wrongKind(part, "a string"))
				return
			}
		}
		if field.Kind == flow.String && !fieldName().MatchString(field.Text) {
			c.at(invalidEventName, a, field.Span, fmt.Sprintf("Argo Workflows refuses the field name %s; use letters, digits and underscores.", shown(field)))
		}
		c.mapParameter(a, parameter, mapped)
	}
	switch v.Kind {
	case flow.Dict:
		for i, key := range v.Keys {
			pair(key, v.Items[i])
		}
	case flow.List:
		for _, item := range v.Items {
			switch kind := kindOf(item); {
			case kind == "str":
				pair(item, item)
			case item.Kind == flow.Tuple && len(item.Items) == 2 && !item.Unpacks:
				pair(item.Items[0], item.Items[1])
			case kind != "" && kind != "bytes" && !(item.Kind == flow.Tuple && item.Unpacks):
				c.at(invalidTrigger, a, item.Span, "A parameter of the event "+wrongKind(item, "its name, or a tuple of a parameter and a field"))
			}
		}
	}
}

// mapParameter: Argo Workflows wants a parameter of the flow, once.
func (c *checker) mapParameter(a applied, parameter flow.Value, mapped map[string]bool) {
	if parameter.Kind != flow.String {
		return
	}
	name := strings.ToLower(parameter.Text)
	if mapped[name] {
		c.at(unknownTriggerParameter, a, parameter.Span, fmt.Sprintf("The parameter `%s` is mapped twice; remove one.", parameter.Text))
		return
	}
	mapped[name] = true
	if !c.whole() || mutable(c.classDecorators()) {
		return // a base elsewhere or a mutator may add parameters
	}
	var names []string
	for _, p := range c.flow.Parameters {
		if p.Name == "" {
			return
		}
		if p.Kind != "Config" {
			names = append(names, p.Name)
		}
		if strings.ToLower(p.Name) == name && p.Kind != "Config" {
			return
		}
	}
	message := fmt.Sprintf("The flow has no parameter `%s`", parameter.Text)
	if near := nearest(parameter.Text, names); near != "" {
		c.at(unknownTriggerParameter, a, parameter.Span, message+fmt.Sprintf("; did you mean `%s`?", near))
		return
	}
	c.at(unknownTriggerParameter, a, parameter.Span, message+"; add it, or remove the mapping.")
}
