package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// InlayHint is what the features know about the artifacts assigned in the range.
func (s *server) InlayHint(ctx context.Context, params *protocol.InlayHintParams) ([]protocol.InlayHint, error) {
	s.client.hints.wasAsked()
	wanted := params.Range
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil || !v.snapshot.Settings.InlayHints.Enabled {
		return nil, err
	}
	hints := []protocol.InlayHint{}
	for _, feature := range s.features {
		more, err := feature.InlayHints(ctx, v, v.doc.span(wanted))
		if err != nil {
			return nil, err
		}
		hints = append(hints, more...)
	}
	return hints, nil
}
