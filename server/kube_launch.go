package server

import (
	"context"
	"path/filepath"
	"slices"

	"flowls/runner/local"
	"flowls/runner/remotespin"
	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

// LaunchArgument is the argument of flowls.launch.
type LaunchArgument struct {
	URI         uri.URI `json:"uri" doc:"The flow's document."`
	Flow        string  `json:"flow" doc:"Name of the flow."`
	Step        string  `json:"step,omitempty" doc:"Step to start from; what comes before it is taken from the other run. Absent means the whole flow."`
	Alone       bool    `json:"alone,omitempty" doc:"Whether the step runs by itself, with the inputs that one of its tasks had, and nothing after it."`
	OriginRunID string  `json:"originRunId,omitempty" doc:"With step, the other run; absent means the latest one in which the step ran."`
	TaskID      string  `json:"taskId,omitempty" doc:"With alone, the task of that run; absent means the first one."`
	// With a step, parameters come from the other run.
	Parameters map[string]any `json:"parameters,omitempty" doc:"For the whole flow, as in flowls.run."`
	Configs    map[string]any `json:"configs,omitempty" doc:"For the whole flow, as in flowls.run."`
	Options    *RunOptions    `json:"options,omitempty" doc:"How Metaflow runs it; with 'kubernetes:…' among 'with' for arguments of the decorator. namespace is for the whole flow only."`
}

func init() {
	featureMakers = append(featureMakers, func(*server) Feature { return kubeLaunch{} })
	commandTable = append(commandTable,
		define(commandLaunch, "Runs a flow, a flow from a step on, or one step alone on Kubernetes, with Metaflow's '--with kubernetes'. Steps that have '@kubernetes' keep their own.", true, launchOnKubernetes),
		define(commandChooseLaunch, "Asks what shall run on Kubernetes and with what, and launches it. Clients that ask by themselves use `flowls.launch`.", true, chooseLaunch),
	)
}

// kubeLaunch puts the lens above flows and steps.
type kubeLaunch struct{ NoFeature }

const launchTitle = "☁ Launch on Kubernetes"

func (kubeLaunch) FlowLenses(v *view, flow int) []Lens {
	return []Lens{{
		Title: launchTitle, Tooltip: "Run the flow with each task in a pod of the cluster",
		Command: commandChooseLaunch, Argument: ChooseLaunchArgument{URI: v.doc.URI, Flow: v.File.Flows[flow].Name},
	}}
}

func (kubeLaunch) StepLenses(v *view, flow int, step string) []Lens {
	return []Lens{{
		Title: launchTitle, Tooltip: "Run this step alone, or the flow from here on, with each task in a pod of the cluster",
		Command: commandChooseLaunch, Argument: ChooseLaunchArgument{URI: v.doc.URI, Flow: v.File.Flows[flow].Name, Step: step},
	}}
}

func launchOnKubernetes(ctx context.Context, call commandCall, a LaunchArgument) (LaunchResult, error) {
	p, err := planLaunch(ctx, call, a)
	if err != nil {
		return LaunchResult{}, err
	}
	return call.server.runs.launcher.launch(ctx, call, p)
}

func planLaunch(ctx context.Context, call commandCall, a LaunchArgument) (plan, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return plan{}, err
	}
	options := a.Options.local()
	if err := t.fitsKubernetes(options); err != nil {
		return plan{}, err
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Run, Options: options, Kubernetes: &local.Kubernetes{}}}
	switch {
	case a.Step == "":
		if a.Alone || a.OriginRunID != "" || a.TaskID != "" {
			return plan{}, wrongValue("alone, originRunId and taskId need a step")
		}
		g, err := t.give(a.Parameters, a.Configs, t.dir())
		if err != nil {
			return plan{}, err
		}
		p.spec.Configs, p.spec.Args, p.spec.Env = g.configs, g.args, g.env
		if len(a.Parameters)+len(a.Configs) > 0 || a.Options != nil {
			p.given = &g
		}
		return p, p.check()
	case len(a.Parameters)+len(a.Configs) > 0:
		return plan{}, wrongValue("parameters and configs are those of the other run")
	case a.TaskID != "" && !a.Alone:
		return plan{}, wrongValue("taskId needs alone")
	}
	if err := t.step(a.Step); err != nil {
		return plan{}, err
	}
	p.spec.Kind, p.spec.Step = local.Resume, a.Step
	if a.Alone {
		if err := t.runsAlone(a.Step); err != nil {
			return plan{}, err
		}
		p.spec.Kind = local.RemoteSpin
	}
	p.spec.Origin, p.spec.Task, err = call.server.runs.launchOrigin(t, a)
	if err != nil {
		return plan{}, err
	}
	if !a.Alone {
		p.spec.Task = ""
	}
	return p, p.check()
}

// launchOrigin is the run that a step takes over from, and its task. What the
// metadata service records is not looked at here: there the user names the run.
func (r *runs) launchOrigin(t flowTarget, a LaunchArgument) (run, task string, err error) {
	if t.setting(a.Options.local().Profile, "METAFLOW_DEFAULT_METADATA") == "service" {
		if a.OriginRunID == "" {
			return "", "", launchError("runs of %s are recorded by the metadata service: name the run whose results are taken over, as `originRunId`", t.flow)
		}
		return a.OriginRunID, a.TaskID, nil
	}
	origin, step, err := r.origin(t, a.Step, a.OriginRunID)
	switch {
	case isNoRun(err) && a.OriginRunID != "":
		return "", "", launchError("%s has no run %q to take over from", t.flow, a.OriginRunID)
	case isNoRun(err) || isNeverRan(err):
		return "", "", launchError("%v: launch the whole flow first", &noInputs{t, a.Step, err})
	case err != nil:
		return "", "", launchError("%v", err)
	}
	i := 0
	if a.TaskID != "" {
		if i = slices.IndexFunc(step.Tasks, func(task *runstate.Task) bool { return task.ID == a.TaskID }); i < 0 {
			return "", "", launchError("step %s of run %s has no task %q", a.Step, origin.ID, a.TaskID)
		}
	}
	if keptLocally(origin, step.Tasks[i]) {
		return "", "", launchError("run %s keeps its data in a local folder, which pods do not reach: launch the whole flow once, then its steps can be launched with what that run made", origin.ID)
	}
	return origin.ID, step.Tasks[i].ID, nil
}

// keptLocally: the task says so; one that died in its pod says nothing.
func keptLocally(run *runstate.Run, t *runstate.Task) bool {
	all, err := runstate.NewReader(run.Root).Metadata(t)
	return err == nil && slices.ContainsFunc(all, func(m runstate.Metadatum) bool { return m.Name == "ds-type" && m.Value == "local" })
}

// onKubernetes says with which cluster, and with which program, a plan runs.
func (l *launcher) onKubernetes(call commandCall, spec local.Spec) (local.Spec, error) {
	registry := l.runs.registry
	if registry == nil {
		return spec, errNoPlace()
	}
	settings := call.snapshot.Settings
	if !settings.Trusted {
		return spec, errUntrusted(commandLaunch)
	}
	var err error
	if spec.Kubernetes, err = registry.Kubernetes(settings.Kubernetes.Kubeconfig, settings.Kubernetes.Context, getenv); err != nil {
		return spec, launchError("%v", err)
	}
	if spec.Kind == local.RemoteSpin {
		if spec.Program, err = remotespin.Install(filepath.Dir(registry.Dir)); err != nil {
			return spec, launchError("one step cannot be launched: %v", err)
		}
	}
	return spec, nil
}
