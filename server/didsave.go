package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidSave runs inline. What is analysed is the editor's text, but a save may
// be the moment at which a configuration file is another, or the workspace has
// another flow.
func (s *server) DidSave(_ context.Context, params *protocol.DidSaveTextDocumentParams) error {
	s.configuration.refresh()
	s.names.changed(filePath(params.TextDocument.URI))
	return nil
}
