package server

import (
	"context"
	"encoding/json"
	"errors"

	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"
)

func init() {
	commandTable = append(commandTable,
		define(commandRun, "Runs a flow.", true, launching(planRun)),
		define(commandRunStep, "Runs one step (spin) with the inputs that it had in an earlier run.", true, launching(planStep)),
		define(commandResume, "Runs a flow from a step on; what comes before is taken from an earlier run.", true, launching(planResume)),
		define(commandRerunFailed, "Runs again what did not succeed in a run; the rest is taken from it.", true, launching(planRerun)),
		define(commandStop, "Stops a run; no process of it is left.", false, stop),
		define(commandStopAll, "Stops all runs that flowls started, or those of a document or flow.", false, stopAll),
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
