package flow

import (
	"iter"
	"slices"
	"strings"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// scope is a namespace: the module, a function or a class body.
type scope struct {
	parent   *scope
	names    map[string]chain
	bindings []binding // in source order
	// star: "from metaflow import *" binds every name of Metaflow's that
	// nothing else binds; otherStar the same from another module.
	star, otherStar bool
	stars           []string // the other modules, in source order
	settled         settled
}

// settled holds what names mean all over a class body, of those that nothing
// in it binds anew.
type settled struct {
	within text.Span
	names  map[string]settledName
}

type settledName struct {
	symbol  symbol
	binding Binding
}

// settledAt is what a dotted name means at an offset, if that is settled.
func (s *scope) settledAt(name string, at int) (settledName, bool) {
	if at < s.settled.within.Start || s.settled.within.End <= at {
		return settledName{}, false
	}
	known, ok := s.settled.names[name]
	return known, ok
}

type bindingKind int

const (
	otherBinding bindingKind = iota
	importBinding
	classBinding
	aliasBinding
)

// binding is one thing that a name was bound to, at an offset of the file.
type binding struct {
	kind        bindingKind
	at          int
	conditional bool
	target      string // dotted: what was imported, or what the alias names
	module      string // of "from module import …": the first part of target
	class       *class
	function    syntax.Node // of a function of the file
	method      *method     // its, and where its part begins
	start       int
	next        int // of the same name: its place in the list plus one, 0 for the last
}

// chain is the bindings of one name: places in the list plus one.
type chain struct{ first, last int }

// newScope makes room for that many names.
func newScope(parent *scope, names int) *scope {
	return &scope{parent: parent, names: make(map[string]chain, names), bindings: make([]binding, 0, names)}
}

func (s *scope) bind(name string, b binding) {
	if name == "" {
		return
	}
	s.bindings = append(s.bindings, b)
	at := len(s.bindings)
	c, known := s.names[name]
	if known {
		s.bindings[c.last-1].next = at
	} else {
		c.first = at
	}
	c.last = at
	s.names[name] = c
}

// bound yields the bindings of a name in source order.
func (s *scope) bound(name string) iter.Seq[*binding] {
	return func(yield func(*binding) bool) {
		for at := s.names[name].first; at != 0; at = s.bindings[at-1].next {
			if !yield(&s.bindings[at-1]) {
				return
			}
		}
	}
}

// symbol is what a dotted name stands for.
type symbol struct {
	class *class // a class of this file
	// name is the dotted name in full: "metaflow.FlowSpec", "mylib.Base"; "" if
	// nothing is known.
	name string
	// module is the part of name that must be a module: "from module import …".
	module   string
	stars    []string    // the modules of star imports that name may come from
	bound    bool        // some import, class or assignment binds it
	function syntax.Node // the function of this file, if it is one
	method   *method     // what it says, and where
	start    int         // its part begins
	several  bool        // the name, or one that it is another name of, is bound to other things, too
}

// metaflow is the last part of a name that Metaflow provides, else "".
func (s symbol) metaflow() string {
	root, _, _ := strings.Cut(s.name, ".")
	if root != "metaflow" {
		return ""
	}
	return s.name[strings.LastIndexByte(s.name, '.')+1:]
}

// resolve finds what a dotted name means at an offset.
func (s *scope) resolve(name string, at int) symbol {
	if known, ok := s.settledAt(name, at); ok {
		return known.symbol
	}
	return s.lookup(name, at, 8)
}

// settle finds out what the decorators in a class body mean, each name once:
// nearly all methods have the same few. It comes when all that the file binds is known, and
// before anybody else sees the class.
func (c *class) settle() {
	names := map[string]settledName{}
	for i := range c.members {
		m := &c.members[i]
		if m.kind != memberMethod {
			continue
		}
		for k := range m.method.decorators {
			name := m.method.decorators[k].written
			if _, known := names[name]; !known && c.body.steady(name, c.span) {
				names[name] = settledName{c.body.lookup(name, m.start, 8), c.body.binding(name, m.start)}
			}
		}
	}
	c.body.settled = settled{c.span, names}
}

// steady reports whether nothing in a span binds what a dotted name begins with.
func (s *scope) steady(name string, within text.Span) bool {
	first, _, _ := strings.Cut(name, ".")
	for ; s != nil; s = s.parent {
		for b := range s.bound(first) {
			if within.Start <= b.at && b.at <= within.End {
				return false
			}
		}
	}
	return true
}

func (s *scope) lookup(name string, at, depth int) symbol {
	if name == "" || depth == 0 {
		return symbol{bound: true}
	}
	first, rest, _ := strings.Cut(name, ".")
	star, otherStar := false, false
	var stars []string
	for scope := s; scope != nil; scope = scope.parent {
		if b, ok := scope.latest(first, at); ok {
			switch b.kind {
			case classBinding:
				if rest == "" {
					return symbol{class: b.class, bound: true}
				}
				return symbol{bound: true}
			case importBinding:
				return symbol{name: join(b.target, rest), module: b.module, bound: true}
			case aliasBinding:
				found := scope.lookup(join(b.target, rest), b.at, depth-1)
				found.several = found.several || scope.several(first)
				return found
			}
			if rest == "" {
				return symbol{bound: true, function: b.function, method: b.method, start: b.start, several: scope.several(first)}
			}
			return symbol{bound: true}
		}
		star, otherStar = star || scope.star, otherStar || scope.otherStar
		if len(scope.stars) > 0 {
			stars = append(slices.Clone(scope.stars), stars...)
		}
	}
	switch {
	case star && !slices.Contains(builtins, first):
		return symbol{name: "metaflow." + name, bound: true}
	case otherStar:
		return symbol{name: name, stars: stars, bound: true}
	}
	return symbol{name: name}
}

// latest is the binding in force at an offset: the last one before it. A
// fallback such as "except ImportError: step = None" does not hide an import.
func (s *scope) latest(name string, at int) (binding, bool) {
	var found *binding
	for b := range s.bound(name) {
		if b.at >= at && found != nil {
			break
		}
		if found != nil && b.kind == otherBinding && b.conditional && found.kind != otherBinding {
			continue
		}
		found = b
	}
	if found == nil {
		return binding{}, false
	}
	return *found, true
}

// ambiguous reports whether a condition decides which of several things a name
// means at an offset.
func (s *scope) ambiguous(name string, at int) bool {
	first, _, _ := strings.Cut(name, ".")
	for scope := s; scope != nil; scope = scope.parent {
		if b, ok := scope.latest(first, at); ok {
			for o := range scope.bound(first) {
				if o.at < b.at {
					return b.conditional
				}
			}
			return false
		}
	}
	return false
}

// Builtin reports whether a name is one of Python's own that decorates or is
// called often: the others hardly stand alone above a method.
func Builtin(name string) bool { return slices.Contains(builtins, name) }

// builtins are names of Python's own that `from metaflow import *` leaves alone.
var builtins = []string{
	"Exception", "abs", "all", "any", "bool", "bytes", "bytearray", "classmethod", "complex", "dict", "dir", "enumerate", "filter", "float",
	"format", "frozenset", "getattr", "hasattr", "hash", "id", "int", "isinstance", "iter", "len", "list", "map", "max", "min", "next", "object",
	"open", "print", "property", "range", "repr", "reversed", "round", "set", "setattr", "sorted", "staticmethod", "str", "sum", "super", "tuple",
	"type", "vars", "zip",
}

// mayBeForeign reports whether a condition decides if a name means something
// that another module than Metaflow brings.
func (s *scope) mayBeForeign(name string, at int) bool {
	if !s.ambiguous(name, at) {
		return false
	}
	first, _, _ := strings.Cut(name, ".")
	for scope := s; scope != nil; scope = scope.parent {
		for b := range scope.bound(first) {
			if root, _, _ := strings.Cut(b.target, "."); b.at < at && b.kind == importBinding && root != "metaflow" {
				return true
			}
		}
	}
	return false
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "." + b
}

// bindImport records what an import statement binds.
func (s *scope) bindImport(n syntax.Node, at int, conditional bool) {
	b := binding{kind: importBinding, at: at, conditional: conditional}
	switch n.Kind() {
	case syntax.ImportStatement:
		for item := range n.Items() {
			if item.Kind() == syntax.AliasedImport {
				b.target = squeeze(item.Child(syntax.FieldName))
				s.bind(identifier(item.Child(syntax.FieldAlias)), b)
				continue
			}
			b.target, _, _ = strings.Cut(squeeze(item), ".")
			s.bind(b.target, b)
		}
	case syntax.ImportFromStatement:
		module := n.Child(syntax.FieldModuleName)
		from := squeeze(module)
		b.module = from
		prefix := from + "."
		if strings.HasSuffix(from, ".") { // from . import base: what from .base gives
			prefix = from
		}
		for item := range n.Items() {
			switch {
			case item == module:
			case item.Kind() == syntax.WildcardImport:
				if root, _, _ := strings.Cut(from, "."); root == "metaflow" {
					s.star = true
				} else {
					s.otherStar = true
					s.stars = append(s.stars, from)
				}
			case item.Kind() == syntax.AliasedImport:
				b.target = prefix + squeeze(item.Child(syntax.FieldName))
				s.bind(identifier(item.Child(syntax.FieldAlias)), b)
			default:
				name := squeeze(item)
				b.target = prefix + name
				s.bind(name, b)
			}
		}
	}
}

// squeeze is a dotted name without the spaces that Python allows in it.
func squeeze(n syntax.Node) string {
	return strings.Join(strings.Fields(identifier(n)), "")
}
