package server

import (
	"context"

	"go.lsp.dev/protocol"
)

// Definition leads from a step named in self.next to its def.
func (s *server) Definition(ctx context.Context, params *protocol.DefinitionParams) (protocol.DefinitionResult, error) {
	position := params.Position
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	n, ok := v.stepNameAt(v.doc.offset(position))
	if !ok || n.step == nil {
		return nil, nil
	}
	return protocol.LocationSlice{v.location(n.step.NameSpan)}, nil
}
