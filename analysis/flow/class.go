package flow

import (
	"strings"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// class is a class statement of the file.
type class struct {
	name       string
	module     *Module // that the class statement is in
	nameSpan   text.Span
	span       text.Span
	doc        string
	docSpan    text.Span
	decorators []decorator // spans in the file
	bases      []base
	dynamic    string // why the class may hold more than it shows, "" if not
	metaclass  bool   // a metaclass makes the class, and may change its methods
	members    []member
	scope      *scope // where the class statement stands
	body       *scope
	instances  int // calls of the class in the file
	subclassed bool
}

type base struct {
	written string
	name    string // dotted, "" for another expression
	span    text.Span
}

// member is one event in a class body that binds or unbinds a name.
type member struct {
	name        string
	at          int
	kind        memberKind
	conditional bool
	method      *method // of memberMethod
	start       int     // offset of the method's part
	value       syntax.Node
	valueBase   int
	span        text.Span
	nameSpan    text.Span
}

type memberKind int

const (
	memberOther memberKind = iota
	memberMethod
	memberValue
	memberClass
	memberImport // from x import y
	memberModule // import x
	memberDeleted
)

// reader walks the file and collects classes and bindings.
type reader struct {
	module  *Module
	classes []*class
	calls   []call
}

type call struct {
	name  string
	scope *scope
	at    int
}

// block reads the statements below n into the scope s; base is the offset of
// n's part. in is the class whose body this is, or nil.
func (r *reader) block(n syntax.Node, base int, s *scope, in *class, conditional bool) {
	for c := range n.Items() {
		r.statement(c, base, s, in, conditional)
	}
}

func (r *reader) statement(n syntax.Node, base int, s *scope, in *class, conditional bool) {
	at := base + n.Span().Start
	if part, start := n.Part(); part != nil {
		r.function(methodOf(part), part.Root(), base+start, s, in, conditional)
		return
	}
	switch n.Kind() {
	case syntax.ImportStatement, syntax.ImportFromStatement:
		s.bindImport(n, at, conditional)
		if in != nil {
			r.importMember(n, at, in, conditional)
		}
	case syntax.ClassDefinition:
		r.class(n, n, base, s, in, conditional)
	case syntax.DecoratedDefinition:
		definition := n.Child(syntax.FieldDefinition)
		if definition.Kind() == syntax.ClassDefinition {
			r.class(definition, n, base, s, in, conditional)
		} else {
			r.function(newMethod(n), n, base, s, in, conditional)
		}
	case syntax.FunctionDefinition:
		r.function(newMethod(n), n, base, s, in, conditional)
	case syntax.ExpressionStatement:
		r.expression(n, base, s, in, conditional)
	case syntax.IfStatement, syntax.ElifClause, syntax.ElseClause, syntax.TryStatement, syntax.ExceptClause, syntax.FinallyClause,
		syntax.WithStatement, syntax.ForStatement, syntax.WhileStatement, syntax.MatchStatement, syntax.CaseClause, syntax.Block, syntax.Error:
		r.bindTargets(n, base, s, in)
		r.block(n, base, s, in, conditional || n.Kind() != syntax.Block)
	case syntax.Call:
		r.call(n, base, s)
	case syntax.DeleteStatement:
		if in == nil {
			return
		}
		for name := range names(n.First()) {
			in.members = append(in.members, member{name: identifier(name), at: at, kind: memberDeleted, conditional: conditional})
		}
	}
}

// expression reads a simple statement: an assignment binds names, a call may
// run a flow.
func (r *reader) expression(n syntax.Node, base int, s *scope, in *class, conditional bool) {
	for item := range n.Items() {
		if item.Kind() == syntax.Assignment {
			r.assignment(item, base, s, in, conditional)
		}
		r.call(item, base, s)
	}

}

func (r *reader) assignment(n syntax.Node, base int, s *scope, in *class, conditional bool) {
	right := n.Child(syntax.FieldRight)
	if !right.Valid() {
		return // an annotation alone binds nothing
	}
	if right.Kind() == syntax.Assignment {
		r.assignment(right, base, s, in, conditional)
		for right.Kind() == syntax.Assignment {
			right = right.Child(syntax.FieldRight)
		}
	}
	r.call(right, base, s)
	left := n.Child(syntax.FieldLeft)
	for name := range names(left) {
		b := binding{at: base + n.Span().Start, conditional: conditional}
		if alias := dotted(right); alias != "" && left.Kind() == syntax.Identifier {
			b.kind, b.target = aliasBinding, alias
		}
		s.bind(identifier(name), b)
		if in != nil {
			in.members = append(in.members, member{
				name: identifier(name), at: b.at, kind: memberValue, conditional: conditional,
				value: right, valueBase: base,
				span: n.Span().Shift(base), nameSpan: name.Span().Shift(base),
			})
		}
	}
}

// names yields the plain names that a target binds.
func names(n syntax.Node) func(func(syntax.Node) bool) {
	return func(yield func(syntax.Node) bool) {
		var walk func(syntax.Node) bool
		walk = func(n syntax.Node) bool {
			switch n.Kind() {
			case syntax.Identifier:
				return yield(n)
			case syntax.PatternList, syntax.TuplePattern, syntax.ListPattern, syntax.ListSplatPattern, syntax.Tuple,
				syntax.ExpressionList, syntax.ParenthesizedExpression, syntax.Token:
				for c := range n.Items() {
					if !walk(c) {
						return false
					}
				}
			}
			return true
		}
		walk(n)
	}
}

// bindTargets binds what the header of a compound statement binds.
func (r *reader) bindTargets(n syntax.Node, base int, s *scope, in *class) {
	if n.Kind() != syntax.ForStatement {
		return
	}
	for name := range names(n.Child(syntax.FieldLeft)) {
		s.bind(identifier(name), binding{at: base + n.Span().Start, conditional: true})
		if in != nil {
			in.members = append(in.members, member{name: identifier(name), at: base + n.Span().Start, conditional: true})
		}
	}
}

// call remembers a call by name: it may run a flow.
func (r *reader) call(n syntax.Node, base int, s *scope) {
	n = n.Unwrap()
	if n.Kind() == syntax.Call {
		if name := dotted(n.Child(syntax.FieldFunction)); name != "" {
			r.calls = append(r.calls, call{name, s, base + n.Span().Start})
		}
	}
}

func (r *reader) importMember(n syntax.Node, at int, in *class, conditional bool) {
	probe := newScope(nil, 1)
	probe.bindImport(n, at, conditional)
	kind := memberImport
	if n.Kind() == syntax.ImportStatement {
		kind = memberModule
	}
	by := n.Span().Shift(at - n.Span().Start)
	for name := range probe.names {
		in.members = append(in.members, member{name: name, at: at, kind: kind, conditional: conditional, span: by, nameSpan: by})
	}
	if probe.star || probe.otherStar {
		in.dynamic = "a star import in the class body"
	}
}

func (r *reader) function(m *method, root syntax.Node, start int, s *scope, in *class, conditional bool) {
	s.bind(m.name, binding{at: start + m.span.Start, conditional: conditional, function: root, method: m, start: start})
	if in != nil {
		in.members = append(in.members, member{
			name: m.name, at: start + m.span.Start, kind: memberMethod, conditional: conditional,
			method: m, start: start,
			span: m.span.Shift(start), nameSpan: m.nameSpan.Shift(start),
		})
	}
	if m.hasClass {
		definition := root
		if root.Kind() == syntax.DecoratedDefinition {
			definition = root.Child(syntax.FieldDefinition)
		}
		parent := s
		if in != nil {
			parent = s.parent // names of a class body are not seen in its methods
		}
		r.block(definition.Child(syntax.FieldBody), start, newScope(parent, 0), nil, false)
	}
}

func (r *reader) class(n, outer syntax.Node, base int, s *scope, in *class, conditional bool) {
	name, body := n.Child(syntax.FieldName), n.Child(syntax.FieldBody)
	size := 0
	for range body.Items() {
		size++
	}
	c := &class{
		name:     identifier(name),
		module:   r.module,
		nameSpan: name.Span().Shift(base),
		span:     outer.Span().Shift(base),
		members:  make([]member, 0, size),
		scope:    s,
		body:     newScope(s, size),
	}
	for _, d := range decorators(outer) {
		d.Decorator = *d.Decorator.shift(base)
		c.decorators = append(c.decorators, d)
	}
	for b := range n.Child(syntax.FieldSuperclasses).Items() {
		switch b.Kind() {
		case syntax.KeywordArgument:
			if identifier(b.Child(syntax.FieldName)) == "metaclass" {
				c.dynamic, c.metaclass = "it has a metaclass", true
			}
		default:
			bare := b.Unwrap()
			if bare.Kind() == syntax.Subscript { // Generic[T]
				c.bases = append(c.bases, newBase(b, base, subscripted(bare)))
			} else {
				c.bases = append(c.bases, newBase(b, base, dotted(bare)))
			}
		}
	}
	doc, docSpan := docstring(body)
	if doc != "" {
		c.doc, c.docSpan = doc, docSpan.Shift(base)
	}
	r.classes = append(r.classes, c)
	at := base + outer.Span().Start
	// Inside of its own body the name still means what it meant before.
	s.bind(c.name, binding{kind: classBinding, at: base + n.Span().End - 1, class: c, conditional: conditional})
	if in != nil {
		in.members = append(in.members, member{name: c.name, at: at, kind: memberClass, conditional: conditional, span: c.span, nameSpan: c.nameSpan})
	}
	r.block(body, base, c.body, c, false)
}

func newBase(n syntax.Node, offset int, name string) base {
	return base{written: n.Text(), name: name, span: n.Span().Shift(offset)}
}

func subscripted(n syntax.Node) string {
	name, _, _ := strings.Cut(n.Text(), "[")
	return strings.TrimSpace(name)
}

func (d *Decorator) shift(by int) *Decorator {
	moved := *d
	moved.Span, moved.NameSpan = d.Span.Shift(by), d.NameSpan.Shift(by)
	moved.Args = make([]DecoratorArg, len(d.Args))
	for i, a := range d.Args {
		moved.Args[i] = DecoratorArg{a.Name, a.NameSpan.Shift(by), a.ValueSpan.Shift(by), a.Span.Shift(by), a.Value.Shift(by)}
	}
	return &moved
}
