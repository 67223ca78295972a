package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// called is what is known of the transitions at a place of a body: whether
// some path comes here without one, and which calls paths have made. A place
// that nothing reaches has neither.
type called struct {
	none  bool
	calls []*flow.Op
}

func (s called) dead() bool { return !s.none && len(s.calls) == 0 }

func (s called) or(o called) called {
	s.none = s.none || o.none
	if len(s.calls) == 0 {
		s.calls = slices.Clip(o.calls)
		return s
	}
	for _, call := range o.calls {
		if len(s.calls) < maxMerged && !slices.Contains(s.calls, call) {
			s.calls = append(slices.Clip(s.calls), call)
		}
	}
	return s
}

// pathWalk follows the paths through the body of a step.
type pathWalk struct {
	*checker
	node   *graph.Node
	last   *flow.Op // the transition that Metaflow reads, nil for the end step
	method *flow.Method
	exits  called // where the method is left
	jumps  []*jump
	silent bool // only exits are of interest
	// plain: a function that is no method, so that its calls are none of the flow's.
	plain bool
	// sure: what does not come back by its name alone does.
	sure bool
	seen map[*flow.Op]bool
}

// jump collects what leaves a loop, or goes back to its start.
type jump struct{ out, again called }

// paths finds the ways through a step on which self.next is not called, or
// called twice.
func (c *checker) paths(n *graph.Node) {
	w := &pathWalk{checker: c, node: n, method: n.Step.Method}
	if n.Type != graph.End {
		if w.last = c.transition(n); w.last == nil {
			return
		}
	} else if n.Step.Next != nil {
		return // an end step has none: said elsewhere
	}
	if outline := outlineOf(w.method); outline.straight && (w.last != nil || !outline.ends) && !slices.ContainsFunc(outline.calls, w.helper) && !slices.ContainsFunc(outline.supers, w.super) {
		return
	}
	at := w.block(n.Step.Method.Code().Ops, called{none: true})
	if w.exits = w.exits.or(at); n.Type == graph.End {
		w.endCalls()
	}
}

// outline is what the text of a method alone says about the paths through it.
type outline struct {
	// straight: no return, and no self.next but perhaps its last statement, so that
	// only a method that it calls could make a path that is not as it looks.
	straight bool
	ends     bool     // with a self.next
	calls    []string // of other methods
	supers   []*flow.Op
}

// outlineOf reads it once for a given text.
func outlineOf(m *flow.Method) *outline {
	place := m.Kept(flow.KeptPaths)
	if known, ok := place.Load().(*outline); ok {
		return known
	}
	ops := m.Code().Ops
	made := &outline{straight: true}
	if n := len(ops); n > 0 && ops[n-1].Kind == flow.OpNext {
		ops, made.ends = ops[:n-1], true
	}
	walkOps(ops, func(o *flow.Op) {
		switch o.Kind {
		case flow.OpNext, flow.OpReturn:
			made.straight = false
		case flow.OpRaise:
			made.straight = made.straight && !o.Value.Known()
		case flow.OpSuper:
			made.supers = append(made.supers, o)
		case flow.OpCall:
			if !slices.Contains(made.calls, o.Name) {
				made.calls = append(made.calls, o.Name)
			}
		}
	})
	place.Store(made)
	return made
}

func (w *pathWalk) block(ops []flow.Op, at called) called {
	for i := range ops {
		if at.dead() {
			break
		}
		at = w.op(&ops[i], at)
	}
	return at
}

func (w *pathWalk) op(op *flow.Op, at called) called {
	switch op.Kind {
	case flow.OpNext:
		return w.call(op, at)
	case flow.OpCall:
		switch {
		case w.plain:
		case w.helper(op.Name):
			return w.call(op, at)
		case w.stops(op.Name):
			return called{}
		}
	case flow.OpSuper:
		if w.super(op) {
			return w.call(op, at)
		}
	case flow.OpReturn:
		w.leave(op, at)
		return called{}
	case flow.OpRaise:
		if op.Value.Known() {
			switch how := w.calledComing(op.Value); {
			case how.returns:
				w.leave(op, at)
			case w.sure && !how.never:
				w.exits = w.exits.or(at)
			}
		}
		return called{}
	case flow.OpBreak, flow.OpContinue:
		if k := len(w.jumps) - 1; k >= 0 {
			j := w.jumps[k]
			if op.Kind == flow.OpBreak {
				j.out = j.out.or(at)
			} else {
				j.again = j.again.or(at)
			}
		}
		return called{}
	case flow.OpIf:
		out := called{}
		for _, b := range op.Blocks {
			out = out.or(w.block(b, at))
		}
		if !op.Exhaustive {
			out = out.or(at)
		}
		return out
	case flow.OpLoop:
		return w.loop(op, at)
	case flow.OpTry:
		return w.try(op, at)
	case flow.OpWith:
		return w.block(op.Blocks[0], at)
	}
	return at
}

// maxMerged is how many calls, or values, of different paths are kept apart.
const maxMerged = 32

// maxLoops is how many loops inside of each other are gone through twice.
const maxLoops = 4

func (w *pathWalk) loop(op *flow.Op, at called) called {
	j := &jump{}
	w.jumps = append(w.jumps, j)
	end := w.block(op.Blocks[0], at).or(j.again)
	if again := at.or(end); len(w.jumps) <= maxLoops && (again.none != at.none || len(again.calls) > len(at.calls)) {
		end = w.block(op.Blocks[0], again).or(j.again)
	}
	w.jumps = w.jumps[:len(w.jumps)-1]
	if op.Exhaustive {
		return j.out
	}
	return w.block(op.Blocks[1], at.or(end)).or(j.out)
}

// try: a handler starts as the body did. What the body had called by then is
// not known, so it is not counted.
func (w *pathWalk) try(op *flow.Op, at called) called {
	out := w.block(op.Blocks[0], at)
	out = w.block(op.Blocks[1], out)
	for _, handler := range op.Blocks[3:] {
		out = out.or(w.block(handler, at))
	}
	if len(op.Blocks[2]) == 0 {
		return out
	}
	if out.dead() {
		w.block(op.Blocks[2], at)
		return out
	}
	return w.block(op.Blocks[2], out)
}

// call is a self.next, or a call of a helper that makes one.
func (w *pathWalk) call(op *flow.Op, at called) called {
	if !w.silent && w.last != nil {
		for _, first := range at.calls {
			if first != op {
				w.second(first, op, !at.none)
			}
		}
	}
	return called{calls: []*flow.Op{op}}
}

func (w *pathWalk) see(op *flow.Op) {
	if w.seen == nil {
		w.seen = map[*flow.Op]bool{}
	}
	w.seen[op] = true
}

// second: op follows first, on every path or on some.
func (w *pathWalk) second(first, op *flow.Op, always bool) {
	if w.seen[first] {
		return
	}
	w.see(first)
	base := w.method.Base
	if first.Kind != flow.OpNext {
		if !always {
			return // perhaps the call is one that nobody makes
		}
		d := w.inBody(transitionInHelper, w.node, first, fmt.Sprintf("`%s` calls `self.next(...)`, and `%s` calls it again: Metaflow allows one call. Only the step itself should call it, as its last statement.", goesOnBy(first), w.node.Step.Name))
		if up := w.superMethod(first); first.Kind == flow.OpSuper && up != nil {
			d.Message = fmt.Sprintf("`super().%s()` calls `self.next(...)`, and `%s` calls it again: Metaflow allows one call. Move what both steps do into a method without `self.next(...)`, and call that.", first.Name, w.node.Step.Name)
			d.Related = []Related{{up.NameSpan, "this one calls it first"}}
		}
		d.Related = append(d.Related, Related{op.Span.Shift(base), "the transition of `" + w.node.Step.Name + "`"})
		w.report(d)
		return
	}
	r, message := secondTransition, fmt.Sprintf("`self.next(...)` is called again below: Metaflow stops `%s` with \"Multiple self.next() calls\". Keep only the last one.", w.node.Step.Name)
	if !always {
		r, message = conditionalTransition, fmt.Sprintf("When this runs, `self.next(...)` below is a second call, and Metaflow stops `%s` with \"Multiple self.next() calls\". To choose the next step at run time, use a switch: `self.next({\"a\": self.a, \"b\": self.b}, condition=\"kind\")`.", w.node.Step.Name)
	}
	d := w.inBody(r, w.node, first, message)
	d.Related = append(d.Related, Related{op.Span.Shift(base), "the second call"})
	if always {
		d.Fixes = w.removeCall(first)
	} else {
		d.Fixes = w.switchInstead(w.node, first)
	}
	w.report(d)
}

// leave is a return.
func (w *pathWalk) leave(op *flow.Op, at called) {
	w.exits = w.exits.or(at)
	if w.silent || w.last == nil || w.seen[op] || w.gone(w.calledComing(op.Value)) {
		return
	}
	if at.none {
		w.see(op)
		d := w.inBody(earlyReturn, w.node, op, fmt.Sprintf("`%s` ends here without `self.next(...)`: the task succeeds, then Metaflow stops the run with an internal error. Call `self.next(...)` on every path, or raise an exception to fail the step.", w.node.Step.Name))
		d.Related = append(d.Related, Related{w.last.Span.Shift(w.method.Base), "the transition that is left out"})
		d.Fixes = w.nextBeforeReturn(op)
		w.report(d)
		return
	}
	for _, call := range at.calls {
		if call.Kind != flow.OpNext || w.seen[call] || w.sameTargets(call) {
			continue
		}
		w.see(call)
		d := w.inBody(conditionalTransition, w.node, call, fmt.Sprintf("Metaflow reads only the last `self.next(...)` of `%s`: when the step ends after this one, the run stops with an internal error. To choose the next step at run time, use a switch: `self.next({\"a\": self.a, \"b\": self.b}, condition=\"kind\")`.", w.node.Step.Name))
		d.Related = append(d.Related, Related{w.last.Span.Shift(w.method.Base), "the transition that Metaflow follows"})
		w.report(d)
	}
}

// sameTargets reports whether a call leads where the last one does, or may:
// then the run goes on as if it were the last.
func (w *pathWalk) sameTargets(call *flow.Op) bool {
	if len(call.Value.Items) != len(w.last.Value.Items) || call.Value.Unpacks || len(call.Value.Keywords) != len(w.last.Value.Keywords) {
		return call.Value.Unpacks
	}
	for i, target := range call.Value.Items {
		if other := w.last.Value.Items[i]; target.Kind != flow.Name || other.Kind != flow.Name || target.Text != other.Text {
			return target.Kind != flow.Name || other.Kind != flow.Name
		}
	}
	return true
}

// endCalls: an end step calls self.next, directly or by a helper.
func (w *pathWalk) endCalls() {
	for _, call := range w.exits.calls {
		if w.exits.none && call.Kind != flow.OpNext {
			continue
		}
		r, what := secondTransition, "This"
		if call.Kind != flow.OpNext {
			r, what = transitionInHelper, "`"+goesOnBy(call)+"`"
		}
		if w.exits.none {
			r = conditionalTransition
		}
		if r == conditionalTransition {
			what = "When this runs, it"
		}
		w.report(w.inBody(r, w.node, call, fmt.Sprintf("%s calls `self.next(...)` in the end step `%s`, which has no next step: Metaflow stops the run with an internal error. Remove the call.", what, w.node.Step.Name)))
	}
}

// nextBeforeReturn calls self.next before a return, as the end of the step does.
func (w *pathWalk) nextBeforeReturn(op *flow.Op) []Fix {
	kind := w.node.Step.Next.Kind
	call := w.file.Slice(w.node.Step.Next.Span)
	if kind != flow.Linear && kind != flow.Split || strings.ContainsAny(call, "\r\n") {
		return nil
	}
	at := op.Span.Start + w.method.Base
	if indent, alone := w.indentAt(at); alone {
		return []Fix{{Title: "Call " + call + " before returning", Edits: insert(at, call+w.file.Text.LineEnding()+indent), Preferred: true}}
	}
	return []Fix{{Title: "Call " + call + " before returning", Edits: insert(at, call+"; "), Preferred: true}}
}
