package server

import (
	"context"
	"slices"
	"strings"

	"flowls/analysis/rule"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// CodeAction offers the quick fixes of the findings at the range.
func (s *server) CodeAction(ctx context.Context, params *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	wanted, context := params.Range, params.Context
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil || !wantsQuickFixes(context.Only) {
		return nil, err
	}
	actions := []protocol.CommandOrCodeAction{}
	span := v.doc.span(wanted)
	for _, finding := range s.all(v) {
		if !overlaps(finding.Span, span) {
			continue
		}
		for _, fix := range finding.Fixes {
			if len(fix.Edits) == 0 {
				continue // advice, part of the message
			}
			actions = append(actions, s.quickFix(v, finding, fix))
		}
	}
	return actions, nil
}

// wantsQuickFixes: an empty list means everything; a kind includes its sub-kinds.
func wantsQuickFixes(only []protocol.CodeActionKind) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(k protocol.CodeActionKind) bool {
		return k == "" || k == protocol.CodeActionKindQuickFix ||
			strings.HasPrefix(string(protocol.CodeActionKindQuickFix), string(k)+".")
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
