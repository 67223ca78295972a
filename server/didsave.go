package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidSave runs inline. What is analysed is the editor's text, but a save may
// be the moment at which a configuration file is another.
func (s *server) DidSave(context.Context, *protocol.DidSaveTextDocumentParams) error {
	s.configuration.refresh()
	return nil
}
