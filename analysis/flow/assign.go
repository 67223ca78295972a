package flow

import "flowls/analysis/syntax"

// assigns lists the assignments to attributes of self in a body, in source
// order; functions, lambdas and classes inside are not looked into.
func assigns(body syntax.Node) []*Assign {
	var list []*Assign
	collect(body, 0, &list)
	return list
}

// collect walks statements; end is where the inlay hint of the enclosing
// simple statement or header stands.
func collect(n syntax.Node, end int, list *[]*Assign) {
	target := func(n syntax.Node, end int) {
		if n.Valid() {
			collectTargets(n, end, list)
		}
	}
	switch n.Kind() {
	case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.Lambda:
		return
	case syntax.ExpressionStatement:
		end = n.Span().End
	case syntax.Assignment:
		end = max(end, n.Span().End)
		if n.Child(syntax.FieldRight).Valid() {
			target(n.Child(syntax.FieldLeft), end)
		}
	case syntax.AugmentedAssignment:
		target(n.Child(syntax.FieldLeft), max(end, n.Span().End))
	case syntax.ForStatement:
		end = headerEnd(n, n.Child(syntax.FieldBody))
		target(n.Child(syntax.FieldLeft), end)
	case syntax.WithStatement:
		end = headerEnd(n, n.Child(syntax.FieldBody))
	case syntax.AsPattern:
		target(n.Child(syntax.FieldAlias), end)
	}
	for c := range n.Items() {
		collect(c, end, list)
	}
}

func collectTargets(n syntax.Node, end int, list *[]*Assign) {
	switch n.Kind() {
	case syntax.Attribute:
		if name := selfAttribute(n); name != "" {
			*list = append(*list, &Assign{Name: name, Span: n.Span(), StatementEnd: end})
		}
	case syntax.PatternList, syntax.TuplePattern, syntax.ListPattern, syntax.ListSplatPattern, syntax.Tuple, syntax.List,
		syntax.ListSplat, syntax.ExpressionList, syntax.ParenthesizedExpression, syntax.Token:
		for c := range n.Items() {
			collectTargets(c, end, list)
		}
	}
}
