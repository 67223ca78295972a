package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"flowls/runner/preview"
	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// RunsParams are the parameters of flowls/runs.
type RunsParams struct {
	URI   uri.URI `json:"uri" doc:"The flow's document; it must be open."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	Limit int     `json:"limit,omitempty" doc:"Most runs to answer; absent means 10."`
}

// RunsResult is the answer of flowls/runs.
type RunsResult struct {
	Runs []RunInfo `json:"runs" doc:"Newest first, without tasks."`
}

// RunParams are the parameters of flowls/run.
type RunParams struct {
	URI   uri.URI `json:"uri" doc:"The flow's document; it must be open."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	RunID string  `json:"runId" doc:"Launch id of flowls, or Metaflow's id."`
}

// RunInfo is one run.
type RunInfo struct {
	RunID         string    `json:"runId,omitempty" doc:"Launch id of flowls; absent for a run started elsewhere."`
	MetaflowRunID string    `json:"metaflowRunId,omitempty" doc:"Metaflow's id, once it is known."`
	Flow          string    `json:"flow" doc:"Name of the flow."`
	Kind          string    `json:"kind" doc:"run, spin, resume, or remote-spin for one step on Kubernetes."`
	Status        runStatus `json:"status" doc:"starting, running, succeeded, failed, stopped or unknown."`
	StartedAt     string    `json:"startedAt" doc:"RFC 3339."`
	EndedAt       string    `json:"endedAt,omitempty" doc:"RFC 3339; absent while it runs or when nobody knows."`
	Stoppable     bool      `json:"stoppable" doc:"Whether flowls.stop can stop it."`
	Reason        string    `json:"reason,omitempty" doc:"Why it does not run any more, if it did not end well and flowls launched it."`
	CommandLine   string    `json:"commandLine,omitempty" doc:"What a user would type in a shell for the same run, if flowls launched it."`
	Kubernetes    bool      `json:"kubernetes,omitempty" doc:"Whether flowls launched it on Kubernetes."`
	Shown         bool      `json:"shown,omitempty" doc:"Whether the code shows this run."`
	// OriginRunID is set for resume and spin, where it is known.
	OriginRunID string        `json:"originRunId,omitempty" doc:"Run that this one took over from."`
	Steps       []RunStepInfo `json:"steps" doc:"In the order of the graph."`
}

// RunStepInfo is one step of a run.
type RunStepInfo struct {
	Name        string     `json:"name" doc:"Name of the step."`
	Status      runStatus  `json:"status" doc:"pending, running, succeeded, failed or stopped."`
	State       string     `json:"state" doc:"More exactly: pending, running, succeeded, caught, cloned, failed, crashed, killed or unknown."`
	Tasks       int        `json:"tasks" doc:"Tasks that there are or, for a foreach, will be."`
	Queued      int        `json:"queued,omitempty" doc:"Those among them that have not been launched, an estimate."`
	Retrying    int        `json:"retrying,omitempty" doc:"Those that failed and will be tried again."`
	Done        int        `json:"done" doc:"Tasks that have ended well."`
	Failed      int        `json:"failed" doc:"Tasks that have failed or crashed; not those that were ended with the run."`
	StartedAt   string     `json:"startedAt,omitempty" doc:"RFC 3339."`
	EndedAt     string     `json:"endedAt,omitempty" doc:"RFC 3339."`
	DurationMs  int64      `json:"durationMs,omitempty" doc:"From the first start to the last end, in milliseconds."`
	TasksDetail []TaskInfo `json:"tasksDetail,omitempty" doc:"Only in the answer of flowls/run; at most 200."`
}

// TaskInfo is one task.
type TaskInfo struct {
	TaskID     string         `json:"taskId" doc:"Metaflow's task id."`
	Attempt    int            `json:"attempt" doc:"Number of the latest attempt, from 0."`
	Status     runStatus      `json:"status" doc:"pending, running, succeeded, failed or stopped."`
	State      string         `json:"state" doc:"More exactly: launched, running, retrying, succeeded, caught, cloned, failed, crashed, killed or unknown."`
	DurationMs int64          `json:"durationMs" doc:"Of the latest attempt, in milliseconds."`
	Foreach    string         `json:"foreach,omitempty" doc:"Value of the foreach around it, as in items=b."`
	Exception  *ExceptionInfo `json:"exception,omitempty" doc:"What it raised."`
	Artifacts  []ArtifactInfo `json:"artifacts,omitempty" doc:"What it set, and what it inherited."`
	Pod        *PodInfo       `json:"pod,omitempty" doc:"What the cluster says of it, where that is followed."`
	Cards      []CardInfo     `json:"cards,omitempty" doc:"Its cards, once it has ended."`
}

// ExceptionInfo is what a task raised.
type ExceptionInfo struct {
	Type       string `json:"type" doc:"Python class."`
	Message    string `json:"message" doc:"Text of the exception."`
	Stacktrace string `json:"stacktrace" doc:"Traceback as Python prints it."`
}

// ArtifactInfo is a value that a task stored.
type ArtifactInfo struct {
	Name    string `json:"name" doc:"Name of the artifact."`
	Type    string `json:"type" doc:"Python class."`
	Size    int64  `json:"size" doc:"Pickled size in bytes."`
	Preview string `json:"preview,omitempty" doc:"The value in one line, if type and size do not say as much."`
	Changed bool   `json:"changed,omitempty" doc:"Whether the step set it."`
	SHA     string `json:"sha,omitempty" doc:"Hash of the value: equal for equal values of the flow."`
	Text    string `json:"text,omitempty" doc:"What the value is, in lines of plain text; in the answer of flowls/artifact only."`
	// Description is only in the answer of flowls/artifact.
	Description *preview.Description `json:"description,omitempty" doc:"What the value is; in the answer of flowls/artifact only."`
}

// ArtifactParams are the parameters of flowls/artifact.
type ArtifactParams struct {
	URI      uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this flow."`
	Pathspec string  `json:"pathspec" doc:"Flow/run/step/task/artifact, with Metaflow's run id."`
	Whole    bool    `json:"whole,omitempty" doc:"Whether to read a large value to its end; otherwise its beginning, for at most 50 ms."`
	// Token shows the progress of a whole value, which cancelling the request ends.
	Token protocol.ProgressToken `json:"workDoneToken,omitempty" doc:"Token for the progress of reading a whole value; cancelling the progress or the request ends it."`
}

const (
	maxTasksDetail = 200
	defaultRuns    = 10
)

func init() {
	customRequests["flowls/runs"] = request((*runs).runsRequest)
	customRequests["flowls/run"] = request((*runs).runRequest)
	customRequests["flowls/artifact"] = request((*runs).artifactRequest)
	commandTable = append(commandTable, define(commandShowArtifact, "Answers what an artifact is: kind, shape, types, first rows.", false,
		func(ctx context.Context, call commandCall, a ArtifactParams) (ArtifactInfo, error) {
			return call.server.runs.artifactRequest(ctx, a)
		}))
}

// request makes a custom request of a function on runs.
func request[P, R any](answer func(*runs, context.Context, P) (R, error)) func(*server, context.Context, json.RawMessage) (any, error) {
	return func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var params P
		if err := decodeParams(raw, &params); err != nil {
			return nil, err
		}
		s.begin(ctx)
		result, err := answer(s.runs, ctx, params)
		if err != nil {
			return nil, err
		}
		return encoded(result)
	}
}

func (r *runs) runsRequest(ctx context.Context, p RunsParams) (RunsResult, error) {
	result := RunsResult{Runs: []RunInfo{}}
	state, err := r.settled(ctx, flowKey{p.URI, p.Flow})
	if err != nil || state == nil {
		return result, err
	}
	if p.Limit <= 0 {
		p.Limit = defaultRuns
	}
	for _, v := range state.runs[:min(len(state.runs), p.Limit)] {
		info := v.info()
		info.Shown = v == state.shown
		result.Runs = append(result.Runs, info)
	}
	return result, nil
}

func (r *runs) runRequest(ctx context.Context, p RunParams) (RunInfo, error) {
	state, err := r.settled(ctx, flowKey{p.URI, p.Flow})
	if err != nil {
		return RunInfo{}, err
	}
	v := state.find(p.RunID)
	if v == nil {
		v = r.young(flowKey{p.URI, p.Flow}, p.RunID)
	}
	if v == nil {
		return RunInfo{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no run %q", p.Flow, p.RunID)
	}
	info := v.info()
	info.Shown = state != nil && v == state.shown
	if v.run == nil {
		return info, nil
	}
	if !v.elsewhere() {
		return info, r.addTasks(ctx, v, &info)
	}
	limited, cancel := context.WithTimeout(ctx, detailLimit)
	defer cancel()
	full, err := store.Together(limited, func(ctx context.Context) (RunInfo, error) {
		full := info
		full.Steps = slices.Clone(info.Steps)
		return full, r.addTasks(ctx, v, &full)
	})
	if limited.Err() != nil && ctx.Err() == nil { // what has come so far
		hasty, _ := store.AtOnce(ctx)
		return info, r.addTasks(hasty, v, &info)
	}
	return full, err
}

// addTasks adds the tasks of a run with what they stored.
func (r *runs) addTasks(ctx context.Context, v *runView, info *RunInfo) error {
	at := map[string]int{} // a spin has one step
	for i, s := range info.Steps {
		at[s.Name] = i
	}
	roots := v.cardRoots()
	for _, s := range v.run.Steps {
		for _, t := range s.Tasks[:min(len(s.Tasks), maxTasksDetail)] {
			detail, err := r.taskInfo(ctx, v, t)
			if err != nil {
				return err
			}
			if detail.Cards, err = v.taskCards(ctx, roots, t); err != nil {
				r.s.log.Debug("cards cannot be listed", "task", t.ID, "error", err)
			}
			step := &info.Steps[at[s.Name]]
			step.TasksDetail = append(step.TasksDetail, detail)
		}
	}
	return nil
}

// young is a launch that was answered a moment ago, and that the state does not have yet.
func (r *runs) young(key flowKey, id string) *runView {
	if r.registry == nil {
		return nil
	}
	record, err := r.registry.Get(id)
	if err != nil || record.Flow != key.name || record.Script != filePath(key.uri) {
		return nil
	}
	return &runView{record: record}
}

// settled is the state of a flow; a document that was opened a moment ago is waited for.
func (r *runs) settled(ctx context.Context, key flowKey) (*flowState, error) {
	if filePath(key.uri) == "" {
		return nil, nil
	}
	snapshot := r.s.session.Snapshot()
	v, err := r.s.look(ctx, snapshot, key.uri)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, errUnknownDocument(key.uri)
	}
	if v.flowNamed(key.name) < 0 {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no flow %q", key.uri, key.name)
	}
	w := &waiter{key: key, states: make(chan *flowState, 1)}
	r.mu.Lock()
	state := r.states[key]
	if state == nil {
		r.waiters[w] = true
	}
	r.mu.Unlock()
	if state != nil {
		return state, nil
	}
	defer func() {
		r.mu.Lock()
		delete(r.waiters, w)
		r.mu.Unlock()
	}()
	select {
	case state = <-w.states:
		return state, nil
	case <-time.After(5 * time.Second):
		return nil, nil // runs cannot be watched: there are none to show
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (v *runView) info() RunInfo {
	info := RunInfo{
		RunID: v.launchID(), MetaflowRunID: v.metaflowID(), Kind: string(v.kind()), Status: v.status(),
		StartedAt: timeText(v.startedAt()), EndedAt: timeText(v.endedAt()), Stoppable: v.stoppable(), Steps: []RunStepInfo{},
	}
	if v.record != nil {
		info.Flow, info.OriginRunID, info.Kubernetes = v.record.Flow, v.record.Origin, v.record.Kubernetes != nil
		info.CommandLine = v.record.CommandLine()
		if info.Status != statusSucceeded { // a lost run may have reached its end
			info.Reason = v.record.Reason()
		}
	}
	if v.run == nil {
		return info
	}
	info.Flow = v.run.Flow
	if v.run.Origin != "" {
		info.OriginRunID = v.run.Origin
	}
	for _, s := range v.run.Steps {
		if v.run.Spin && len(s.Tasks) == 0 {
			continue // a spin runs one step
		}
		step := RunStepInfo{
			Name: s.Name, Status: v.stepStatus(s.Status), State: string(s.Status), Tasks: max(s.Expected, len(s.Tasks)),
			Queued: s.Queued(), Retrying: s.Count(isRetrying), Done: s.Count(runstate.Status.OK), Failed: s.Count(runstate.Status.Broke),
			StartedAt: timeText(s.Started), EndedAt: timeText(s.Ended),
		}
		if !s.Ended.IsZero() {
			step.DurationMs = max(1, s.Ended.Sub(s.Started).Milliseconds()) // 0 would read as unknown
		}
		info.Steps = append(info.Steps, step)
	}
	return info
}

func isRetrying(s runstate.Status) bool { return s == runstate.Retrying }

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// taskSummary is what is known of a task without its data.
func (v *runView) taskSummary(t *runstate.Task) TaskInfo {
	info := TaskInfo{TaskID: t.ID, Status: v.stepStatus(t.Status), State: string(t.Status), Foreach: strings.Join(t.ForeachValues, ", ")}
	info.Pod = podInfo(v.pods.stateOf(t.Step, t.ID))
	if a := t.Last(); a != nil {
		info.Attempt = a.N
		if !a.Ended.IsZero() {
			info.DurationMs = a.Ended.Sub(a.Started).Milliseconds()
		}
	}
	return info
}

func (r *runs) taskInfo(ctx context.Context, v *runView, t *runstate.Task) (TaskInfo, error) {
	info := v.taskSummary(t)
	a := t.Last()
	if a == nil {
		return info, nil
	}
	if a.Status == runstate.Failed || a.Status == runstate.Caught {
		e, err := v.reader.Exception(ctx, v.run, t, a)
		if ctx.Err() != nil {
			return info, ctx.Err()
		}
		if err == nil && e != nil {
			info.Exception = &ExceptionInfo{Type: e.Type, Message: e.Message, Stacktrace: e.Stacktrace}
		}
	}
	all, err := r.artifacts.of(ctx, v, t)
	if ctx.Err() != nil {
		return info, ctx.Err()
	}
	if err != nil && !errors.Is(err, runstate.ErrNoData) && !errors.Is(err, store.ErrPending) {
		r.s.log.Debug("artifacts cannot be read", "task", t.ID, "error", err)
	}
	for _, a := range all {
		info.Artifacts = append(info.Artifacts, a.info())
	}
	return info, nil
}

// anywhere finds a run by Metaflow's id in the flows of the open documents.
func (r *runs) anywhere(u uri.URI, flow, id string) *runView {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, state := range r.states {
		if key.name == flow && (u == "" || key.uri == u) {
			if v := state.find(id); v != nil {
				return v
			}
		}
	}
	return nil
}
