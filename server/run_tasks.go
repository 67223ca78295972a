package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

// TasksParams are the parameters of flowls/tasks.
type TasksParams struct {
	URI   uri.URI `json:"uri" doc:"The flow's document."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	Step  string  `json:"step" doc:"Name of the step."`
	RunID string  `json:"runId,omitempty" doc:"Run of the tasks; absent means the latest one in which the step ran."`
	Limit int     `json:"limit,omitempty" doc:"Most tasks to answer; absent means 1000."`
}

// TasksResult is the answer of flowls/tasks.
type TasksResult struct {
	RunID string       `json:"runId" doc:"Metaflow's id of the run."`
	Total int          `json:"total" doc:"How many tasks the step has in that run."`
	Tasks []TaskChoice `json:"tasks" doc:"Those that did not end well first."`
}

// TaskChoice is a task whose inputs a step can be run with.
type TaskChoice struct {
	TaskID string    `json:"taskId" doc:"Metaflow's task id."`
	Index  string    `json:"index,omitempty" doc:"Its index in the foreach, in nested ones those around it first, as in 0/2."`
	Value  string    `json:"value,omitempty" doc:"Value of the foreach around it, as in items=b."`
	Status runStatus `json:"status" doc:"pending, running, succeeded, failed or stopped."`
	Label  string    `json:"label" doc:"One line for the user."`
}

// RunTaskArgument is the argument of flowls.runTask.
type RunTaskArgument = StepArgument

const maxTasks = 1000

func init() {
	customRequests["flowls/tasks"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var p TasksParams
		if err := decodeParams(raw, &p); err != nil {
			return nil, err
		}
		snapshot := s.begin(ctx)
		t, err := commandCall{server: s, snapshot: snapshot}.stepTarget(ctx, FlowArgument{p.URI, p.Flow}, p.Step)
		if err != nil {
			return nil, err
		}
		result, err := s.runs.tasks(t, p)
		if err != nil {
			return nil, launchError("%v", err)
		}
		return encoded(result)
	}
	commandTable = append(commandTable, define(commandRunTask,
		"Asks for the task whose inputs a step shall have, and runs the step. Clients with a list to choose from ask by themselves: see `flowls/tasks`.",
		true, runTask))
}

func (r *runs) tasks(t flowTarget, p TasksParams) (TasksResult, error) {
	run, step, err := r.origin(t, p.Step, p.RunID)
	if err != nil {
		return TasksResult{}, err
	}
	tasks := slices.Clone(step.Tasks)
	slices.SortStableFunc(tasks, func(a, b *runstate.Task) int { return rank(a) - rank(b) })
	if p.Limit <= 0 || p.Limit > maxTasks {
		p.Limit = maxTasks
	}
	result := TasksResult{RunID: run.ID, Total: len(tasks), Tasks: []TaskChoice{}}
	for _, task := range tasks[:min(len(tasks), p.Limit)] {
		result.Tasks = append(result.Tasks, taskChoice(run, task))
	}
	return result, nil
}

// rank puts tasks that did not end well first: those one wants to run again.
func rank(t *runstate.Task) int {
	if t.Status.Bad() {
		return 0
	}
	return 1
}

func taskChoice(run *runstate.Run, t *runstate.Task) TaskChoice {
	c := TaskChoice{TaskID: t.ID, Value: strings.Join(t.ForeachValues, ", "), Status: (&runView{run: run}).stepStatus(t.Status)}
	var indices []string
	for level := range strings.SplitSeq(t.ForeachPath, ",") {
		if _, index, ok := strings.Cut(level, ":"); ok {
			indices = append(indices, index)
		}
	}
	c.Index = strings.Join(indices, "/")
	c.Label = "task " + t.ID
	if c.Index != "" {
		c.Label = c.Index + " · " + c.Label
	}
	if c.Value != "" {
		c.Label = fmt.Sprintf("%s · %s", c.Value, c.Label)
	}
	if t.Status.Bad() {
		c.Label = "✗ " + c.Label
	}
	return c
}

func runTask(ctx context.Context, call commandCall, a RunTaskArgument) (LaunchResult, error) {
	t, err := call.stepTarget(ctx, FlowArgument{a.URI, a.Flow}, a.Step)
	if err != nil {
		return LaunchResult{}, err
	}
	r := call.server.runs
	tasks, err := r.tasks(t, TasksParams{Step: a.Step, Limit: maxAsked})
	if err != nil {
		return r.offerRun(call, t, a.Step, err)
	}
	labels := make([]string, len(tasks.Tasks))
	for i, c := range tasks.Tasks {
		labels[i] = c.Label
	}
	r.s.background("ask for a task", func(ctx context.Context) {
		i := r.pick(ctx, taskQuestion(a.Step, tasks), labels)
		if i < 0 {
			return
		}
		r.later(ctx, call, t, commandRunStep, func(call commandCall, t flowTarget) error {
			p, err := planStep(ctx, call, RunStepArgument{URI: a.URI, Flow: t.flow, Step: a.Step, RunID: tasks.RunID, TaskID: tasks.Tasks[i].TaskID})
			var missing *noInputs
			if errors.As(err, &missing) {
				return launchError("%v", missing)
			}
			if err == nil {
				_, err = r.launcher.launch(ctx, call, p)
			}
			return err
		})
	})
	return LaunchResult{Offered: commandRunStep}, nil
}

func taskQuestion(step string, tasks TasksResult) string {
	message := fmt.Sprintf("Run step %s with the inputs of which task of run %s?", step, tasks.RunID)
	if tasks.Total > len(tasks.Tasks) {
		message += fmt.Sprintf(" These are %d of %d: name another one as `taskId` of flowls.runStep.", len(tasks.Tasks), tasks.Total)
	}
	return message
}
