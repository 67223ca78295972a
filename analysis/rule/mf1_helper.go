package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// helper reports whether a call of self.<name> surely calls self.next.
func (w *pathWalk) helper(name string) bool {
	if known, ok := w.goesOn[name]; ok {
		return known
	}
	if w.goesOn == nil {
		w.goesOn = map[string]bool{}
	}
	w.goesOn[name] = false // while it is looked at: a recursion calls nothing by itself
	m := w.ownMethod(name)
	if m == nil || m.Step || m.Static || m.Wrapped || m.Async || m.Property || !mentionsNext(m.Code().Ops) {
		return false
	}
	in := &pathWalk{checker: w.checker, method: m, silent: true, seen: map[*flow.Op]bool{}}
	if m.Code().Generator {
		return false
	}
	at := in.block(m.Code().Ops, called{none: true}).or(in.exits)
	w.goesOn[name] = !at.none && len(at.calls) > 0
	return w.goesOn[name]
}

// ownMethod is the method of a flow by that name, nil if it may be another one.
func (c *checker) ownMethod(name string) *flow.Method {
	methods := c.flow.Methods[name]
	if len(methods) == 0 || len(c.flow.Attributes[name]) > 0 || !c.whole() {
		return nil
	}
	return methods[0]
}

// mentionsNext reports whether ops may call self.next, directly or by another method.
func mentionsNext(ops []flow.Op) bool {
	return slices.ContainsFunc(ops, func(op flow.Op) bool {
		if op.Kind == flow.OpNext || op.Kind == flow.OpCall {
			return true
		}
		return slices.ContainsFunc(op.Blocks, mentionsNext)
	})
}
