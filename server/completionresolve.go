package server

import (
	"context"
	"encoding/json"

	"flowls/analysis/catalog"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// completionData says what an item stands for, so that its documentation is
// made only for the item that is looked at.
type completionData struct {
	Decorator string        `json:"decorator,omitempty"`
	Level     catalog.Level `json:"level,omitempty"`
	URI       uri.URI       `json:"uri,omitempty"`
	Flow      string        `json:"flow,omitempty"`
	Step      string        `json:"step,omitempty"`
}

func (d completionData) raw() protocol.LSPAny {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	return raw
}

// CompletionResolve adds the documentation to an item.
func (s *server) CompletionResolve(ctx context.Context, item *protocol.CompletionItem) (*protocol.CompletionItem, error) {
	var d completionData
	known := json.Unmarshal(item.Data, &d) == nil
	snapshot := s.begin(ctx)
	if !known {
		return item, nil
	}
	switch {
	case d.Decorator != "":
		if found, ok := findDecorator(d.Level, d.Decorator); ok {
			var m markdown
			m.python(found.Signature())
			m.paragraph("%s", found.Markdown())
			item.Documentation = s.markup(m.String())
		}
	case d.Step != "":
		v, err := s.look(ctx, snapshot, d.URI)
		if err != nil || v == nil {
			return item, err
		}
		if i := v.flowNamed(d.Flow); i >= 0 {
			if step := stepNamed(v.File.Flows[i], d.Step); step != nil {
				item.Documentation = s.markup(v.explainStep(i, step))
			}
		}
	}
	return item, nil
}

func findDecorator(level catalog.Level, name string) (*catalog.Decorator, bool) {
	c := catalog.Default()
	if level == catalog.FlowLevel {
		return c.Flow(name)
	}
	if name == "step" {
		return &c.Marker, true
	}
	return c.Step(name)
}
