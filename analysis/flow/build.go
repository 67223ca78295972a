package flow

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Build reads the flows of a file that stands alone from its syntax tree.
func Build(t *text.Text, ast *syntax.AST) *File { return BuildIn("", t, ast, nil) }

// BuildIn reads the flows of the file path, and what they build on from others.
func BuildIn(path string, t *text.Text, ast *syntax.AST, imports Importer) *File {
	r := &reader{module: newModule(path, t)}
	find := &finder{imports: imports, known: map[*class]ancestry{}}
	module := r.module.scope
	r.block(ast.Root(), 0, module, nil, false)
	runsAny := false
	for _, call := range r.calls {
		if c := call.scope.resolve(call.name, call.at).class; c != nil {
			c.instances++
		}
		if owner, ok := strings.CutSuffix(call.name, ".main"); ok { // FlowSpec.main() runs the flow of the file
			s := call.scope.resolve(owner, call.at)
			runsAny = runsAny || s.class != nil || s.metaflow() == "FlowSpec"
		}
	}
	for _, c := range r.classes {
		for _, b := range c.bases {
			if up := c.scope.resolve(b.name, c.span.Start).class; up != nil {
				up.subclassed = true
			}
		}
	}
	for _, c := range r.classes {
		c.settle()
	}
	file := &File{Text: t, root: ast.Root(), scope: module}
	for _, b := range module.bindings {
		if b.kind == importBinding && !b.conditional {
			file.Imports = append(file.Imports, Import{b.target, b.at})
		}
	}
	for _, c := range r.classes {
		if f := find.newFlow(c); f != nil {
			file.addOthers(f.order)
			file.Flows = append(file.Flows, f)
		}
	}
	if !runsAny {
		find.leaveToHeirs(file.Flows)
	}
	slices.SortStableFunc(file.Flows, func(a, b *Flow) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	file.attachErrors(ast.Problems, module)
	return file
}

// newFlow is the flow that a class defines, nil if it is none.
func (fi *finder) newFlow(c *class) *Flow {
	a := fi.ancestors(c, map[*class]bool{})
	if !a.isFlow && a.open == "" {
		return nil
	}
	f := &Flow{
		Name: c.name, NameSpan: c.nameSpan, Span: c.span,
		Doc: c.doc, DocSpan: c.docSpan,
		Abstract:   c.subclassed && c.instances == 0,
		OpenReason: a.open,
		scope:      c.body,
		order:      a.classes,
		find:       fi,
	}
	for _, b := range c.bases {
		f.Bases = append(f.Bases, b.written)
	}
	for _, from := range a.classes {
		for _, d := range from.decorators {
			r := d.resolve(from.scope, 0)
			k := d.known(r, 0)
			k.PassesOn = r.effect == passesOn && !(k.Call && r.touches) // a class that is wrapped is none
			k.Touches = r.touches
			if from == c {
				f.Decorators = append(f.Decorators, k)
			} else {
				f.BaseDecorators = append(f.BaseDecorators, k)
			}
			if from.scope.resolve(d.written, d.Span.Start).function.Valid() && !k.PassesOn {
				f.open("the decorator `" + d.Written + "` may replace the class")
			}
		}
	}
	for _, up := range a.classes {
		if up != flowSpec {
			f.classes = append(f.classes, up.span)
		}
	}
	f.addMembers(a.classes)
	if !a.isFlow && len(f.Steps) == 0 {
		return nil // some class of another library
	}
	f.Open = f.OpenReason != ""
	f.find, f.room = nil, nil
	return f
}

func (f *Flow) open(reason string) {
	if f.OpenReason == "" {
		f.OpenReason = reason
	}
}

// addMembers finds steps and parameters along the method resolution order: the
// first class that binds a name decides what it is.
func (f *Flow) addMembers(order []*class) {
	if n := len(order) - 1; order[n] == flowSpec {
		order = order[:n] // hides nothing behind it
	}
	decided := map[string]bool{}
	possible := map[string]bool{} // attributes whose value may be a step
	members := 0
	for _, c := range order {
		members += len(c.members)
	}
	f.Methods, f.Attributes, f.room = make(map[string][]*Method, members), map[string][]*Attribute{}, make([]*Method, 0, members)
	for i, c := range order {
		last := make(map[string]*member, len(c.members))
		for k := range c.members {
			m := &c.members[k]
			name := mangle(m.name, c.name)
			if m.conditional && (f.isStep(c, m) || f.isStep(c, last[name])) {
				f.open("the step `" + m.name + "` is defined under a condition")
			}
			if m.kind == memberDeleted {
				delete(last, name)
				continue
			}
			if i == 0 {
				f.addReplaced(c, last[name], m)
			}
			f.hide(c, last[name], m)
			last[name] = m
		}
		for _, name := range slices.Sorted(maps.Keys(last)) { // the first reason to be open wins
			m := last[name]
			f.addDefinition(c, name, i, m)
			if decided[name] {
				continue
			}
			if i+1 < len(order) {
				decided[name] = true
			}
			f.addMember(c, name, m)
			if f.find.mayBeStep(c, m) {
				possible[name] = true
			}
		}
	}
	f.openIfWanted(possible)
	slices.SortFunc(f.Steps, func(a, b *Step) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Parameters, func(a, b *Parameter) int { // by file: the numbers of modules may differ from run to run
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.AttrSpan.Start, b.AttrSpan.Start))
	})
}

// addReplaced notes a step that m, behind it in the class body, replaces for
// sure: decorators of m that are not Metaflow's may take the old one over.
func (f *Flow) addReplaced(c *class, old, m *member) {
	if !f.isStep(c, old) || old.conditional || m.conditional || m.kind != memberMethod || m.method == nil {
		return
	}
	if newMethodOf(c, m.name, 0, m).Property || slices.ContainsFunc(m.method.decorators, func(d decorator) bool {
		return d.resolve(c.body, m.start).metaflow == "" && !d.isStep(c.body, m.start)
	}) {
		return
	}
	f.Replaced = append(f.Replaced, Replaced{m.name, old.nameSpan, m.nameSpan})
}

// mangle is Python's name mangling of private names in a class.
func mangle(name, class string) string {
	class = strings.TrimLeft(class, "_")
	if !strings.HasPrefix(name, "__") || strings.HasSuffix(name, "__") || class == "" {
		return name
	}
	return "_" + class + name
}

func (f *Flow) addMember(c *class, name string, m *member) {
	switch m.kind {
	case memberMethod:
		if s, foreign := f.find.newStep(c, name, m); s != nil {
			if foreign {
				f.open("`@step` is not imported from metaflow")
			}
			if (foreign || c.metaclass) && !s.Opaque {
				opaque := *s // other versions of the file share it
				opaque.Opaque = true
				s = &opaque
			}
			if slices.ContainsFunc(m.method.decorators, func(d decorator) bool { return d.unsure && d.isStep(c.body, m.start) }) {
				f.open("the arguments of `@step` at `" + name + "` are not literals")
			}
			f.Steps = append(f.Steps, s)
		}
	case memberValue:
		f.addValue(c, m)
	}
}

func (f *Flow) addValue(c *class, m *member) {
	switch m.value.Kind() {
	case syntax.Call:
		callee := dotted(m.value.Child(syntax.FieldFunction))
		switch name := f.find.metaflow(c, callee, m.at); name {
		case "Parameter", "IncludeFile", "Config":
			f.Parameters = append(f.Parameters, newParameter(name, c, m))
		case "step":
			f.open("the step `" + m.name + "` is made by a call")
		}
	case syntax.Identifier:
		for i := range c.members {
			other := &c.members[i]
			if other.kind == memberMethod && other.name == identifier(m.value) && f.isStep(c, other) {
				f.open("`" + m.name + "` is another name of the step `" + other.name + "`")
			}
		}
	}
}

// hide notes that m takes the place of a parameter for good.
func (f *Flow) hide(c *class, before, m *member) {
	if before == nil || before.kind != memberValue || before.conditional || m.conditional {
		return
	}
	if kind := c.parameterKind(before); kind != "" {
		f.Hidden = append(f.Hidden, Hidden{newParameter(kind, c, before), m.nameSpan})
	}
}

// parameterKind is the class of Metaflow's that the value of a member calls.
func (c *class) parameterKind(m *member) string {
	if m.value.Kind() != syntax.Call {
		return ""
	}
	switch kind := c.body.resolve(dotted(m.value.Child(syntax.FieldFunction)), m.at).metaflow(); kind {
	case "Parameter", "IncludeFile", "Config":
		return kind
	}
	return ""
}

func newParameter(kind string, c *class, m *member) *Parameter {
	p := &Parameter{Kind: kind, Attr: m.name, AttrSpan: m.nameSpan, Span: m.span, Class: c.name, File: c.file(), value: m.value, base: m.valueBase}
	positional, keywords := arguments(m.value)
	name := keywords.value("name")
	if len(positional) > 0 {
		name = positional[0]
	}
	if l := constant(name); l.kind == stringLiteral {
		p.Name = l.text
	}
	return p
}

func (f *Flow) isStep(c *class, m *member) bool {
	return m != nil && m.kind == memberMethod && slices.ContainsFunc(m.method.decorators, func(d decorator) bool { return d.isStep(c.body, m.start) })
}

// attachErrors lists the syntax errors and marks what they break. A file that
// has nothing to do with Metaflow is left to other tools.
func (file *File) attachErrors(problems []syntax.Problem, module *scope) {
	if len(file.Flows) == 0 && !module.importsMetaflow() {
		return
	}
	for _, p := range problems {
		e := SyntaxError{Span: p.Span, Message: p.Message}
		for _, f := range file.Flows {
			for _, span := range f.classes {
				if span.Start <= p.Span.Start && p.Span.Start <= span.End {
					f.breakAt(&e)
				}
			}
		}
		file.SyntaxErrors = append(file.SyntaxErrors, e)
	}
}

// breakAt marks what an error in the flow, or in a class that it builds on,
// breaks. The error belongs to the flow in whose text it is.
func (f *Flow) breakAt(e *SyntaxError) {
	if f.Span.Start <= e.Span.Start && e.Span.Start <= f.Span.End {
		e.Flow = f.Name
	}
	for i, s := range f.Steps {
		if s.Span.Start <= e.Span.Start && e.Span.Start <= s.Span.End {
			broken := *s // other versions of the file share it
			broken.Broken = true
			if e.Flow == f.Name {
				e.Step = s.Name
			}
			// In a header that is wrong, arguments and decorators are guesses.
			broken.Opaque = s.Opaque || e.Span.Start < s.BodySpan.Start
			broken.NextBroken = s.NextBroken || s.Next != nil && s.Next.StatementSpan.Start <= e.Span.Start && e.Span.Start <= s.Next.StatementSpan.End
			f.Steps[i] = &broken
			return
		}
	}
	f.Broken = true
}

func (s *scope) importsMetaflow() bool {
	if s.star {
		return true
	}
	return slices.ContainsFunc(s.bindings, func(b binding) bool {
		return b.kind == importBinding && (symbol{name: b.target + ".x"}).metaflow() != ""
	})
}
