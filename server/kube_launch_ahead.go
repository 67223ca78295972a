package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowls/analysis/rule"
	"flowls/runner/local"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// launchPatience is how long a launch waits for the comparison with the cluster.
const launchPatience = 3 * time.Second

const (
	answerAnyway   = "Launch anyway"
	answerProblems = "Show problems"
)

// ahead is what a launch may run into.
type ahead struct {
	found []rule.Diagnostic // what keeps it from running, as the user has the rules configured
	note  string            // what was not compared, for the progress
}

// ahead compares what a plan would run with the cluster. What it finds stands in
// the code as after flowls.preflight.
func (p *kubePreflight) ahead(ctx context.Context, call commandCall, l plan, b local.Backend) (ahead, error) {
	progress := p.s.progress.begin(ctx, nil, "Check "+l.target.flow+" against the cluster", nil)
	said := "done"
	defer func() { progress.end(said) }()
	found, err := p.before(ctx, l.target, scope{
		covers: l.covers(), options: l.spec.Options, access: accessOf(call.snapshot.Settings), within: launchPatience,
		backend: func(context.Context, *checkedFlow, local.Options) (local.Backend, error) { return b, nil },
	})
	switch {
	case errors.Is(err, errLate):
		said = fmt.Sprintf("the cluster did not answer within %v; launched without a check", launchPatience)
		return ahead{note: said}, nil
	case ctx.Err() != nil:
		return ahead{}, ctx.Err()
	case err != nil: // the agent's own troubles are none of the launch
		said = "not checked against the cluster: " + err.Error()
		return ahead{note: said}, nil
	}
	a := ahead{}
	if found.late {
		said = fmt.Sprintf("not all was checked against the cluster within %v", launchPatience)
		a.note = said
	}
	for _, d := range p.s.configuration.apply(found.view, found.view.Keep(found.diagnostics())) {
		if d.Severity() >= rule.Warning {
			a.found = append(a.found, d)
		}
	}
	return a, nil
}

// covers tells which steps have tasks of their own in the run: a resume clones
// what comes before the step.
func (p plan) covers() func(step string) bool {
	switch {
	case p.spec.Kind == local.RemoteSpin:
		return func(step string) bool { return step == p.spec.Step }
	case p.spec.Kind != local.Resume || p.spec.Step == "":
		return func(string) bool { return true }
	}
	next := map[string][]string{}
	for _, n := range p.target.view.Graphs[p.target.index].List {
		next[n.Step.Name] = n.Out
	}
	reached := map[string]bool{}
	for open := []string{p.spec.Step}; len(open) > 0; {
		step := open[len(open)-1]
		open = open[:len(open)-1]
		if !reached[step] {
			reached[step] = true
			open = append(open, next[step]...)
		}
	}
	return func(step string) bool { return reached[step] }
}

// askAnyway asks in the background: the command has been answered by then. A
// client that cannot ask gets what the user wanted, and a warning; of one that is gone
// nothing is concluded.
func (r *runs) askAnyway(ctx context.Context, call commandCall, p plan, found []rule.Diagnostic) {
	message := fmt.Sprintf("%s cannot run on the cluster as things are: %s", p.target.flow, stepAndMessage(found[0]))
	if more := len(found) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	answer, err := r.s.client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
		Type: protocol.MessageTypeWarning, Message: message, Actions: []protocol.MessageActionItem{{Title: answerAnyway}, {Title: answerProblems}},
	})
	var refusal *jsonrpc2.Error // of a client that is there, and does not know the question
	switch {
	case errors.As(err, &refusal) && refusal.Code != protocol.CodeRequestCancelled:
		r.s.client.showMessage(protocol.MessageTypeWarning, message)
	case err != nil || answer == nil:
		return
	case answer.Title == answerProblems:
		r.showFinding(ctx, p.target, found[0])
		return
	case answer.Title != answerAnyway:
		return
	}
	r.later(ctx, call, p.target, commandLaunch, func(call commandCall, t flowTarget) error {
		p.target, p.anyway = t, true
		_, err := r.launcher.launch(ctx, call, p)
		return err
	})
}

func stepAndMessage(d rule.Diagnostic) string {
	if d.Step == "" {
		return d.Message
	}
	return fmt.Sprintf("step `%s`: %s", d.Step, d.Message)
}

// showFinding leads to where a finding stands; the others stand beside it.
func (r *runs) showFinding(ctx context.Context, t flowTarget, d rule.Diagnostic) {
	if !r.s.client.can.showDocument {
		return
	}
	at := t.view.doc.rangeOf(d.Span)
	if _, err := r.s.client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: t.key.uri, TakeFocus: new(true), Selection: &at}); err != nil && ctx.Err() == nil {
		r.s.log.Debug("the finding is not shown", "error", err)
	}
}
