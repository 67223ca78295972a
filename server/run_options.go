package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"flowls/runner/local"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// WithOptionsArgument is the argument of flowls.withOptions.
type WithOptionsArgument struct {
	Command  string          `json:"command" doc:"flowls.runStep, flowls.resume or flowls.rerunFailed."`
	Argument json.RawMessage `json:"argument" doc:"The argument of that command. The user is asked for what it leaves out: the run, the task, the options."`
}

// Answers to the question with which options to take up a run.
const (
	answerOptions = "Run with these options"
	answerSet     = "Edit options"
	answerPlain   = "Run without options"
)

func init() {
	commandTable = append(commandTable, define(commandWithOptions,
		"Asks for the run or the task to take up and for options of Metaflow, and gives the command with them. Clients with lists and input boxes ask by themselves: see `flowls/origins`, `flowls/tasks` and `flowls/runForm`.",
		true, withOptions))
}

// again is a command that takes up an earlier run, as far as the user has decided.
type again struct {
	kind    local.Kind
	command string
	uri     uri.URI
	flow    string
	step    string // "" of flowls.rerunFailed
	// run and task that the step's inputs come from, "" until they are chosen.
	run, task string
	options   *RunOptions
}

func againOf(a WithOptionsArgument) (again, error) {
	switch a.Command {
	case commandRunStep:
		c, err := argumentOf[RunStepArgument](a.Command, a.Argument)
		return again{local.Spin, a.Command, c.URI, c.Flow, c.Step, c.RunID, c.TaskID, c.Options}, err
	case commandResume:
		c, err := argumentOf[ResumeArgument](a.Command, a.Argument)
		return again{local.Resume, a.Command, c.URI, c.Flow, c.Step, c.OriginRunID, "", c.Options}, err
	case commandRerunFailed:
		c, err := argumentOf[RerunArgument](a.Command, a.Argument)
		return again{local.Resume, a.Command, c.URI, c.Flow, "", c.RunID, "", c.Options}, err
	}
	return again{}, wrongValue("%q takes up no run: name one of %s, %s, %s", a.Command, commandRunStep, commandResume, commandRerunFailed)
}

func (a again) planned(ctx context.Context, call commandCall, o *RunOptions) (plan, error) {
	var p plan
	var err error
	switch a.command {
	case commandRunStep:
		p, err = planStep(ctx, call, RunStepArgument{a.uri, a.flow, a.step, a.run, a.task, o})
	case commandResume:
		p, err = planResume(ctx, call, ResumeArgument{a.uri, a.flow, a.step, a.run, o})
	default:
		p, err = planRerun(ctx, call, RerunArgument{a.uri, a.flow, a.run, o})
	}
	var missing *noInputs
	if errors.As(err, &missing) {
		return p, launchError("%v", missing)
	}
	return p, err
}

// what names it in a question.
func (a again) what() string {
	from := ""
	if a.run != "" {
		from = " of run " + a.run
	}
	switch {
	case a.command == commandRerunFailed:
		return "Run again what failed in " + a.flow + from
	case a.command == commandResume:
		return "Resume " + a.flow + " from step " + a.step + from
	case a.task != "":
		return "Run step " + a.step + " with the inputs of task " + a.task + from
	}
	return "Run step " + a.step
}

func withOptions(ctx context.Context, call commandCall, argument WithOptionsArgument) (LaunchResult, error) {
	a, err := againOf(argument)
	if err != nil {
		return LaunchResult{}, err
	}
	t, err := call.target(ctx, a.uri, a.flow)
	if err != nil {
		return LaunchResult{}, err
	}
	a.flow = t.flow
	r := call.server.runs
	if r.registry == nil {
		return LaunchResult{}, errNoPlace()
	}
	if a.step != "" {
		if err := t.step(a.step); err != nil {
			return LaunchResult{}, err
		}
		if _, _, err := r.origin(t, a.step, a.run); err != nil {
			return r.offerRun(call, t, a.step, err)
		}
	} else if _, err := r.failed(ctx, t, a.run); err != nil {
		return LaunchResult{}, err
	}
	r.s.background("ask for options", func(ctx context.Context) {
		err := r.chooseInputs(ctx, t, &a)
		if err == nil {
			err = r.askOptions(ctx, call, t, a)
		}
		if err != nil && !errors.Is(err, errDismissed) && ctx.Err() == nil {
			r.s.client.showMessage(protocol.MessageTypeError, userText(err))
		}
	})
	return LaunchResult{Offered: a.command}, nil
}

// errDismissed: the user did not want to say, so nothing happens.
var errDismissed = errors.New("dismissed")

// chooseInputs asks for the run, or the task, where there are several to take up.
func (r *runs) chooseInputs(ctx context.Context, t flowTarget, a *again) error {
	var labels []string
	var question string
	var take func(i int)
	switch {
	case a.command == commandResume && a.run == "":
		origins, err := r.origins(t, a.step, maxAsked)
		if err != nil {
			return launchError("%v", err)
		}
		for _, o := range origins {
			labels = append(labels, o.Label)
		}
		question = a.what() + ": of which run?"
		take = func(i int) { a.run = origins[i].RunID }
	case a.command == commandRunStep && a.task == "":
		tasks, err := r.tasks(t, TasksParams{Step: a.step, RunID: a.run, Limit: maxAsked})
		if err != nil {
			return launchError("%v", err)
		}
		for _, c := range tasks.Tasks {
			labels = append(labels, c.Label)
		}
		question = taskQuestion(a.step, tasks)
		take = func(i int) { a.run, a.task = tasks.RunID, tasks.Tasks[i].TaskID }
	default:
		return nil
	}
	if len(labels) == 1 {
		take(0)
		return nil
	}
	i := r.pick(ctx, question, labels)
	if i < 0 {
		return errDismissed
	}
	take(i)
	return nil
}

// askOptions asks for the options, those of the last time first.
func (r *runs) askOptions(ctx context.Context, call commandCall, t flowTarget, a again) error {
	run := func(o *RunOptions) {
		r.later(ctx, call, t, a.command, func(call commandCall, t flowTarget) error {
			p, err := a.planned(ctx, call, o)
			if err == nil {
				_, err = r.launcher.launch(ctx, call, p)
			}
			return err
		})
	}
	if a.options != nil {
		run(a.options)
		return nil
	}
	last, err := r.registry.LastValues(a.kind, t.script, t.flow)
	message, kind := a.what()+": with which options?", protocol.MessageTypeInfo
	var answers []string
	var options RunOptions
	if err == nil && last != nil {
		options = RunOptions(last.Options)
		var p plan
		if p, err = a.planned(ctx, call, &options); err == nil {
			if line := p.spec.OptionsLine(); line != "" {
				message = fmt.Sprintf("%s with %s?", a.what(), line)
				answers = append(answers, answerOptions)
			}
		}
	}
	if err != nil {
		message, kind = fmt.Sprintf("The options cannot be used: %s. Edit them.", userText(err)), protocol.MessageTypeWarning
	}
	switch r.question(ctx, kind, message, append(answers, answerSet, answerPlain)...) {
	case answerOptions:
		run(&options)
	case answerPlain:
		run(nil)
	case answerSet:
		v := local.Values{Kind: a.kind, Flow: t.flow, Script: t.script}
		if last != nil {
			v.Options = last.Options
		}
		return r.editDocument(ctx, v, "Edit the options, save, and give the command “with options” again. What is empty or 0 is left to Metaflow.")
	}
	return nil
}
