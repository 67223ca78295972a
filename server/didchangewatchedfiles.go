package server

import (
	"context"
	"encoding/json"
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

// watchFiles asks the client to tell when a file changes that findings depend
// on. What it cannot see is noticed when a document is opened, edited or saved.
func (s *server) watchFiles() {
	if !s.client.can.watchedFiles {
		return
	}
	s.background("watching files", func(ctx context.Context) {
		options, err := json.Marshal(map[string]any{"watchers": []map[string]string{
			{"globPattern": "**/" + project.FileName}, {"globPattern": "**/*.py"}}})
		if err == nil {
			err = s.client.RegisterCapability(ctx, &protocol.RegistrationParams{Registrations: []protocol.Registration{{
				ID: "flowls.files", Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: options,
			}}})
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("the client does not watch files", "error", err)
		}
	})
}
