package artifact

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// Site is a place that gives an artifact a value, or takes it.
type Site struct {
	Name   string
	Span   text.Span // self.x
	Method *flow.Method
	// Augmented: the value depends on the one before, as with +=.
	Augmented bool
	// Function: a lambda or nested function, which Metaflow does not store.
	Function bool
	// Inputs: the second argument of its method, an element of it or a list of all of them.
	Inputs bool
	// Self: the flow itself.
	Self bool
	// Item: the value depends on self.input or self.index.
	Item bool
	// Guarded: the code takes the AttributeError of an assignment that is refused.
	Guarded bool
	// Catch: @catch(var=…) sets it.
	Catch bool
	// Conditional: not on every path through its method.
	Conditional bool

	value *flow.Value // relative; nil for Catch
	place int         // in the sites of what its method does
}

// ValueKind is the kind of Value.
func (s *Site) ValueKind() flow.ValueKind {
	if s.value == nil {
		return flow.Expression
	}
	return s.value.Kind
}

// Written is Value with spans relative to the method, which costs nothing.
func (s *Site) Written() *flow.Value {
	if s.value == nil {
		return &flow.Value{}
	}
	return s.value
}

// Value is what is assigned, if the text shows it; spans in the file.
func (s *Site) Value() flow.Value {
	if s.value == nil {
		return flow.Value{}
	}
	return s.value.Shift(s.Method.Base)
}

// ReadKind is how an artifact is read.
type ReadKind int

const (
	Plain     ReadKind = iota
	Called             // self.x(…)
	Augmented          // self.x += …
	Deleted            // del self.x
	Foreach            // self.next(…, foreach="x")
	Condition          // self.next({…}, condition="x")
)

// Read is a place that needs an artifact.
type Read struct {
	Name   string
	Kind   ReadKind
	Span   text.Span // self.x; for Foreach and Condition the whole call
	Method *flow.Method
	// Via is the call in the step that leads to Method, nothing if that is the step.
	Via text.Span
	// Conditional: not on every path through the step. Looped: as often as
	// there is something to go through.
	Conditional, Looped bool
	// Guarded: the code asks first whether the artifact exists, or takes the
	// exception that says so.
	Guarded bool
	// Nested: in a function that runs later or never.
	Nested bool
	// First: nothing in the method has read or set the artifact before.
	First bool

	effect  transfer // of the step on the name up to here
	unknown bool     // something may have set anything
	at      *epoch
}

// Input is a place in a join that reads an artifact of a branch.
type Input struct {
	Name, Branch string
	Span         text.Span
	Each         bool // of every branch
	Conditional  bool
	Guarded      bool
}

// Merge is a call of merge_artifacts.
type Merge struct {
	Span   text.Span
	Call   flow.Value // spans in the file
	Method *flow.Method
	Via    text.Span
	// Include and Exclude are the literal names; Dynamic: there may be others.
	Include, Exclude []flow.Value
	Dynamic          bool
	// Partial: what is merged is not just the inputs of the step.
	Partial     bool
	Conditional bool

	before []snapshot
}

// snapshot is a state with the numbers that it goes by.
type snapshot struct {
	state state
	names *method
}

// Before says whether the step itself has surely set a name when it merges,
// and whether it may have.
func (m *Merge) Before(name string) (surely, maybe bool) {
	for _, b := range m.before {
		if n, known := b.names.find(name); known {
			effect := b.state.effect(n)
			surely, maybe = surely || effect == set, maybe || effect != keep && effect != dropped
		}
		maybe = maybe || b.state.unknown
	}
	return surely, maybe
}

// epoch is what a name that the step has not set itself depends on: the entry
// of the step (nil), what a merge made of an earlier epoch, or either of two.
type epoch struct {
	merge         *Merge // of before
	before, else_ *epoch
}

// slot is what has happened to one name.
type slot struct {
	effect transfer
	sites  []*Site // whose values it may have; not those of earlier steps
}

// state is what has happened up to some point of a method.
type state struct {
	slots   []slot // by the method's own numbers; missing ones are untouched
	unknown bool
	dead    bool // nothing gets here
	at      *epoch
}

func (s *state) copy() state {
	c := *s
	c.slots = append(make([]slot, 0, len(s.slots)+4), s.slots...)
	return c
}

func (s *state) slot(i int) *slot {
	for len(s.slots) <= i {
		s.slots = append(s.slots, slot{})
	}
	return &s.slots[i]
}

func (s *state) effect(i int) transfer {
	if i < len(s.slots) {
		return s.slots[i].effect
	}
	return keep
}

// siteLimit bounds how many places one name may have its value from at once;
// beyond, the list is of no use to anyone.
const siteLimit = 16

func union(a, b []*Site) []*Site {
	if len(a) == 0 {
		return b
	}
	var joined []*Site
next:
	for _, s := range b {
		for _, t := range a {
			if s == t {
				continue next
			}
		}
		if joined == nil {
			joined = append(make([]*Site, 0, len(a)+len(b)), a...)
		}
		if len(joined) < siteLimit {
			joined = append(joined, s)
		}
	}
	if joined == nil {
		return a
	}
	return joined
}

// meet is what is so where two paths come together.
func (s state) meet(other state, how meeting) state {
	if s.dead {
		return other
	}
	if other.dead {
		return s
	}
	m := state{unknown: s.unknown || other.unknown, at: s.at}
	if s.at != other.at {
		m.at = &epoch{before: s.at, else_: other.at}
	}
	m.slots = make([]slot, max(len(s.slots), len(other.slots)))
	for i := range m.slots {
		var a, b slot
		if i < len(s.slots) {
			a = s.slots[i]
		}
		if i < len(other.slots) {
			b = other.slots[i]
		}
		m.slots[i] = slot{a.effect.meet(b.effect, how), union(a.sites, b.sites)}
	}
	return m
}

// method is what one method does as a whole, with all that it calls.
type method struct {
	*flow.Method
	names   []string       // by number
	numbers map[string]int // nil while there are few names

	reads  []*Read
	inputs []*Input
	// members are those of inputs itself.
	members []*Input
	merges  []*Merge
	sites   []*Site // all assignments, in source order, those of calls too
	exit    state
	// failed is what is so when an exception ends the method.
	failed state
	// asks are the names that the method asks for before it reads them.
	asks map[string]bool
	seen []bool // by number: read or set so far
	// asked is what the class had to say about names, see kept.
	asked *asked
}

func (m *method) number(name string) int {
	i, known := m.find(name)
	if known {
		return i
	}
	i = len(m.names)
	m.names, m.seen = append(m.names, name), append(m.seen, false)
	switch {
	case m.numbers != nil:
		m.numbers[name] = i
	case len(m.names) > fewNames:
		m.numbers = make(map[string]int, 2*fewNames)
		for i, name := range m.names {
			m.numbers[name] = i
		}
	}
	return i
}

// fewNames are found sooner in a list than in a map.
const fewNames = 8

func (m *method) find(name string) (int, bool) {
	if m.numbers != nil {
		i, known := m.numbers[name]
		return i, known
	}
	i := slices.Index(m.names, name)
	return i, i >= 0
}
