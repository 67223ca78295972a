package server

import (
	"context"
	"fmt"
	"slices"

	"flowls/runner/local"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// ChooseLaunchArgument is the argument of flowls.chooseLaunch.
type ChooseLaunchArgument struct {
	URI  uri.URI `json:"uri" doc:"The flow's document."`
	Flow string  `json:"flow" doc:"Name of the flow."`
	Step string  `json:"step,omitempty" doc:"Name of the step; absent means the whole flow."`
}

const (
	answerAlone  = "This step alone"
	answerOnward = "From here to the end"
)

// chooseLaunch asks before it launches: a cluster costs money.
func chooseLaunch(ctx context.Context, call commandCall, a ChooseLaunchArgument) (LaunchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return LaunchResult{}, err
	}
	r := call.server.runs
	if r.registry == nil {
		return LaunchResult{}, errNoPlace()
	}
	if a.Step == "" {
		if err := t.fitsKubernetes(local.Options{}); err != nil {
			return LaunchResult{}, err
		}
		r.s.background("ask what to launch", func(ctx context.Context) { r.askValues(ctx, call, t, onCluster) })
		return LaunchResult{Offered: commandLaunch}, nil
	}
	argument := LaunchArgument{URI: a.URI, Flow: a.Flow, Step: a.Step}
	p, err := planLaunch(ctx, call, argument)
	if err != nil {
		return LaunchResult{}, err
	}
	argument.OriginRunID = p.spec.Origin
	r.s.background("ask what to launch", func(ctx context.Context) { r.askLaunch(ctx, call, t, argument) })
	return LaunchResult{Offered: commandLaunch}, nil
}

func (r *runs) askLaunch(ctx context.Context, call commandCall, t flowTarget, a LaunchArgument) {
	message := fmt.Sprintf("Launch step %s of %s on Kubernetes with what run %s made before it?", a.Step, t.flow, a.OriginRunID)
	switch r.question(ctx, protocol.MessageTypeInfo, message, answerAlone, answerOnward) {
	case answerOnward:
	case answerAlone:
		a.Alone = true
		task, chosen := r.askLaunchTask(ctx, t, a)
		if !chosen {
			return
		}
		a.TaskID = task
	default:
		return // dismissed: no
	}
	r.later(ctx, call, t, commandLaunch, func(call commandCall, _ flowTarget) error {
		_, err := launchOnKubernetes(ctx, call, a)
		return err
	})
}

// askLaunchTask asks where there are several.
func (r *runs) askLaunchTask(ctx context.Context, t flowTarget, a LaunchArgument) (task string, chosen bool) {
	tasks, err := r.tasks(t, TasksParams{Step: a.Step, RunID: a.OriginRunID, Limit: maxAsked})
	if err != nil || tasks.Total < 2 {
		return "", true // the first one, or the plan says what is missing
	}
	message := fmt.Sprintf("Launch step %s with the inputs of which task of run %s?", a.Step, tasks.RunID)
	if tasks.Total > len(tasks.Tasks) {
		message += fmt.Sprintf(" These are %d of %d: name another one as `taskId` of flowls.launch.", len(tasks.Tasks), tasks.Total)
	}
	labels := make([]string, len(tasks.Tasks))
	for i, c := range tasks.Tasks {
		labels[i] = c.Label
	}
	i := slices.Index(labels, r.question(ctx, protocol.MessageTypeInfo, message, labels...))
	if i < 0 {
		return "", false
	}
	return tasks.Tasks[i].TaskID, true
}
