package rule

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

func (c *checker) triggerOnFinish(a applied) {
	if one, ok := a.arg("flow"); ok {
		if is, known := truth(one.Value); is || !known {
			c.finishedFlow(a, one.Value)
		}
	}
	many, ok := a.arg("flows")
	if !ok {
		return
	}
	is, known := truth(many.Value)
	switch kind := kindOf(many.Value); {
	case known && !is, kind == "", kind == "function":
	case kind != "list":
		c.at(invalidTrigger, a, many.ValueSpan, "`flows` of `@trigger_on_finish` "+wrongKind(many.Value, "a list"), listFix(c, many.Value)...)
	default:
		for _, item := range many.Value.Items {
			if kindOf(item) == "function" {
				c.at(invalidTrigger, a, item.Span, "A flow "+wrongKind(item, "a string or a dictionary"))
				continue
			}
			c.finishedFlow(a, item)
		}
	}
}

var (
	flowName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_]+\n?$`) })
)

// finishedFlow judges the name of a flow: its own, project.branch.flow, or a
// dict with name, project and project_branch.
func (c *checker) finishedFlow(a applied, v flow.Value) {
	switch kindOf(v) {
	case "", "function":
	case "str":
		if v.Kind == flow.String {
			c.finishedName(a, v)
		}
	case "dict":
		c.finishedDict(a, v)
	default:
		c.at(invalidTrigger, a, v.Span, "The flow "+wrongKind(v, "its name as a string, or a dictionary with `name`"))
	}
}

func (c *checker) finishedName(a applied, v flow.Value) {
	name := v.Text
	switch strings.Count(name, ".") {
	case 1:
		c.at(invalidTrigger, a, v.Span, fmt.Sprintf("%s names neither a flow nor `project.branch.flow`; write one of these.", shown(v)))
		return
	case 0:
	default:
		name = name[strings.LastIndexByte(name, '.')+1:]
	}
	if !flowName().MatchString(name) {
		c.at(invalidTrigger, a, v.Span, fmt.Sprintf("%s does not end with the name of a flow; use letters, digits and underscores.", shown(v)))
	}
}

func (c *checker) finishedDict(a applied, v flow.Value) {
	if v.Kind != flow.Dict || v.Unpacks || !allConstant(v.Keys) {
		return
	}
	name, ok := entry(v, "name")
	if !ok {
		c.at(invalidTrigger, a, v.Span, "The flow has no `name`; add it.")
		return
	}
	if kind := kindOf(name); kind != "" && kind != "str" && kind != "bytes" {
		c.at(invalidTrigger, a, name.Span, "The name of the flow "+wrongKind(name, "a string"))
		return
	}
	if name.Kind == flow.String && !flowName().MatchString(name.Text) {
		c.at(invalidTrigger, a, name.Span, fmt.Sprintf("%s is no name of a flow; use letters, digits and underscores, and name the project and branch in `project` and `project_branch`.", shown(name)))
	}
	for _, key := range []string{"project", "project_branch"} {
		if value, ok := entry(v, key); ok {
			if kind := kindOf(value); kind != "" && kind != "str" && kind != "bytes" {
				c.at(invalidTrigger, a, value.Span, fmt.Sprintf("`%s` of the flow %s", key, wrongKind(value, "a string")))
			}
		}
	}
}
