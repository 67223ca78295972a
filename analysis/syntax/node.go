package syntax

import (
	"iter"
	"sync/atomic"

	"flowls/analysis/text"
)

// Node is one node of a syntax tree as a plain value. The zero Node is "no
// node": its kind is Token, its span empty and it has no children.
type Node struct {
	part *Part
	at   int32
}

// Part is a piece of the tree that was copied out of tree-sitter: a function,
// or the whole file with its functions cut out. Spans inside are relative to
// the start of the part, so a function that did not change keeps its Part when
// the text before it does.
type Part struct {
	// Source is the text of the part as the parser saw it.
	Source string
	nodes  []node
	whole  bool // the whole file
	// bodyIndent is the white space before the first statement of a function's
	// body, body its offset; "" if the body begins on the header's line.
	bodyIndent string
	body       int
	// defIndent and def are the same of the header of a function with decorators.
	defIndent string
	def       int
	parts     []child // functions cut out of this part
	// problems are what the grammar accepts and Python does not, relative.
	problems []Problem
	memo     atomic.Pointer[any]
	scan     atomic.Pointer[scan]
}

// Memo is what derive makes of the part: computed once, or by several
// goroutines at a time, of which one wins. All callers must ask for the same.
func (p *Part) Memo(derive func(*Part) any) any {
	if known := p.memo.Load(); known != nil {
		return *known
	}
	made := derive(p)
	if !p.memo.CompareAndSwap(nil, &made) {
		return *p.memo.Load()
	}
	return made
}

type node struct {
	kind       Kind
	field      Field
	missing    bool
	start, end int32
	next       int32 // index behind the subtree
	part       int32 // index+1 into parts, 0 if the subtree is here
}

type child struct {
	part  *Part
	start int32
}

// Root is the first node of the part.
func (p *Part) Root() Node {
	if p == nil || len(p.nodes) == 0 {
		return Node{}
	}
	return Node{p, 0}
}

// Valid reports whether there is a node.
func (n Node) Valid() bool { return n.part != nil }

// Kind is the kind of the node.
func (n Node) Kind() Kind {
	if n.part == nil {
		return Token
	}
	return n.part.nodes[n.at].kind
}

// Field is the node's role in its parent.
func (n Node) Field() Field {
	if n.part == nil {
		return NoField
	}
	return n.part.nodes[n.at].field
}

// Missing reports whether the parser made the node up to go on.
func (n Node) Missing() bool { return n.part != nil && n.part.nodes[n.at].missing }

// Span is relative to the start of the node's part.
func (n Node) Span() text.Span {
	if n.part == nil {
		return text.Span{}
	}
	v := n.part.nodes[n.at]
	return text.Span{Start: int(v.start), End: int(v.end)}
}

// Text is the source of the node.
func (n Node) Text() string {
	s := n.Span()
	if n.part == nil {
		return ""
	}
	return n.part.Source[s.Start:s.End]
}

// Part gives the function that was cut out at this node and where it starts,
// relative to the node's own part; nil if nothing was cut out here.
func (n Node) Part() (*Part, int) {
	if n.part == nil || n.part.nodes[n.at].part == 0 {
		return nil, 0
	}
	c := n.part.parts[n.part.nodes[n.at].part-1]
	return c.part, int(c.start)
}

// Children yields the children in order, anonymous tokens and comments too.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.part == nil {
			return
		}
		end := n.part.nodes[n.at].next
		for i := n.at + 1; i < end; i = n.part.nodes[i].next {
			if !yield(Node{n.part, i}) {
				return
			}
		}
	}
}

// Items yields the children that mean something: no tokens, comments or line
// continuations.
func (n Node) Items() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for c := range n.Children() {
			switch c.Kind() {
			case Token, Comment, LineContinuation:
				continue
			}
			if !yield(c) {
				return
			}
		}
	}
}

// Child is the child in that role, or no node.
func (n Node) Child(f Field) Node {
	for c := range n.Children() {
		if c.Field() == f && c.Kind() != Comment && c.Kind() != LineContinuation {
			return c
		}
	}
	return Node{}
}

// First is the first item, Last the last, or no node.
func (n Node) First() Node {
	for c := range n.Items() {
		return c
	}
	return Node{}
}

// Last is the last item, or no node.
func (n Node) Last() Node {
	last := Node{}
	for c := range n.Items() {
		last = c
	}
	return last
}

// Unwrap strips parentheses, which mean nothing in Python's own tree.
func (n Node) Unwrap() Node {
	for n.Kind() == ParenthesizedExpression {
		n = n.First()
	}
	return n
}
