package server

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// DidChangeWorkspaceFolders runs inline.
func (s *server) DidChangeWorkspaceFolders(_ context.Context, params *protocol.DidChangeWorkspaceFoldersParams) error {
	s.session.update(func(next *Snapshot) {
		folders := slices.Clone(next.Folders)
		for _, f := range params.Event.Removed {
			folders = slices.DeleteFunc(folders, func(u uri.URI) bool { return u == f.URI })
		}
		for _, f := range params.Event.Added {
			if !slices.Contains(folders, f.URI) {
				folders = append(folders, f.URI)
			}
		}
		next.Folders = folders
	})
	s.names.moved()
	for _, u := range s.session.Snapshot().open("") {
		s.runs.document(u) // the folder decides where its runs are
		if s.session.again(u, true) {
			s.diags.wake(u)
		}
	}
	return nil
}
