package server

import (
	"context"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// References are the transitions that name a step.
func (s *server) References(ctx context.Context, params *protocol.ReferenceParams) ([]protocol.Location, error) {
	position, declaration := params.Position, params.Context.IncludeDeclaration
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	n, ok := v.stepNameAt(v.doc.offset(position))
	if !ok {
		return nil, nil
	}
	definition, spans := v.mentions(n)
	if definition != nil && declaration {
		spans = append([]text.Span{*definition}, spans...)
	}
	locations := []protocol.Location{}
	for _, span := range spans {
		locations = append(locations, v.location(span))
	}
	return locations, nil
}
