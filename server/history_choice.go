package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// choice is what the user wants the code to show of a flow: a run, "" for the
// latest, and in it the tasks at one place of the foreaches, "" for the first.
type choice struct {
	run  string // flowls' id or Metaflow's
	path string // as Task.ForeachPath
}

// SelectRunArgument is the argument of flowls.selectRun.
type SelectRunArgument struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	RunID  string  `json:"runId,omitempty" doc:"Run that the code shall show; absent means the latest one, always."`
	Step   string  `json:"step,omitempty" doc:"With taskId: the step."`
	TaskID string  `json:"taskId,omitempty" doc:"Task of the step whose values and times the code shall show; the steps before and behind follow with the tasks of the same foreach item."`
}

func selectRun(_ context.Context, call commandCall, a SelectRunArgument) (Nothing, error) {
	r := call.server.runs
	key := flowKey{a.URI, a.Flow}
	state := r.state(key)
	if state == nil {
		return Nothing{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no flow %q", a.URI, a.Flow)
	}
	v := state.shown
	if a.RunID != "" {
		if v = state.find(a.RunID); v == nil {
			return Nothing{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no run %q", a.Flow, a.RunID)
		}
	}
	wanted := choice{run: a.RunID}
	if a.TaskID != "" {
		t := v.task(a.Step, a.TaskID)
		if t == nil {
			return Nothing{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "the run has no task %s/%s", a.Step, a.TaskID)
		}
		wanted.path = t.ForeachPath
	}
	r.choose(key, wanted)
	return Nothing{}, nil
}

// choose has the code show something else.
func (r *runs) choose(key flowKey, c choice) {
	r.mu.Lock()
	if c == (choice{}) {
		delete(r.selected, key)
	} else {
		r.selected[key] = c
	}
	r.mu.Unlock()
	r.touch(key)
}

func (v *runView) task(step, id string) *runstate.Task {
	if v == nil || v.run == nil {
		return nil
	}
	s := v.run.Step(step)
	if s == nil {
		return nil
	}
	if i := slices.IndexFunc(s.Tasks, func(t *runstate.Task) bool { return t.ID == id }); i >= 0 {
		return s.Tasks[i]
	}
	return nil
}

// maxOffered is how many runs or tasks a message offers to choose from.
const maxOffered = 8

// Chosen is the answer of flowls.chooseRun and flowls.chooseTask.
type Chosen struct {
	Offered int `json:"offered" doc:"How many runs or tasks the user is offered; the code follows the answer."`
}

func init() {
	commandTable = append(commandTable,
		define(commandSelectRun, "Chooses the run, and the item of its foreach, that the code shows.", false, selectRun),
		define(commandChooseRun, "Asks the user which of the latest runs the code shall show.", false, chooseRun),
		define(commandChooseTask, "Asks the user which task of a foreach the code shall show; failed ones are offered first.", false, chooseTask),
	)
}

func chooseRun(_ context.Context, call commandCall, a FlowArgument) (Chosen, error) {
	r, key := call.server.runs, flowKey{a.URI, a.Flow}
	state := r.state(key)
	if state == nil || len(state.runs) == 0 {
		return Chosen{}, launchError("%s has not run yet", a.Flow)
	}
	options := []option{{"latest", choice{}}}
	for _, v := range state.runs {
		if len(options) <= maxOffered && !v.kind().OneStep() {
			title := fmt.Sprintf("%s %s %s", v.startedAt().Local().Format(time.DateTime), v.kind(), v.status())
			if v.service {
				title += " (metadata service)"
			}
			options = append(options, option{title, choice{run: v.anyID()}})
		}
	}
	r.offer(key, "Which run of "+a.Flow+" shall the code show?", options)
	return Chosen{len(options)}, nil
}

func chooseTask(_ context.Context, call commandCall, a StepArgument) (Chosen, error) {
	r, key := call.server.runs, flowKey{a.URI, a.Flow}
	state := r.state(key)
	if state == nil || state.steps[a.Step] == nil || state.steps[a.Step].step == nil {
		return Chosen{}, launchError("step %s of %s has not run yet", a.Step, a.Flow)
	}
	sv := state.steps[a.Step]
	tasks := slices.Clone(sv.step.Tasks)
	slices.SortStableFunc(tasks, func(x, y *runstate.Task) int {
		return map[bool]int{true: 0, false: 1}[x.Status.Bad()] - map[bool]int{true: 0, false: 1}[y.Status.Bad()]
	})
	r.mu.Lock()
	run := r.selected[key].run
	r.mu.Unlock()
	var options []option
	for _, t := range tasks[:min(len(tasks), maxOffered)] {
		options = append(options, option{taskTitle(t) + " " + string(t.Status), choice{run, t.ForeachPath}})
	}
	message := fmt.Sprintf("Which of the %d tasks of step %s shall the code show?", len(tasks), a.Step)
	if len(tasks) > len(options) {
		message = fmt.Sprintf("Which of the tasks of step %s shall the code show? These are %d of %d.", a.Step, len(options), len(tasks))
	}
	r.offer(key, message, options)
	return Chosen{len(options)}, nil
}

// taskTitle tells tasks of a foreach apart: "items=b", else the id.
func taskTitle(t *runstate.Task) string {
	if len(t.ForeachValues) > 0 {
		return strings.Join(t.ForeachValues, ", ")
	}
	if i := strings.LastIndexByte(t.ForeachPath, ':'); i >= 0 {
		return "item " + t.ForeachPath[i+1:]
	}
	return "task " + t.ID
}

// option is one thing to choose.
type option struct {
	title  string
	choice choice
}

// offer asks in the background: the command has been answered by then.
func (r *runs) offer(key flowKey, message string, options []option) {
	var actions []protocol.MessageActionItem
	for i := range options {
		for j := range options[:i] { // clients answer with the title alone
			if options[j].title == options[i].title {
				options[i].title += fmt.Sprintf(" (%d)", i+1)
			}
		}
		actions = append(actions, protocol.MessageActionItem{Title: options[i].title})
	}
	r.s.background("choice", func(ctx context.Context) {
		answer, err := r.s.client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
			Type: protocol.MessageTypeInfo, Message: message, Actions: actions,
		})
		if err != nil || answer == nil {
			return // dismissed: nothing changes
		}
		if i := slices.IndexFunc(options, func(o option) bool { return o.title == answer.Title }); i >= 0 {
			r.choose(key, options[i].choice)
		}
	})
}

// follows: a task belongs to the chosen item of a foreach if one path is the
// beginning of the other: steps before the foreach have a shorter one.
func follows(chosen, path string) bool {
	if len(chosen) > len(path) {
		chosen, path = path, chosen
	}
	return chosen == path || chosen == "" || strings.HasPrefix(path, chosen+",")
}

// at is the task whose values and times the code shows: of the chosen item of
// the foreach, else the first that has any data.
func (s *stepView) at() *runstate.Task {
	if s.step == nil {
		return nil
	}
	var first *runstate.Task
	for _, t := range s.step.Tasks {
		if !slices.ContainsFunc(t.Attempts, func(a *runstate.Attempt) bool { return a.HasData }) {
			continue
		}
		if first == nil {
			first = t
		}
		if s.path != "" && follows(s.path, t.ForeachPath) {
			return t
		}
	}
	return first
}

// one is the task at the chosen item of the foreach; nil where none is chosen,
// or the step has a task for all.
func (s *stepView) one() *runstate.Task {
	if s.path == "" || s.step == nil || len(s.step.Tasks) < 2 {
		return nil
	}
	for _, t := range s.step.Tasks {
		if t.ForeachPath != "" && follows(s.path, t.ForeachPath) {
			return t
		}
	}
	return nil
}
