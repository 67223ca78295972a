package flow

import (
	"strings"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// identifier is the name as Python keeps it: in NFKC form.
func identifier(n syntax.Node) string {
	s := n.Text()
	for i := range len(s) {
		if s[i] >= 0x80 {
			return norm.NFKC.String(s)
		}
	}
	return s
}

// method is what one function definition says by itself, with spans relative
// to its part: it is computed once for a given text.
type method struct {
	name       string
	nameSpan   text.Span
	span       text.Span
	defSpan    text.Span
	bodySpan   text.Span
	async      bool
	doc        string
	decorators []decorator
	args       []Arg
	rest       Arg
	next       *Transition
	asides     []Target
	assigns    []*Assign
	hasClass   bool // a class is defined somewhere inside
	made       atomic.Pointer[madeStep]
	decorates  lazyDecorating
	root       syntax.Node
	code       lazyCode
	mentions   lazyMentions
	last       atomic.Pointer[Method] // that was made of it
	kept       [keptPlaces]atomic.Value
}

// decorator is a decorator as written, with relative spans.
type decorator struct {
	written string // dotted name, "" if it is another expression
	first   string // first part of written
	Decorator
	start, end bool // start=True, end=True
	unsure     bool // start= or end= depend on more than a literal
}

func methodOf(part *syntax.Part) *method {
	return part.Memo(func(p *syntax.Part) any { return newMethod(p.Root()) }).(*method)
}

func newMethod(root syntax.Node) *method {
	m := &method{root: root, span: root.Span(), hasClass: strings.Contains(root.Text(), "class")}
	definition := root
	if root.Kind() == syntax.DecoratedDefinition {
		m.decorators = decorators(root)
		definition = root.Child(syntax.FieldDefinition)
	}
	name, body := definition.Child(syntax.FieldName), definition.Child(syntax.FieldBody)
	m.name, m.nameSpan = identifier(name), name.Span()
	m.bodySpan = body.Span()
	m.defSpan = text.Span{Start: definition.Span().Start, End: headerEnd(definition, body)}
	m.async = hasToken(definition, "async")
	m.args = parameters(definition.Child(syntax.FieldParameters))
	m.rest = restParameter(definition.Child(syntax.FieldParameters))
	if len(m.decorators) == 0 {
		return m // not a step: nothing else matters
	}
	m.doc, _ = docstring(body)
	m.next = transition(body)
	m.asides = asides(body, m.next)
	m.assigns = assigns(body)
	return m
}

// headerEnd is the offset behind the colon of a compound statement.
func headerEnd(statement, body syntax.Node) int {
	end := statement.Span().End
	for c := range statement.Children() {
		if c == body {
			break
		}
		if c.Kind() == syntax.Token {
			end = c.Span().End
		}
	}
	return end
}

// parameters are the ordinary positional ones: ast's args.args.
func parameters(list syntax.Node) []Arg {
	var args []Arg
	for n := range list.Items() {
		switch n.Kind() {
		case syntax.PositionalSeparator:
			args = nil
		case syntax.KeywordSeparator, syntax.ListSplatPattern:
			return args
		case syntax.Identifier:
			args = append(args, Arg{identifier(n), n.Span()})
		case syntax.DefaultParameter, syntax.TypedDefaultParameter:
			args = append(args, Arg{identifier(n.Child(syntax.FieldName)), n.Span()})
		case syntax.TypedParameter:
			first := n.First()
			if first.Kind() == syntax.ListSplatPattern {
				return args
			}
			if first.Kind() == syntax.Identifier {
				args = append(args, Arg{identifier(first), n.Span()})
			}
		}
	}
	return args
}

// restParameter is *name.
func restParameter(list syntax.Node) Arg {
	for n := range list.Items() {
		pattern := n
		if n.Kind() == syntax.TypedParameter {
			pattern = n.First()
		}
		if pattern.Kind() == syntax.ListSplatPattern {
			return Arg{identifier(pattern.First()), n.Span()}
		}
	}
	return Arg{}
}

func decorators(decorated syntax.Node) []decorator {
	var list []decorator
	for n := range decorated.Items() {
		if n.Kind() == syntax.Decorator {
			list = append(list, newDecorator(n))
		}
	}
	return list
}

func newDecorator(n syntax.Node) decorator {
	expression := n.First().Unwrap()
	d := decorator{Decorator: Decorator{Span: text.Span{Start: n.Span().Start, End: n.First().Span().End}}}
	callee := expression
	if expression.Kind() == syntax.Call {
		d.Call = true
		callee = expression.Child(syntax.FieldFunction).Unwrap()
		d.readArguments(expression)
	}
	d.NameSpan = callee.Span()
	d.written = dotted(callee)
	d.first, _, _ = strings.Cut(d.written, ".")
	d.Written = callee.Text()
	return d
}

func (d *decorator) readArguments(call syntax.Node) {
	for n := range call.Child(syntax.FieldArguments).Items() {
		arg := DecoratorArg{Span: n.Span(), ValueSpan: n.Span(), Value: valueOf(n)}
		switch n.Kind() {
		case syntax.KeywordArgument:
			name, value := n.Child(syntax.FieldName), n.Child(syntax.FieldValue)
			arg.Name, arg.NameSpan, arg.ValueSpan, arg.Value = identifier(name), name.Span(), value.Span(), valueOf(value)
			truth, sure := truthy(value)
			d.unsure = d.unsure || !sure && (arg.Name == "start" || arg.Name == "end")
			d.start = d.start || arg.Name == "start" && truth
			d.end = d.end || arg.Name == "end" && truth
		case syntax.ListSplat:
			arg.Name = "*"
		case syntax.DictionarySplat:
			arg.Name = "**"
			d.unsure = true
		}
		d.Args = append(d.Args, arg)
	}
}

// truthy is the truth of a literal or display; sure is false for anything else.
func truthy(n syntax.Node) (truth, sure bool) {
	switch n = n.Unwrap(); n.Kind() {
	case syntax.Dictionary, syntax.List, syntax.Set, syntax.Tuple:
		return n.First().Valid(), true
	}
	l := constant(n)
	switch l.kind {
	case numberLiteral:
		return l.text != "0", true
	case stringLiteral, bytesLiteral:
		return l.text != "", true
	case ellipsisLiteral:
		return true, true
	}
	return false, l.kind == noneLiteral
}

// dotted is the text of a.b.c, "" for any other expression.
func dotted(n syntax.Node) string {
	n = n.Unwrap()
	switch n.Kind() {
	case syntax.Identifier:
		return identifier(n)
	case syntax.Attribute:
		if object := dotted(n.Child(syntax.FieldObject)); object != "" {
			return object + "." + identifier(n.Child(syntax.FieldAttribute))
		}
	}
	return ""
}
