package artifact

import (
	"slices"

	"flowls/analysis/flow"
)

// kept is what a step does by itself, with all that this depends on beside its
// text: while one types elsewhere it stays the same, apart from where it is.
type kept struct {
	body *method
	asked
}

// asked is what reading a method asked the class and the file.
type asked struct {
	names     []answer
	functions []answer // names of the file: is it a function?
	// others: it runs other methods, whose text and place matter as well.
	others bool
}

type answer struct {
	name string
	at   int        // of a function: relative to the method
	is   definition // of a function: none or other
}

// definition is what the class body says about a name.
type definition uint8

const (
	undefined definition = iota
	attribute
	function
)

func define(f *flow.Flow, name string) definition {
	switch method, value := Definition(f, name); {
	case method != nil:
		return function
	case value != nil:
		return attribute
	}
	return undefined
}

// definition is Definition, noted.
func (r *run) definition(name string) (*flow.Method, *flow.Attribute) {
	method, value := Definition(r.flow.flow, name)
	is := undefined
	switch {
	case method != nil:
		is = function
	case value != nil:
		is = attribute
	}
	r.out.asked.note(answer{name: name, is: is})
	return method, value
}

// defined is the function of that name, noted.
func (r *run) defined(name string) bool {
	r.definition(name)
	return defined(r.flow.flow, name)
}

// function reports whether a name means a function of the file.
func (r *run) function(v *flow.Value) bool {
	is := undefined
	if r.flow.flow.IsFunction(v.Text, v.Span.Start+r.out.Base) {
		is = function
	}
	r.out.asked.functions = append(r.out.asked.functions, answer{v.Text, v.Span.Start, is})
	return is == function
}

// note keeps an answer. What a method does, its text and its place matter as
// well, which an answer does not hold.
func (a *asked) note(new answer) {
	a.others = a.others || new.is == function
	if a.others || len(a.names) > 0 && a.names[len(a.names)-1] == new || slices.Contains(a.names[max(0, len(a.names)-16):], new) {
		return
	}
	a.names = append(a.names, new)
}

// holds reports whether the same questions have the same answers now.
func (k *kept) holds(f *flow.Flow, m *flow.Method) bool {
	for _, a := range k.names {
		if define(f, a.name) != a.is {
			return false
		}
	}
	for _, a := range k.functions {
		if f.IsFunction(a.name, a.at+m.Base) != (a.is == function) {
			return false
		}
	}
	return k.body.Class == m.Class && k.body.Name == m.Name && k.body.File == m.File
}

// step is what a step does by itself: kept, if nothing that matters to it has
// changed.
func (f *flowRun) step(s *flow.Step) *method {
	place := s.Method.Kept(flow.KeptArtifacts)
	if known, ok := place.Load().(*kept); ok && known.holds(f.flow, s.Method) {
		return known.body
	}
	made := f.read(s.Method, s, -1).out
	if f.keep && !made.asked.others {
		place.Store(&kept{made, *made.asked})
	}
	return made
}

// take gives the step what its body does, at the place where the step is now.
func (s *Step) take() {
	b, now := s.body, s.Node.Step.Method
	s.Reads, s.Inputs, s.Members, s.Merges, s.Sites = b.reads, b.inputs, b.members, b.merges, b.sites
	if b.Method == now {
		return
	}
	by := now.Base - b.Base
	s.Reads = moved(b.reads, func(r *Read) { r.Method, r.Span = now, r.Span.Shift(by) })
	s.Inputs = moved(b.inputs, func(i *Input) { i.Span = i.Span.Shift(by) })
	s.Members = moved(b.members, func(i *Input) { i.Span = i.Span.Shift(by) })
	s.Sites = moved(b.sites, func(x *Site) { x.Method, x.Span = now, x.Span.Shift(by) })
	s.Merges = moved(b.merges, func(m *Merge) {
		m.Method, m.Span, m.Call = now, m.Span.Shift(by), m.Call.Shift(by)
		m.lists()
	})
}

// moved is a copy of a list in which change has moved each.
func moved[T any](list []*T, change func(*T)) []*T {
	if len(list) == 0 {
		return nil
	}
	copies, out := make([]T, len(list)), make([]*T, len(list))
	for i, old := range list {
		copies[i] = *old
		change(&copies[i])
		out[i] = &copies[i]
	}
	return out
}

// here are sites of the body where the step has them now.
func (s *Step) here(sites []*Site) []*Site {
	if s.body.Method == s.Node.Step.Method || len(sites) == 0 {
		return sites
	}
	out := make([]*Site, len(sites))
	for i, site := range sites {
		out[i] = s.Sites[site.place]
	}
	return out
}
