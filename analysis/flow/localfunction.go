package flow

import (
	"slices"
	"strings"
	"sync/atomic"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// effect is what a function of the file does when it decorates something, as
// far as its body shows.
type effect int

const (
	unknownEffect effect = iota
	// passesOn: returns its argument itself.
	passesOn
	// applies: returns what Metaflow's own decorators make of its argument, which
	// is the argument again.
	applies
	// calls: returns a new function that is the old one to whoever looks at it, by
	// functools.wraps, and that does nothing to the flow but call the old one.
	calls
	// replaces: returns a plain new function, which carries nothing over of what
	// @step set on the old one.
	replaces
)

// decorating is what the text of a function says about its effect as a
// decorator. What the names in it mean is for the scope to say.
type decorating struct {
	effect effect
	names  []string // dotted: of calls what must be functools.wraps, of applies Metaflow's decorators
	value  bool     // of calls: the new function returns what the old one does
	// touches, of passesOn: it may set attributes of its argument.
	touches bool
	// Of replaces, what it takes, and the new function: its name, its header,
	// relative, the ordinary parameters, and whether it ends with self.next.
	of      string
	inner   string
	defSpan text.Span
	args    int
	next    bool
}

var unknownDecorating = &decorating{effect: unknownEffect}

// lazyDecorating holds it for a decorator without and with arguments.
type lazyDecorating [2]atomic.Pointer[decorating]

// decorating reads the function as a decorator; called: with parentheses.
func (m *method) decorating(called bool) *decorating {
	at := &m.decorates[0]
	if called {
		at = &m.decorates[1]
	}
	if known := at.Load(); known != nil {
		return known
	}
	made := newDecorating(m.root, called)
	at.Store(made)
	return made
}

// sure reports whether the names in it mean what they have to, at an offset.
func (d *decorating) sure(s *scope, at int) bool {
	for s.parent != nil { // a class body means nothing to the functions in it
		s = s.parent
	}
	if slices.ContainsFunc(harmlessFunctions, func(name string) bool { _, bound := s.names[name]; return bound }) {
		return false
	}
	for _, name := range d.names {
		first, _, _ := strings.Cut(name, ".")
		found := s.resolve(name, at)
		switch {
		case !found.bound || s.several(first):
			return false
		case d.effect == calls && found.name != "functools.wraps":
			return false
		case d.effect == applies && !slices.Contains(adding, found.metaflow()):
			return false
		}
	}
	return true
}

// adding are Metaflow's decorators that set nothing a flow can see.
var adding = []string{
	"batch", "card", "conda", "environment", "kubernetes", "pypi", "resources", "retry", "secrets", "timeout",
}

func newDecorating(function syntax.Node, called bool) *decorating {
	made := readDecorating(function, called)
	for _, name := range made.names {
		if first, _, _ := strings.Cut(name, "."); bindings(function, first) > 0 {
			return unknownDecorating // another one than the module's
		}
	}
	return made
}

func readDecorating(function syntax.Node, called bool) *decorating {
	if function.Kind() != syntax.FunctionDefinition || hasToken(function, "async") {
		return unknownDecorating // e.g. @user_step_decorator: the decorator decides
	}
	body := function.Child(syntax.FieldBody)
	returned, sure := returns(body)
	if !sure {
		return unknownDecorating
	}
	if called {
		if inner := nestedFunction(body, returned); inner.Kind() == syntax.FunctionDefinition {
			return readDecorating(inner, false)
		}
		if names, ok := metaflowCall(returned); ok {
			return &decorating{effect: applies, names: names}
		}
		return unknownDecorating
	}
	args := parameters(function.Child(syntax.FieldParameters))
	if len(args) != 1 {
		return unknownDecorating
	}
	f := args[0].Name
	if names, ok := application(returned, f); ok {
		return passing(body, returned, f, names)
	}
	if bindings(body, f) > 0 {
		return unknownDecorating // the new function calls something else
	}
	return nested(body, returned, f)
}

// passing is a decorator that returns f, which it may give to Metaflow's
// decorators before.
func passing(body, returned syntax.Node, f string, names []string) *decorating {
	assigned := 0
	for n := range inside(body) {
		if n.Kind() == syntax.Assignment && identifier(n.Child(syntax.FieldLeft)) == f {
			more, ok := application(n.Child(syntax.FieldRight), f)
			if !ok {
				return unknownDecorating
			}
			assigned++
			names = append(names, more...)
		}
	}
	switch {
	case assigned != bindings(body, f):
		return unknownDecorating
	case len(names) > 0:
		return &decorating{effect: applies, names: names}
	}
	return &decorating{effect: passesOn, touches: !leavesAlone(body, returned, f)}
}

// nested is a decorator that returns a function defined in it.
func nested(body, returned syntax.Node, f string) *decorating {
	inner := nestedFunction(body, returned)
	switch inner.Kind() {
	case syntax.FunctionDefinition:
		list := inner.Child(syntax.FieldParameters)
		block := inner.Child(syntax.FieldBody)
		return &decorating{
			effect: replaces, of: f, inner: identifier(inner.Child(syntax.FieldName)),
			defSpan: text.Span{Start: inner.Span().Start, End: headerEnd(inner, block)},
			args:    len(parameters(list)), next: transition(block) != nil,
		}
	case syntax.DecoratedDefinition:
		above := decorators(inner)
		if len(above) != 1 || !above[0].Call || len(above[0].Args) != 1 || above[0].written == "" ||
			above[0].Args[0].Name != "" || above[0].Args[0].Value.Kind != Name || above[0].Args[0].Value.Text != f {
			return unknownDecorating
		}
		only, value := onlyCalls(inner.Child(syntax.FieldDefinition), f)
		if only {
			return &decorating{effect: calls, names: []string{above[0].written}, value: value}
		}
	}
	return unknownDecorating
}

// nestedFunction is the function, with its decorators, that a body defines
// once, names nowhere else, and returns.
func nestedFunction(body, returned syntax.Node) syntax.Node {
	if returned.Kind() != syntax.Identifier {
		return syntax.Node{}
	}
	name := identifier(returned)
	for n := range body.Items() {
		definition := n
		if n.Kind() == syntax.DecoratedDefinition {
			definition = n.Child(syntax.FieldDefinition)
		}
		if definition.Kind() == syntax.FunctionDefinition && identifier(definition.Child(syntax.FieldName)) == name {
			mentions := 0
			for m := range inside(body) {
				switch {
				case m.Kind() == syntax.Identifier && identifier(m) == name:
					mentions++
				case m.Kind() == syntax.Attribute && slices.Contains(nameAttributes, identifier(m.Child(syntax.FieldAttribute))) && dotted(m.Child(syntax.FieldObject)) == name:
					mentions-- // inner.__name__ = f.__name__
				}
			}
			if mentions == 2 {
				return n
			}
			return syntax.Node{}
		}
	}
	return syntax.Node{}
}

// application reads retry(times=2)(resources(f)) as the decorators in it.
func application(n syntax.Node, f string) (names []string, ok bool) {
	n = n.Unwrap()
	if n.Kind() == syntax.Identifier {
		return nil, identifier(n) == f
	}
	if n.Kind() != syntax.Call {
		return nil, false
	}
	positional, keywords := arguments(n)
	if len(positional) != 1 || len(keywords) > 0 {
		return nil, false
	}
	names, ok = application(positional[0], f)
	if !ok {
		return nil, false
	}
	called := n.Child(syntax.FieldFunction).Unwrap()
	if name := dotted(called); name != "" {
		return append(names, name), true
	}
	more, ok := metaflowCall(called)
	return append(names, more...), ok
}

// metaflowCall reads retry(times=2).
func metaflowCall(n syntax.Node) (names []string, ok bool) {
	n = n.Unwrap()
	if n.Kind() != syntax.Call {
		return nil, false
	}
	positional, _ := arguments(n)
	name := dotted(n.Child(syntax.FieldFunction))
	return []string{name}, name != "" && len(positional) == 0
}

// returns is what the last statement of a body returns; sure means that nothing
// else of the body does.
func returns(body syntax.Node) (value syntax.Node, sure bool) {
	count := 0
	for range own(body, syntax.ReturnStatement, syntax.Yield) {
		count++
	}
	last := body.Last()
	if count != 1 || last.Kind() != syntax.ReturnStatement {
		return syntax.Node{}, false
	}
	return last.First(), last.First().Valid()
}

// own yields the nodes of some kinds that are not in a nested function or class.
func own(n syntax.Node, kinds ...syntax.Kind) func(func(syntax.Node) bool) {
	return func(yield func(syntax.Node) bool) {
		var walk func(syntax.Node) bool
		walk = func(n syntax.Node) bool {
			for c := range n.Children() {
				switch c.Kind() {
				case syntax.FunctionDefinition, syntax.ClassDefinition, syntax.Lambda, syntax.DecoratedDefinition:
					continue
				}
				if slices.Contains(kinds, c.Kind()) && !yield(c) || !walk(c) {
					return false
				}
			}
			return true
		}
		walk(n)
	}
}

// inside yields all nodes below n, tokens too: the grammar has targets (with x as
// y) that are no kind of their own.
func inside(n syntax.Node) func(func(syntax.Node) bool) {
	return func(yield func(syntax.Node) bool) {
		var walk func(syntax.Node) bool
		walk = func(n syntax.Node) bool {
			for c := range n.Children() {
				if !yield(c) || !walk(c) {
					return false
				}
			}
			return true
		}
		walk(n)
	}
}
