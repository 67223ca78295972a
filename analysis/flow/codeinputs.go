package flow

import (
	"slices"
	"strings"

	"flowls/analysis/syntax"
)

// held says how much of inputs an expression stands for.
type held int

const (
	nothingHeld held = iota
	heldOne          // some element, or a list of some
	heldEach         // each element in turn, or a list of all
)

// looksAtInputs are the functions that look at inputs without letting them
// get away.
var looksAtInputs = map[string]bool{
	"list": true, "tuple": true, "sorted": true, "reversed": true, "iter": true, "next": true, "len": true, "enumerate": true, "zip": true,
	"max": true, "min": true, "filter": true, "map": true, "print": true, "isinstance": true, "type": true, "bool": true,
}

// list says what of inputs is in the list that an expression makes.
func (c *coder) list(n syntax.Node) held {
	n = n.Unwrap()
	switch n.Kind() {
	case syntax.Identifier:
		if c.isInputs(n) {
			return heldEach
		}
		return c.lists[identifier(n)]
	case syntax.Call:
		arguments := slices.Collect(n.Child(syntax.FieldArguments).Items())
		if len(arguments) == 0 {
			return nothingHeld
		}
		switch dotted(n.Child(syntax.FieldFunction)) {
		case "list", "tuple", "sorted", "reversed", "iter":
			return c.list(arguments[0])
		case "filter":
			if len(arguments) > 1 && c.list(arguments[1]) != nothingHeld {
				return heldOne
			}
		}
	case syntax.Subscript:
		if isSlice(n) && c.list(n.Child(syntax.FieldValue)) != nothingHeld {
			return heldOne
		}
	case syntax.ListComprehension, syntax.GeneratorExpression:
		return c.filtered(n)
	}
	return nothingHeld
}

// filtered is [i for i in inputs if …].
func (c *coder) filtered(n syntax.Node) held {
	body := n.Child(syntax.FieldBody)
	result := nothingHeld
	for part := range n.Items() {
		switch part.Kind() {
		case syntax.ForInClause:
			if result != nothingHeld || body.Kind() != syntax.Identifier || part.Child(syntax.FieldLeft).Text() != body.Text() {
				return nothingHeld
			}
			result = c.list(part.Child(syntax.FieldRight))
		case syntax.IfClause:
			result = min(result, heldOne)
		}
	}
	return result
}

// branch says whether an expression is an element of inputs.
func (c *coder) branch(n syntax.Node) held {
	n = n.Unwrap()
	switch n.Kind() {
	case syntax.Identifier:
		return c.branches[identifier(n)]
	case syntax.Attribute:
		if c.isInputs(n.Child(syntax.FieldObject)) {
			return heldOne
		}
	case syntax.Subscript:
		if !isSlice(n) {
			return min(c.list(n.Child(syntax.FieldValue)), heldOne)
		}
	case syntax.Call:
		switch dotted(n.Child(syntax.FieldFunction)) {
		case "next", "max", "min":
			return min(c.list(n.Child(syntax.FieldArguments).First()), heldOne)
		}
	}
	return nothingHeld
}

func isSlice(n syntax.Node) bool { return n.Child(syntax.FieldSubscript).Kind() == syntax.Slice }

// iterated reads what a loop runs over; a loop over inputs names a branch.
func (c *coder) iterated(right, left syntax.Node) {
	if !c.isInputs(right) {
		c.expression(right)
	}
	for name := range names(left) {
		delete(c.branches, identifier(name))
		delete(c.lists, identifier(name))
	}
	if left.Kind() == syntax.Identifier {
		c.branches[identifier(left)] = c.list(right)
		return
	}
	right = right.Unwrap()
	if right.Kind() != syntax.Call {
		return
	}
	targets, arguments := slices.Collect(left.Items()), slices.Collect(right.Child(syntax.FieldArguments).Items())
	switch dotted(right.Child(syntax.FieldFunction)) {
	case "enumerate":
		if len(targets) == 2 && len(arguments) > 0 && targets[1].Kind() == syntax.Identifier {
			c.branches[identifier(targets[1])] = c.list(arguments[0])
		}
	case "zip": // may end before inputs does
		for i, target := range targets {
			if i < len(arguments) && target.Kind() == syntax.Identifier {
				c.branches[identifier(target)] = min(c.list(arguments[i]), heldOne)
			}
		}
	}
}

// input reads an artifact of an element of inputs.
func (c *coder) input(n, branch syntax.Node, name string) {
	op := Op{Kind: OpInput, Name: name, Span: n.Span(), Each: c.branch(branch) == heldEach}
	switch branch.Kind() {
	case syntax.Attribute:
		op.Branch = identifier(branch.Child(syntax.FieldAttribute))
	case syntax.Identifier:
	default:
		c.expression(branch)
	}
	c.emit(op)
}

// builtinOfBranch reads the calls that reach attributes of inputs, or of an
// element of it, by their names.
func (c *coder) builtinOfBranch(call syntax.Node, function string, arguments []syntax.Node) bool {
	whole := c.isInputs(arguments[0])
	if function != "hasattr" && function != "getattr" || c.branch(arguments[0]) == nothingHeld && !whole || len(arguments) < 2 {
		return false
	}
	name := valueOf(arguments[1])
	if name.Kind != String {
		return false
	}
	for _, a := range arguments[1:] {
		c.expression(a)
	}
	if function == "hasattr" || len(arguments) > 2 {
		c.emit(Op{Kind: OpGuard, Name: name.Text, Span: call.Span()})
		return true
	}
	if whole {
		c.emit(Op{Kind: OpInputsMember, Name: name.Text, Span: call.Span()})
		return true
	}
	c.input(call, arguments[0].Unwrap(), name.Text)
	return true
}

// swallowsExceptions reports whether an item of a with statement is meant to
// let what follows go on after an exception.
func swallowsExceptions(item syntax.Node) bool {
	value := item.Child(syntax.FieldValue)
	if value.Kind() == syntax.AsPattern {
		value = value.First()
	}
	name := strings.ToLower(lastPart(dotted(value.Child(syntax.FieldFunction))))
	return strings.Contains(name, "suppress") || strings.Contains(name, "ignore") || name == "raises" || name == "assertraises" || strings.Contains(name, "catch")
}
