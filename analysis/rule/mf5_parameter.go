package rule

import (
	"fmt"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// foreachParameter checks the type of a parameter that a foreach goes over:
// whatever a run is started with, it gets a value of that type.
func (c *checker) foreachParameter(n *graph.Node, keyword flow.Keyword, name string) bool {
	i := slices.IndexFunc(c.flow.Parameters, func(p *flow.Parameter) bool { return p.Attr == name })
	bound := c.flow.Attributes[name]
	if i < 0 || c.flow.Parameters[i].Kind != "Parameter" || len(bound) != 1 || bound[0].Conditional || len(c.flow.Methods[name]) > 0 {
		return false
	}
	d := c.declared(c.flow.Parameters[i])
	value, there, sure := d.given("default")
	typeValue, typed, sureType := d.given("type")
	if !sure || !sureType || !d.absent(append([]string{"separator"}, shaping...)...) {
		return false
	}
	kind := ""
	switch {
	case typed:
		kind = c.typeName(typeValue, d.at)
	case there:
		kind = inferred[value.Kind]
	}
	if kind != "int" && kind != "float" && kind != "bool" {
		return false
	}
	c.report(Diagnostic{
		Rule: foreachNotIterable, Step: n.Step.Name, Span: keyword.Value.Span.Shift(n.Step.Method.Base), Related: []Related{{d.AttrSpan, "the parameter"}},
		Message: fmt.Sprintf("The foreach goes over the parameter `%s`, whose type is `%s`, which is not iterable: the run fails here. Store a list, such as `list(range(self.%s))`, in an artifact.", name, kind, name),
	})
	return true
}
