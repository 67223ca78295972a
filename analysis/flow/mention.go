package flow

import (
	"bytes"
	"sync/atomic"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Mention is a call Flow("Name") of Metaflow's client, anywhere in a file.
type Mention struct {
	Name string
	Span text.Span // of the string
}

// mention is one whose callee is still to be looked up.
type mention struct {
	Mention
	callee string
	sure   bool // the function itself imports the callee
}

// lazyMentions holds the mentions of a function once they were asked for.
type lazyMentions = atomic.Pointer[[]mention]

// Mentions lists the flows that the file names to Metaflow's client.
func (f *File) Mentions() []Mention {
	if f.root.Kind() == syntax.Token || !hasWord(f.Text.Bytes(), "Flow") {
		return nil // under whatever name it is called, something names it
	}
	var list []Mention
	var walk func(n syntax.Node, base int)
	keep := func(found []mention, base int) {
		for _, m := range found {
			at := m.Span.Shift(base)
			if m.sure || f.scope.resolve(m.callee, at.Start).name == "metaflow.Flow" {
				list = append(list, Mention{m.Name, at})
			}
		}
	}
	walk = func(n syntax.Node, base int) {
		if part, start := n.Part(); part != nil {
			keep(methodOf(part).readMentions(), base+start)
			return
		}
		var here []mention
		if m, ok := newMention(n); ok {
			here = append(here, m)
		}
		keep(here, base)
		for c := range n.Items() {
			walk(c, base)
		}
	}
	walk(f.root, 0)
	return list
}

// hasWord reports whether a name occurs by itself, not as part of a longer one.
func hasWord(src []byte, name string) bool {
	for at := 0; ; at++ {
		i := bytes.Index(src[at:], []byte(name))
		if i < 0 {
			return false
		}
		at += i
		before, after := at == 0 || !partOfName(src[at-1]), at+len(name) == len(src) || !partOfName(src[at+len(name)])
		if before && after {
			return true
		}
	}
}

// partOfName: a letter of ASCII, a digit or an underscore. Any other may be
// part of a name or not, and is taken for none.
func partOfName(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// readMentions are those in a function and in functions inside of it, relative.
func (m *method) readMentions() []mention {
	if known := m.mentions.Load(); known != nil {
		return *known
	}
	var list []mention
	imported := map[string]bool{}
	var walk func(n syntax.Node, base int)
	walk = func(n syntax.Node, base int) {
		if part, start := n.Part(); part != nil {
			n, base = part.Root(), base+start
		}
		if n.Kind() == syntax.ImportFromStatement && identifier(n.Child(syntax.FieldModuleName)) == "metaflow" {
			probe := newScope(nil, 1)
			probe.bindImport(n, 0, false)
			for name := range probe.names {
				if probe.resolve(name, 1).name == "metaflow.Flow" {
					imported[name] = true
				}
			}
		}
		if found, ok := newMention(n); ok {
			found.Span = found.Span.Shift(base)
			list = append(list, found)
		}
		for c := range n.Items() {
			walk(c, base)
		}
	}
	walk(m.root, 0)
	for i := range list {
		list[i].sure = imported[list[i].callee]
	}
	m.mentions.Store(&list)
	return list
}

// newMention reads callee("Name").
func newMention(n syntax.Node) (mention, bool) {
	if n.Kind() != syntax.Call {
		return mention{}, false
	}
	m := mention{callee: dotted(n.Child(syntax.FieldFunction))}
	if m.callee == "" {
		return m, false
	}
	positional, keywords := arguments(n)
	name := keywords.value("pathspec")
	if len(positional) > 0 {
		name = positional[0]
	}
	l := constant(name)
	if l.kind != stringLiteral {
		return m, false
	}
	m.Name, m.Span = l.text, name.Span()
	return m, true
}
