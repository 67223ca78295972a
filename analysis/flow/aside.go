package flow

import "flowls/analysis/syntax"

// asides lists the steps that calls of self.next name before the last
// statement, or inside of a block: Metaflow follows none of them, yet their
// author means these steps. Functions, lambdas and classes inside are not
// looked into.
func asides(body syntax.Node, next *Transition) []Target {
	var list []Target
	var walk func(n syntax.Node, inCall bool)
	walk = func(n syntax.Node, inCall bool) {
		switch n.Kind() {
		case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.Lambda:
			return
		case syntax.Call:
			if next != nil && n.Span() == next.Span {
				return
			}
			inCall = inCall || selfAttribute(n.Child(syntax.FieldFunction)) == "next"
		case syntax.Attribute:
			if name := selfAttribute(n); inCall && name != "" && name != "next" {
				list = append(list, Target{name, n.Child(syntax.FieldAttribute).Span()})
			}
		}
		for c := range n.Items() {
			walk(c, inCall)
		}
	}
	walk(body, false)
	return list
}
