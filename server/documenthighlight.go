package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DocumentHighlight marks a step's def and the transitions that name it.
func (s *server) DocumentHighlight(ctx context.Context, params *protocol.DocumentHighlightParams) ([]protocol.DocumentHighlight, error) {
	position := params.Position
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	n, ok := v.stepNameAt(v.doc.offset(position))
	if !ok {
		return nil, nil
	}
	definition, uses := v.mentions(n)
	highlights := []protocol.DocumentHighlight{}
	if definition != nil && !definition.Foreign() {
		highlights = append(highlights, protocol.DocumentHighlight{
			Range: v.doc.rangeOf(*definition), Kind: protocol.DocumentHighlightKindWrite})
	}
	for _, span := range here(uses) {
		highlights = append(highlights, protocol.DocumentHighlight{
			Range: v.doc.rangeOf(span), Kind: protocol.DocumentHighlightKindRead})
	}
	return highlights, nil
}
