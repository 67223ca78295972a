package server

import (
	"context"

	"flowls/analysis"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"
)

// begin starts a request: it takes the snapshot, while still in wire order,
// and then lets later messages overtake. Every request handler calls begin or
// beginDocument, first and once (TestHandlersBegin).
func (s *server) begin(ctx context.Context) *Snapshot {
	snapshot := s.session.Snapshot()
	jsonrpc2.Async(ctx)
	return snapshot
}

// view is one document of a snapshot with its analysis.
type view struct {
	doc *Document
	*analysis.Document
	snapshot *Snapshot
}

// beginDocument is begin for a request about one document. An unknown document
// gives a nil view and no error: the answer is empty, as for a file without flows.
func (s *server) beginDocument(ctx context.Context, u uri.URI) (*view, error) {
	snapshot := s.begin(ctx)
	return s.look(ctx, snapshot, u)
}

// look analyses a document of a snapshot.
func (s *server) look(ctx context.Context, snapshot *Snapshot, u uri.URI) (*view, error) {
	d := snapshot.Document(u)
	if d == nil {
		return nil, nil
	}
	a, err := d.Analysis(ctx)
	if err != nil {
		return nil, err
	}
	return &view{doc: d, Document: a, snapshot: snapshot}, nil
}

// errUnknownDocument is for commands and custom requests, which name a document on purpose.
func errUnknownDocument(u uri.URI) error {
	return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s is not open", u)
}
