package server

import (
	"context"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"

	"go.lsp.dev/protocol"
)

// DocumentSymbol answers flows with their parameters and steps, in source order.
func (s *server) DocumentSymbol(ctx context.Context, params *protocol.DocumentSymbolParams) (protocol.DocumentSymbolResult, error) {
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	symbols := protocol.DocumentSymbolSlice{}
	if v != nil {
		for i, f := range v.File.Flows {
			symbols = append(symbols, v.flowSymbol(i, f))
		}
	}
	if !s.client.can.hierarchicalSymbols && v != nil {
		return flatSymbols(v, symbols), nil
	}
	return symbols, nil
}

func (v *view) flowSymbol(i int, f *flow.Flow) protocol.DocumentSymbol {
	symbol := protocol.DocumentSymbol{
		Name:           symbolName(f.Name),
		Detail:         new("flow"),
		Kind:           protocol.SymbolKindClass,
		Range:          v.doc.rangeOf(f.Span),
		SelectionRange: v.doc.rangeOf(f.NameSpan),
	}
	for _, p := range f.Parameters {
		if !contains(f.Span, p.Span.Start) { // inherited
			continue
		}
		symbol.Children = append(symbol.Children, protocol.DocumentSymbol{
			Name:           symbolName(p.Attr),
			Detail:         new(p.Kind),
			Kind:           protocol.SymbolKindProperty,
			Range:          v.doc.rangeOf(p.Span),
			SelectionRange: v.doc.rangeOf(p.AttrSpan),
		})
	}
	for _, step := range ownSteps(f) {
		symbol.Children = append(symbol.Children, protocol.DocumentSymbol{
			Name:           symbolName(step.Name),
			Detail:         new(stepDetail(v.node(i, step.Name))),
			Kind:           protocol.SymbolKindMethod,
			Range:          v.doc.rangeOf(step.Span),
			SelectionRange: v.doc.rangeOf(step.NameSpan),
		})
	}
	slices.SortStableFunc(symbol.Children, func(a, b protocol.DocumentSymbol) int {
		return comparePositions(a.Range.Start, b.Range.Start)
	})
	return symbol
}

// symbolName is never empty: editors refuse the whole answer otherwise.
func symbolName(name string) string {
	if name == "" {
		return "?"
	}
	return name
}

// stepDetail is a step's type, as short as Metaflow's.
func stepDetail(n *graph.Node) string {
	if n == nil || n.Type == graph.Unknown {
		return "step"
	}
	return string(n.Type)
}

func comparePositions(a, b protocol.Position) int {
	if a.Line != b.Line {
		return int(a.Line) - int(b.Line)
	}
	return int(a.Character) - int(b.Character)
}

// flatSymbols is for editors without nested symbols.
func flatSymbols(v *view, symbols []protocol.DocumentSymbol) protocol.SymbolInformationSlice {
	flat := protocol.SymbolInformationSlice{}
	add := func(symbol protocol.DocumentSymbol, container *string) {
		info := protocol.SymbolInformation{Location: protocol.Location{URI: v.doc.URI, Range: symbol.Range}}
		info.Name, info.Kind, info.ContainerName = symbol.Name, symbol.Kind, container
		flat = append(flat, info)
	}
	for _, f := range symbols {
		add(f, nil)
		for _, child := range f.Children {
			add(child, &f.Name)
		}
	}
	return flat
}
