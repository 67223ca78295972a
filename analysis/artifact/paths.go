package artifact

import (
	"slices"

	"flowls/analysis/flow"
)

// branches is an if, a match, or a part of an expression that may not run.
func (r *run) branches(op *flow.Op) {
	before := r.now
	how := r.how(firm)
	r.conditions++
	result := state{dead: true}
	for _, b := range op.Blocks {
		r.now = before.copy()
		r.block(b)
		result = result.meet(r.asked(r.now), how)
	}
	r.conditions--
	if !op.Exhaustive {
		if len(op.Blocks) > 1 {
			how = r.how(complete)
		}
		result = result.meet(before, how)
	}
	r.now = result
}

// how is the way in which paths meet here: in a loop nothing is firm.
func (r *run) how(outside meeting) meeting {
	if r.loops > 0 {
		return loose
	}
	return outside
}

// asked: what is set because it was missing is there afterwards.
func (r *run) asked(s state) state {
	for i := range s.slots {
		if s.slots[i].effect == set && r.out.asks[r.out.names[i]] {
			s.slots[i].effect = related
		}
	}
	return s
}

// loop runs a block any number of times.
func (r *run) loop(op *flow.Op) {
	body := op.Blocks[0]
	before := r.now
	entry := r.loosened(before, body)
	var breaks []state
	r.breaks = append(r.breaks, &breaks)
	r.loops++
	r.now = entry.copy()
	r.block(body)
	r.loops--
	r.breaks = r.breaks[:len(r.breaks)-1]

	end := before.meet(r.now, loose).meet(r.loosened(before, body), loose)
	if op.Exhaustive {
		end.dead = true
	}
	r.now = end
	if len(op.Blocks) > 1 && !r.now.dead {
		r.block(op.Blocks[1])
	}
	for i, b := range breaks {
		if i == 0 && op.Exhaustive {
			r.now = b // what the only way out has set is set
			continue
		}
		r.now = r.now.meet(b, loose)
	}
}

// loosened is the state when ops may already have run, in part or often.
func (r *run) loosened(before state, ops []flow.Op) state {
	s := before.copy()
	r.touched(ops, func(name string, kind flow.OpKind) {
		slot := s.slot(r.out.number(name))
		if slot.effect != set || kind == flow.OpDelete {
			slot.effect = related
		}
	}, &s.unknown)
	return s
}

// ended is the state when the whole method may have run.
func (r *run) ended(before state) state {
	if r.whole == nil {
		r.whole = []string{}
		unknown := false
		r.touched(r.out.Code().Ops, func(name string, _ flow.OpKind) { r.whole = append(r.whole, name) }, &unknown)
		slices.Sort(r.whole)
		r.whole = slices.Compact(r.whole)
		r.wholeUnknown = unknown
	}
	s := before.copy()
	for _, name := range r.whole {
		if slot := s.slot(r.out.number(name)); slot.effect != set {
			slot.effect = related
		}
	}
	s.unknown = s.unknown || r.wholeUnknown
	return s
}

// touched calls the function for each name that ops may set or delete.
func (r *run) touched(ops []flow.Op, each func(name string, kind flow.OpKind), unknown *bool) {
	for i := range ops {
		op := &ops[i]
		switch op.Kind {
		case flow.OpAssign, flow.OpAugment, flow.OpDelete:
			if name := r.name(op); !dunder(name) {
				each(name, op.Kind)
			}
		case flow.OpEscape:
			*unknown = true
		case flow.OpCall, flow.OpRead:
			method, _ := r.definition(r.name(op))
			if method == nil || method.Static || op.Kind == flow.OpRead && !method.Property {
				continue
			}
			called := r.flow.summary(method)
			for k, s := range called.exit.slots {
				if s.effect != keep {
					each(called.names[k], flow.OpAssign)
				}
			}
			*unknown = *unknown || called.exit.unknown || method.Wrapped || called.exit.at != nil
		case flow.OpSuper:
			r.out.asked.others = true
			*unknown = *unknown || len(r.flow.flow.Methods[r.name(op)]) > 0
		}
		for _, b := range op.Blocks {
			r.touched(b, each, unknown)
		}
	}
}

// try runs a body that may end anywhere.
func (r *run) try(op *flow.Op) {
	before := r.now
	first := len(r.out.sites)
	r.conditions++
	if op.Exhaustive {
		r.safe++
	}
	r.now = before.copy()
	r.block(op.Blocks[0])
	if op.Exhaustive {
		r.safe--
	}
	r.block(op.Blocks[1])
	end := r.now
	interrupted := r.interrupted(before, op.Blocks[0], first)
	how := r.how(failed)
	for _, handler := range op.Blocks[3:] {
		r.now = interrupted.copy()
		r.block(handler)
		end = end.meet(r.asked(r.now), how)
	}
	r.conditions--
	r.now = end
	if end.dead {
		r.now = interrupted.copy()
	}
	if len(op.Blocks[2]) > 0 {
		r.block(op.Blocks[2])
	}
	r.now.dead = r.now.dead || end.dead
}

// interrupted is the state when an exception ends ops somewhere: only what is
// set at the very beginning, to what cannot fail, is sure. The sites from
// first on are those of ops.
func (r *run) interrupted(before state, ops []flow.Op, first int) state {
	s := before.copy()
	sure := 0
	for sure < len(ops) && cannotFail(&ops[sure]) {
		sure++
	}
	beginning := map[string]bool{}
	for i := range ops[:sure] {
		if ops[i].Kind == flow.OpAssign {
			beginning[r.name(&ops[i])] = true
		}
	}
	r.touched(ops, func(name string, kind flow.OpKind) {
		slot := s.slot(r.out.number(name))
		switch {
		case beginning[name] && kind != flow.OpDelete:
			slot.effect = set
		case kind == flow.OpDelete || slot.effect != keep && slot.effect != set:
			slot.effect = related
		case slot.effect == keep:
			slot.effect = keep.meet(set, r.how(failed))
		}
	}, &s.unknown)
	for _, site := range r.out.sites[first:] {
		if i, known := r.out.find(site.Name); known {
			slot := s.slot(i)
			slot.sites = union(slot.sites, []*Site{site})
		}
	}
	return s
}

func cannotFail(op *flow.Op) bool {
	switch op.Kind {
	case flow.OpAssign, flow.OpLocal:
		return op.Value.Literal()
	}
	return false
}

// with runs its body once; some swallow what goes wrong in it.
func (r *run) with(op *flow.Op) {
	before := r.now.copy()
	if op.Exhaustive {
		r.conditions++
		r.safe++
	}
	r.block(op.Blocks[0])
	if op.Exhaustive {
		r.conditions--
		r.safe--
		r.now = r.now.meet(r.loosened(before, op.Blocks[0]), loose)
	}
}

// later is a function, lambda or class inside: it runs at any time or never.
func (r *run) later(op *flow.Op) {
	before := r.now
	wasNested, exits, breaks, left := r.nested, r.exits, r.breaks, r.left
	r.nested, r.breaks = true, nil
	r.conditions++
	r.now = r.ended(before) // it may see what the rest of the method sets
	r.block(op.Blocks[0])
	r.conditions--
	r.nested, r.exits, r.breaks, r.left = wasNested, exits, breaks, left
	r.now = r.loosened(before, op.Blocks[0])
}
