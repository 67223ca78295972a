// Package artifact follows the artifacts of a flow, the attributes of self,
// from step to step: which are surely, maybe or never set where, and where
// each got its value. What the text does not decide is unknown, never wrong.
package artifact

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// Presence is how sure it is that an artifact exists at some point.
type Presence int

const (
	Never   Presence = iota
	Unknown          // code that cannot be followed may have set it
	// Related: set on some paths, and the code may well know on which.
	Related
	// Maybe: set on some paths, and what is asked about lies on others as well.
	Maybe
	Surely
)

func (p Presence) String() string {
	return [...]string{"never", "unknown", "related", "maybe", "surely"}[p]
}

// Facts is what is known about the artifacts of one flow: immutable.
type Facts struct {
	Flow  *flow.Flow
	Graph *graph.Graph
	// Closed: every path between the steps is known. Without it nothing is
	// known of what a step gets.
	Closed bool
	// Steps are parallel to Graph.List.
	Steps []*Step

	numbers map[string]int
	names   []string
	sites   func() map[string][]*Site // by name, sorted out at the first question
	initial facts                     // what __init__ gives every task

	initialSites []*Site
}

// Step is what one step does.
type Step struct {
	Node *graph.Node
	// Reads, Inputs, Members, Merges and Sites are in source order, those of helper
	// methods where these are called.
	Reads  []*Read
	Inputs []*Input
	// Members are the reads of inputs.x as such; their Name is empty.
	Members []*Input
	Merges  []*Merge
	Sites   []*Site
	// Opaque: something wraps the step and may set anything.
	Opaque bool

	facts       *Facts
	body        *method
	numbers     []int // of the body's names, -1 for what the class defines
	entry, exit facts
	epochs      map[*epoch]facts
	catch       *Site
}

// facts are presences by name. A name in neither set is never set.
type facts struct {
	all     bits // may, must, loose and lost, one behind the other
	unknown bool
}

func (f facts) part(i int) bits {
	n := len(f.all) / 4
	return f.all[i*n : (i+1)*n : (i+1)*n]
}

func (f facts) may() bits  { return f.part(0) }
func (f facts) must() bits { return f.part(1) }

// loose: of those that may be but need not be set, the ones of which the
// code may know when they are.
func (f facts) loose() bits { return f.part(2) }

// lost: a join on the way has dropped it.
func (f facts) lost() bits { return f.part(3) }

func (f *Facts) none() facts { return newFacts(len(newBits(len(f.names)))) }

// newFacts has room for so many words of each kind.
func newFacts(n int) facts { return facts{all: make(bits, 4*n)} }

func (f facts) copy() facts { return facts{slices.Clone(f.all), f.unknown} }

func (f facts) equal(o facts) bool { return f.unknown == o.unknown && f.all.equal(o.all) }

// meet is what is so where two paths come together.
func (f facts) meet(o facts) facts {
	m := f.copy()
	for i := range m.may() {
		firm := func(f facts) uint64 { return f.may()[i] &^ f.must()[i] &^ f.loose()[i] }
		differ := f.may()[i] ^ o.may()[i] // one path without it
		m.may()[i] |= o.may()[i]
		m.must()[i] &= o.must()[i]
		m.loose()[i] = m.may()[i] &^ m.must()[i] &^ (firm(f) | firm(o) | differ)
		m.lost()[i] |= o.lost()[i]
	}
	m.unknown = m.unknown || o.unknown
	return m
}

// chosen is what is so behind a switch: which way was taken may tell what is set.
func (f facts) chosen() facts {
	c := f.copy()
	for i := range c.may() {
		c.loose()[i] = c.may()[i] &^ c.must()[i]
	}
	return c
}

func (f facts) presence(n int) Presence {
	switch {
	case f.must().has(n):
		return Surely
	case f.unknown:
		return Unknown
	case !f.may().has(n):
		return Never
	case f.loose().has(n):
		return Related
	}
	return Maybe
}

// apply is what a step with that effect makes of a name.
func (f facts) apply(n int, effect transfer) {
	switch effect {
	case set:
		f.may().put(n, true)
		f.must().put(n, true)
		f.loose().put(n, false)
		f.lost().put(n, false)
	case perhaps:
		// A second condition, over what an earlier step may have set.
		f.loose().put(n, f.may().has(n) && !f.must().has(n))
		f.may().put(n, true)
		f.lost().put(n, false)
	case related:
		f.loose().put(n, !f.must().has(n))
		f.may().put(n, true)
		f.lost().put(n, false)
	}
}

// Entry is whether an artifact exists when the step starts; Exit when it ends.
func (s *Step) Entry(name string) Presence { return s.facts.presence(s.entry, name) }

// Exit is whether a finished task of the step has the artifact.
func (s *Step) Exit(name string) Presence { return s.facts.presence(s.exit, name) }

func (f *Facts) presence(at facts, name string) Presence {
	if defined(f.Flow, name) {
		return Surely
	}
	n, known := f.numbers[name]
	switch {
	case known:
		return at.presence(n)
	case at.unknown:
		return Unknown
	}
	return Never
}

// At is whether the artifact exists where it is read.
func (s *Step) At(r *Read) Presence {
	n, known := s.facts.numbers[r.Name]
	if !known {
		return Unknown
	}
	at := s.epoch(r.at)
	// What apply makes of this one name, without a copy of all the others.
	may, must, loose := at.may().has(n), at.must().has(n), at.loose().has(n)
	switch r.effect {
	case set:
		may, must, loose = true, true, false
	case perhaps:
		may, loose = true, may && !must
	case related:
		may, loose = true, !must
	}
	switch {
	case must:
		return Surely
	case at.unknown || r.unknown || r.effect == dropped:
		return Unknown
	case !may:
		return Never
	case loose:
		return Related
	}
	return Maybe
}

// Escaped reports whether code that cannot be followed has run in the step
// before the read.
func (r *Read) Escaped() bool { return r.unknown }

// Lost reports whether a join before the read has dropped the artifact.
func (s *Step) Lost(r *Read) bool {
	n, known := s.facts.numbers[r.Name]
	return known && s.epoch(r.at).lost().has(n)
}

// Initial reports whether __init__ surely sets the artifact, so that every
// task starts with that value.
func (f *Facts) Initial(name string) bool {
	n, known := f.numbers[name]
	return known && f.initial.must().has(n)
}

// InitialSites are the places in __init__ that set artifacts.
func (f *Facts) InitialSites() []*Site { return f.initialSites }

// Names are all artifacts that some step assigns or reads, by first use.
func (f *Facts) Names() []string { return f.names }

// Step is the step of that name, nil if there is none.
func (f *Facts) Step(name string) *Step {
	if n := f.Graph.Nodes[name]; n != nil {
		return f.Steps[n.Index]
	}
	return nil
}

// UnknownEntry: the step may get artifacts that nothing here shows.
func (s *Step) UnknownEntry() bool { return s.entry.unknown }

// UnknownExit: the step may leave artifacts that nothing here shows.
func (s *Step) UnknownExit() bool { return s.exit.unknown }

// Branches are the steps that a join comes from, by branch; a branch with a
// switch may end in one of several.
func (s *Step) Branches() [][]*Step {
	var list [][]*Step
	place := map[string]int{}
	for _, from := range s.From() {
		branch := from.Node.Branch()
		at, known := place[branch]
		if !known {
			at = len(list)
			place[branch] = at
			list = append(list, nil)
		}
		list[at] = append(list[at], from)
	}
	return list
}

// From are the steps whose end leads to the start of s.
func (s *Step) From() []*Step {
	var list []*Step
	for _, name := range s.Node.In {
		list = append(list, s.facts.Step(name))
	}
	if s.Node.Type == graph.Switch && s.Node.Reachable {
		for _, out := range s.Node.Out {
			if out == s.Node.Step.Name {
				return append(list, s)
			}
		}
	}
	return list
}

// Reached are the values that an artifact may have when the step ends: the
// places that may have set it last, and whether there may be others.
func (s *Step) Reached(name string) (sites []*Site, open bool) {
	seen := map[*Step]bool{}
	var walk func(s *Step)
	walk = func(s *Step) {
		if seen[s] {
			return
		}
		seen[s] = true
		here, through := s.last(name)
		sites = union(sites, here)
		open = open || s.Opaque || s.body.exit.unknown
		if !through {
			return
		}
		if s.Node.Type == graph.Join {
			open = true
			return
		}
		for _, from := range s.From() {
			walk(from)
		}
	}
	walk(s)
	return sites, open || len(sites) >= siteLimit
}

// Last are the places of the step itself, helpers included, that may have set
// the artifact when it ends, in code that may run; only: it is one of them.
func (s *Step) Last(name string) (sites []*Site, only bool) {
	sites, through := s.last(name)
	return sites, !through
}

// last are the places of the step itself that may have set the artifact last;
// through: it may also be as it was before.
func (s *Step) last(name string) (sites []*Site, through bool) {
	if s.catch != nil && s.catch.Name == name {
		return []*Site{s.catch}, false
	}
	n, known := s.body.find(name)
	if !known || n >= len(s.body.exit.slots) {
		return nil, true
	}
	slot := s.body.exit.slots[n]
	return s.here(slot.sites), slot.effect != set
}

// Reaching is an artifact that reaches a place in the code.
type Reaching struct {
	Name     string
	Presence Presence
}

// Reaching lists what may exist at an offset in the body of the step, by name.
func (s *Step) Reaching(offset int) []Reaching {
	f := &flowRun{flow: s.facts.Flow, methods: map[*flow.Method]*method{}, running: map[*flow.Method]bool{}}
	r := f.read(s.Node.Step.Method, s.Node.Step, offset)
	now := state{}
	if r.seen != nil {
		now = *r.seen
	}
	at := s.entry.copy()
	if now.at != nil { // merges of this reading stand where those of s do
		at = s.reached(now.at)
	}
	for i, slot := range now.slots {
		if n, known := s.facts.numbers[r.out.names[i]]; known {
			at.apply(n, slot.effect)
		}
	}
	at.unknown = at.unknown || now.unknown
	var list []Reaching
	for n, name := range s.facts.names {
		if p := at.presence(n); p != Never && (p != Unknown || at.may().has(n)) {
			list = append(list, Reaching{name, p})
		}
	}
	return list
}

// Sites are all places of the flow that assign the artifact, by step.
func (f *Facts) Sites(name string) []*Site { return f.sites()[name] }

// sorted are the places by the names that they set.
func (f *Facts) sorted() map[string][]*Site {
	sites := make(map[string][]*Site, len(f.names))
	seen := map[text.Span]bool{}
	for _, s := range f.Steps {
		for _, site := range s.Sites {
			if !seen[site.Span] {
				seen[site.Span] = true
				sites[site.Name] = append(sites[site.Name], site)
			}
		}
	}
	return sites
}

// Caught: @catch lets the flow go on when the step fails.
func (s *Step) Caught() bool { return catches(s.Node.Step) }
