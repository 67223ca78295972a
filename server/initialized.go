package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// Initialized is the client's word that it is ready for requests. It runs
// inline: what calls the client goes to the background.
func (s *server) Initialized(context.Context, *protocol.InitializedParams) error {
	s.client.ready()
	s.client.serverStatus(ServerStatus{Health: "ok", Quiescent: true})
	s.watchFiles()
	s.registerLogLinks()
	for _, f := range s.features {
		f.Start()
	}
	return nil
}
