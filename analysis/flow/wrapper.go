package flow

import (
	"slices"
	"strings"

	"flowls/analysis/syntax"
)

// onlyCalls reports whether a function that stands for f does nothing to the
// flow but call f, once, with its own arguments, and lets its exceptions pass;
// and whether it returns what f does. What is not plain to see is a no.
func onlyCalls(function syntax.Node, f string) (only, value bool) {
	body := function.Child(syntax.FieldBody)
	if hasToken(function, "async") || slices.ContainsFunc(magic, func(word string) bool { return strings.Contains(body.Text(), word) }) {
		return false, false
	}
	own, ok := passedOn(function.Child(syntax.FieldParameters))
	if !ok {
		return false, false
	}
	w := &wrapperBody{f: f, arguments: own}
	if w.called = w.once(body); !w.called.Valid() || bindings(body, f) > 0 || !w.tame(body) || !w.always(body) {
		return false, false
	}
	return true, w.passesValue(body)
}

// magic are words of code that may reach the flow, or the wrapped function, in
// ways that no name shows.
var magic = []string{
	"exec(", "eval(", "locals", "vars(", "globals(", "_getframe", "currentframe", "inspect.", "gc.", "cell_contents",
	"nonlocal", "global ", "yield", "await", "super(",
}

// passedOn are the arguments that call a function like the one with these
// parameters: self, *args, **kwargs.
func passedOn(list syntax.Node) ([]string, bool) {
	var as []string
	for n := range list.Items() {
		if n.Kind() == syntax.TypedParameter {
			n = n.First()
		}
		switch n.Kind() {
		case syntax.Identifier:
			as = append(as, identifier(n))
		case syntax.ListSplatPattern:
			as = append(as, "*"+identifier(n.First()))
		case syntax.DictionarySplatPattern:
			as = append(as, "**"+identifier(n.First()))
		default:
			return nil, false
		}
	}
	return as, len(as) > 0
}

// wrapperBody is the body of a function that stands for f, or is given it.
type wrapperBody struct {
	f         string
	arguments []string
	called    syntax.Node // the call of f, where all is allowed
	value     string      // the local that holds what it returned, if it is one
	// registers: f may be put into a list or a dict.
	registers bool
}

// once finds the statement that calls f whatever happens, unless an exception
// comes before it, and in which nothing takes an exception.
func (w *wrapperBody) once(block syntax.Node) syntax.Node {
	for n := range block.Items() {
		switch n.Kind() {
		case syntax.ExpressionStatement, syntax.ReturnStatement:
			if call := w.call(n.First()); call.Valid() {
				return call
			}
		case syntax.TryStatement:
			if call := w.once(n.Child(syntax.FieldBody)); call.Valid() && raisesAgain(n) {
				return call
			}
		case syntax.WithStatement:
			if call := w.once(n.Child(syntax.FieldBody)); call.Valid() && !swallowing(n) {
				return call
			}
		}
	}
	return syntax.Node{}
}

// call is n if it is f(self), or its right side if it is x = f(self).
func (w *wrapperBody) call(n syntax.Node) syntax.Node {
	local := ""
	if n.Kind() == syntax.Assignment {
		left := n.Child(syntax.FieldLeft)
		if left.Kind() != syntax.Identifier {
			return syntax.Node{}
		}
		local, n = identifier(left), n.Child(syntax.FieldRight)
	}
	n = n.Unwrap()
	if n.Kind() != syntax.Call || dotted(n.Child(syntax.FieldFunction)) != w.f {
		return syntax.Node{}
	}
	var given []string
	for a := range n.Child(syntax.FieldArguments).Items() {
		given = append(given, strings.ReplaceAll(a.Text(), " ", ""))
	}
	if !slices.Equal(given, w.arguments) {
		return syntax.Node{}
	}
	w.value = local
	return n
}

// raisesAgain reports whether all handlers of a try end by an exception.
func raisesAgain(try syntax.Node) bool {
	for c := range try.Children() {
		switch c.Kind() {
		case syntax.ExceptClause:
			if c.Last().Last().Kind() != syntax.RaiseStatement || has(c, syntax.ReturnStatement) || strings.Contains(c.Text(), "exit") {
				return false
			}
		case syntax.FinallyClause:
			if has(c, syntax.ReturnStatement) {
				return false
			}
		case syntax.Block, syntax.ElseClause, syntax.Comment:
		default:
			if c.Text() != "try" && c.Text() != ":" {
				return false // except*
			}
		}
	}
	return true
}

func has(n syntax.Node, kind syntax.Kind) bool {
	for range own(n, kind) {
		return true
	}
	return false
}

// letsPass are context managers that take no exception. What others do is not
// looked up.
var letsPass = []string{
	"open", "contextlib.closing", "contextlib.nullcontext", "contextlib.redirect_stderr", "contextlib.redirect_stdout", "np.errstate", "numpy.errstate",
	"tempfile.NamedTemporaryFile", "tempfile.TemporaryDirectory", "tempfile.TemporaryFile", "threading.Lock", "threading.RLock",
	"torch.inference_mode", "torch.no_grad", "warnings.catch_warnings",
}

// swallowing reports whether a with statement may take an exception.
func swallowing(with syntax.Node) bool {
	for clause := range with.Items() {
		if clause.Kind() != syntax.WithClause {
			continue
		}
		for item := range clause.Items() {
			entered := item.Child(syntax.FieldValue)
			if entered.Kind() == syntax.AsPattern {
				entered = entered.First()
			}
			if !slices.Contains(letsPass, dotted(entered.Child(syntax.FieldFunction))) {
				return true
			}
		}
	}
	return false
}

// always reports whether nothing returns before the call.
func (w *wrapperBody) always(body syntax.Node) bool {
	for n := range own(body, syntax.ReturnStatement) {
		if n.Span().Start < w.called.Span().Start && n.Span().End < w.called.Span().End {
			return false
		}
	}
	return true
}

// tame reports whether f and the arguments occur below n in the call alone, and
// where nothing can be done to them.
func (w *wrapperBody) tame(n syntax.Node) bool {
	for c := range n.Children() {
		if !w.harmless(n, c) {
			return false
		}
	}
	return true
}

// harmless is tame for one child of n.
func (w *wrapperBody) harmless(n, c syntax.Node) bool {
	if c == w.called {
		return true
	}
	switch c.Kind() {
	case syntax.Identifier:
		keyword := n.Kind() == syntax.KeywordArgument && c.Field() == syntax.FieldName || n.Kind() == syntax.Attribute && c.Field() == syntax.FieldAttribute
		return keyword || !w.own(identifier(c))
	case syntax.Attribute:
		return w.name(c) || w.tame(c)
	case syntax.Call:
		function := c.Child(syntax.FieldFunction)
		looks := slices.Contains(harmlessFunctions, dotted(function)) || w.registers && slices.Contains(registering, identifier(function.Child(syntax.FieldAttribute)))
		return looks && w.shows(c) || w.tame(c)
	case syntax.Assignment:
		left, right := c.Child(syntax.FieldLeft), c.Child(syntax.FieldRight)
		return w.registers && left.Kind() == syntax.Subscript && right.Kind() == syntax.Identifier && w.harmless(c, left) || w.tame(c)
	case syntax.TypeAliasStatement, syntax.Error, syntax.ExecStatement, syntax.PrintStatement:
		return false // type(self).x = 1 is read as a type alias
	}
	return w.tame(c)
}

// leavesAlone reports whether a decorator that returns its argument surely does
// nothing else to it.
func leavesAlone(body, returned syntax.Node, f string) bool {
	w := &wrapperBody{f: f, called: returned, registers: true}
	return !slices.ContainsFunc(magic, func(word string) bool { return strings.Contains(body.Text(), word) }) && w.tame(body)
}

// own: the name of f or of an argument.
func (w *wrapperBody) own(name string) bool {
	return name == w.f || slices.ContainsFunc(w.arguments, func(a string) bool { return strings.TrimLeft(a, "*") == name })
}

// shows: the arguments of the call are plain names, or tame.
func (w *wrapperBody) shows(call syntax.Node) bool {
	list := call.Child(syntax.FieldArguments)
	for a := range list.Items() {
		if a.Kind() != syntax.Identifier && !w.harmless(list, a) {
			return false
		}
	}
	return true
}

// name reports whether an expression is the name of f, as f.__name__, or of the
// class of an argument, as type(self).__name__.
func (w *wrapperBody) name(n syntax.Node) bool {
	if !slices.Contains(nameAttributes, identifier(n.Child(syntax.FieldAttribute))) {
		return false
	}
	of := n.Child(syntax.FieldObject)
	switch of.Kind() {
	case syntax.Identifier:
		return identifier(of) == w.f
	case syntax.Attribute:
		return identifier(of.Child(syntax.FieldAttribute)) == "__class__" && of.Child(syntax.FieldObject).Kind() == syntax.Identifier
	case syntax.Call:
		return dotted(of.Child(syntax.FieldFunction)) == "type" && w.shows(of)
	}
	return false
}

var (
	nameAttributes = []string{"__name__", "__qualname__", "__module__", "__doc__"}
	// harmlessFunctions only look at what they are given.
	harmlessFunctions = []string{"print", "len", "id", "isinstance"}
	registering       = []string{"append", "add"}
)

// passesValue reports whether what f returned is returned.
func (w *wrapperBody) passesValue(body syntax.Node) bool {
	returned := 0
	for n := range own(body, syntax.ReturnStatement) {
		value := n.First().Unwrap()
		if value != w.called && (w.value == "" || value.Kind() != syntax.Identifier || identifier(value) != w.value) {
			return false
		}
		returned++
	}
	if returned != 1 || w.value != "" && bindings(body, w.value) != 1 {
		return false
	}
	return w.value == "" || body.Last().Kind() == syntax.ReturnStatement
}

// bindings counts what binds a name in a body, in nested functions too.
func bindings(body syntax.Node, name string) int {
	count := 0
	for n := range inside(body) {
		var target syntax.Node
		switch n.Kind() {
		case syntax.Assignment, syntax.AugmentedAssignment, syntax.ForStatement, syntax.ForInClause:
			target = n.Child(syntax.FieldLeft)
		case syntax.NamedExpression, syntax.FunctionDefinition, syntax.ClassDefinition:
			target = n.Child(syntax.FieldName)
		case syntax.AsPattern:
			for c := range n.Children() {
				target = c
			}
		case syntax.Parameters, syntax.LambdaParameters, syntax.DeleteStatement, syntax.ImportStatement, syntax.ImportFromStatement,
			syntax.GlobalStatement, syntax.NonlocalStatement, syntax.CaseClause:
			target = n
		default:
			continue
		}
		if binds(target, name) {
			count++
		}
	}
	return count
}

// binds reports whether a target is the name, or has it inside.
func binds(target syntax.Node, name string) bool {
	if target.Kind() == syntax.Identifier {
		return identifier(target) == name
	}
	if target.Kind() == syntax.Attribute || target.Kind() == syntax.Subscript {
		return false
	}
	for c := range target.Children() {
		if binds(c, name) {
			return true
		}
	}
	return false
}
