package server

import (
	"encoding/json"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// runActions are commands for which a lens would be too much, at the name of a
// flow or a step: so they can be reached in every editor.
func (s *server) runActions(v *view, at text.Span) []protocol.CommandOrCodeAction {
	var actions []protocol.CommandOrCodeAction
	add := func(title, command string, argument any) {
		raw, err := json.Marshal(argument)
		if err != nil {
			return
		}
		actions = append(actions, &protocol.CodeAction{Title: title, Command: protocol.Command{
			Title: title, Command: command, Arguments: []protocol.LSPAny{raw},
		}})
	}
	line := func(title, command string, argument any) {
		if raw, err := json.Marshal(argument); err == nil {
			add(title, commandCommandLine, CommandLineArgument{command, raw})
		}
	}
	options := func(title, command string, argument any) {
		if raw, err := json.Marshal(argument); err == nil {
			add(title, commandWithOptions, WithOptionsArgument{command, raw})
		}
	}
	owner := v.runs()
	for i, f := range v.File.Flows {
		if f.Abstract {
			continue
		}
		whole := FlowArgument{v.doc.URI, f.Name}
		if overlaps(f.NameSpan, at) {
			add("Run "+f.Name+" with parameters and options", commandRunWithParameters, whole)
			line("Show the command line that runs "+f.Name, commandRun, whole)
			add("Check "+f.Name+" against the cluster", commandPreflight, PreflightArgument{URI: v.doc.URI, Flow: f.Name})
			if state := s.runs.state(flowKey{v.doc.URI, f.Name}); state != nil && state.shown != nil && state.shown.failedMidway() {
				again := RerunArgument{URI: v.doc.URI, Flow: f.Name, RunID: state.shown.metaflowID()}
				add("Run again what failed in "+f.Name, commandRerunFailed, again)
				options("Run again what failed in "+f.Name+" with options…", commandRerunFailed, again)
			}
			add("Stop all runs of "+f.Name, commandStopAll, StopAllArgument{v.doc.URI, f.Name})
		}
		for _, step := range f.Steps {
			if owner[step.NameSpan] != i || step.File != "" || !overlaps(step.NameSpan, at) {
				continue
			}
			argument := StepArgument{v.doc.URI, f.Name, step.Name}
			add("Run step "+step.Name+" with the inputs of a task…", commandRunTask, argument)
			options("Run step "+step.Name+" with options…", commandRunStep, argument)
			options("Resume from step "+step.Name+" with options…", commandResume, argument)
			line("Show the command line that runs step "+step.Name, commandRunStep, argument)
			add("Check step "+step.Name+" against the cluster", commandPreflight, PreflightArgument{v.doc.URI, f.Name, step.Name, nil})
		}
	}
	return actions
}
