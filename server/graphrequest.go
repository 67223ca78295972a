package server

import (
	"context"
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"
)

// GraphParams are the parameters of flowls/graph.
type GraphParams struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	Format string  `json:"format,omitempty" doc:"mermaid, as when it is absent, or svg: a picture that follows the theme's brightness and needs no script."`
}

// GraphResult is the answer of flowls/graph and of flowls.showGraph.
type GraphResult struct {
	Format string `json:"format" doc:"mermaid or svg."`
	Text   string `json:"text" doc:"The diagram."`
}

func init() {
	customRequests["flowls/graph"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var params GraphParams
		if err := decodeParams(raw, &params); err != nil {
			return nil, err
		}
		result, err := s.graph(ctx, s.begin(ctx), params)
		if err != nil {
			return nil, err
		}
		return encoded(result)
	}
	commandTable = append(commandTable, define(commandShowGraph,
		"Answers the step graph of a flow as text.", false,
		func(ctx context.Context, call commandCall, a FlowArgument) (GraphResult, error) {
			return call.server.graph(ctx, call.snapshot, GraphParams{URI: a.URI, Flow: a.Flow})
		}))
}

func (s *server) graph(ctx context.Context, snapshot *Snapshot, a GraphParams) (GraphResult, error) {
	v, i, err := s.flow(ctx, snapshot, a.URI, a.Flow)
	if err != nil {
		return GraphResult{}, err
	}
	switch a.Format {
	case "", "mermaid":
		return GraphResult{Format: "mermaid", Text: v.Graphs[i].Mermaid()}, nil
	case "svg":
		return GraphResult{Format: "svg", Text: v.Graphs[i].SVG()}, nil
	default:
		return GraphResult{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "unknown format %q: mermaid or svg", a.Format)
	}
}

// flow finds a flow that a command or request names. An empty name stands for
// the only flow of the document.
func (s *server) flow(ctx context.Context, snapshot *Snapshot, u uri.URI, name string) (*view, int, error) {
	v, err := s.look(ctx, snapshot, u)
	if err != nil {
		return nil, 0, err
	}
	if v == nil {
		return nil, 0, errUnknownDocument(u)
	}
	if name == "" && len(v.File.Flows) == 1 {
		return v, 0, nil
	}
	i := v.flowNamed(name)
	if i < 0 {
		return nil, 0, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no flow %q", u, name)
	}
	return v, i, nil
}
