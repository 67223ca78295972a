package server

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"flowls/analysis/graph"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// FlowsParams are the parameters of flowls/flows.
type FlowsParams struct {
	URI uri.URI `json:"uri,omitempty" doc:"Only the flows of this document; absent means all open documents."`
}

// FlowsResult is the answer of flowls/flows.
type FlowsResult struct {
	Flows []FlowInfo `json:"flows" doc:"Flows in the order of documents and lines."`
}

// FlowInfo is one flow for a tree view.
type FlowInfo struct {
	URI   uri.URI        `json:"uri" doc:"The flow's document."`
	Name  string         `json:"name" doc:"Name of the class."`
	Range protocol.Range `json:"range" doc:"Range of the name."`
	Open  bool           `json:"open" doc:"Whether this file may not show all of the flow's steps."`
	Steps []StepInfo     `json:"steps" doc:"Steps in the order in which they run, unreachable ones last."`
}

// StepInfo is one step of a FlowInfo.
type StepInfo struct {
	Name  string         `json:"name" doc:"Name of the step."`
	Type  string         `json:"type" doc:"Metaflow's node type, empty if the step has none."`
	Range protocol.Range `json:"range" doc:"Range of the name."`
	Next  []string       `json:"next" doc:"Names of the steps that follow."`
	// Inherited is a place that the flow's document does not hold.
	Inherited *protocol.Location `json:"inherited,omitempty" doc:"Where the name is, when the step is inherited from another file; its range is then that of the flow."`
}

func init() {
	customRequests["flowls/flows"] = (*server).flows
}

func (s *server) flows(ctx context.Context, raw json.RawMessage) (any, error) {
	var params FlowsParams
	if err := decodeParams(raw, &params); err != nil {
		return nil, err
	}
	snapshot := s.begin(ctx)
	result := FlowsResult{Flows: []FlowInfo{}}
	for _, u := range snapshot.open(params.URI) {
		v, err := s.look(ctx, snapshot, u)
		if err != nil {
			return nil, err
		}
		for i := range v.File.Flows {
			result.Flows = append(result.Flows, v.flowInfo(i))
		}
	}
	return encoded(result)
}

// open lists the open documents: all of them, or the one given if it is open.
func (s *Snapshot) open(only uri.URI) []uri.URI {
	var list []uri.URI
	for u := range s.documents {
		if only == "" || u == only {
			list = append(list, u)
		}
	}
	slices.Sort(list)
	return list
}

func (v *view) flowInfo(i int) FlowInfo {
	f := v.File.Flows[i]
	info := FlowInfo{URI: v.doc.URI, Name: f.Name, Range: v.doc.rangeOf(f.NameSpan), Open: f.Open, Steps: []StepInfo{}}
	for _, name := range runOrder(v.Graphs[i]) {
		n := v.node(i, name)
		if n == nil {
			continue
		}
		next := n.Out
		if next == nil {
			next = []string{}
		}
		step := StepInfo{Name: name, Type: string(n.Type), Range: v.doc.rangeOf(n.Step.NameSpan), Next: next}
		if n.Step.File != "" {
			step.Range, step.Inherited = info.Range, new(v.location(n.Step.NameSpan))
		}
		info.Steps = append(info.Steps, step)
	}
	return info
}

// runOrder lists the steps in topological order, those that are not reachable last.
func runOrder(g *graph.Graph) []string {
	order := slices.Clone(g.Sorted)
	reachable := make(map[string]bool, len(order))
	for _, name := range order {
		reachable[name] = true
	}
	for _, name := range g.Order {
		if !reachable[name] {
			order = append(order, name)
		}
	}
	return order
}

// decodeParams decodes the parameters of a custom request; absent ones are empty.
func decodeParams(raw json.RawMessage, into any) error {
	if len(raw) == 0 || strings.TrimSpace(string(raw)) == "null" {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", err)
	}
	return nil
}

// encoded is the answer of a custom request: its types are plain Go, which the
// protocol's codec does not know.
func encoded(result any) (any, error) {
	raw, err := json.Marshal(result)
	return jsonrpc2.RawMessage(raw), err
}
