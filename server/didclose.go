package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidClose runs inline; the diagnostics of the file are cleared.
func (s *server) DidClose(_ context.Context, params *protocol.DidCloseTextDocumentParams) error {
	u := params.TextDocument.URI
	s.session.close(u)
	for _, f := range s.features {
		f.Closed(u)
	}
	s.diags.wake(u)
	path := filePath(u)
	s.workspace.forget(path)
	s.workspace.changed(path, false) // to what is on disk
	return nil
}
