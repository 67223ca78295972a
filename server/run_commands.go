package server

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// RunArgument is the argument of flowls.run.
type RunArgument struct {
	URI        uri.URI        `json:"uri" doc:"The flow's document."`
	Flow       string         `json:"flow" doc:"Name of the flow."`
	Parameters map[string]any `json:"parameters,omitempty" doc:"Values of Parameters by name; the others keep their defaults."`
}

// RunStepArgument is the argument of flowls.runStep.
type RunStepArgument struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	Step   string  `json:"step" doc:"Name of the step."`
	RunID  string  `json:"runId,omitempty" doc:"Run whose inputs the step gets; absent means the latest one in which it ran."`
	TaskID string  `json:"taskId,omitempty" doc:"Task of that run; absent means the first one."`
}

// ResumeArgument is the argument of flowls.resume.
type ResumeArgument struct {
	URI         uri.URI `json:"uri" doc:"The flow's document."`
	Flow        string  `json:"flow" doc:"Name of the flow."`
	Step        string  `json:"step" doc:"Step to start from; what comes before it is taken from the other run."`
	OriginRunID string  `json:"originRunId,omitempty" doc:"Run to resume; absent means the latest one that got to the step."`
}

// StopArgument is the argument of flowls.stop.
type StopArgument struct {
	RunID string  `json:"runId,omitempty" doc:"Run to stop."`
	URI   uri.URI `json:"uri,omitempty" doc:"Instead of runId: the flow's document."`
	Flow  string  `json:"flow,omitempty" doc:"Instead of runId: name of the flow, whose newest active run is stopped."`
}

// LaunchResult is the answer of flowls.run, flowls.runStep and flowls.resume.
type LaunchResult struct {
	RunID string                 `json:"runId,omitempty" doc:"Launch id of flowls; absent if nothing was started."`
	Token protocol.ProgressToken `json:"token,omitempty" doc:"Token of the progress that reports the run, if the client shows progress."`
	// Offered is set when nothing was started because there are no inputs yet.
	Offered string   `json:"offered,omitempty" doc:"Command that the user was offered instead, because there is no run to take inputs from."`
	Argv    []string `json:"argv,omitempty" doc:"What was started."`
	Dir     string   `json:"dir,omitempty" doc:"Working directory of the run."`
}

// StopResult is the answer of flowls.stop.
type StopResult struct {
	RunID  string `json:"runId" doc:"The run."`
	Status string `json:"status" doc:"Its status after the stop."`
}

// Nothing is the answer of commands that have none.
type Nothing struct{}

func init() {
	commandTable = append(commandTable,
		define(commandRun, "Runs a flow.", true, runFlow),
		define(commandRunStep, "Runs one step (spin) with the inputs that it had in an earlier run.", true, runStep),
		define(commandResume, "Runs a flow from a step on; what comes before is taken from an earlier run.", true, resume),
		define(commandStop, "Stops a run; no process of it is left.", false, stop),
	)
}

// flowTarget is a flow that a command names, in a file.
type flowTarget struct {
	key    flowKey
	view   *view
	index  int
	flow   string
	script string
}

func (c commandCall) target(ctx context.Context, u uri.URI, name string) (flowTarget, error) {
	v, i, err := c.server.flow(ctx, c.snapshot, u, name)
	if err != nil {
		return flowTarget{}, err
	}
	script := v.doc.Path()
	if script == "" {
		return flowTarget{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", errNotFile)
	}
	f := v.File.Flows[i].Name
	return flowTarget{flowKey{u, f}, v, i, f, script}, nil
}

// step checks that the flow has the step.
func (t flowTarget) step(name string) error {
	if stepNamed(t.view.File.Flows[t.index], name) == nil {
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no step %q", t.flow, name)
	}
	return nil
}

func runFlow(ctx context.Context, call commandCall, a RunArgument) (LaunchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return LaunchResult{}, err
	}
	args, err := parameterArgs(a.Parameters)
	if err != nil {
		return LaunchResult{}, err
	}
	return call.server.runs.launcher.launch(ctx, call, t, local.Spec{Kind: local.Run, Args: args})
}

func runStep(ctx context.Context, call commandCall, a RunStepArgument) (LaunchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err == nil {
		err = t.step(a.Step)
	}
	if err != nil {
		return LaunchResult{}, err
	}
	task, origin, err := call.server.runs.inputs(t, a.Step, a.RunID)
	if err != nil {
		return call.server.runs.offerRun(call, t, a.Step, err)
	}
	if a.TaskID == "" {
		a.TaskID = task
	}
	return call.server.runs.launcher.launch(ctx, call, t, local.Spec{Kind: local.Spin, Step: a.Step, Origin: origin, Task: a.TaskID})
}

func resume(ctx context.Context, call commandCall, a ResumeArgument) (LaunchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err == nil {
		err = t.step(a.Step)
	}
	if err != nil {
		return LaunchResult{}, err
	}
	_, origin, err := call.server.runs.inputs(t, a.Step, a.OriginRunID)
	if err != nil {
		return call.server.runs.offerRun(call, t, a.Step, err)
	}
	return call.server.runs.launcher.launch(ctx, call, t, local.Spec{Kind: local.Resume, Step: a.Step, Origin: origin})
}

// inputs finds the run, below the root that a run would use, in which a step
// ran: spin and resume take what came before from it.
func (r *runs) inputs(t flowTarget, step, wanted string) (task, origin string, err error) {
	root := runstate.FindRoot(workingDir(t.script, folderOf(t.view.snapshot, t.script)), getenv)
	if wanted != "" { // flowls' id of a run stands for Metaflow's
		if v := r.state(t.key).find(wanted); v != nil && v.metaflowID() != "" {
			wanted = v.metaflowID()
		}
	}
	reader := runstate.NewReader(root)
	// Whether a run is alive does not matter here.
	reader.Life = func(*runstate.Run) runstate.Life { return runstate.LifeUnknown }
	run, found, err := reader.RunWithStep(t.flow, step, wanted, func(run *runstate.Run) bool {
		return run.Script == filepath.Base(t.script)
	})
	if err != nil {
		return "", "", err
	}
	return found.ID, run.ID, nil
}

// offerRun says why a step cannot be run and offers to run the flow. The
// question is asked in the background: the command has been answered by then.
func (r *runs) offerRun(call commandCall, t flowTarget, step string, why error) (LaunchResult, error) {
	var message string
	switch {
	case isNoRun(why):
		message = "There is no run of " + t.flow + " yet, so step " + step + " has no inputs. Run the flow?"
	case isNeverRan(why):
		message = "Step " + step + " has not run in any run of " + t.flow + " yet, so it has no inputs. Run the flow?"
	default:
		return LaunchResult{}, launchError("%v", why)
	}
	const action = "Run flow"
	r.s.background("offer to run", func(ctx context.Context) {
		answer, err := r.s.client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
			Type: protocol.MessageTypeInfo, Message: message,
			Actions: []protocol.MessageActionItem{{Title: action}},
		})
		if err != nil || answer == nil || answer.Title != action {
			return // dismissed: no
		}
		call.token = nil // the command's progress ended with its answer
		// The user took their time: text, folders and trust may be others by now.
		call.snapshot = r.s.session.Snapshot()
		if !call.snapshot.Settings.Trusted {
			r.s.client.showMessage(protocol.MessageTypeError, userText(errUntrusted(commandRun)))
			return
		}
		t, err := call.target(ctx, t.key.uri, t.flow)
		if err != nil {
			if ctx.Err() == nil {
				r.s.client.showMessage(protocol.MessageTypeError, userText(err))
			}
			return
		}
		if _, err := r.launcher.launch(ctx, call, t, local.Spec{Kind: local.Run}); err != nil && ctx.Err() == nil {
			r.s.client.showMessage(protocol.MessageTypeError, userText(err))
		}
	})
	return LaunchResult{Offered: commandRun}, nil
}

func stop(ctx context.Context, call commandCall, a StopArgument) (StopResult, error) {
	r := call.server.runs
	v, err := r.named(call.snapshot, a.RunID, a.URI, a.Flow, (*flowState).toStop)
	if err != nil {
		return StopResult{}, err
	}
	if v.record == nil {
		return StopResult{}, launchError("run %s was not started by flowls: stop it where it was started", v.metaflowID())
	}
	record, err := r.registry.Stop(ctx, v.record.ID)
	if err != nil {
		return StopResult{}, launchError("the run cannot be stopped: %v", err)
	}
	return StopResult{record.ID, string((&runView{record: record, run: v.run}).status())}, nil
}

// named finds the run that a command means: by id among all flows, or else by choice in one flow.
func (r *runs) named(snapshot *Snapshot, id string, u uri.URI, flow string, choose func(*flowState) *runView) (*runView, error) {
	if id == "" {
		state := r.state(flowKey{u, flow})
		if state != nil {
			if v := choose(state); v != nil {
				return v, nil
			}
		}
		return nil, launchError("%s has no such run", flow)
	}
	r.mu.Lock()
	for _, state := range r.states {
		if v := state.find(id); v != nil {
			r.mu.Unlock()
			return v, nil
		}
	}
	r.mu.Unlock()
	// A launch whose document is closed, or that is a moment old.
	if r.registry != nil {
		if record, err := r.registry.Get(id); err == nil {
			return &runView{record: record}, nil
		}
	}
	return nil, launchError("there is no run %q", id)
}

func valueText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}

func isNoRun(err error) bool    { return errors.Is(err, runstate.ErrNoRun) }
func isNeverRan(err error) bool { return errors.Is(err, runstate.ErrStepNeverRan) }

// userText is the message of an error without the code of the wire.
func userText(err error) string {
	var e *jsonrpc2.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
