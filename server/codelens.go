package server

import (
	"context"
	"encoding/json"
	"slices"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// FlowArgument names a flow.
type FlowArgument struct {
	URI  uri.URI `json:"uri" doc:"The flow's document."`
	Flow string  `json:"flow" doc:"Name of the flow."`
}

// StepArgument names a step of a flow.
type StepArgument struct {
	URI  uri.URI `json:"uri" doc:"The flow's document."`
	Flow string  `json:"flow" doc:"Name of the flow."`
	Step string  `json:"step" doc:"Name of the step."`
}

// CodeLens stands above flows and their own steps: what can be done, then what
// the features know about the last run.
func (s *server) CodeLens(ctx context.Context, params *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	s.client.lenses.wasAsked()
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil || !v.snapshot.Settings.CodeLens.Enabled {
		return nil, err
	}
	lenses := []protocol.CodeLens{}
	runs := v.runs()
	for i, f := range v.File.Flows {
		if f.Abstract {
			continue // nothing runs it
		}
		flowLenses := []Lens{{Title: "▶ Run flow", Command: commandRun, Argument: FlowArgument{v.doc.URI, f.Name}}}
		for _, feature := range s.features {
			flowLenses = place(flowLenses, feature.FlowLenses(v, i))
		}
		lenses = append(lenses, v.lenses(f.NameSpan, flowLenses)...)
		for _, step := range f.Steps {
			if runs[step.NameSpan] != i || step.File != "" {
				continue
			}
			argument := StepArgument{v.doc.URI, f.Name, step.Name}
			stepLenses := []Lens{
				{Title: "▶ Run step", Command: commandRunStep, Argument: argument},
				{Title: "↻ Resume from here", Command: commandResume, Argument: argument},
			}
			for _, feature := range s.features {
				stepLenses = place(stepLenses, feature.StepLenses(v, i, step.Name))
			}
			lenses = append(lenses, v.lenses(step.NameSpan, stepLenses)...)
		}
	}
	slices.SortStableFunc(lenses, func(a, b protocol.CodeLens) int {
		return comparePositions(a.Range.Start, b.Range.Start)
	})
	return lenses, nil
}

// runs tells which flow the lenses of a step are about: the one that defines
// it, or, for a step of a base class that nothing runs, the first that inherits it.
func (v *view) runs() map[text.Span]int {
	runs := map[text.Span]int{}
	for i, f := range v.File.Flows {
		if f.Abstract {
			continue
		}
		for _, step := range f.Steps {
			if _, taken := runs[step.NameSpan]; !taken || f.Owns(step.Span) {
				runs[step.NameSpan] = i
			}
		}
	}
	return runs
}

// place adds lenses, each behind the others or instead of the one it replaces.
func place(lenses, more []Lens) []Lens {
	for _, l := range more {
		i := slices.IndexFunc(lenses, func(old Lens) bool { return l.Replaces != "" && old.Command == l.Replaces })
		if i >= 0 {
			lenses[i] = l
		} else {
			lenses = append(lenses, l)
		}
	}
	return lenses
}

// lenses puts them on the line of the name: above def or class, below the decorators.
func (v *view) lenses(at text.Span, lenses []Lens) []protocol.CodeLens {
	var out []protocol.CodeLens
	for _, l := range lenses {
		command := protocol.Command{Title: l.Title, Command: l.Command}
		if l.Tooltip != "" {
			command.Tooltip = new(l.Tooltip)
		}
		if raw, err := json.Marshal(l.Argument); err == nil && l.Command != "" {
			command.Arguments = []protocol.LSPAny{raw}
		}
		out = append(out, protocol.CodeLens{Range: v.doc.rangeOf(at), Command: command})
	}
	return out
}
