package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

const inputsOfJoin = "one of the join's inputs, or holds them,"

// storedInput recognizes what a join was given: each of its inputs is a flow.
func storedInput(s *artifact.Step, site *artifact.Site) string {
	v := site.Written()
	if !site.Inputs || site.Augmented || !v.Known() || s.Node.Type != graph.Join || site.Method != s.Node.Step.Method {
		return ""
	}
	if branch, ok := strings.CutPrefix(v.Text, site.Method.Code().Inputs+"."); ok && v.Kind == flow.Name && !slices.Contains(s.Node.In, branch) {
		return ""
	}
	return inputsOfJoin
}

// calledGenerator recognizes a call of a generator, or of an async function,
// of the file: it gives what runs the body, not what the body gives.
func (c *checker) calledGenerator(site *artifact.Site) string {
	v := site.Written()
	if v.Kind != flow.Call || v.Text == "" || site.Augmented || bindsLocal(site.Method.Code().Ops, v.Text) {
		return ""
	}
	name, ours := strings.CutPrefix(v.Text, site.Method.Code().Self+".")
	if !ours {
		at := site.Method.Base + v.Span.Start
		if strings.Contains(name, ".") || site.Span.Foreign() {
			return ""
		}
		what, known := c.made[name]
		if !known {
			what = c.flow.Made(name, at)
			if c.made == nil {
				c.made = map[string]string{}
			}
			c.made[name] = what
		}
		return what
	}
	methods := c.flow.Methods[name]
	if len(methods) == 0 || len(c.flow.Attributes[name]) > 0 || methods[0].Wrapped || methods[0].Step || methods[0].Property || methods[0].NameSpan.Foreign() {
		return ""
	}
	switch m := methods[0]; {
	case m.Code().Generator && !m.Async:
		return "a generator"
	case m.Async && !m.Code().Generator:
		return "a coroutine"
	}
	return ""
}
