package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidOpen runs inline.
func (s *server) DidOpen(_ context.Context, params *protocol.DidOpenTextDocumentParams) error {
	t := params.TextDocument
	d := s.session.open(t.URI, t.Version, t.Text)
	for _, f := range s.features {
		f.Opened(d)
	}
	s.diags.wake(t.URI)
	s.configuration.refresh()
	s.workspace.changed(d.Path(), false)
	return nil
}
