package server

import (
	"context"

	"flowls/analysis/index"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// maxSymbols bounds an answer: a list of more helps nobody.
const maxSymbols = 500

// Symbols finds flows and steps by name in the whole workspace; open documents
// count as they are in the editor.
func (s *server) Symbols(ctx context.Context, params *protocol.WorkspaceSymbolParams) (protocol.WorkspaceSymbolResult, error) {
	query := params.Query
	snapshot := s.begin(ctx)
	found := protocol.SymbolInformationSlice{}
	add := func(u uri.URI, symbol index.Symbol) {
		if len(found) == maxSymbols || !symbol.Fits(query) {
			return
		}
		info := protocol.SymbolInformation{Location: protocol.Location{URI: u, Range: protocol.Range{
			Start: protocol.Position{Line: uint32(symbol.Start.Line), Character: uint32(symbol.Start.Column)},
			End:   protocol.Position{Line: uint32(symbol.End.Line), Character: uint32(symbol.End.Column)},
		}}}
		info.Name, info.Kind = symbolName(symbol.Name), protocol.SymbolKindClass
		if symbol.Flow != "" {
			info.Kind, info.ContainerName = protocol.SymbolKindMethod, &symbol.Flow
		}
		found = append(found, info)
	}
	open := map[string]bool{}
	for _, u := range snapshot.open("") {
		v, err := s.look(ctx, snapshot, u)
		if err != nil {
			return nil, err
		}
		open[v.doc.Path()] = true
		for _, symbol := range index.Symbols(v.doc.Path(), v.File, s.session.encoding) {
			add(u, symbol)
		}
	}
	names, err := s.names.wait(ctx)
	if err != nil {
		return nil, err
	}
	for symbol := range names.Symbols {
		if !open[symbol.Path] {
			add(uri.File(symbol.Path), symbol)
		}
	}
	return found, nil
}
