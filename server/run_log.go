package server

import (
	"context"
	"errors"
	"slices"

	"flowls/runner/local"
	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// LogParams are the parameters of flowls/log.
type LogParams struct {
	RunID   string  `json:"runId" doc:"Launch id of flowls, or Metaflow's id."`
	Offset  int64   `json:"offset,omitempty" doc:"Of the output of a run: nextOffset of the answer before; absent means from the start."`
	URI     uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this run."`
	Flow    string  `json:"flow,omitempty" doc:"With uri: name of the flow."`
	Step    string  `json:"step,omitempty" doc:"Asks for the log of a task of this step instead of the output of the run."`
	TaskID  string  `json:"taskId,omitempty" doc:"With step: the task; absent means one that failed, else one that runs, else the first."`
	Attempt *int    `json:"attempt,omitempty" doc:"With step: the attempt, from 0; absent means all, one after the other."`
	Cursor  string  `json:"cursor,omitempty" doc:"With step: cursor of the answer before; absent means from the start."`
}

// LogResult is the answer of flowls/log.
type LogResult struct {
	Text       string     `json:"text" doc:"Whole lines, except for the last ones of an ended run."`
	NextOffset int64      `json:"nextOffset" doc:"Of the output of a run: where to read on."`
	Done       bool       `json:"done" doc:"Whether the run or the task has ended and there is no more."`
	Cursor     string     `json:"cursor,omitempty" doc:"Of a task's log: where to read on."`
	TaskID     string     `json:"taskId,omitempty" doc:"Of a task's log: the task."`
	Waiting    string     `json:"waiting,omitempty" doc:"Of a task's log: why there is no text, in words."`
	Frames     []LogFrame `json:"frames,omitempty" doc:"Frames of the tracebacks in the text, in its order, without those inside Metaflow; at most 200."`
}

func init() {
	customRequests["flowls/log"] = request((*runs).logRequest)
	commandTable = append(commandTable, define(commandShowLog, "Answers where the log of a run or a task is, and shows it if the client can.", false, showLog))
}

func (r *runs) logRequest(ctx context.Context, p LogParams) (LogResult, error) {
	v, err := r.logged(p.RunID, p.URI, p.Flow)
	if err != nil {
		return LogResult{}, err
	}
	if p.Step != "" {
		return r.taskLogRequest(ctx, v, p)
	}
	if v.record == nil {
		return LogResult{}, errInTerminal(v)
	}
	c, err := r.registry.ReadLog(v.record.ID, p.Offset)
	if err != nil {
		if errors.Is(err, local.ErrNotFound) {
			return LogResult{}, launchError("the log of run %s is gone", p.RunID)
		}
		return LogResult{}, launchError("the log cannot be read: %v", err)
	}
	return LogResult{Text: c.Text, NextOffset: c.Next, Done: c.Done, Frames: r.frames(v, textLines(c.Text))}, nil
}

func errInTerminal(v *runView) error {
	return launchError("run %s was not started by flowls: its output went to the terminal. What its tasks printed is stored: ask for the log of a step", v.metaflowID())
}

var errNoState = launchError("there is no place for the state of runs: neither XDG_STATE_HOME nor HOME is set")

// logged is the run of which a log is wanted.
func (r *runs) logged(id string, u uri.URI, flow string) (*runView, error) {
	switch {
	case id == "":
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "runId is missing")
	case r.registry == nil:
		return nil, errNoState
	}
	if u != "" {
		if v := r.state(flowKey{u, flow}).find(id); v != nil {
			return v, nil
		}
	}
	return r.named(nil, id, u, flow, nil)
}

func (r *runs) taskLogRequest(ctx context.Context, v *runView, p LogParams) (LogResult, error) {
	l, err := r.taskLog(ctx, v, p.Step, p.TaskID, p.Attempt)
	if err != nil {
		return LogResult{}, err
	}
	piece, err := store.Together(ctx, func(ctx context.Context) (local.LogPiece, error) { return l.Read(ctx, p.Cursor) })
	if err != nil {
		if errors.Is(err, local.ErrCursor) {
			return LogResult{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", err)
		}
		return LogResult{}, unreadError("the log cannot be read", err)
	}
	return LogResult{
		Text: piece.Text(), Done: piece.Done, Cursor: piece.Cursor, TaskID: l.Task, Waiting: piece.Waiting, Frames: r.frames(v, piece.Lines),
	}, nil
}

// taskLog is the log of a task of a step.
func (r *runs) taskLog(ctx context.Context, v *runView, step, task string, attempt *int) (*local.TaskLog, error) {
	if v.run == nil {
		return nil, launchError("run %s has no task yet, or its flow is not open", v.key())
	}
	t := logTask(v.run, step, task)
	if t == nil && task != "" { // a moment old
		if _, err := v.reader.Task(v.run.Flow, v.run.ID, step, task); err == nil {
			t = &runstate.Task{ID: task, Step: step}
		}
	}
	if t == nil {
		if task != "" {
			return nil, launchError("step %s of run %s has no task %s", step, v.run.ID, task)
		}
		return nil, launchError("step %s has not run in run %s", step, v.run.ID)
	}
	l := &local.TaskLog{
		Reader: v.reader, Flow: v.run.Flow, Run: v.run.ID, Step: step, Task: t.ID, Attempt: local.AllAttempts,
		Record: v.record, Over: v.status().done() && v.status() != statusUnknown,
	}
	if attempt != nil {
		if *attempt < 0 {
			return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "attempt %d: they are counted from 0", *attempt)
		}
		l.Attempt = *attempt
	}
	if pods := r.s.kube.logOf(ctx, v, step, t.ID); pods != nil {
		l.Pods = pods
	}
	if v.record != nil { // the state may be older than what the log gets to see
		if record, err := r.registry.Get(v.record.ID); err == nil {
			l.Record, l.Over = record, record.Status.Done()
		}
	}
	return l, nil
}

// logTask is the task of a step whose log is of interest: the named one, else
// one that failed, one that runs, the first. nil if there is none.
func logTask(run *runstate.Run, step, task string) *runstate.Task {
	s := run.Step(step)
	if s == nil {
		return nil
	}
	for _, is := range []func(*runstate.Task) bool{
		func(t *runstate.Task) bool { return task != "" && t.ID == task },
		func(t *runstate.Task) bool {
			return task == "" && (t.Status == runstate.Failed || t.Status == runstate.Crashed)
		},
		func(t *runstate.Task) bool { return task == "" && !t.Status.Done() },
		func(*runstate.Task) bool { return task == "" },
	} {
		if i := slices.IndexFunc(s.Tasks, is); i >= 0 {
			return s.Tasks[i]
		}
	}
	return nil
}

// withLog makes the lens of a step show the log of the task that failed, else
// of the one that the server chooses; before there is one, the run's.
func (s *stepView) withLog(l Lens, key flowKey) Lens {
	if s.step == nil || len(s.step.Tasks) == 0 || s.of.run == nil {
		return s.of.withLog(l)
	}
	a := ShowLogArgument{RunID: s.of.key(), URI: key.uri, Flow: key.name, Step: s.name}
	if s.of.record == nil {
		if s.step.Count(func(st runstate.Status) bool { return st.Done() || st == runstate.Retrying }) == 0 {
			return l // all there is went to the terminal
		}
		a.RunID = s.of.metaflowID()
	}
	if s.failure != nil {
		a.TaskID = s.failure.Task.ID
	} else if t := s.one(); t != nil { // the code shows this one
		a.TaskID = t.ID
	}
	l.Command, l.Argument = commandShowLog, a
	return l
}

// ShowLogArgument is the argument of flowls.showLog.
type ShowLogArgument struct {
	RunID   string  `json:"runId,omitempty" doc:"Launch id of flowls, or Metaflow's id."`
	URI     uri.URI `json:"uri,omitempty" doc:"Instead of runId, or to tell runs of the same id apart: the flow's document."`
	Flow    string  `json:"flow,omitempty" doc:"With uri: name of the flow. Without runId its newest launch is meant."`
	Step    string  `json:"step,omitempty" doc:"The log of a task of this step, instead of the output of the run."`
	TaskID  string  `json:"taskId,omitempty" doc:"With step: the task; absent means one that failed, else one that runs, else the first."`
	Attempt *int    `json:"attempt,omitempty" doc:"With step: the attempt, from 0; absent means all, one after the other."`
}

// LogLocation is the answer of flowls.showLog.
type LogLocation struct {
	URI uri.URI `json:"uri" doc:"The log file. That of a task is a copy, made now."`
}

func showLog(ctx context.Context, call commandCall, a ShowLogArgument) (LogLocation, error) {
	at, err := call.server.runs.logFile(ctx, a)
	if err != nil {
		return LogLocation{}, err
	}
	if call.server.client.can.showDocument {
		_, err := call.server.client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: at, TakeFocus: new(true)})
		if err != nil && ctx.Err() == nil {
			call.server.log.Debug("the client does not show the log", "error", err)
		}
	}
	return LogLocation{URI: at}, nil
}

// logFile is the file with the wanted log.
func (r *runs) logFile(ctx context.Context, a ShowLogArgument) (uri.URI, error) {
	if r.registry == nil {
		return "", errNoState
	}
	var v *runView
	var err error
	if a.RunID != "" {
		v, err = r.logged(a.RunID, a.URI, a.Flow)
	} else {
		v, err = r.named(nil, "", a.URI, a.Flow, func(s *flowState) *runView {
			if a.Step != "" {
				return s.shown
			}
			if i := slices.IndexFunc(s.runs, func(v *runView) bool { return v.record != nil }); i >= 0 {
				return s.runs[i]
			}
			return nil
		})
	}
	switch {
	case err != nil:
		return "", err
	case a.Step != "":
		l, err := r.taskLog(ctx, v, a.Step, a.TaskID, a.Attempt)
		if err != nil {
			return "", err
		}
		path, err := writeTaskLog(ctx, r.registry.LogDir(), l)
		if err != nil {
			return "", unreadError("the log cannot be shown", err)
		}
		return uri.File(path), nil
	case v.record == nil:
		return "", errInTerminal(v)
	}
	return uri.File(v.record.OutputPath()), nil
}
