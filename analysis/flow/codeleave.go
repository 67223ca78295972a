package flow

import (
	"slices"
	"strings"

	"flowls/analysis/syntax"
)

// leaves reports whether a call that stands alone, or behind return, ends the
// method: for sure, as sys.exit() does, or as far as its name says.
func (c *coder) leaves(n syntax.Node) bool {
	n = n.Unwrap()
	if n.Kind() != syntax.Call || c.attribute(n.Child(syntax.FieldFunction)) != "" {
		return false
	}
	name := lastPart(dotted(n.Child(syntax.FieldFunction)))
	switch name {
	case "exit", "quit", "_exit", "abort", "fail", "die", "panic", "bail", "assert_never":
		return true
	}
	return slices.ContainsFunc([]string{"fail_", "raise_", "abort_", "exit_", "die_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// returnStatement: what is returned may be a call that never comes back.
func (c *coder) returnStatement(n syntax.Node) {
	c.expressions(n)
	op := Op{Kind: OpReturn, Span: n.Span(), Value: kept(valueOf(n.First()))}
	if c.leaves(n.First()) {
		op.Kind = OpRaise
	}
	c.emit(op)
}

// assertStatement: one that always fails marks what should not be reached.
func (c *coder) assertStatement(n syntax.Node) {
	c.expressions(n)
	switch asserted := valueOf(n.First().Unwrap()); {
	case asserted.Kind == Bool && asserted.Text == "False", asserted.Kind == None, asserted.Kind == Int && asserted.Text == "0":
		c.emit(Op{Kind: OpRaise, Span: n.Span()})
	}
}

// FunctionCode is what the plain function of the file does that a name means
// at an offset, nil without one that is sure.
func (f *Flow) FunctionCode(name string, at int) *Code {
	scope := f.scopeAt(at)
	if scope.ambiguous(name, at) {
		return nil
	}
	s := scope.resolve(name, at)
	if !s.function.Valid() || s.function.Kind() != syntax.FunctionDefinition || hasToken(s.function, "async") {
		return nil
	}
	return newCode(parameters(s.function.Child(syntax.FieldParameters)), s.function.Child(syntax.FieldBody))
}
