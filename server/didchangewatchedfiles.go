package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// DidChangeWatchedFiles runs inline: which files it was, the disk tells.
func (s *server) DidChangeWatchedFiles(context.Context, *protocol.DidChangeWatchedFilesParams) error {
	s.configuration.refresh()
	return nil
}
