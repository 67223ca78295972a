package rule

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// holding is what an artifact holds at a place of a body: one of the values.
// With unknown set it may be something else as well: what an earlier step
// left, or what cannot be read from the text.
type holding struct {
	values  []held
	unknown bool
	reached bool
}

// held is a value that was assigned. Changed: the artifact was read since, so
// a list may have other elements by now. Fallback: a later assignment may have
// replaced it, perhaps always.
type held struct {
	flow.Value
	changed, fallback bool
}

func (h holding) or(o holding) holding {
	if !h.reached {
		return o
	}
	if !o.reached {
		return h
	}
	h.unknown = h.unknown || o.unknown
	h.values = slices.Clip(h.values)
	for _, v := range o.values {
		i := slices.IndexFunc(h.values, func(x held) bool { return x.Span == v.Span })
		switch {
		case i < 0 && len(h.values) == maxMerged:
			h.unknown = true
			continue
		case i < 0:
			h.values = append(h.values, v)
			continue
		}
		h.values = slices.Clone(h.values)
		h.values[i].changed = h.values[i].changed || v.changed
		h.values[i].fallback = h.values[i].fallback || v.fallback
	}
	return h
}

func (h holding) same(o holding) bool {
	return h.reached == o.reached && h.unknown == o.unknown && slices.EqualFunc(h.values, o.values, func(a, b held) bool {
		return a.Span == b.Span && a.changed == b.changed && a.fallback == b.fallback
	})
}

// after marks the values from before a branch that a part of it replaces.
func (h holding) after(before holding) holding {
	old := func(v held) bool {
		return slices.ContainsFunc(before.values, func(x held) bool { return x.Span == v.Span })
	}
	if !h.unknown && !slices.ContainsFunc(h.values, func(v held) bool { return !old(v) }) {
		return h
	}
	h.values = slices.Clone(h.values)
	for i, v := range h.values {
		h.values[i].fallback = v.fallback || old(v)
	}
	return h
}

// touch marks the values as changed.
func (h holding) touch() holding {
	h.values = slices.Clone(h.values)
	for i := range h.values {
		h.values[i].changed = true
	}
	return h
}

// valueWalk follows the values of one artifact to a transition.
type valueWalk struct {
	*checker
	name   string
	target *flow.Op
	found  holding
	method *flow.Method // whose local variables are followed, nil for none
	// loops collects what leaves each loop around, or goes back to its start.
	loops []*struct{ out, again holding }
	// later: a function inside of the body assigns the artifact, at any time.
	later bool
}

// valuesAt are the values that an artifact can have when the step calls
// self.next; sure means that it has no other. Each is an assignment of the
// step itself.
func (c *checker) valuesAt(n *graph.Node, name string, next *flow.Op) (values []held, sure bool) {
	w := &valueWalk{checker: c, name: name, target: next}
	if n.Step.Next.Kind == flow.Foreach {
		w.method = n.Step.Method
	}
	w.block(n.Step.Method.Code().Ops, holding{unknown: true, reached: true})
	return w.found.values, w.found.reached && !w.found.unknown && !w.later && len(w.found.values) > 0
}

func (w *valueWalk) block(ops []flow.Op, h holding) holding {
	for i := range ops {
		if !h.reached {
			break
		}
		op := &ops[i]
		switch op.Kind {
		case flow.OpAssign, flow.OpLocal:
			// a = self.x = […]: another name of the same object
			if op.Kind == flow.OpAssign && op.Name == w.name {
				h = w.assign(op)
				if i > 0 && op.Value.Known() && ops[i-1].Value.Span == op.Value.Span {
					h = h.touch()
				}
			} else if op.Value.Known() && i > 0 && ops[i-1].Name == w.name && ops[i-1].Value.Span == op.Value.Span {
				h = h.touch()
			}
		default:
			h = w.op(op, h)
		}
	}
	return h
}

// assign is what an assignment leaves.
func (w *valueWalk) assign(op *flow.Op) holding {
	h := holding{reached: true}
	var add func(v flow.Value)
	add = func(v flow.Value) {
		switch {
		case v.Kind == flow.Choice:
			for _, item := range v.Items {
				add(item)
			}
		case !v.Known() || v.Kind == flow.BadExpression:
			h.unknown = true
		case v.Kind == flow.Name && w.method != nil:
			h = w.alias(h, v)
		default:
			h.values = append(h.values, held{Value: v})
		}
	}
	add(*op.Value)
	return h
}

// alias takes the value of a local variable, which other code may have changed.
func (w *valueWalk) alias(h holding, v flow.Value) holding {
	of, known := boundTo(w.method, v.Text)
	if !known || of.Kind == flow.Name || of.Kind == flow.Choice || sameOrder(of) {
		h.unknown = true
		return h
	}
	of.Span = v.Span
	h.values = append(h.values, held{Value: of, changed: true})
	return h
}

func (w *valueWalk) op(op *flow.Op, h holding) holding {
	switch op.Kind {
	case flow.OpIf, flow.OpLoop, flow.OpTry:
		return w.branches(op, h).after(h)
	case flow.OpRead:
		if op.Name == w.name {
			return h.touch()
		}
		return w.effect(op.Name, h)
	case flow.OpCall:
		return w.effect(op.Name, h)
	case flow.OpAugment, flow.OpDelete:
		if op.Name == w.name {
			return holding{unknown: true, reached: true}
		}
	case flow.OpEscape, flow.OpSuper:
		return holding{unknown: true, reached: true}
	case flow.OpNext:
		if op == w.target {
			w.found = h
		}
	case flow.OpReturn, flow.OpRaise:
		return holding{}
	case flow.OpBreak, flow.OpContinue:
		if k := len(w.loops) - 1; k >= 0 {
			if op.Kind == flow.OpBreak {
				w.loops[k].out = w.loops[k].out.or(h)
			} else {
				w.loops[k].again = w.loops[k].again.or(h)
			}
		}
		return holding{}
	case flow.OpWith:
		return w.block(op.Blocks[0], h)
	case flow.OpNested:
		w.nested(op.Blocks[0], &h)
	}
	return h
}

// branches are the ops of which a part may not run.
func (w *valueWalk) branches(op *flow.Op, h holding) holding {
	switch op.Kind {
	case flow.OpLoop:
		return w.loop(op, h)
	case flow.OpTry:
		return w.try(op, h)
	}
	out := holding{}
	for _, b := range op.Blocks {
		out = out.or(w.block(b, h))
	}
	if !op.Exhaustive {
		out = out.or(h)
	}
	return out
}

func (w *valueWalk) loop(op *flow.Op, h holding) holding {
	l := &struct{ out, again holding }{}
	w.loops = append(w.loops, l)
	once := w.block(op.Blocks[0], h).or(l.again)
	twice := once
	switch again := h.or(once); {
	case len(w.loops) > maxLoops:
		twice.unknown = true
	case !again.same(h):
		twice = w.block(op.Blocks[0], again).or(l.again)
	}
	w.loops = w.loops[:len(w.loops)-1]
	if op.Exhaustive {
		return l.out
	}
	return w.block(op.Blocks[1], h.or(once).or(twice)).or(l.out)
}

// try: a handler may start after any part of the body.
func (w *valueWalk) try(op *flow.Op, h holding) holding {
	out := w.block(op.Blocks[1], w.block(op.Blocks[0], h))
	begin := h
	if w.assigns(op.Blocks[0]) {
		begin = holding{values: h.values, unknown: true, reached: true}
	}
	for _, handler := range op.Blocks[3:] {
		out = out.or(w.block(handler, begin))
	}
	if out.reached {
		return w.block(op.Blocks[2], out)
	}
	return out
}

// assigns reports whether ops may set the artifact.
func (w *valueWalk) assigns(ops []flow.Op) bool {
	return slices.ContainsFunc(ops, func(op flow.Op) bool {
		switch op.Kind {
		case flow.OpAssign, flow.OpAugment, flow.OpDelete:
			return op.Name == w.name
		case flow.OpEscape, flow.OpSuper:
			return true
		case flow.OpCall:
			return w.effects(op.Name).sets(w.name)
		}
		return slices.ContainsFunc(op.Blocks, w.assigns)
	})
}

// nested is a function that runs some time: what it sets, it sets at any time.
func (w *valueWalk) nested(ops []flow.Op, h *holding) {
	if w.assigns(ops) {
		w.later = true
	}
	*h = h.touch() // it may read it
}

// effect is a call of a method, or the reading of a property.
func (w *valueWalk) effect(name string, h holding) holding {
	e := w.effects(name)
	if e.sets(w.name) {
		return holding{unknown: true, reached: true}
	}
	if e.touches {
		return h.touch()
	}
	return h
}
