package flow

import (
	"slices"
	"strings"
)

// isStep reports whether the decorator is Metaflow's step. A step that is not
// imported at all counts: the import line may not have been typed yet.
func (d *decorator) isStep(s *scope, base int) bool {
	return d.mayBeStep() && s.resolve(d.written, base+d.Span.Start).isStep()
}

// mayBeStep reports whether what is written can name a step.
func (d *decorator) mayBeStep() bool {
	return d.written == "step" || strings.HasSuffix(d.written, ".step") || d.written == d.first
}

func (s symbol) isStep() bool {
	return s.metaflow() == "step" || s.class == nil && lastPart(s.name) == "step"
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// known is the decorator as it was resolved, with its spans moved by base.
func (d *decorator) known(r resolved, base int) *Decorator {
	k := d.Decorator.shift(base)
	k.Name = lastPart(d.written)
	if r.metaflow != "" {
		k.Name, k.FromMetaflow = r.metaflow, true
	}
	k.PassesOn = r.effect == passesOn || r.effect == applies || r.effect == calls
	return k
}

// resolved is what a decorator of a method turned out to be.
type resolved struct {
	step     bool        // Metaflow's @step
	metaflow string      // its name if Metaflow provides it, else ""
	foreign  bool        // a step of a module that is not Metaflow's
	effect   effect      // of a function of the file
	value    bool        // of calls
	touches  bool        // of passesOn
	wrapper  *decorating // of replaces
	start    int         // where the part of the wrapper begins
}

func (d *decorator) resolve(s *scope, base int) resolved {
	symbol := s.resolve(d.written, base+d.Span.Start)
	r := resolved{step: d.mayBeStep() && symbol.isStep(), metaflow: symbol.metaflow()}
	r.foreign = symbol.bound && r.metaflow == "" && lastPart(symbol.name) == "step"
	if symbol.method == nil || symbol.several {
		return r
	}
	does := symbol.method.decorating(d.Call)
	if does.sure(s, base+d.Span.Start) {
		r.effect, r.value, r.touches = does.effect, does.value, does.touches
	}
	if does.effect == replaces {
		r.wrapper, r.start = does, symbol.start
	}
	return r
}

// madeStep is the step that a method was last read as, and all that this
// depends on beside the method: while one types elsewhere it stays the same.
type madeStep struct {
	step        Step
	next        Transition // of step
	class, name string
	metaclass   bool // of the class
	base        int
	decorators  []resolved
}

// newStep is the step that a method defines, nil if it is none, and whether its
// @step is another module's. Versions of the file share it, so it must not be
// changed.
func (fi *finder) newStep(c *class, name string, m *member) (s *Step, foreign bool) {
	method, base := m.method, m.start
	var room [8]resolved
	decorators := room[:0]
	outer, at := -1, -1 // of several @step the outermost says what the step is
	for i := range method.decorators {
		r := method.decorators[i].resolve(c.body, base)
		if r.foreign && fi.metaflow(c, method.decorators[i].written, base+method.decorators[i].Span.Start) == "step" {
			r.metaflow, r.foreign = "step", false // a file of the workspace passes it on
		}
		decorators = append(decorators, r)
		if r.step {
			at = i
			if outer < 0 {
				outer = i
			}
		}
	}
	if at < 0 || builtin(&method.decorators[0], c, "property") {
		return nil, false
	}
	if slices.ContainsFunc(decorators[:at], func(r resolved) bool { return r.effect == replaces }) {
		return nil, false
	}
	made := method.made.Load()
	if made == nil || made.base != base || made.class != c.name || made.metaclass != c.metaclass || made.name != name || !slices.Equal(made.decorators, decorators) {
		if made != nil && slices.Equal(made.decorators, decorators) {
			decorators = made.decorators
		} else {
			decorators = slices.Clone(decorators)
		}
		made = &madeStep{class: c.name, metaclass: c.metaclass, name: name, base: base, decorators: decorators}
		made.read(c, m, outer, at)
		method.made.Store(made)
	}
	return &made.step, slices.ContainsFunc(decorators, func(r resolved) bool { return r.foreign })
}

// read fills the step; at is the innermost @step, outer the outermost.
func (made *madeStep) read(c *class, m *member, outer, at int) {
	method, base, s := m.method, m.start, &made.step
	*s = Step{
		Name: made.name, Class: made.class, File: c.file(),
		NameSpan: m.nameSpan, Span: m.span,
		DefSpan: method.defSpan.Shift(base), BodySpan: method.bodySpan.Shift(base),
		Doc: method.doc, Async: method.async,
		StepSpan: method.decorators[at].Span.Shift(base),
		IsStart:  method.decorators[outer].start, IsEnd: method.decorators[outer].end,
		Opaque: method.decorators[at].unsure,
		Method: newMethodOf(c, made.name, 0, m),
	}
	if method.next != nil {
		made.next = method.next.shift(base)
		s.Next = &made.next
	}
	if n := len(method.decorators) - 1; n > 0 {
		s.Decorators = make([]*Decorator, 0, n)
	}
	for i := range method.decorators {
		d := &method.decorators[i]
		if i == at || outer <= i && i < at { // the outermost @step starts with an empty list
			s.Opaque = s.Opaque || d.unsure
			continue
		}
		k := d.known(made.decorators[i], base)
		s.Decorators = append(s.Decorators, k)
		s.Opaque = s.Opaque || i > at && !k.FromMetaflow && !k.PassesOn
	}
	if len(method.args) > 0 {
		s.Args = make([]Arg, len(method.args))
	}
	s.Wrapper = made.wrapper(c, outer, at)
	for i, a := range method.args {
		s.Args[i] = Arg{a.Name, a.Span.Shift(base)}
	}
	if method.rest.Name != "" {
		s.Rest = Arg{method.rest.Name, method.rest.Span.Shift(base)}
	}
	for _, t := range method.asides {
		s.Asides = append(s.Asides, t.shift(base))
	}
	if len(method.assigns) > 0 {
		s.Assigns = make([]*Assign, len(method.assigns))
	}
	moved := make([]Assign, len(method.assigns))
	for i, a := range method.assigns {
		moved[i] = Assign{a.Name, a.Span.Shift(base), a.StatementEnd + base}
		s.Assigns[i] = &moved[i]
	}
}

// wrapper is the function that @step is really given, where it surely is another
// than the method; at is the innermost @step, outer the outermost. Decorators that
// pass their argument on, or show it by functools.wraps, are looked through, as
// inspect does.
func (made *madeStep) wrapper(c *class, outer, at int) *Wrapper {
	var found *Wrapper
	for i, r := range made.decorators {
		switch {
		case i >= outer && i <= at:
		case i < at && r.metaflow != "" || r.effect == passesOn && !r.touches || r.effect == calls:
		case i > at && r.effect == replaces && found == nil:
			found = &Wrapper{
				Name: r.wrapper.inner, Of: r.wrapper.of, Decorator: made.step.Decorators[i-at+outer-1],
				DefSpan: r.wrapper.defSpan.Shift(r.start), Args: r.wrapper.args, Next: r.wrapper.next,
			}
		case i > at && r.effect == replaces:
		default:
			return nil
		}
	}
	if c.metaclass {
		return nil
	}
	return found
}

// builtin reports whether d is that builtin, not rebound in the file.
func builtin(d *decorator, c *class, name string) bool {
	return d.written == name && !c.body.resolve(name, c.span.Start).bound
}
