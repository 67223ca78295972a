package server

import (
	"context"
	"path/filepath"

	"flowls/internal/project"

	"go.lsp.dev/protocol"
)

// DidChangeWatchedFiles runs inline: files may be others on disk now.
func (s *server) DidChangeWatchedFiles(_ context.Context, params *protocol.DidChangeWatchedFilesParams) error {
	for _, change := range params.Changes {
		switch path := filePath(change.URI); {
		case filepath.Base(path) == project.FileName:
			s.configuration.refresh()
		case filepath.Ext(path) == ".py":
			s.workspace.changedOnDisk(path)
			s.names.changed(path)
		}
	}
	return nil
}

// watchPython asks the client to tell when a Python file changes. Without it,
// that is seen at the next edit of a file that builds on it.
func (s *server) watchPython() {
	s.watch("flowls.python", "**/*.py")
}
