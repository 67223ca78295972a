package server

import (
	"encoding/json"
	"fmt"
	"slices"

	"flowls/analysis/rule"

	"go.lsp.dev/protocol"
)

// checkSource is what editors print beside a finding.
const checkSource = "flowls"

// runSource is the source of what a run found, apart from what the file says.
const runSource = "flowls run"

// clusterSource is that of what the comparison with a cluster found.
const clusterSource = "flowls kubernetes"

// all is the union of what the rules and the features find in a document, sorted.
func (s *server) all(v *view) []rule.Diagnostic {
	all := slices.Clone(s.configuration.apply(v, v.Diagnostics))
	for _, f := range s.features {
		all = append(all, f.Diagnostics(v)...)
	}
	rule.Sort(all)
	return all
}

// findings are those of a document in the client's words. It is never nil.
func (s *server) findings(v *view, all []rule.Diagnostic) []protocol.Diagnostic {
	out := []protocol.Diagnostic{}
	if v.doc.tooLarge() {
		return append(out, tooLargeDiagnostic(v.doc))
	}
	for _, d := range all {
		out = append(out, s.diagnostic(v, d))
	}
	return out
}

// diagnosticData travels with a diagnostic to the client and back: it finds
// the finding again for code actions.
type diagnosticData struct {
	Flow  string `json:"flow,omitempty"`
	Step  string `json:"step,omitempty"`
	Fixes int    `json:"fixes,omitempty"`
}

func (s *server) diagnostic(v *view, d rule.Diagnostic) protocol.Diagnostic {
	out := protocol.Diagnostic{
		Range:    v.doc.rangeOf(d.Span),
		Severity: severity(d.Severity()),
		Code:     protocol.String(d.Rule.Code),
		Source:   protocol.NewOptional(checkSource),
		Message:  protocol.String(d.Message),
	}
	if d.Rule.FromRun {
		out.Source = protocol.NewOptional(runSource)
	}
	if d.Rule.FromCluster {
		out.Source = protocol.NewOptional(clusterSource)
	}
	if d.Rule.Unneeded && s.client.can.unnecessary {
		out.Tags = protocol.NewDiagnosticTags(protocol.DiagnosticTagUnnecessary)
	}
	if s.client.can.relatedInformation {
		for _, r := range d.Related {
			out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
				Location: protocol.Location{URI: v.doc.URI, Range: v.doc.rangeOf(r.Span)},
				Message:  r.Message,
			})
		}
		for _, r := range d.Elsewhere { // where its text is not known, the start of the line
			start := protocol.Position{Line: uint32(max(r.Line, 1) - 1)}
			place := protocol.Range{Start: start, End: start}
			if r.Text != nil {
				place = mapper{r.Text, v.doc.encoding}.rangeOf(r.Span)
			}
			out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
				Location: protocol.Location{URI: v.uriOf(r.File), Range: place},
				Message:  r.Message,
			})
		}
	}
	if raw, err := json.Marshal(diagnosticData{Flow: d.Flow, Step: d.Step, Fixes: len(d.Fixes)}); err == nil {
		out.Data = raw
	}
	return out
}

func severity(s rule.Severity) protocol.DiagnosticSeverity {
	switch s {
	case rule.Hint:
		return protocol.DiagnosticSeverityHint
	case rule.Info:
		return protocol.DiagnosticSeverityInformation
	case rule.Warning:
		return protocol.DiagnosticSeverityWarning
	}
	return protocol.DiagnosticSeverityError
}

func tooLargeDiagnostic(d *Document) protocol.Diagnostic {
	return protocol.Diagnostic{
		Severity: protocol.DiagnosticSeverityInformation,
		Source:   protocol.NewOptional(checkSource),
		Message: protocol.String(fmt.Sprintf("flowls does not analyse files larger than %d MiB; this one has %.1f MiB.",
			maxDocument>>20, float64(d.Text.Len())/(1<<20))),
	}
}
