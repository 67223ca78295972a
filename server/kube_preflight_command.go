package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"flowls/analysis/rule"
	"flowls/runner/local"
	"flowls/runner/preflight"
	"flowls/server/podtrouble"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const (
	commandPreflight      = "flowls.preflight"
	commandClearPreflight = "flowls.clearPreflight"
)

// PreflightArgument is the argument of flowls.preflight.
type PreflightArgument struct {
	URI     uri.URI     `json:"uri" doc:"The flow's document."`
	Flow    string      `json:"flow" doc:"Name of the flow."`
	Step    string      `json:"step,omitempty" doc:"The only step to look at; absent means all."`
	Options *RunOptions `json:"options,omitempty" doc:"How Metaflow would run it: with and profile count."`
}

// PreflightResult is the answer of flowls.preflight.
type PreflightResult struct {
	Findings []PreflightFinding `json:"findings" doc:"What would keep the flow or a step from running; also published as diagnostics."`
	Notes    []string           `json:"notes" doc:"What works less well, and what could not be compared."`
	Steps    []string           `json:"steps" doc:"Steps that were compared. Those with a decorator that is not Metaflow's are not: it may change the others."`
}

// PreflightFinding is one of them.
type PreflightFinding struct {
	Code     string `json:"code" doc:"Code of the rule."`
	Severity string `json:"severity" doc:"error, warning or info. What is an error keeps it from running for sure."`
	Step     string `json:"step,omitempty" doc:"Name of the step; absent for the flow as a whole."`
	Argument string `json:"argument,omitempty" doc:"Argument of the decorator that asks for it."`
	Message  string `json:"message" doc:"What is wrong, and what would do."`
}

func init() {
	commandTable = append(commandTable,
		define(commandPreflight, "Compares a flow with the cluster: data store, packages, permissions, and for each step whether the namespace and some node have what it asks for. It reads the kubeconfig and asks the cluster through `flowls agent`; nothing is made there.", true, checkAgainstCluster),
		define(commandClearPreflight, "Takes what the comparison with the cluster found out of the code.", false, clearPreflight),
	)
}

func checkAgainstCluster(ctx context.Context, call commandCall, a PreflightArgument) (PreflightResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return PreflightResult{}, err
	}
	if a.Step != "" {
		if err := t.step(a.Step); err != nil {
			return PreflightResult{}, err
		}
	}
	s := call.server
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := s.progress.begin(ctx, call.token, "Check "+t.flow+" against the cluster", cancel)
	outcome := "failed"
	defer func() { progress.end(outcome) }()
	found, err := s.kubePreflight.before(ctx, t, scope{
		covers: func(step string) bool { return a.Step == "" || step == a.Step }, options: a.Options.local(),
		access: accessOf(call.snapshot.Settings),
		backend: func(ctx context.Context, checked *checkedFlow, o local.Options) (local.Backend, error) {
			return s.kubePreflight.backend(ctx, call, t, o, checked)
		},
	})
	if err != nil {
		return PreflightResult{}, remoteError(ctx, err)
	}
	result := found.result()
	outcome = result.summary(t.flow)
	s.client.showMessage(result.kind(), outcome)
	return result, nil
}

// result is the answer of the command.
func (c *compared) result() PreflightResult {
	result := PreflightResult{Findings: []PreflightFinding{}, Notes: append([]string{}, c.notes...), Steps: []string{}}
	add := func(step string, f preflight.Finding) {
		r := clusterRules[f.Kind]
		result.Findings = append(result.Findings, PreflightFinding{
			Code: r.Code, Severity: r.Severity.String(), Step: step, Argument: f.Argument, Message: podtrouble.Sentence(f.Message)})
	}
	for _, found := range c.found[""] {
		add("", found)
	}
	for _, s := range c.steps {
		name := s.Request.Step
		result.Steps = append(result.Steps, name)
		for _, found := range c.found[name] {
			add(name, found)
		}
	}
	return result
}

// keeps reports whether something keeps the flow from running.
func (r *PreflightResult) keeps() bool {
	return slices.ContainsFunc(r.Findings, func(f PreflightFinding) bool { return f.Severity != "info" })
}

func (r *PreflightResult) kind() protocol.MessageType {
	if r.keeps() {
		return protocol.MessageTypeWarning
	}
	return protocol.MessageTypeInfo
}

// summary is one line.
func (r *PreflightResult) summary(flow string) string {
	said := fmt.Sprintf("Nothing keeps %s from running on the cluster", flow)
	if r.keeps() {
		said = fmt.Sprintf("%s cannot run on the cluster as things are: %s", flow, r.Findings[0].Message)
		if more := len(r.Findings) - 1; more > 0 {
			said += fmt.Sprintf(" (and %d more)", more)
		}
		return said
	}
	if len(r.Notes) > 0 {
		said += "; not all could be compared: " + r.Notes[0]
	}
	return said + "."
}

// clusterActions are offered at what was found: compare again, or clear it.
func (s *server) clusterActions(v *view, finding rule.Diagnostic) []protocol.CommandOrCodeAction {
	argument, err := json.Marshal(FlowArgument{v.doc.URI, finding.Flow})
	if err != nil { // two strings
		panic(err)
	}
	var actions []protocol.CommandOrCodeAction
	add := func(title, command string) {
		actions = append(actions, &protocol.CodeAction{
			Title: title, Kind: new(protocol.CodeActionKindQuickFix), Diagnostics: []protocol.Diagnostic{s.diagnostic(v, finding)},
			Command: protocol.Command{Title: title, Command: command, Arguments: []protocol.LSPAny{argument}},
		})
	}
	add("Check "+finding.Flow+" against the cluster again", commandPreflight)
	if s.kubePreflight.checkedFlow(flowKey{v.doc.URI, finding.Flow}) != nil {
		add("Clear what the check against the cluster found", commandClearPreflight)
	}
	return actions
}

func clearPreflight(_ context.Context, call commandCall, a FlowArgument) (Nothing, error) {
	p := call.server.kubePreflight
	p.mu.Lock()
	delete(p.checked, flowKey{a.URI, a.Flow})
	p.mu.Unlock()
	call.server.diags.wake(a.URI)
	return Nothing{}, nil
}
