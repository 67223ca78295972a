package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// boundTo is the one value that a method gives a local variable; known is
// false if it gives it several, or one that the text does not show.
func boundTo(m *flow.Method, name string) (value flow.Value, known bool) {
	if slices.ContainsFunc(m.Args, func(a flow.Arg) bool { return a.Name == name }) {
		return value, false
	}
	count := 0
	walkOps(m.Code().Ops, func(op *flow.Op) {
		if op.Kind == flow.OpLocal && op.Name == name {
			value = *op.Value
			count++
		}
	})
	return value, count == 1 && value.Known()
}

// builtinCall is the builtin that a method calls, "" if the name may be another's.
func (c *checker) builtinCall(m *flow.Method, v flow.Value) string {
	if v.Kind != flow.Call || v.Text == "" || bindsLocal(m.Code().Ops, v.Text) {
		return ""
	}
	if _, bound := c.flow.Resolve(v.Text, m.Base); bound {
		return ""
	}
	return v.Text
}
