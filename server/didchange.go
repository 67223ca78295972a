package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidChange runs inline: the next message sees the new text.
func (s *server) DidChange(_ context.Context, params *protocol.DidChangeTextDocumentParams) error {
	u := params.TextDocument.URI
	d, edits, err := s.session.change(u, params.TextDocument.Version, params.ContentChanges)
	if err != nil {
		return err // logged by guard, nothing changed
	}
	for _, f := range s.features {
		f.Changed(d, edits)
	}
	offset := 0
	if n := len(edits); n > 0 {
		offset = edits[n-1].Span.Start + len(edits[n-1].New)
	}
	s.diags.typed(u, offset)
	s.workspace.changed(d.Path(), true)
	return nil
}
