package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// coming says how what is called comes back.
type coming struct {
	// returns: some path comes back, also by the name of what it calls.
	returns bool
	// stops: no path comes back, as each raises an exception, or calls what is
	// named so; never: surely none does.
	stops, never bool
}

// gone reports whether a call surely does not come back, or, unless the walk has to be
// sure, does not as far as names say.
func (w *pathWalk) gone(how coming) bool { return how.never || how.stops && !w.sure }

// stops reports whether a call of self.<name> never comes back.
func (w *pathWalk) stops(name string) bool {
	if known, ok := w.comings[name]; ok {
		return w.gone(known)
	}
	w.keepComing(name, coming{}) // while it is looked at: a recursion may come back
	m := w.ownMethod(name)
	if m == nil || m.Step || m.Wrapped || m.Async || m.Property {
		return false
	}
	how := w.comingOf(m.Code(), m.Static)
	w.keepComing(name, how)
	return w.gone(how)
}

// calledComing is about a call of a function of the file.
func (w *pathWalk) calledComing(call *flow.Value) coming {
	if call.Kind != flow.Call || call.Text == "" || w.plain || w.method == nil {
		return coming{}
	}
	key := w.method.File + " " + call.Text + "()" // no method is called so
	if known, ok := w.comings[key]; ok {
		return known
	}
	args := slices.ContainsFunc(w.method.Args, func(a flow.Arg) bool { return a.Name == call.Text })
	if args || bindsLocal(w.method.Code().Ops, call.Text) {
		return coming{}
	}
	how := coming{}
	if code := w.flow.FunctionCode(call.Text, call.Span.Start+w.method.Base); code != nil {
		how = w.comingOf(code, true)
	}
	w.keepComing(key, how)
	return how
}

func (w *pathWalk) comingOf(code *flow.Code, plain bool) coming {
	if code.Generator {
		return coming{} // a call runs nothing
	}
	back := func(sure bool) bool {
		in := &pathWalk{checker: w.checker, silent: true, plain: plain, sure: sure, seen: map[*flow.Op]bool{}}
		at := in.block(code.Ops, called{none: true})
		return !at.dead() || !in.exits.dead()
	}
	named := back(false)
	return coming{returns: named, stops: !named, never: !named && !back(true)}
}

func (c *checker) keepComing(name string, how coming) {
	if c.comings == nil {
		c.comings = map[string]coming{}
	}
	c.comings[name] = how
}
