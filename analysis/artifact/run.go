package artifact

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// run goes through a method once, in the order of execution.
type run struct {
	flow *flowRun
	out  *method
	now  state
	// step is set while the method is that of a step, whose self.next counts.
	step *flow.Step
	// conditions counts the ifs, tries and nested functions around, loops the loops.
	conditions, loops int
	// left: some path has left the method before here.
	left   bool
	nested bool
	safe   int // tries around that take an AttributeError
	breaks []*[]state
	exits  []state
	items  map[string]bool // locals that depend on self.input
	locals map[string]bool // local functions

	// whole is what the whole method touches, once somebody asked.
	whole        []string
	wholeUnknown bool

	// probe asks for the state at that offset; seen keeps it.
	probe int
	seen  *state
}

// flowRun is the analysis of a flow while it is made.
type flowRun struct {
	flow    *flow.Flow
	methods map[*flow.Method]*method
	running map[*flow.Method]bool
	keep    bool // see Again
}

// summary is what a helper method does; one that is already being read, a
// recursion, does nothing new.
func (f *flowRun) summary(m *flow.Method) *method {
	if known := f.methods[m]; known != nil {
		return known
	}
	if f.running[m] {
		return &method{Method: m}
	}
	f.running[m] = true
	made := f.read(m, nil, -1).out
	delete(f.running, m)
	f.methods[m] = made
	return made
}

// read goes through a method.
func (f *flowRun) read(m *flow.Method, step *flow.Step, probe int) *run {
	code := m.Code()
	r := &run{
		flow: f, step: step, probe: probe,
		out: &method{Method: m, asked: &asked{}},
	}
	r.guards(code.Ops)
	if code.Generator || m.Async {
		r.conditions++ // runs when somebody asks for it
		r.block(code.Ops)
		r.now = r.loosened(state{}, code.Ops)
	} else {
		r.block(code.Ops)
	}
	r.out.failed = r.interrupted(state{}, code.Ops, 0)
	r.out.exit = r.now
	for _, e := range r.exits {
		if step == nil || r.out.exit.dead {
			r.out.exit = r.out.exit.meet(e, loose)
		}
	}
	if step == nil {
		r.out.reduce()
	}
	return r
}

// guards notes the names that the method asks for.
func (r *run) guards(ops []flow.Op) {
	for i := range ops {
		if ops[i].Kind == flow.OpGuard {
			r.out.asks = with(r.out.asks, r.name(&ops[i]), true)
		}
		for _, b := range ops[i].Blocks {
			r.guards(b)
		}
	}
}

func (r *run) name(op *flow.Op) string { return private(op.Name, r.out.Class) }

func (r *run) span(op *flow.Op) text.Span { return op.Span.Shift(r.out.Base) }

func (r *run) block(ops []flow.Op) {
	for i := range ops {
		if r.now.dead {
			return
		}
		if r.probe >= 0 && ops[i].Span.Start+r.out.Base <= r.probe {
			s := r.now.copy()
			r.seen = &s
		}
		r.op(&ops[i])
	}
}

func (r *run) op(op *flow.Op) {
	switch op.Kind {
	case flow.OpRead:
		r.read(op, Plain)
	case flow.OpAssign:
		r.assign(op)
	case flow.OpAugment:
		r.read(op, Augmented)
		r.assign(op)
	case flow.OpDelete:
		r.read(op, Deleted)
		if name := r.name(op); !r.defined(name) {
			*r.now.slot(r.out.number(name)) = slot{effect: dropped}
		}
	case flow.OpCall:
		r.call(op)
	case flow.OpSuper:
		r.super(op)
	case flow.OpNext:
		r.next(op)
	case flow.OpMerge:
		r.merge(op)
	case flow.OpEscape:
		r.now.unknown = true
	case flow.OpInput:
		if r.step != nil && r.out.Code().Inputs != "" {
			r.out.inputs = append(r.out.inputs, &Input{
				Name: r.name(op), Branch: op.Branch, Span: r.span(op), Each: op.Each,
				Conditional: r.conditions > 0 || r.left, Guarded: r.safe > 0 || r.out.asks[r.name(op)],
			})
		}
	case flow.OpInputsMember:
		if r.step != nil {
			r.out.members = append(r.out.members, &Input{
				Branch: op.Name, Span: r.span(op), Conditional: r.conditions > 0 || r.left, Guarded: r.safe > 0 || r.out.asks[op.Name],
			})
		}
	case flow.OpLocal:
		if depends := r.depends(op); depends || r.items[op.Name] {
			r.items = with(r.items, op.Name, depends)
		}
		r.locals = with(r.locals, op.Name, op.Value.Kind == flow.Lambda || op.Function)
	case flow.OpReturn:
		r.exits = append(r.exits, r.now.copy())
		r.leave()
	case flow.OpRaise:
		r.leave()
	case flow.OpBreak:
		if n := len(r.breaks); n > 0 {
			*r.breaks[n-1] = append(*r.breaks[n-1], r.now.copy())
		}
		r.leave()
	case flow.OpContinue:
		r.leave()
	case flow.OpIf:
		r.branches(op)
	case flow.OpLoop:
		r.loop(op)
	case flow.OpTry:
		r.try(op)
	case flow.OpWith:
		r.with(op)
	case flow.OpNested:
		r.later(op)
	}
}

// super runs the method of the next class that has it. FlowSpec.__init__ runs
// the command line, and with it the task, and never comes back.
func (r *run) super(op *flow.Op) {
	name := r.name(op)
	r.out.asked.others = true
	for _, m := range r.flow.flow.Methods[name] {
		if m.Rank > r.out.Rank {
			r.follow(m, op)
			return
		}
	}
	if name == "__init__" && r.out.Name == "__init__" && !r.flow.flow.Open {
		r.exits = append(r.exits, r.now.copy())
		r.leave()
	}
}

func (r *run) leave() {
	r.now.dead = true
	if r.conditions > 0 || r.loops > 0 {
		r.left = true
	}
}

// with is a set with one entry more; most methods need none.
func with(set map[string]bool, name string, is bool) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[name] = is
	return set
}

// depends reports whether what an op assigns depends on the item of a foreach.
func (r *run) depends(op *flow.Op) bool {
	return mentionsItem(*op.Value, r.out.Code().Self, r.items)
}

// mentionsItem looks for self.input, self.index and locals that hold them.
func mentionsItem(v flow.Value, self string, items map[string]bool) bool {
	if v.Kind == flow.Name && (v.Text == self+".input" || v.Text == self+".index" || items[v.Text]) {
		return true
	}
	for _, list := range [][]flow.Value{v.Items, v.Keys} {
		for _, item := range list {
			if mentionsItem(item, self, items) {
				return true
			}
		}
	}
	for _, k := range v.Keywords {
		if mentionsItem(k.Value, self, items) {
			return true
		}
	}
	return false
}

func (r *run) read(op *flow.Op, kind ReadKind) {
	name := r.name(op)
	if method, _ := r.definition(name); method != nil && method.Property && kind == Plain {
		r.follow(method, op)
	}
	r.need(name, kind, r.span(op))
}

// need notes that a name is needed here.
func (r *run) need(name string, kind ReadKind, span text.Span) {
	if r.defined(name) {
		return
	}
	n := r.out.number(name)
	r.out.reads = append(r.out.reads, &Read{
		Name: name, Kind: kind, Span: span, Method: r.out.Method,
		Conditional: r.conditions > 0 || r.left, Looped: r.loops > 0, Guarded: r.safe > 0 || r.out.asks[name], Nested: r.nested,
		First:  !r.out.seen[n],
		effect: r.now.effect(n), unknown: r.now.unknown, at: r.now.at,
	})
	r.out.seen[n] = true
	if r.safe > 0 {
		r.out.asks = with(r.out.asks, name, true) // the exception that this may raise is the answer
	}
}

func (r *run) assign(op *flow.Op) {
	name := r.name(op)
	if method, _ := r.definition(name); method != nil && method.Property {
		r.out.asked.others = true
		if setter := Setter(r.flow.flow, name); setter != nil {
			r.follow(setter, op)
		}
		r.now.unknown = r.now.unknown || method.Wrapped
	}
	site := &Site{
		Name: name, Span: r.span(op), Method: r.out.Method, value: op.Value, place: len(r.out.sites), Inputs: op.Inputs,
		Augmented: op.Kind == flow.OpAugment, Item: r.depends(op), Conditional: r.conditions > 0 || r.loops > 0 || r.left,
		Guarded:  r.safe > 0,
		Function: op.Value.Kind == flow.Lambda || r.isFunction(op),
		Self:     op.Value.Kind == flow.Name && op.Value.Text != "" && op.Value.Text == r.out.Code().Self,
	}
	r.out.sites = append(r.out.sites, site)
	if dunder(name) {
		return
	}
	n := r.out.number(name)
	r.out.seen[n] = true
	s := r.now.slot(n)
	if site.Augmented && s.effect == set {
		s.sites = union(s.sites, []*Site{site})
		return
	}
	*s = slot{set, []*Site{site}}
}

// isFunction reports whether what is assigned is a function: Metaflow stores none.
func (r *run) isFunction(op *flow.Op) bool {
	v := op.Value
	if v.Kind != flow.Name {
		return false
	}
	if name, ok := strings.CutPrefix(v.Text, r.out.Code().Self+"."); ok {
		method, _ := r.definition(name)
		return method != nil && !method.Property && !method.Wrapped
	}
	local, known := r.locals[v.Text]
	known = known || slices.ContainsFunc(r.out.Args, func(a flow.Arg) bool { return a.Name == v.Text })
	return local || !known && r.function(v)
}

// next reads what the transition at the end of a step names.
func (r *run) next(op *flow.Op) {
	if r.step == nil || r.step.Next == nil || r.step.Next.Span != r.span(op) {
		return
	}
	switch t := r.step.Next; {
	case t.Foreach != "" && t.Kind == flow.Foreach:
		r.need(t.Foreach, Foreach, t.KeywordSpan)
	case t.Kind == flow.Switch:
		r.need(t.Condition, Condition, t.KeywordSpan)
	}
}

// call is self.name(…): a method, or an artifact that can be called.
func (r *run) call(op *flow.Op) {
	name := r.name(op)
	method, attribute := r.definition(name)
	switch {
	case method != nil:
		r.follow(method, op)
	case attribute != nil:
		r.out.asked.others = true
		// A function of the class body takes the flow as its first argument.
		r.now.unknown = r.now.unknown || attribute.Value().Kind != flow.Call
	default:
		r.need(name, Called, op.Span.Shift(r.out.Base))
	}
}
