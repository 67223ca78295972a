package rule

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
)

// helper reports whether a call of self.<name> surely calls self.next.
func (w *pathWalk) helper(name string) bool {
	return w.surely(name, func() *flow.Method {
		m := w.ownMethod(name)
		if m == nil || m.Step {
			return nil
		}
		return m
	})
}

// super reports whether a call of super().<name> surely calls self.next.
func (w *pathWalk) super(op *flow.Op) bool {
	m := w.superMethod(op)
	return m != nil && w.surely(m.Class+" "+m.File+" "+m.Name, func() *flow.Method { return m })
}

// superMethod is what super().<name>() calls, nil if that is not certain.
func (w *pathWalk) superMethod(op *flow.Op) *flow.Method {
	call := w.file.Slice(op.Span.Shift(w.method.Base))
	if !w.whole() || !strings.HasPrefix(call, "super().") && !strings.HasPrefix(call, "super("+w.method.Class+", "+w.method.Code().Self+").") {
		return nil
	}
	here := slices.IndexFunc(w.flow.Methods[w.method.Name], func(m *flow.Method) bool { return m.NameSpan == w.method.NameSpan })
	if here < 0 {
		return nil
	}
	rank := w.flow.Methods[w.method.Name][here].Rank
	if slices.ContainsFunc(w.flow.Attributes[op.Name], func(a *flow.Attribute) bool { return a.Rank > rank }) {
		return nil
	}
	up := slices.IndexFunc(w.flow.Methods[op.Name], func(m *flow.Method) bool { return m.Rank > rank })
	if up < 0 {
		return nil
	}
	return w.flow.Methods[op.Name][up]
}

// surely reports whether calling a method surely calls self.next; key tells it
// from other methods.
func (w *pathWalk) surely(key string, method func() *flow.Method) bool {
	if known, ok := w.goesOn[key]; ok {
		return known
	}
	if w.goesOn == nil {
		w.goesOn = map[string]bool{}
	}
	w.goesOn[key] = false // while it is looked at: a recursion calls nothing by itself
	m := method()
	if m == nil || m.Static || m.Wrapped || m.Async || m.Property || !mentionsNext(m.Code().Ops) {
		return false
	}
	in := &pathWalk{checker: w.checker, method: m, silent: true, sure: true, seen: map[*flow.Op]bool{}}
	if m.Code().Generator {
		return false
	}
	at := in.block(m.Code().Ops, called{none: true}).or(in.exits)
	w.goesOn[key] = !at.none && len(at.calls) > 0
	return w.goesOn[key]
}

// goesOnBy is how a call that makes a self.next is written.
func goesOnBy(op *flow.Op) string {
	if op.Kind == flow.OpSuper {
		return "super()." + op.Name
	}
	return op.Name
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
		if op.Kind == flow.OpNext || op.Kind == flow.OpCall || op.Kind == flow.OpSuper {
			return true
		}
		return slices.ContainsFunc(op.Blocks, mentionsNext)
	})
}
