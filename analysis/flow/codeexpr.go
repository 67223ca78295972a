package flow

import (
	"slices"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

func (c *coder) isSelf(n syntax.Node) bool { return c.isName(n, c.code.Self) }

func (c *coder) isInputs(n syntax.Node) bool { return c.isName(n, c.code.Inputs) }

func (c *coder) isName(n syntax.Node, name string) bool {
	n = n.Unwrap()
	return name != "" && n.Kind() == syntax.Identifier && c.shadowed[name] == 0 && identifier(n) == name
}

// attribute is the x of self.x, "" for anything else.
func (c *coder) attribute(n syntax.Node) string {
	n = n.Unwrap()
	if n.Kind() != syntax.Attribute || !c.isSelf(n.Child(syntax.FieldObject)) {
		return ""
	}
	return identifier(n.Child(syntax.FieldAttribute))
}

// expressions reads all parts of a node, in source order.
func (c *coder) expressions(n syntax.Node) {
	for e := range n.Items() {
		c.expression(e)
	}
}

func (c *coder) expression(n syntax.Node) {
	n = n.Unwrap()
	switch n.Kind() {
	case syntax.Identifier:
		if c.isSelf(n) {
			c.emit(Op{Kind: OpEscape, Span: n.Span()})
		} else if c.isInputs(n) {
			c.emit(Op{Kind: OpInputsEscape, Span: n.Span()})
		}
	case syntax.Attribute:
		c.read(n)
	case syntax.Call:
		c.call(n)
	case syntax.Assignment:
		c.assignment(n)
	case syntax.AugmentedAssignment:
		c.augmented(n)
	case syntax.NamedExpression:
		value := n.Child(syntax.FieldValue)
		c.expression(value)
		c.bind(n.Child(syntax.FieldName), valueOf(value))
	case syntax.BooleanOperator:
		c.expression(n.Child(syntax.FieldLeft))
		c.perhaps(n, n.Child(syntax.FieldRight))
	case syntax.ConditionalExpression:
		c.conditional(n)
	case syntax.ListComprehension, syntax.SetComprehension, syntax.DictionaryComprehension, syntax.GeneratorExpression:
		c.comprehension(n)
	case syntax.Lambda:
		body := c.inside(n.Child(syntax.FieldParameters), func() { c.expression(n.Child(syntax.FieldBody)) })
		if len(body) > 0 {
			c.emit(Op{Kind: OpNested, Span: n.Span(), Blocks: [][]Op{body}})
		}
	case syntax.ComparisonOperator:
		if !c.membership(n) {
			c.expressions(n)
		}
	case syntax.AsPattern:
		c.expression(n.First())
		c.bind(n.Child(syntax.FieldAlias), Value{})
	case syntax.Yield:
		c.expressions(n)
		c.code.Generator = true
		c.emit(Op{Kind: OpYield, Span: n.Span()})
	case syntax.Await:
		c.expressions(n)
		c.emit(Op{Kind: OpAwait, Span: n.Span()})
	case syntax.Subscript:
		if full := c.ofCurrent(n.Child(syntax.FieldValue)); full != "" { // current.card["id"]
			c.emit(Op{Kind: OpCurrent, Name: full, Span: n.Child(syntax.FieldValue).Span(), Value: kept(valueOf(n.Child(syntax.FieldSubscript)))})
		} else if !c.isInputs(n.Child(syntax.FieldValue)) { // inputs[0]
			c.expression(n.Child(syntax.FieldValue))
		} else if item := valueOf(n.Child(syntax.FieldSubscript)); item.Constant() {
			c.emit(Op{Kind: OpInputsItem, Span: n.Span(), Value: kept(item)})
		}
		for part := range n.Items() {
			if part.Field() == syntax.FieldSubscript {
				c.expression(part)
			}
		}
	case syntax.KeywordArgument, syntax.Pair:
		c.expression(n.Child(syntax.FieldKey))
		c.expression(n.Child(syntax.FieldValue))
	case syntax.Type:
	default:
		c.expressions(n)
	}
}

// perhaps reads parts that may not be evaluated.
func (c *coder) perhaps(n syntax.Node, parts ...syntax.Node) {
	ops := c.collect(func() {
		for _, p := range parts {
			c.expression(p)
		}
	})
	if len(ops) > 0 {
		c.emit(Op{Kind: OpIf, Span: n.Span(), Blocks: [][]Op{ops}})
	}
}

// conditional is `a if test else b`.
func (c *coder) conditional(n syntax.Node) {
	parts := slices.Collect(n.Items())
	if len(parts) != 3 {
		c.expressions(n)
		return
	}
	c.expression(parts[1])
	yes := c.collect(func() { c.expression(parts[0]) })
	no := c.collect(func() { c.expression(parts[2]) })
	if len(yes)+len(no) > 0 {
		c.emit(Op{Kind: OpIf, Span: n.Span(), Blocks: [][]Op{yes, no}, Exhaustive: true})
	}
}

func (c *coder) comprehension(n syntax.Node) {
	var clauses []syntax.Node
	for part := range n.Items() {
		if part.Kind() == syntax.ForInClause || part.Kind() == syntax.IfClause {
			clauses = append(clauses, part)
		}
	}
	c.clauses(n, clauses)
}

// clauses reads the first clause, and what it runs again and again inside.
func (c *coder) clauses(n syntax.Node, clauses []syntax.Node) {
	if len(clauses) == 0 {
		c.expression(n.Child(syntax.FieldBody))
		return
	}
	clause, kind := clauses[0], OpLoop
	hidden := []string{}
	var left syntax.Node
	if clause.Kind() == syntax.ForInClause {
		left = clause.Child(syntax.FieldLeft)
		c.iterated(clause.Child(syntax.FieldRight), left)
		for name := range names(left) {
			hidden = append(hidden, identifier(name))
		}
	} else {
		kind = OpIf
		c.expressions(clause)
	}
	for _, h := range hidden {
		c.shadowed[h]++
	}
	ops := c.collect(func() {
		c.bindMembers(left)
		c.clauses(n, clauses[1:])
	})
	for _, h := range hidden {
		c.shadowed[h]--
	}
	switch {
	case len(ops) == 0:
	case kind == OpIf:
		c.emit(Op{Kind: OpIf, Span: n.Span(), Blocks: [][]Op{ops}})
	default:
		c.emit(Op{Kind: OpLoop, Span: n.Span(), Blocks: [][]Op{ops, nil}})
	}
}

// read is an attribute of anything.
func (c *coder) read(n syntax.Node) {
	object, name := n.Child(syntax.FieldObject).Unwrap(), n.Child(syntax.FieldAttribute)
	switch {
	case c.isSelf(object):
		if identifier(name) == "__dict__" {
			c.emit(Op{Kind: OpEscape, Span: n.Span()})
			return
		}
		c.emit(Op{Kind: OpRead, Name: identifier(name), Span: n.Span()})
	case c.isInputs(object): // inputs.branch alone
		c.emit(Op{Kind: OpInputsMember, Name: identifier(name), Span: n.Span()})
	case c.branch(object) != nothingHeld:
		c.input(n, object, identifier(name))
	default:
		if full := c.ofCurrent(n); full != "" {
			c.emit(Op{Kind: OpCurrent, Name: full, Span: n.Span()})
			return
		}
		if class, known := c.class(object); known {
			c.emit(Op{Kind: OpClass, Name: identifier(name), Branch: class, Span: n.Span()})
		}
		c.expression(object)
	}
}

// class is the class that an expression stands for: a name with a capital,
// or that of self.
func (c *coder) class(n syntax.Node) (name string, known bool) {
	switch n.Kind() {
	case syntax.Identifier:
		name = identifier(n)
		return name, name[0] >= 'A' && name[0] <= 'Z' && c.shadowed[name] == 0
	case syntax.Attribute:
		return "", c.attribute(n) == "__class__"
	case syntax.Call:
		arguments := n.Child(syntax.FieldArguments)
		return "", dotted(n.Child(syntax.FieldFunction)) == "type" && c.isSelf(arguments.First()) && arguments.First() == arguments.Last()
	}
	return "", false
}

// call reads a call: first what it needs, then what it does.
func (c *coder) call(n syntax.Node) {
	callee := n.Child(syntax.FieldFunction).Unwrap()
	arguments := n.Child(syntax.FieldArguments)
	if c.builtin(n, callee, arguments) {
		return
	}
	c.guardsCurrent(callee, arguments)
	name := c.attribute(callee)
	kind := OpCall
	switch {
	case name == "next":
		kind = OpNext
	case name == "merge_artifacts":
		kind = OpMerge
	case name == "":
		if method := superMethod(callee); method != "" && c.code.Self != "" {
			name, kind = method, OpSuper
		} else {
			c.expression(callee)
		}
	}
	c.arguments(n, callee, arguments, kind)
	c.changesByCall(n, callee)
	if name != "" {
		c.emit(Op{Kind: kind, Name: name, Span: n.Span(), Value: kept(valueOf(n))})
	}
}

// arguments reads those of a call. The targets of self.next are no reads, and
// merge_artifacts takes inputs without losing sight of them.
func (c *coder) arguments(call, callee, list syntax.Node, kind OpKind) {
	if list.Kind() == syntax.GeneratorExpression {
		c.expression(list)
		return
	}
	for a := range list.Items() {
		value := a
		if a.Kind() == syntax.KeywordArgument {
			value = a.Child(syntax.FieldValue)
		}
		switch {
		case kind == OpNext && a.Kind() != syntax.KeywordArgument:
		case c.isInputs(value):
			if kind != OpMerge && !looksAtInputs[dotted(callee)] {
				c.emit(Op{Kind: OpInputsEscape, Span: value.Span(), Value: kept(valueOf(call))})
			}
		case value.Unwrap().Kind() == syntax.Lambda && c.overInputs(list):
			c.keyFunction(value.Unwrap())
		default:
			c.expression(value)
		}
	}
}

// overInputs: the function's first argument is inputs, as in sorted(inputs, key=…).
func (c *coder) overInputs(arguments syntax.Node) bool {
	return c.list(arguments.First()) != nothingHeld
}

// keyFunction reads a lambda whose parameter is an element of inputs.
func (c *coder) keyFunction(lambda syntax.Node) {
	var branch string
	for p := range lambda.Child(syntax.FieldParameters).Items() {
		branch = identifier(p)
	}
	was := c.branches[branch]
	body := c.inside(lambda.Child(syntax.FieldParameters), func() {
		c.branches[branch] = heldOne
		c.expression(lambda.Child(syntax.FieldBody))
	})
	c.branches[branch] = was
	if len(body) > 0 {
		c.emit(Op{Kind: OpNested, Span: lambda.Span(), Blocks: [][]Op{body}})
	}
}

// superMethod is the m of super().m.
func superMethod(callee syntax.Node) string {
	if callee.Kind() != syntax.Attribute {
		return ""
	}
	object := callee.Child(syntax.FieldObject).Unwrap()
	if object.Kind() != syntax.Call || dotted(object.Child(syntax.FieldFunction)) != "super" {
		return ""
	}
	return identifier(callee.Child(syntax.FieldAttribute))
}

// builtin reads the calls that reach attributes by their names.
func (c *coder) builtin(call, callee, list syntax.Node) bool {
	name := dotted(callee)
	arguments := slices.Collect(list.Items())
	if len(arguments) == 0 {
		return false
	}
	if !c.isSelf(arguments[0]) {
		return c.builtinOfBranch(call, name, arguments)
	}
	attribute := Value{}
	if len(arguments) > 1 {
		attribute = valueOf(arguments[1])
	}
	for _, a := range arguments[1:] {
		c.expression(a)
	}
	op := Op{Name: attribute.Text, Span: call.Span()}
	literal := attribute.Kind == String
	switch {
	case name == "isinstance" || name == "type" || name == "id" || name == "print" || name == "repr" || name == "str" || name == "super" || name == "dir":
		return true
	case name == "hasattr" && literal, name == "getattr" && literal && len(arguments) > 2:
		op.Kind = OpGuard
	case name == "hasattr", name == "getattr" && !literal && len(arguments) > 1:
		// Reads something; nothing is set.
		return true
	case name == "getattr" && literal:
		op.Kind = OpRead
	case name == "setattr" && literal && len(arguments) == 3:
		op.Kind, op.Value = OpAssign, kept(valueOf(arguments[2]))
	case name == "delattr" && literal:
		op.Kind = OpDelete
	default:
		op.Kind, op.Name = OpEscape, ""
	}
	c.emit(op)
	return true
}

// membership is `"name" in self.__dict__`, or in vars(self) or dir(self).
func (c *coder) membership(n syntax.Node) bool {
	parts := slices.Collect(n.Items())
	if len(parts) != 2 || !hasToken(n, "in") && !hasToken(n, "not in") && !hasToken(n, "not") {
		return false
	}
	name, where := valueOf(parts[0]), parts[1].Unwrap()
	if name.Kind != String {
		return false
	}
	if c.attribute(where) != "__dict__" {
		if where.Kind() == syntax.Identifier || where.Kind() == syntax.Attribute {
			if slices.Contains(currentAttributes, name.Text) {
				c.emit(Op{Kind: OpCurrentGuard, Name: name.Text, Span: n.Span()})
			}
			return false
		}
		callee := dotted(where.Child(syntax.FieldFunction))
		if where.Kind() != syntax.Call || callee != "vars" && callee != "dir" || !c.isSelf(where.Child(syntax.FieldArguments).First()) {
			return false
		}
	}
	c.emit(Op{Kind: OpGuard, Name: name.Text, Span: n.Span()})
	return true
}

func (c *coder) assignment(n syntax.Node) {
	right := n.Child(syntax.FieldRight)
	if !right.Valid() {
		return // an annotation alone
	}
	if !c.isInputs(right) { // another name of inputs is followed
		c.expression(right)
	}
	value := right
	for value.Kind() == syntax.Assignment { // a = b = c
		value = value.Child(syntax.FieldRight)
	}
	left := n.Child(syntax.FieldLeft)
	one, many := c.branch(value), c.list(value)
	if left.Kind() == syntax.Identifier {
		c.branches[identifier(left)], c.lists[identifier(left)] = one, many
	}
	at := len(*c.out)
	c.bind(left, valueOf(value))
	if one != nothingHeld || many == heldEach { // a list of some may be empty
		for i := at; i < len(*c.out); i++ {
			(*c.out)[i].Inputs = (*c.out)[i].Kind == OpAssign
		}
	}
}

func (c *coder) augmented(n syntax.Node) {
	c.expression(n.Child(syntax.FieldRight))
	left := n.Child(syntax.FieldLeft)
	if name := c.attribute(left); name != "" {
		c.emit(Op{Kind: OpAugment, Name: name, Span: left.Span()})
		return
	}
	c.bind(left, Value{})
}

// bind is an assignment to a target; only a plain target gets the value.
func (c *coder) bind(target syntax.Node, value Value) {
	switch target.Kind() {
	case syntax.Identifier:
		c.emit(Op{Kind: OpLocal, Name: identifier(target), Span: target.Span(), Value: kept(value)})
	case syntax.Attribute:
		if name := c.attribute(target); name != "" {
			c.emit(Op{Kind: OpAssign, Name: name, Span: target.Span(), Value: kept(value)})
			return
		}
		c.expression(target.Child(syntax.FieldObject))
		c.changes(target)
	case syntax.Subscript:
		c.expression(target)
		c.changes(target)
	case syntax.Token, syntax.ParenthesizedExpression:
		for part := range target.Items() { // (x), or what `as` binds
			c.bind(part, value)
		}
	case syntax.PatternList, syntax.TuplePattern, syntax.ListPattern, syntax.Tuple, syntax.List, syntax.ExpressionList:
		parts := slices.Collect(target.Items())
		for i, part := range parts {
			c.bind(part, element(value, i, len(parts)))
		}
	default:
		for part := range target.Items() {
			c.bind(part, Value{})
		}
	}
}

// bindMembers binds the targets that are no names: those of a comprehension are its own.
func (c *coder) bindMembers(target syntax.Node) {
	switch target.Kind() {
	case syntax.Identifier:
	case syntax.Attribute, syntax.Subscript:
		c.bind(target, Value{})
	default:
		for part := range target.Items() {
			c.bindMembers(part)
		}
	}
}

// element is what unpacking a display of n elements gives the i-th target.
func element(v Value, i, n int) Value {
	if (v.Kind == Tuple || v.Kind == List) && !v.Unpacks && len(v.Items) == n {
		return v.Items[i]
	}
	return Value{}
}

func (c *coder) delete(n syntax.Node) {
	n = n.Unwrap()
	if name := c.attribute(n); name != "" {
		c.emit(Op{Kind: OpDelete, Name: name, Span: n.Span()})
		return
	}
	switch n.Kind() {
	case syntax.ExpressionList, syntax.Tuple, syntax.List:
		for part := range n.Items() {
			c.delete(part)
		}
	case syntax.Identifier:
		c.emit(Op{Kind: OpLocal, Name: identifier(n), Span: text.Span(n.Span())})
	default:
		c.expression(n)
		c.changes(n)
	}
}
