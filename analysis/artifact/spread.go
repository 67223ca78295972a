package artifact

import "flowls/analysis/graph"

// spread computes entry and exit of every step, in topological order: the only
// loop that Metaflow has is a switch that leads to its own step.
func (f *Facts) spread(constructor *method) {
	base := f.none()
	if constructor != nil {
		f.applyAll(base, constructor, constructor.exit)
		base.unknown = constructor.exit.unknown || constructor.Wrapped
	}
	base.unknown = base.unknown || dynamic(f.Flow)
	f.initial = base
	nothing := base // nobody changes its sets
	nothing.unknown = true
	for _, s := range f.Steps { // what cannot be reached, or not be followed
		s.entry, s.exit = nothing, nothing
	}
	for _, s := range f.Steps {
		if !f.Closed || !s.Node.Reachable {
			s.finish()
		}
	}
	if !f.Closed {
		return
	}
	for _, name := range f.Graph.Sorted {
		s := f.Step(name)
		s.entry = base.copy()
		if s.Node.Type == graph.Join {
			s.loseAll()
		} else if len(s.Node.In) > 0 {
			s.entry = s.before(base)
		}
		s.entry.unknown = s.entry.unknown || s.Opaque
		s.finish()
		if s.repeats() {
			s.repeat()
		}
	}
}

func (f *Facts) applyAll(to facts, m *method, exit state) {
	for i, slot := range exit.slots {
		if n, known := f.numbers[m.names[i]]; known {
			to.apply(n, slot.effect)
		}
	}
}

// before is what the steps before leave; every task has what its flow has.
func (s *Step) before(base facts) facts {
	var met facts
	for i, name := range s.Node.In {
		from := s.facts.Step(name)
		exit := from.exit
		if from.Node.Type == graph.Switch {
			exit = exit.chosen()
		}
		if i == 0 {
			met = exit.copy()
		} else {
			met = met.meet(exit)
		}
	}
	for i := range base.must() {
		met.may()[i] |= base.may()[i]
		met.must()[i] |= base.must()[i]
		met.loose()[i] &^= base.must()[i]
	}
	return met
}

func (s *Step) repeats() bool {
	from := s.From()
	return len(from) > 0 && from[len(from)-1] == s
}

// repeat lets the end of a step lead to its start again, until nothing
// changes: the second round already sees all that it can.
func (s *Step) repeat() {
	for range 4 {
		entry := s.entry.meet(s.exit.chosen())
		if entry.equal(s.entry) {
			return
		}
		s.entry = entry
		s.finish()
	}
}

// loseAll: a join starts with nothing of what its branches have.
func (s *Step) loseAll() {
	for _, name := range s.Node.In {
		from := s.facts.Step(name)
		for i := range s.entry.lost() {
			s.entry.lost()[i] |= (from.exit.may()[i] | from.exit.lost()[i]) &^ s.entry.may()[i]
		}
	}
}

// finish computes the exit from the entry.
func (s *Step) finish() {
	s.epochs = nil
	switch caught := catches(s.Node.Step); {
	case caught && s.body.exit.dead:
		s.exit = s.end(s.body.failed)
	case caught:
		s.exit = s.end(s.body.exit).meet(s.end(s.body.failed))
	default:
		s.exit = s.end(s.body.exit)
	}
	if s.catch != nil {
		if n, known := s.facts.numbers[s.catch.Name]; known {
			s.exit.apply(n, set)
		}
	}
	s.exit.unknown = s.exit.unknown || s.Opaque
}

// end is what is stored of a state at the end of the step: functions are not.
func (s *Step) end(at state) facts {
	out := s.epoch(at.at).copy()
	for i, slot := range at.slots {
		n := s.numbers[i]
		if n < 0 {
			continue
		}
		effect := slot.effect
		switch count := stored(slot.sites); {
		case count == len(slot.sites):
		case count == 0:
			effect = keep
		default:
			effect = related
		}
		out.apply(n, effect)
	}
	out.unknown = out.unknown || at.unknown || at.dead // nothing is behind it
	return out
}

func stored(sites []*Site) int {
	n := 0
	for _, s := range sites {
		if !s.Function {
			n++
		}
	}
	return n
}

// epoch is what the step has of others at some point.
func (s *Step) epoch(e *epoch) facts {
	if e == nil {
		return s.entry
	}
	if known, done := s.epochs[e]; done {
		return known
	}
	made := s.reached(e)
	if s.epochs == nil {
		s.epochs = map[*epoch]facts{}
	}
	s.epochs[e] = made
	return made
}

func (s *Step) reached(e *epoch) facts {
	switch {
	case e == nil:
		return s.entry
	case e.merge == nil:
		met := s.reached(e.before).meet(s.reached(e.else_))
		return met.chosen() // who merges under a condition knows when
	}
	return s.merged(s.reached(e.before), e.merge)
}

// merged is what merge_artifacts makes: all that some branch has, of the names
// that it is told to take.
func (s *Step) merged(before facts, m *Merge) facts {
	after := before.copy()
	if s.Node.Type != graph.Join || !s.facts.Closed {
		after.unknown = true
		return after
	}
	wanted := s.wanted(m)
	branches := s.branches()
	for i := range after.may() {
		var may, must uint64
		firm := ^uint64(0) // in every branch that has it, only on some path
		for _, b := range branches {
			may |= b.may()[i]
			must |= b.must()[i]
			firm &= ^b.may()[i] | b.may()[i]&^b.must()[i]&^b.loose()[i]
		}
		if m.Dynamic || m.Partial {
			must = 0
		}
		if m.Dynamic || m.Partial || len(branches) == 1 {
			firm = 0 // some item of the foreach may well have it
		}
		may &= wanted[i]
		must &= wanted[i]
		loose := may &^ must &^ firm
		after.may()[i] |= may
		after.must()[i] |= must
		after.loose()[i] = after.may()[i] &^ after.must()[i] & (loose | after.loose()[i])
		after.lost()[i] &^= after.may()[i]
	}
	unknown := false
	for _, name := range s.Node.In {
		unknown = unknown || s.facts.Step(name).exit.unknown
	}
	switch {
	case unknown && len(m.Include) == 0:
		after.unknown = true
	case unknown: // each name by itself
		for i := range after.may() {
			after.loose()[i] |= wanted[i] &^ after.must()[i]
			after.may()[i] |= wanted[i]
			after.lost()[i] &^= wanted[i]
		}
	}
	return after
}

// wanted are the names that a merge takes.
func (s *Step) wanted(m *Merge) bits {
	wanted := newBits(len(s.facts.names))
	for i := range wanted {
		if len(m.Include) == 0 || m.Dynamic {
			wanted[i] = ^uint64(0)
		}
	}
	for _, name := range Names(m.Include) {
		if n, known := s.facts.numbers[name]; known {
			wanted.put(n, true)
		}
	}
	for _, name := range Names(m.Exclude) {
		if n, known := s.facts.numbers[name]; known && !m.Dynamic {
			wanted.put(n, false)
		}
	}
	return wanted
}

// branches is what each branch of a join ends with. Of several steps that may
// end the same branch, behind a switch, one did.
func (s *Step) branches() []facts {
	var order []string
	met := map[string]facts{}
	for _, name := range s.Node.In {
		from := s.facts.Step(name)
		branch := from.Node.Branch()
		if before, known := met[branch]; known {
			met[branch] = before.meet(from.exit)
			continue
		}
		order = append(order, branch)
		met[branch] = from.exit
	}
	list := make([]facts, 0, len(order))
	for _, branch := range order {
		list = append(list, met[branch])
	}
	return list
}
