package flow

import (
	"hash"
	"hash/fnv"

	"flowls/analysis/syntax"
)

// Meaning is what the code of a step says, comments, docstrings and layout left
// out: a hash for each definition of the file that the step can get at, by
// name. The step itself has the name "", what the class defines begins with a
// dot, the rest is of the module. Parameters and other steps are not among them:
// they have their own values and meanings.
type Meaning map[string]uint64

// Definitions are the top-level statements of a file by the names that they
// bind. Make them once to ask for the meaning of several steps.
type Definitions map[string][]syntax.Node

// Definitions of the file, its flows left out.
func (f *File) Definitions() Definitions {
	flows := map[int]bool{}
	for _, fl := range f.Flows {
		for _, c := range fl.classes {
			flows[c.Start] = true
		}
	}
	defs := Definitions{}
	for n := range f.root.Items() {
		part, start := n.Part()
		if part == nil {
			start = n.Span().Start
		}
		if flows[start] {
			continue
		}
		for name := range boundBy(n) {
			defs[name] = append(defs[name], n)
		}
	}
	return defs
}

// Meaning of a step; nil if another file defines it.
func (f *Flow) Meaning(defs Definitions, step *Step) Meaning {
	if step.Method == nil || step.File != "" {
		return nil
	}
	m := meaner{flow: f, defs: defs, found: Meaning{}}
	for _, p := range f.Parameters {
		m.skip(p.Attr)
	}
	m.add("", []syntax.Node{step.Method.method.root})
	for len(m.todo) > 0 {
		next := m.todo[len(m.todo)-1]
		m.todo = m.todo[:len(m.todo)-1]
		next()
	}
	return m.found
}

// Differ lists the names whose definitions are not the same in both.
func (m Meaning) Differ(other Meaning) []string {
	var names []string
	for name, h := range m {
		if o, ok := other[name]; !ok || o != h {
			names = append(names, name)
		}
	}
	for name := range other {
		if _, ok := m[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// meaner follows the names in definitions to other definitions.
type meaner struct {
	flow    *Flow
	defs    Definitions
	found   Meaning
	skipped map[string]bool
	todo    []func()
}

func (m *meaner) skip(attribute string) {
	if m.skipped == nil {
		m.skipped = map[string]bool{}
	}
	m.skipped[attribute] = true
}

func (m *meaner) add(name string, definitions []syntax.Node) {
	h := fnv.New64a()
	for _, n := range definitions {
		m.say(h, n, false)
	}
	m.found[name] = h.Sum64()
}

// member is what self.name or cls.name may mean.
func (m *meaner) member(name string) {
	key := "." + name
	if _, known := m.found[key]; known || m.skipped[name] {
		return
	}
	var nodes []syntax.Node
	for _, method := range m.flow.Methods[name] {
		if method.Step {
			return
		}
		if method.File == "" {
			nodes = append(nodes, method.method.root)
		}
	}
	for _, a := range m.flow.Attributes[name] {
		if a.File == "" {
			nodes = append(nodes, a.value)
		}
	}
	if len(nodes) > 0 {
		m.found[key] = 0 // known: definitions may use each other
		m.todo = append(m.todo, func() { m.add(key, nodes) })
	}
}

func (m *meaner) global(name string) {
	if _, known := m.found[name]; known || name == "" {
		return
	}
	if nodes := m.defs[name]; len(nodes) > 0 {
		m.found[name] = 0
		m.todo = append(m.todo, func() { m.add(name, nodes) })
	}
}

// say writes a subtree: kinds and brackets for the structure, text for the leaves.
func (m *meaner) say(h hash.Hash64, n syntax.Node, keyword bool) {
	if part, _ := n.Part(); part != nil {
		n = part.Root()
	}
	kind := n.Kind()
	_, _ = h.Write([]byte{byte(kind), 1})
	leaf := true
	first := true
	for c := range n.Children() {
		leaf = false
		switch c.Kind() {
		case syntax.Comment, syntax.LineContinuation:
			continue
		case syntax.ExpressionStatement:
			if kind == syntax.Block && first && c.First().Kind() == syntax.String {
				first = false
				continue // a docstring
			}
		}
		first = false
		m.say(h, c, kind == syntax.KeywordArgument && c.Field() == syntax.FieldName)
	}
	if leaf {
		text := n.Text()
		_, _ = h.Write([]byte(text))
		if kind == syntax.Identifier && !keyword {
			if name := identifier(n); n.Field() == syntax.FieldAttribute {
				m.member(name)
			} else {
				m.global(name)
			}
		}
	}
	_, _ = h.Write([]byte{byte(kind), 2})
}

// boundBy are the names that a statement of the module binds, nested blocks
// and all.
func boundBy(n syntax.Node) map[string]bool {
	names := map[string]bool{}
	var target func(n syntax.Node)
	target = func(n syntax.Node) {
		switch n.Kind() {
		case syntax.Identifier:
			names[identifier(n)] = true
		case syntax.Attribute, syntax.Subscript: // x.y = … changes x
			target(n.First())
		default:
			for c := range n.Items() {
				target(c)
			}
		}
	}
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if part, _ := n.Part(); part != nil {
			n = part.Root()
		}
		switch n.Kind() {
		case syntax.FunctionDefinition, syntax.ClassDefinition:
			names[identifier(n.Child(syntax.FieldName))] = true
			return
		case syntax.Assignment, syntax.AugmentedAssignment, syntax.ForStatement:
			target(n.Child(syntax.FieldLeft))
		case syntax.NamedExpression:
			target(n.Child(syntax.FieldName))
		case syntax.ImportStatement, syntax.ImportFromStatement:
			imported(n, names)
			return
		}
		for c := range n.Items() {
			walk(c)
		}
	}
	walk(n)
	return names
}

// imported are the names of an import statement: of `import a.b` it is a.
func imported(n syntax.Node, names map[string]bool) {
	for c := range n.Items() {
		if n.Kind() == syntax.ImportFromStatement && c.Field() == syntax.FieldModuleName {
			continue
		}
		switch c.Kind() {
		case syntax.AliasedImport:
			names[identifier(c.Child(syntax.FieldAlias))] = true
		case syntax.DottedName:
			name := identifier(c)
			for i := range len(name) {
				if name[i] == '.' {
					name = name[:i]
					break
				}
			}
			names[name] = true
		}
	}
}
