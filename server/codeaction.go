package server

import (
	"context"
	"slices"
	"strings"

	"flowls/analysis/rule"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// CodeAction offers the quick fixes of the findings at the range, and to mend
// everything at once.
func (s *server) CodeAction(ctx context.Context, params *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	wanted, context := params.Range, params.Context
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	actions := []protocol.CommandOrCodeAction{}
	all := s.all(v)
	if wants(context.Only, protocol.CodeActionKindQuickFix, true) {
		actions = s.quickFixes(v, all, v.doc.span(wanted))
	}
	// Offered to who asks, not to the light bulb: it would burn at every flow and step.
	if context.TriggerKind == protocol.CodeActionTriggerKindInvoked && len(context.Only) == 0 {
		actions = append(actions, s.runActions(v, v.doc.span(wanted))...)
	}
	// A source action is offered only to who asks for one: editors run it when a file is saved.
	if wants(context.Only, fixAllKind, false) {
		if action := s.fixAll(v, all, ""); action != nil {
			actions = append(actions, action)
		}
	}
	return actions, nil
}

func (s *server) quickFixes(v *view, all []rule.Diagnostic, span text.Span) []protocol.CommandOrCodeAction {
	actions := []protocol.CommandOrCodeAction{}
	var codes []string
	cleared, compared := false, false
	for _, finding := range all {
		if !overlaps(finding.Span, span) {
			continue
		}
		for _, fix := range finding.Fixes {
			if len(fix.Edits) == 0 {
				continue // advice, part of the message
			}
			actions = append(actions, s.quickFix(v, finding, fix))
		}
		if finding.Rule.FromRun {
			if action := s.logAction(v, finding); action != nil {
				actions = append(actions, action)
			}
		}
		if finding.Rule.FromRun && !cleared {
			actions, cleared = append(actions, s.clearAction(v, finding)), true
		}
		if finding.Rule.FromCluster && !compared {
			actions, compared = append(actions, s.clusterActions(v, finding)...), true
		}
		if _, ok := finding.Preferred(); ok && !slices.Contains(codes, finding.Rule.Code) {
			codes = append(codes, finding.Rule.Code)
		}
	}
	for _, code := range codes {
		if action := s.fixAll(v, all, code); action != nil {
			actions = append(actions, action)
		}
	}
	return actions
}

// wants: a kind includes its sub-kinds. An empty list means any, as far as any is offered.
func wants(only []protocol.CodeActionKind, kind protocol.CodeActionKind, any bool) bool {
	return len(only) == 0 && any || slices.ContainsFunc(only, func(k protocol.CodeActionKind) bool {
		return k == "" && any || k == kind || strings.HasPrefix(string(kind), string(k)+".")
	})
}

func (s *server) quickFix(v *view, finding rule.Diagnostic, fix rule.Fix) *protocol.CodeAction {
	action := &protocol.CodeAction{
		Title:       fix.Title,
		Kind:        new(protocol.CodeActionKindQuickFix),
		Diagnostics: []protocol.Diagnostic{s.diagnostic(v, finding)},
		Edit:        s.workspaceEdit(v.doc, v.doc.edits(fix.Edits)),
	}
	if fix.Preferred {
		action.IsPreferred = new(true)
	}
	return action
}

// workspaceEdit changes one document; with its version, if the client checks it.
func (s *server) workspaceEdit(d *Document, edits []protocol.TextEdit) *protocol.WorkspaceEdit {
	if !s.client.can.documentChanges {
		return &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{d.URI: edits}}
	}
	elements := make([]protocol.TextDocumentEditElement, len(edits))
	for i := range edits {
		elements[i] = &edits[i]
	}
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{&protocol.TextDocumentEdit{
		TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: d.URI}, Version: new(d.Version),
		},
		Edits: elements,
	}}}
}
