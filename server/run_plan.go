package server

import (
	"context"
	"errors"

	"flowls/runner/local"
	"flowls/runner/runstate"
)

// plan is a run that has been checked and not been started.
type plan struct {
	target flowTarget
	spec   local.Spec
	// given: the user chose values, which are remembered once the run is up.
	given *given
	// chosen: so are the options of a resume or a spin.
	chosen bool
	// anyway: the user knows what speaks against a launch.
	anyway bool
}

// noInputs: a step cannot be run, because it has not run in any run.
type noInputs struct {
	target flowTarget
	step   string
	why    error
}

func (e *noInputs) Error() string {
	switch {
	case isNoRun(e.why):
		return "There is no run of " + e.target.flow + " yet, so step " + e.step + " has no inputs"
	case isNeverRan(e.why):
		return "Step " + e.step + " has not run in any run of " + e.target.flow + " yet, so it has no inputs"
	}
	return e.why.Error()
}

// launching makes a command of a plan: what is planned is started.
func launching[A any](planned func(context.Context, commandCall, A) (plan, error)) func(context.Context, commandCall, A) (LaunchResult, error) {
	return func(ctx context.Context, call commandCall, a A) (LaunchResult, error) {
		p, err := planned(ctx, call, a)
		var missing *noInputs
		if errors.As(err, &missing) {
			return call.server.runs.offerRun(call, missing.target, missing.step, missing.why)
		}
		if err != nil {
			return LaunchResult{}, err
		}
		return call.server.runs.launcher.launch(ctx, call, p)
	}
}

func planRun(ctx context.Context, call commandCall, a RunArgument) (plan, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return plan{}, err
	}
	g, err := t.give(a.Parameters, a.Configs, t.dir())
	if err != nil {
		return plan{}, err
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Run, Options: a.Options.local(), Configs: g.configs, Args: g.args, Env: g.env}}
	if len(a.Parameters)+len(a.Configs) > 0 || a.Options != nil {
		p.given = &g
	}
	return p, p.check()
}

func planStep(ctx context.Context, call commandCall, a RunStepArgument) (plan, error) {
	t, err := call.stepTarget(ctx, FlowArgument{a.URI, a.Flow}, a.Step)
	if err != nil {
		return plan{}, err
	}
	task, origin, err := call.server.runs.inputs(t, a.Step, a.RunID)
	if err != nil {
		return plan{}, &noInputs{t, a.Step, err}
	}
	if a.TaskID == "" {
		a.TaskID = task
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Spin, Step: a.Step, Origin: origin, Task: a.TaskID, Options: a.Options.local()}, chosen: a.Options != nil}
	return p, p.check()
}

func planResume(ctx context.Context, call commandCall, a ResumeArgument) (plan, error) {
	t, err := call.stepTarget(ctx, FlowArgument{a.URI, a.Flow}, a.Step)
	if err != nil {
		return plan{}, err
	}
	_, origin, err := call.server.runs.inputs(t, a.Step, a.OriginRunID)
	if err != nil {
		return plan{}, &noInputs{t, a.Step, err}
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Resume, Step: a.Step, Origin: origin, Options: a.Options.local()}, chosen: a.Options != nil}
	return p, p.check()
}

// planRerun resumes a run without naming a step: Metaflow clones every task
// that succeeded, of a foreach as well, and runs the rest.
func planRerun(ctx context.Context, call commandCall, a RerunArgument) (plan, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return plan{}, err
	}
	v, err := call.server.runs.failed(ctx, t, a.RunID)
	if err != nil {
		return plan{}, err
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Resume, Origin: v.run.ID, Options: a.Options.local()}, chosen: a.Options != nil}
	if v.record != nil && v.record.Kubernetes != nil { // it goes on where it was
		p, err = onCluster.of(p)
		if err != nil {
			return plan{}, err
		}
	}
	return p, p.check()
}

// failed is the run to take up again: one that has ended, and not well.
func (r *runs) failed(ctx context.Context, t flowTarget, id string) (*runView, error) {
	state, err := r.settled(ctx, t.key)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return nil, launchError("nothing is known about the runs of %s", t.flow)
	}
	root := runstate.FindRoot(t.dir(), getenv)
	why := launchError("no run of %s has failed", t.flow)
	for _, v := range state.runs {
		if id != "" && !v.is(id) || id == "" && v.kind().OneStep() {
			continue
		}
		switch status := v.status(); {
		case v.kind().OneStep():
			why = launchError("a spin is no run to take up again: run the step")
		case status == statusSucceeded:
			why = launchError("run %s of %s succeeded: there is nothing to run again", v.metaflowID(), t.flow)
		case !status.done():
			why = launchError("run %s of %s goes on: stop it first", v.metaflowID(), t.flow)
		case !v.begun():
			why = launchError("the run of %s did not begin, so there is nothing to take up: run the flow", t.flow)
		case v.run.Root != root:
			why = launchError("run %s of %s is recorded in %s, and a run would be in %s: resume it there", v.run.ID, t.flow, v.run.Root, root)
		default:
			return v, nil
		}
		return nil, why // the latest one counts: an older failure has been dealt with
	}
	if id != "" {
		return nil, wrongValue("%s has no run %q", t.flow, id)
	}
	return nil, why
}

// check refuses what Metaflow would, before anything starts.
func (p plan) check() error {
	spec := p.spec
	// Where it runs is not known yet, and not the user's to say.
	spec.Script, spec.Interpreter, spec.Dir, spec.Program = "/", "/", "/", "/"
	if err := spec.Validate(); err != nil {
		return wrongValue("%v", err)
	}
	return nil
}

// dir is where runs of the flow are started.
func (t flowTarget) dir() string { return workingDir(t.script, folderOf(t.view.snapshot, t.script)) }

// stepTarget is target for a step that the flow has.
func (c commandCall) stepTarget(ctx context.Context, f FlowArgument, step string) (flowTarget, error) {
	t, err := c.target(ctx, f.URI, f.Flow)
	if err != nil {
		return flowTarget{}, err
	}
	return t, t.step(step)
}
