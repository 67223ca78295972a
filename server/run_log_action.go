package server

import (
	"encoding/json"
	"fmt"

	"flowls/analysis/rule"
	"flowls/runner/runstate"

	"go.lsp.dev/protocol"
)

// logAction shows what a task printed before it went wrong: where no edit helps,
// its last words are what there is to go by. nil where nothing has printed.
func (s *server) logAction(v *view, finding rule.Diagnostic) *protocol.CodeAction {
	state := s.runs.state(flowKey{v.doc.URI, finding.Flow})
	if state == nil || state.steps[finding.Step] == nil {
		return nil
	}
	sv := state.steps[finding.Step]
	task := sv.printed(finding.Rule)
	if task == nil {
		return nil
	}
	argument, err := json.Marshal(ShowLogArgument{RunID: sv.of.anyID(), URI: v.doc.URI, Flow: finding.Flow, Step: finding.Step, TaskID: task.ID})
	if err != nil { // strings
		panic(err)
	}
	title := fmt.Sprintf("Show the log of %s/%s", finding.Step, task.ID)
	return &protocol.CodeAction{
		Title: title, Kind: new(protocol.CodeActionKindQuickFix), Diagnostics: []protocol.Diagnostic{s.diagnostic(v, finding)},
		Command: protocol.Command{Title: title, Command: commandShowLog, Arguments: []protocol.LSPAny{argument}},
	}
}

// printed is the task that a finding of a rule is about, if it came to print.
func (s *stepView) printed(r *rule.Rule) *runstate.Task {
	if r == rule.TaskFailed && s.failure != nil {
		return s.failure.Task
	}
	for _, t := range s.troubles {
		if t.Rule == r && prints(t.First) {
			return t.task
		}
	}
	return nil
}
