package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"flowls/analysis/rule"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// fixAllKind is the source action that mends what can be mended in a file.
const fixAllKind = protocol.CodeActionKindSourceFixAll + ".flowls"

// fixAllData says what an action mends, so that its edit is made only for the
// one that is chosen.
type fixAllData struct {
	URI     uri.URI `json:"uri"`
	Version int32   `json:"version"`
	Code    string  `json:"code,omitempty"` // of the rule, "" for all
}

// fixAll offers to mend all findings of a rule, or of all rules for "". Of one
// rule there must be more than one: a single one has its own fix.
func (s *server) fixAll(v *view, all []rule.Diagnostic, code string) protocol.CommandOrCodeAction {
	found := mendable(all, code)
	if len(found) == 0 || code != "" && len(found) < 2 {
		return nil
	}
	action := &protocol.CodeAction{Title: "Fix all that flowls can fix", Kind: new(fixAllKind)}
	if code != "" {
		action.Title, action.Kind = fmt.Sprintf("Fix all %s in this file", code), new(protocol.CodeActionKindQuickFix)
	}
	if s.client.can.resolveEdits {
		raw, err := json.Marshal(fixAllData{v.doc.URI, v.doc.Version, code})
		if err != nil { // strings and a number: cannot happen
			return nil
		}
		action.Data = raw
		return action
	}
	edits, n := v.FixAll(found)
	if n == 0 || code != "" && n < 2 {
		return nil
	}
	action.Edit = s.workspaceEdit(v.doc, v.doc.edits(edits))
	return action
}

// mendable are the findings of a rule that have a preferred fix. What a run found
// says nothing of the file as it is after the fix: with each save that mends all,
// a step would ask for twice the memory again.
func mendable(all []rule.Diagnostic, code string) []rule.Diagnostic {
	return slices.DeleteFunc(slices.Clone(all), func(d rule.Diagnostic) bool {
		_, ok := d.Preferred()
		return !ok || d.Rule.FromRun || code != "" && d.Rule.Code != code
	})
}

// CodeActionResolve makes the edit of an action that mends everything.
func (s *server) CodeActionResolve(ctx context.Context, action *protocol.CodeAction) (*protocol.CodeAction, error) {
	var d fixAllData
	known := json.Unmarshal(action.Data, &d) == nil && d.URI != ""
	snapshot := s.begin(ctx)
	if !known {
		return action, nil
	}
	v, err := s.look(ctx, snapshot, d.URI)
	if err != nil {
		return nil, err
	}
	if v == nil || v.doc.Version != d.Version {
		return nil, protocol.ErrContentModified
	}
	if edits, n := v.FixAll(mendable(s.all(v), d.Code)); n > 0 {
		action.Edit = s.workspaceEdit(v.doc, v.doc.edits(edits))
	}
	return action, nil
}
