package server

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"testing"

	"flowls/analysis/text"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// FuzzHandlers asks everything at every offset of arbitrary bytes: no panic,
// no error, and only positions inside the text. It calls the handlers without
// JSON-RPC, whose goroutines make coverage too random for the fuzzer.
func FuzzHandlers(f *testing.F) {
	paths, err := filepath.Glob("../testdata/marker/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		_, source, _ := bytes.Cut(raw, []byte("-- flow.py --\n"))
		f.Add(source[:min(len(source), 400)])
	}
	f.Add([]byte("from metaflow import FlowSpec, step\nclass F(FlowSpec):\n  @step\n  def start(self):\n    self.next({'a': self.\xff}, condition='"))
	f.Fuzz(func(t *testing.T, source []byte) {
		source = source[:min(len(source), 400)] // short inputs find what long ones do
		here, there := net.Pipe()
		defer here.Close()
		defer there.Close()
		s := newServer(t.Context(), jsonrpc2.NewConn(jsonrpc2.NewStream(there), jsonrpc2.WithCodec(Codec{})), Options{})
		defer s.stop()
		s.session.report = func(where string, panicked any) { t.Errorf("%s: %v", where, panicked) }
		if len(source)%2 == 0 {
			s.session.encoding = text.UTF8
		}
		s.client.can.snippets, s.client.can.markdown, s.client.can.hierarchicalSymbols = true, true, true
		const u = uri.URI("file:///w/fuzz.py")
		d := s.session.open(u, 1, string(source))
		document := protocol.TextDocumentIdentifier{URI: u}
		for at := 0; at <= len(source); at++ {
			askAt(t, s, protocol.TextDocumentPositionParams{TextDocument: document, Position: d.position(at)}, d.position(len(source)))
		}
		_, err := s.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: document})
		failed(t, err)
		_, err = s.CodeLens(t.Context(), &protocol.CodeLensParams{TextDocument: document})
		failed(t, err)
		_, err = s.DocumentLink(t.Context(), &protocol.DocumentLinkParams{TextDocument: document})
		failed(t, err)
		_, err = s.flows(t.Context(), nil)
		failed(t, err)
		s.session.close(u)
	})
}

// askAt asks what an editor asks at one position.
func askAt(t *testing.T, s *server, at protocol.TextDocumentPositionParams, end protocol.Position) {
	t.Helper()
	ctx := t.Context()
	_, err := s.Hover(ctx, &protocol.HoverParams{TextDocumentPositionParams: at})
	failed(t, err)
	_, err = s.Definition(ctx, &protocol.DefinitionParams{TextDocumentPositionParams: at})
	failed(t, err)
	_, err = s.References(ctx, &protocol.ReferenceParams{TextDocumentPositionParams: at})
	failed(t, err)
	_, err = s.DocumentHighlight(ctx, &protocol.DocumentHighlightParams{TextDocumentPositionParams: at})
	failed(t, err)
	_, err = s.CodeAction(ctx, &protocol.CodeActionParams{
		TextDocument: at.TextDocument, Range: protocol.Range{Start: at.Position, End: end}})
	failed(t, err)
	result, err := s.Completion(ctx, &protocol.CompletionParams{TextDocumentPositionParams: at})
	failed(t, err)
	for _, item := range result.(*protocol.CompletionList).Items {
		r := item.TextEdit.(*protocol.TextEdit).Range
		if comparePositions(r.Start, r.End) > 0 || comparePositions(r.End, end) > 0 {
			t.Errorf("%q replaces %v of a text that ends at %v", item.Label, r, end)
		}
	}
}

func failed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
