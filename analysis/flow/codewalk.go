package flow

import (
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// coder reads a body into Ops.
type coder struct {
	code *Code
	out  *[]Op
	// shadowed counts, by name, the enclosing functions and classes in which
	// self or inputs is a parameter of its own.
	shadowed map[string]int
	// branches are the local names that stand for an element of inputs, lists
	// those of a list of them.
	branches, lists map[string]held
}

func newCode(args []Arg, body syntax.Node) *Code {
	code := &Code{}
	if len(args) > 0 {
		code.Self = args[0].Name
	}
	if len(args) > 1 {
		code.Inputs = args[1].Name
	}
	c := &coder{code: code, out: &code.Ops, shadowed: map[string]int{}, branches: map[string]held{}, lists: map[string]held{}}
	c.block(body)
	return code
}

func (c *coder) emit(op Op) {
	if op.Value == nil {
		op.Value = &noValue
	}
	*c.out = append(*c.out, op)
}

// noValue is shared by all ops without one: most have none.
var noValue Value

// kept is a value for an op.
func kept(v Value) *Value {
	if !v.Known() {
		return &noValue
	}
	return &v
}

// collect is what the function emits, apart.
func (c *coder) collect(read func()) []Op {
	outer := c.out
	var ops []Op
	c.out = &ops
	read()
	c.out = outer
	return ops
}

func (c *coder) block(n syntax.Node) {
	for s := range n.Items() {
		c.statement(s)
	}
}

func (c *coder) ops(n syntax.Node) []Op { return c.collect(func() { c.block(n) }) }

func (c *coder) statement(n syntax.Node) {
	switch n.Kind() {
	case syntax.ExpressionStatement:
		for e := range n.Items() {
			c.expression(e)
			if c.leaves(e) {
				c.emit(Op{Kind: OpRaise, Span: e.Span()})
			}
		}
	case syntax.ReturnStatement:
		c.returnStatement(n)
	case syntax.RaiseStatement:
		c.expressions(n)
		c.emit(Op{Kind: OpRaise, Span: n.Span()})
	case syntax.AssertStatement:
		c.assertStatement(n)
	case syntax.BreakStatement:
		c.emit(Op{Kind: OpBreak, Span: n.Span()})
	case syntax.ContinueStatement:
		c.emit(Op{Kind: OpContinue, Span: n.Span()})
	case syntax.DeleteStatement:
		for e := range n.Items() {
			c.delete(e)
		}
	case syntax.IfStatement:
		c.ifStatement(n)
	case syntax.ForStatement:
		c.forStatement(n)
	case syntax.WhileStatement:
		c.whileStatement(n)
	case syntax.TryStatement:
		c.tryStatement(n)
	case syntax.WithStatement:
		c.withStatement(n)
	case syntax.MatchStatement:
		c.matchStatement(n)
	case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.DecoratedDefinition:
		c.nested(n)
	case syntax.ImportStatement, syntax.ImportFromStatement:
		c.importStatement(n)
	case syntax.GlobalStatement, syntax.NonlocalStatement, syntax.PassStatement:
	default: // print, a block of an error, …
		c.expressions(n)
	}
}

// ifStatement: each further arm is only tried, and its condition only
// evaluated, when those before were false.
func (c *coder) ifStatement(n syntax.Node) {
	c.expression(n.Child(syntax.FieldCondition))
	op := Op{Kind: OpIf, Span: statementSpan(n)}
	op.Blocks = append(op.Blocks, c.ops(n.Child(syntax.FieldConsequence)))
	var rest []syntax.Node
	for a := range n.Items() {
		if a.Field() == syntax.FieldAlternative {
			rest = append(rest, a)
		}
	}
	op.Blocks, op.Exhaustive = c.alternatives(op.Blocks, rest)
	c.emit(op)
}

func (c *coder) alternatives(blocks [][]Op, rest []syntax.Node) ([][]Op, bool) {
	if len(rest) == 0 {
		return blocks, false
	}
	next := rest[0]
	if next.Kind() == syntax.ElseClause {
		return append(blocks, c.ops(next.Child(syntax.FieldBody))), true
	}
	condition := c.collect(func() { c.expression(next.Child(syntax.FieldCondition)) })
	body := c.ops(next.Child(syntax.FieldConsequence))
	if len(condition) == 0 {
		return c.alternatives(append(blocks, body), rest[1:])
	}
	// The condition runs whichever of the later arms is taken.
	inner := Op{Kind: OpIf, Span: statementSpan(next), Value: &noValue, Blocks: [][]Op{body}}
	inner.Blocks, inner.Exhaustive = c.alternatives(inner.Blocks, rest[1:])
	return append(blocks, append(condition, inner)), true
}

func (c *coder) forStatement(n syntax.Node) {
	iterated := n.Child(syntax.FieldRight)
	c.iterated(iterated, n.Child(syntax.FieldLeft))
	body := c.collect(func() {
		c.bind(n.Child(syntax.FieldLeft), Value{})
		c.block(n.Child(syntax.FieldBody))
	})
	c.emit(Op{Kind: OpLoop, Span: statementSpan(n), Blocks: [][]Op{body, c.elseOps(n)}})
}

func (c *coder) whileStatement(n syntax.Node) {
	condition := n.Child(syntax.FieldCondition).Unwrap()
	c.expression(condition)
	truth, sure := condition.Kind() == syntax.True, true
	if l := constant(condition); l.kind == numberLiteral {
		truth = l.text != "0"
	} else {
		sure = false
	}
	body := c.collect(func() {
		c.block(n.Child(syntax.FieldBody))
		c.expression(condition)
	})
	c.emit(Op{Kind: OpLoop, Span: statementSpan(n), Blocks: [][]Op{body, c.elseOps(n)}, Exhaustive: sure && truth})
}

// elseOps is the else part of a loop or try.
func (c *coder) elseOps(n syntax.Node) []Op {
	for a := range n.Items() {
		if a.Kind() == syntax.ElseClause {
			return c.ops(a.Child(syntax.FieldBody))
		}
	}
	return nil
}

func (c *coder) tryStatement(n syntax.Node) {
	op := Op{Kind: OpTry, Span: statementSpan(n), Blocks: [][]Op{c.ops(n.Child(syntax.FieldBody)), c.elseOps(n), nil}}
	for clause := range n.Items() {
		switch clause.Kind() {
		case syntax.FinallyClause:
			op.Blocks[2] = c.ops(clause.Last())
		case syntax.ExceptClause:
			op.Exhaustive = op.Exhaustive || catchesMissing(clause)
			op.Blocks = append(op.Blocks, c.ops(clause.Last()))
		}
	}
	c.emit(op)
}

// catchesMissing reports whether an except clause takes the AttributeError of
// an attribute that is not there.
func catchesMissing(clause syntax.Node) bool {
	classes := clause.First()
	if classes.Kind() == syntax.Block {
		return true
	}
	if classes.Kind() == syntax.AsPattern {
		classes = classes.First()
	}
	list := []Value{valueOf(classes)}
	if list[0].Kind == Tuple {
		list = list[0].Items
	}
	for _, v := range list {
		switch lastPart(v.Text) {
		case "AttributeError", "Exception", "BaseException", "":
			return true
		}
	}
	return false
}

func (c *coder) withStatement(n syntax.Node) {
	swallows := false
	for clause := range n.Items() {
		if clause.Kind() == syntax.WithClause {
			for item := range clause.Items() {
				c.expressions(item)
				swallows = swallows || swallowsExceptions(item)
			}
		}
	}
	c.emit(Op{Kind: OpWith, Span: statementSpan(n), Blocks: [][]Op{c.ops(n.Child(syntax.FieldBody))}, Exhaustive: swallows})
}

func (c *coder) matchStatement(n syntax.Node) {
	for e := range n.Items() {
		if e.Kind() != syntax.Block {
			c.expression(e)
		}
	}
	op := Op{Kind: OpIf, Span: statementSpan(n)}
	for clause := range n.Child(syntax.FieldBody).Items() {
		if clause.Kind() != syntax.CaseClause {
			continue
		}
		guard := clause.Child(syntax.FieldGuard)
		op.Blocks = append(op.Blocks, c.collect(func() {
			for part := range clause.Items() {
				if part.Kind() != syntax.Block && part != guard {
					c.captures(part)
				}
			}
			c.expressions(guard)
			c.block(clause.Child(syntax.FieldConsequence))
		}))
		pattern := clause.First()
		op.Exhaustive = op.Exhaustive || !guard.Valid() && isCapture(pattern)
	}
	c.emit(op)
}

// isCapture reports whether a pattern matches anything: `_` or a plain name.
func isCapture(pattern syntax.Node) bool {
	text := pattern.Text()
	for i := range len(text) {
		ch := text[i]
		if ch != '_' && (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && (i == 0 || ch < '0' || ch > '9') {
			return false
		}
	}
	switch text {
	case "", "None", "True", "False":
		return false
	}
	return true
}

// captures binds the names in a pattern; which of them are values to compare
// with does not matter.
func (c *coder) captures(n syntax.Node) {
	if n.Kind() == syntax.Identifier || n.Kind() == syntax.DottedName {
		c.emit(Op{Kind: OpLocal, Name: identifier(n), Span: n.Span()})
		return
	}
	for part := range n.Items() {
		c.captures(part)
	}
}

// nested reads a function or class inside of the method.
func (c *coder) nested(n syntax.Node) {
	definition := n
	if n.Kind() == syntax.DecoratedDefinition {
		for d := range n.Items() {
			if d.Kind() == syntax.Decorator {
				c.expressions(d)
			}
		}
		definition = n.Child(syntax.FieldDefinition)
	}
	c.emit(Op{
		Kind: OpLocal, Name: identifier(definition.Child(syntax.FieldName)), Span: definition.Child(syntax.FieldName).Span(),
		Function: n.Kind() == syntax.FunctionDefinition,
	})
	if definition.Kind() == syntax.ClassDefinition {
		c.expressions(definition.Child(syntax.FieldSuperclasses))
	}
	body := c.inside(definition.Child(syntax.FieldParameters), func() { c.block(definition.Child(syntax.FieldBody)) })
	if len(body) > 0 {
		c.emit(Op{Kind: OpNested, Span: statementSpan(n), Blocks: [][]Op{body}})
	}
}

// inside reads the body of a function or lambda with its parameters; their
// defaults are evaluated outside.
func (c *coder) inside(parameters syntax.Node, read func()) []Op {
	var hidden []string
	for p := range parameters.Items() {
		name := p
		if p.Kind() != syntax.Identifier {
			c.expression(p.Child(syntax.FieldValue))
			if name = p.Child(syntax.FieldName); !name.Valid() {
				name = p.First()
			}
		}
		hidden = append(hidden, identifier(name))
	}
	for _, h := range hidden {
		c.shadowed[h]++
	}
	generator := c.code.Generator
	ops := c.collect(read)
	c.code.Generator = generator // its yields are its own
	for _, h := range hidden {
		c.shadowed[h]--
	}
	return ops
}

func (c *coder) importStatement(n syntax.Node) {
	emit := func(module string, at syntax.Node) {
		c.emit(Op{Kind: OpImport, Name: module, Span: at.Span()})
	}
	local := func(name syntax.Node) { c.emit(Op{Kind: OpLocal, Name: squeeze(name), Span: name.Span()}) }
	module := n.Child(syntax.FieldModuleName)
	if module.Valid() {
		emit(squeeze(module), module)
	}
	for item := range n.Items() {
		if item == module {
			continue
		}
		name := item
		if item.Kind() == syntax.AliasedImport {
			name = item.Child(syntax.FieldName)
			local(item.Child(syntax.FieldAlias))
		} else if item.Kind() != syntax.WildcardImport {
			local(item)
		}
		if !module.Valid() {
			emit(squeeze(name), name)
		}
	}
}

// statementSpan is a compound statement without the comments behind its last
// statement: whether these belong to it depends on how the text came about.
func statementSpan(n syntax.Node) text.Span {
	span := n.Span()
	for last := n.Last(); last.Valid(); last = last.Last() {
		span.End = last.Span().End
		switch last.Kind() {
		case syntax.Block, syntax.ElifClause, syntax.ElseClause, syntax.ExceptClause, syntax.FinallyClause, syntax.CaseClause,
			syntax.IfStatement, syntax.ForStatement, syntax.WhileStatement, syntax.TryStatement, syntax.WithStatement, syntax.MatchStatement,
			syntax.FunctionDefinition, syntax.ClassDefinition, syntax.DecoratedDefinition:
			continue
		}
		break
	}
	return span
}
