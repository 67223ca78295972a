package server

import (
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// mapper converts between the byte offsets of one text and the positions of
// the client. No other code of this package does arithmetic on positions.
type mapper struct {
	text     *text.Text
	encoding text.Encoding
}

// offset is the byte offset of p, clamped to the line and to the text.
func (m mapper) offset(p protocol.Position) int {
	return m.text.Offset(text.Position{Line: int(p.Line), Column: int(p.Character)}, m.encoding)
}

// span is the byte span of r; a range that ends before it starts is empty.
func (m mapper) span(r protocol.Range) text.Span {
	s := text.Span{Start: m.offset(r.Start), End: m.offset(r.End)}
	s.End = max(s.Start, s.End)
	return s
}

func (m mapper) position(offset int) protocol.Position {
	p := m.text.Position(offset, m.encoding)
	return protocol.Position{Line: uint32(p.Line), Character: uint32(p.Column)}
}

func (m mapper) rangeOf(s text.Span) protocol.Range {
	return protocol.Range{Start: m.position(s.Start), End: m.position(s.End)}
}

// edits converts independent edits of this text.
func (m mapper) edits(edits []text.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, 0, len(edits))
	for _, e := range edits {
		out = append(out, protocol.TextEdit{Range: m.rangeOf(e.Span), NewText: e.New})
	}
	return out
}
