package artifact

import (
	"slices"

	"flowls/analysis/flow"
)

// follow does what a method does that is called here.
func (r *run) follow(m *flow.Method, op *flow.Op) {
	r.out.asked.others = true
	if m.Static {
		return // does not get the flow
	}
	called := r.flow.summary(m)
	via := r.span(op)
	conditional := r.conditions > 0 || r.left
	for _, need := range called.reads {
		moved := *need
		n := r.out.number(need.Name)
		moved.Via = via
		moved.Conditional = need.Conditional || conditional
		moved.Looped = need.Looped || r.loops > 0
		moved.Nested = need.Nested || r.nested
		moved.First = need.First && !r.out.seen[n]
		r.out.seen[n] = true
		moved.Guarded = need.Guarded || r.safe > 0 || r.out.asks[need.Name]
		moved.effect = r.now.effect(n).after(need.effect)
		moved.unknown = need.unknown || r.now.unknown
		moved.at = need.at.on(r.now.at)
		r.out.reads = append(r.out.reads, &moved)
	}
	for _, merge := range called.merges {
		moved := *merge
		moved.Via = via
		moved.Conditional = merge.Conditional || conditional || r.loops > 0
		moved.before = append([]snapshot{{r.now.copy(), r.out}}, merge.before...)
		r.out.merges = append(r.out.merges, &moved)
	}
	r.out.sites = append(r.out.sites, called.sites...)
	for i := range called.exit.slots {
		s := called.exit.slots[i]
		if s.effect == keep {
			continue
		}
		mine := r.now.slot(r.out.number(called.names[i]))
		if s.effect != set {
			s.sites = union(mine.sites, s.sites)
		}
		*mine = slot{mine.effect.after(s.effect), s.sites}
	}
	r.now.unknown = r.now.unknown || called.exit.unknown || m.Wrapped
	r.now.at = called.exit.at.on(r.now.at)
	if called.exit.dead && !m.Wrapped {
		r.leave()
	}
}

// on is the epoch with another one before it.
func (e *epoch) on(before *epoch) *epoch {
	if e == nil {
		return before
	}
	if before == nil {
		return e
	}
	moved := &epoch{merge: e.merge, before: e.before.on(before)}
	if e.merge == nil {
		moved.else_ = e.else_.on(before)
	}
	return moved
}

// reduce leaves one read of a sort for each name, so that what a chain of
// helper methods needs does not grow with the number of their calls.
func (m *method) reduce() {
	type sort struct {
		name                                          string
		kind                                          ReadKind
		effect                                        transfer
		conditional, looped, guarded, nested, unknown bool
		at                                            *epoch
	}
	seen := map[sort]bool{}
	m.reads = slices.DeleteFunc(m.reads, func(r *Read) bool {
		if r.effect == set || r.unknown {
			return true // needs nothing of the caller
		}
		k := sort{r.Name, r.Kind, r.effect, r.Conditional, r.Looped, r.Guarded, r.Nested, r.unknown, r.at}
		known := seen[k]
		seen[k] = true
		return known
	})
	const limit = 200 // of what a chain of calls may pile up
	m.sites, m.merges = m.sites[:min(len(m.sites), limit)], m.merges[:min(len(m.merges), limit)]
}

// merge is self.merge_artifacts(…).
func (r *run) merge(op *flow.Op) {
	code := r.out.Code()
	call := op.Value
	merge := &Merge{
		Span: r.span(op), Call: call.Shift(r.out.Base), Method: r.out.Method, Conditional: r.conditions > 0 || r.loops > 0 || r.left,
		before: []snapshot{{r.now.copy(), r.out}},
	}
	inputs := merge.argument(0, "inputs")
	merge.Partial = inputs.Kind != flow.Name || inputs.Text != code.Inputs
	merge.lists()
	r.out.merges = append(r.out.merges, merge)
	r.now.at = &epoch{merge: merge, before: r.now.at}
}

// argument is one of the call's, by place or keyword.
func (m *Merge) argument(at int, keyword string) flow.Value {
	if k, ok := m.Call.Keyword(keyword); ok {
		return k.Value
	}
	if at < len(m.Call.Items) {
		return m.Call.Items[at]
	}
	return flow.Value{}
}

// lists reads include and exclude from the call.
func (m *Merge) lists() {
	list := func(v flow.Value) []flow.Value {
		switch {
		case !v.Known() || v.Kind == flow.None:
			return nil
		case !v.Literal() || v.Kind != flow.List && v.Kind != flow.Tuple && v.Kind != flow.Set:
			m.Dynamic = true
			return nil
		}
		for _, item := range v.Items {
			m.Dynamic = m.Dynamic || item.Kind != flow.String
		}
		return v.Items
	}
	m.Exclude, m.Include = list(m.argument(1, "exclude")), list(m.argument(2, "include"))
	m.Dynamic = m.Dynamic || m.Call.Unpacks
}

// Names are those of include or exclude.
func Names(values []flow.Value) []string {
	var names []string
	for _, v := range values {
		names = append(names, v.Text)
	}
	return names
}
