package syntax

import (
	"strings"
	"unsafe"

	"flowls/analysis/text"
)

// AST copies the tree into plain values. Functions that a previous AST already
// holds with the same text are taken over from it, so the work is
// proportional to what changed.
func (t *Tree) AST(previous *AST) *AST {
	a := &AST{parts: map[string]*Part{}}
	// The text never changes, so the string may share its bytes.
	c := copier{input: unsafe.String(unsafe.SliceData(t.input), len(t.input)), repaired: t.repaired, ast: a, walk: newSitterWalk(), hasError: t.root().hasError()}
	if previous != nil {
		c.known = previous.parts
		a.parts = make(map[string]*Part, len(previous.parts))
	}
	defer c.walk.close()
	a.Part = &Part{Source: c.input, whole: true}
	var functions []sitterNode
	a.Part.nodes, functions = c.walk.copy(t.root(), true, t.repaired.original)
	a.Part.parts = make([]child, len(functions))
	for _, n := range a.Part.nodes {
		if n.part > 0 {
			a.Part.parts[n.part-1] = c.function(functions[n.part-1], int(n.start), int(n.end))
		}
	}
	a.collectProblems(t)
	return a
}

// AST is a file as plain values: the Part of the whole file.
type AST struct {
	*Part
	// Problems are the places that are not valid Python, by position.
	Problems []Problem
	parts    map[string]*Part // by text
}

type copier struct {
	input    string
	repaired *repaired
	ast      *AST
	known    map[string]*Part
	walk     sitterWalk
	hasError bool
}

// opaque kinds are not looked into: nothing inside them matters to a flow.
var opaque = func() (set [256]bool) {
	for _, k := range []Kind{Type, DottedName, RelativeImport, StringContent, StringStart, StringEnd} {
		set[k] = true
	}
	return set
}()

// function copies a function, with its place in the text, into a part of its
// own, or takes it over.
func (c *copier) function(n sitterNode, start, end int) child {
	clean := !c.repaired.changed(text.Span{Start: start, End: end}) && (!c.hasError || !n.hasError())
	var part *Part
	if clean {
		part = c.known[c.input[start:end]]
	}
	if part == nil {
		part = &Part{Source: c.input[start:end]}
		if c.known != nil { // many edits later it must not hold the whole text of today
			part.Source = strings.Clone(part.Source)
		}
		part.nodes, _ = c.walk.copy(n, false, func(offset int) int { return c.repaired.original(offset) - start })
		part.problems = partProblems(part, start, c.repaired)
		part.findBody()
	}
	if clean {
		c.ast.parts[part.Source] = part
	}
	return child{part, int32(start)}
}

// findBody notes where the header and the body of a function begin.
func (p *Part) findBody() {
	definition := p.Root()
	if definition.Kind() == DecoratedDefinition {
		definition = definition.Child(FieldDefinition)
		if indent, atLineStart := p.indent(definition.Span().Start); atLineStart {
			p.defIndent, p.def = indent, definition.Span().Start
		}
	}
	first := definition.Child(FieldBody).First()
	if indent, atLineStart := p.indent(first.Span().Start); atLineStart && first.Valid() {
		p.bodyIndent, p.body = indent, first.Span().Start
	}
}
