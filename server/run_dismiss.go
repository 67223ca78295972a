package server

import (
	"context"
	"encoding/json"

	"flowls/analysis/rule"

	"go.lsp.dev/protocol"
)

func init() {
	commandTable = append(commandTable, define(commandClearFailures,
		"Takes the failures of the shown run out of the code, until another run fails.", false, clearFailures))
}

// clearFailures: the user has seen them. Lenses still tell how the run ended.
func clearFailures(_ context.Context, call commandCall, a FlowArgument) (Nothing, error) {
	r, key := call.server.runs, flowKey{a.URI, a.Flow}
	state := r.state(key)
	if state == nil {
		return Nothing{}, launchError("%s has not run yet", a.Flow)
	}
	seen := map[string]bool{}
	for _, v := range state.runs {
		if v.status().done() {
			seen[v.key()] = true
		}
	}
	r.mu.Lock()
	r.cleared[key] = seen
	r.mu.Unlock()
	r.touch(key)
	return Nothing{}, nil
}

// isCleared: the failures of the run are not to be shown.
func (r *runs) isCleared(key flowKey, v *runView) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cleared[key][v.key()]
}

// clearAction offers flowls.clearFailures at a failure.
func (s *server) clearAction(v *view, finding rule.Diagnostic) *protocol.CodeAction {
	const title = "Clear the failures of this run"
	argument, err := json.Marshal(FlowArgument{v.doc.URI, finding.Flow})
	if err != nil { // two strings
		panic(err)
	}
	return &protocol.CodeAction{
		Title: title, Kind: new(protocol.CodeActionKindQuickFix), Diagnostics: []protocol.Diagnostic{s.diagnostic(v, finding)},
		Command: protocol.Command{Title: title, Command: commandClearFailures, Arguments: []protocol.LSPAny{argument}},
	}
}
