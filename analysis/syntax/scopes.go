package syntax

import (
	"strings"

	"flowls/analysis/text"
)

// scope is a function, a class or the module while it is read, of a part that
// holds a `global` or `nonlocal`.
type scope struct {
	parameters map[string]bool
	used       map[string]bool // so far, in places that surely belong to the scope
	body       text.Span
	function   bool
	nested     bool // a function is around it
}

// declares reports whether the part may hold a `global` or `nonlocal`.
func (p *Part) declares() bool {
	return strings.Contains(p.Source, "global") || strings.Contains(p.Source, "nonlocal")
}

// name is that of the function that the part is.
func (p *Part) name() string {
	definition := p.Root()
	if definition.Kind() == DecoratedDefinition {
		definition = definition.Child(FieldDefinition)
	}
	return definition.Child(FieldName).Text()
}

// inner is the scope of the block of a function or class in another scope.
func (s *scope) inner(definition, block Node) *scope {
	made := &scope{used: map[string]bool{}, body: block.Span(), function: definition.Kind() == FunctionDefinition, nested: s.function || s.nested}
	if made.function {
		made.parameters = map[string]bool{}
		for c := range definition.Child(FieldParameters).Items() {
			if name := parameterName(c); name.Valid() {
				made.parameters[name.Text()] = true
			}
		}
	}
	return made
}

// parameterName is the name of a parameter, or no node.
func parameterName(c Node) Node {
	switch c.Kind() {
	case DefaultParameter, TypedDefaultParameter:
		c = c.Child(FieldName)
	case TypedParameter:
		c = c.First()
	}
	if c.Kind() == ListSplatPattern || c.Kind() == DictionarySplatPattern {
		c = c.First()
	}
	if c.Kind() != Identifier {
		return Node{}
	}
	return c
}

// usesNames holds the kinds whose identifiers are names of the scope. Others,
// such as the parts of a comprehension, are left out.
var usesNames = func() (set [256]bool) {
	for _, k := range []Kind{ExpressionStatement, Assignment, AugmentedAssignment, BinaryOperator, ComparisonOperator, BooleanOperator,
		NotOperator, UnaryOperator, Call, ArgumentList, Attribute, Subscript, PatternList, ExpressionList, Tuple, List, Pair, ReturnStatement,
		IfStatement, ElifClause, WhileStatement, ForStatement, ParenthesizedExpression, KeywordArgument, DeleteStatement, FunctionDefinition, ClassDefinition} {
		set[k] = true
	}
	return set
}()

// note notes a name that is used in its scope.
func (s *scope) note(parent, n Node) {
	if n.Kind() != Identifier || !usesNames[parent.Kind()] || n.Field() == FieldAttribute ||
		parent.Kind() == KeywordArgument && n.Field() == FieldName {
		return
	}
	s.used[n.Text()] = true
}

// checkDeclaration checks a `global` or `nonlocal` against what came before it
// in its scope, and a `nonlocal` against the functions around.
func (v *visitor) checkDeclaration(n Node, s *scope) {
	word := "global"
	if n.Kind() == NonlocalStatement {
		word = "nonlocal"
		if !s.function && !s.nested && s.body == (text.Span{}) {
			v.problem(n, "`nonlocal` outside of a function.")
			return
		}
	}
	for c := range n.Items() {
		name := c.Text()
		switch {
		case c.Kind() != Identifier:
		case s.parameters[name]:
			v.problem(c, "`"+name+"` is a parameter and cannot be "+word+".")
		case s.used[name]:
			v.problem(c, "`"+name+"` is used before this `"+word+"` declaration: move the declaration up.")
		case word == "nonlocal" && name != "__class__" && !v.boundAround(name, s):
			v.problem(c, "No function around this one has a variable `"+name+"`.")
		}
	}
}

// boundAround reports whether a name may be a variable of a function around:
// whether it occurs in this one only.
func (v *visitor) boundAround(name string, s *scope) bool {
	if v.repaired != nil {
		return true // its binding may be in what cannot be read
	}
	if !s.nested {
		return false
	}
	if v.occurs == nil {
		v.occurs = map[string]text.Span{}
		for i, src := 0, v.part.Source; i < len(src); {
			if !isWord(src[i]) {
				i++
				continue
			}
			start := i
			for i < len(src) && isWord(src[i]) {
				i++
			}
			seen, ok := v.occurs[src[start:i]]
			if !ok {
				seen.Start = start
			}
			seen.End = i
			v.occurs[src[start:i]] = seen
		}
	}
	at, ok := v.occurs[name]
	return ok && (at.Start < s.body.Start || at.End > s.body.End)
}
