package flow

import (
	"strings"

	"flowls/analysis/text"
)

// Binding says how sure it is what a name of the file stands for.
type Binding int

const (
	// Unbound: nothing in the file binds the name.
	Unbound Binding = iota
	// Unsure: a condition, a second definition or another star import may decide.
	Unsure
	// Certain: one import, alias or definition binds it.
	Certain
)

// Look is Resolve for a name that findings depend on: it also says whether the
// name can stand for anything else.
func (f *Flow) Look(name string, at int) (full string, b Binding) {
	s := f.scopeAt(at)
	if known, ok := s.settledAt(name, at); ok {
		return known.symbol.name, known.binding
	}
	return s.resolve(name, at).name, s.binding(name, at)
}

// binding says how sure it is what a dotted name means at an offset.
func (s *scope) binding(name string, at int) Binding {
	first, _, _ := strings.Cut(name, ".")
	stars := 0
	for ; s != nil; s = s.parent {
		if _, ok := s.latest(first, at); ok {
			if s.several(first) {
				return Unsure
			}
			return Certain
		}
		if s.star {
			stars++
		}
		if s.otherStar {
			stars += 2
		}
	}
	switch stars {
	case 0:
		return Unbound
	case 1:
		return Certain
	}
	return Unsure
}

// several reports whether a name is bound to different things.
func (s *scope) several(name string) bool {
	var first *binding
	for b := range s.bound(name) {
		if first == nil {
			first = b
		} else if b.kind != importBinding || first.kind != importBinding || b.target != first.target {
			return true
		}
	}
	return false
}

// DecoratorsOf are those of a method of the flow, outermost first.
func (f *Flow) DecoratorsOf(m *Method) []*Decorator {
	var list []*Decorator
	for i := range m.method.decorators {
		d := &m.method.decorators[i]
		list = append(list, d.known(d.resolve(f.scopeAt(m.Base), m.Base), m.Base))
	}
	return list
}

// Named reports whether the file itself names what binds a name at an offset:
// a star import does not.
func (f *Flow) Named(name string, at int) bool {
	for s := f.scopeAt(at); s != nil; s = s.parent {
		if _, ok := s.latest(name, at); ok {
			return true
		}
	}
	return false
}

// BaseSpan is where the class statement itself names a base class, written so.
func (f *Flow) BaseSpan(written string) (text.Span, bool) {
	for _, b := range f.order[0].bases {
		if b.written == written {
			return b.span, true
		}
	}
	return text.Span{}, false
}
