package server

import (
	"context"
	"path/filepath"
	"slices"

	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/protocol"
)

// inputs are the task and the run that a step takes its inputs from.
func (r *runs) inputs(t flowTarget, step, wanted string) (task, origin string, err error) {
	run, found, err := r.origin(t, step, wanted)
	if err != nil {
		return "", "", err
	}
	return found.Tasks[0].ID, run.ID, nil
}

// origin finds the run, below the root that a run would use, in which a step
// ran: spin and resume take what came before from it.
func (r *runs) origin(t flowTarget, name, wanted string) (*runstate.Run, *runstate.Step, error) {
	if wanted != "" { // flowls' id of a run stands for Metaflow's
		if v := r.state(t.key).find(wanted); v != nil && v.metaflowID() != "" {
			wanted = v.metaflowID()
		}
	}
	reader, fits := r.inputReader(t)
	// Whether a run is alive does not matter here.
	reader.Life = func(*runstate.Run) runstate.Life { return runstate.LifeUnknown }
	run, _, err := reader.RunWithStep(t.flow, name, wanted, fits)
	if err != nil {
		return nil, nil, err
	}
	return run, run.Step(name), nil
}

// inputReader reads the runs below the root that a run would use, of which those
// of the flow's file fit.
func (r *runs) inputReader(t flowTarget) (*runstate.Reader, func(*runstate.Run) bool) {
	return runstate.NewReader(runstate.FindRoot(t.dir(), getenv)), func(run *runstate.Run) bool {
		return run.Script == filepath.Base(t.script) && run.Only == "" // one step has nothing before it
	}
}

// offerRun says why a step cannot be run and offers to run the flow. The
// question is asked in the background: the command has been answered by then.
func (r *runs) offerRun(call commandCall, t flowTarget, step string, why error) (LaunchResult, error) {
	if !isNoRun(why) && !isNeverRan(why) {
		return LaunchResult{}, launchError("%v", why)
	}
	message := (&noInputs{t, step, why}).Error() + ". Run the flow?"
	const action = "Run flow"
	r.s.background("offer to run", func(ctx context.Context) {
		if r.question(ctx, protocol.MessageTypeInfo, message, action) != action {
			return // dismissed: no
		}
		r.later(ctx, call, t, commandRun, func(call commandCall, t flowTarget) error {
			_, err := r.launcher.launch(ctx, call, plan{target: t, spec: local.Spec{Kind: local.Run}})
			return err
		})
	})
	return LaunchResult{Offered: commandRun}, nil
}

// question asks the user; "" is the answer of one who does not want to say. It
// waits for the client, so it runs in the background.
func (r *runs) question(ctx context.Context, kind protocol.MessageType, message string, actions ...string) string {
	items := make([]protocol.MessageActionItem, len(actions))
	for i, a := range actions {
		items[i].Title = a
	}
	answer, err := r.s.client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{Type: kind, Message: message, Actions: items})
	if err != nil || answer == nil {
		return ""
	}
	return answer.Title
}

// pick asks for one of several: its index, -1 of one who does not want to say.
func (r *runs) pick(ctx context.Context, message string, labels []string) int {
	return slices.Index(labels, r.question(ctx, protocol.MessageTypeInfo, message, labels...))
}

// later does what the user chose in an answer. They took their time: text,
// folders and trust may be others by now. What goes wrong is shown, as nobody
// waits for the command any more.
func (r *runs) later(ctx context.Context, call commandCall, t flowTarget, command string, do func(commandCall, flowTarget) error) {
	call.token = nil // the command's progress ended with its answer
	call.snapshot = r.s.session.Snapshot()
	err := errUntrusted(command)
	if call.snapshot.Settings.Trusted {
		if t, err = call.target(ctx, t.key.uri, t.flow); err == nil {
			err = do(call, t)
		}
	}
	if err != nil && ctx.Err() == nil {
		r.s.client.showMessage(protocol.MessageTypeError, userText(err))
	}
}
