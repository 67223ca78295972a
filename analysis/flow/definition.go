package flow

// addDefinition keeps what a class of the flow binds a name to.
func (f *Flow) addDefinition(c *class, name string, rank int, m *member) {
	switch m.kind {
	case memberMethod:
		made := newMethodOf(c, name, rank, m)
		if f.Methods[name] == nil {
			f.Methods[name] = f.alone(made)
			return
		}
		f.Methods[name] = append(f.Methods[name], made)
	case memberValue, memberClass, memberModule, memberImport:
		f.Attributes[name] = append(f.Attributes[name], &Attribute{
			Name: name, Class: c.name, File: c.file(), Rank: rank, Span: m.span, NameSpan: m.nameSpan,
			Kind: attributeKinds[m.kind], Conditional: m.conditional, value: m.value, base: m.valueBase,
		})
	default: // a class, an import, the variable of a loop
		f.Attributes[name] = append(f.Attributes[name], &Attribute{Name: name, Class: c.name, File: c.file(), Rank: rank, Span: m.span, NameSpan: m.nameSpan})
	}
}

// alone is a list of one method; most names have no more.
func (f *Flow) alone(m *Method) []*Method {
	f.room = append(f.room, m)
	return f.room[len(f.room)-1 : len(f.room) : len(f.room)]
}

var attributeKinds = map[memberKind]AttributeKind{
	memberValue: AssignedAttribute, memberClass: ClassAttribute, memberModule: ModuleAttribute, memberImport: ImportedAttribute,
}

func newMethodOf(c *class, name string, rank int, m *member) *Method {
	made := Method{
		Name: name, Class: c.name, File: c.file(), Rank: rank, NameSpan: m.nameSpan, Base: m.start,
		Async: m.method.async, Args: m.method.args, method: m.method,
	}
	helper := false // some decorator does nothing to a step, but perhaps to the value of a helper
	for i := range m.method.decorators {
		d := &m.method.decorators[i]
		switch {
		case d.isStep(c.body, m.start):
			made.Step = true
		case builtin(d, c, "property") || lastPart(d.written) == "cached_property":
			made.Property = true
			made.Cached = made.Cached || c.body.resolve(d.written, m.start+d.Span.Start).name == "functools.cached_property"
		case builtin(d, c, "staticmethod") || builtin(d, c, "classmethod"):
			made.Static = true
		case lastPart(d.written) == "setter" || lastPart(d.written) == "deleter":
			made.Property = true
		default:
			switch r := d.resolve(c.body, m.start); {
			case r.metaflow != "" || r.effect == calls && r.value:
			case r.effect == calls || r.effect == passesOn || r.effect == applies:
				helper = true
			default:
				made.Wrapped = true
			}
		}
	}
	made.Wrapped = made.Wrapped || helper && !made.Step
	if last := m.method.last.Load(); last != nil && last.same(&made) {
		return last // versions of the file share it
	}
	m.method.last.Store(&made)
	return &made
}

// same: both are of the same text.
func (m *Method) same(o *Method) bool {
	return m.Name == o.Name && m.Class == o.Class && m.File == o.File && m.Rank == o.Rank && m.NameSpan == o.NameSpan && m.Base == o.Base &&
		m.Step == o.Step && m.Property == o.Property && m.Static == o.Static && m.Wrapped == o.Wrapped && m.Cached == o.Cached
}
