package server

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
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
	Kind          string    `json:"kind" doc:"run, spin or resume."`
	Status        runStatus `json:"status" doc:"starting, running, succeeded, failed, stopped or unknown."`
	StartedAt     string    `json:"startedAt" doc:"RFC 3339."`
	EndedAt       string    `json:"endedAt,omitempty" doc:"RFC 3339; absent while it runs or when nobody knows."`
	Stoppable     bool      `json:"stoppable" doc:"Whether flowls.stop can stop it."`
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
	Preview string `json:"preview,omitempty" doc:"The value, if it is small."`
	Changed bool   `json:"changed,omitempty" doc:"Whether the step set it."`
}

// ArtifactParams are the parameters of flowls/artifact.
type ArtifactParams struct {
	URI      uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this flow."`
	Pathspec string  `json:"pathspec" doc:"Flow/run/step/task/artifact, with Metaflow's run id."`
}

const (
	maxTasksDetail = 200
	defaultRuns    = 10
	// maxArtifactPreview is the length of a preview that was asked for by name.
	maxArtifactPreview = 4096
)

func init() {
	customRequests["flowls/runs"] = request((*runs).runsRequest)
	customRequests["flowls/run"] = request((*runs).runRequest)
	customRequests["flowls/artifact"] = request((*runs).artifactRequest)
	commandTable = append(commandTable, define(commandShowArtifact, "Answers an artifact with a longer preview.", false,
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
		return RunInfo{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s has no run %q", p.Flow, p.RunID)
	}
	info := v.info()
	info.Shown = v == state.shown
	if v.run == nil {
		return info, nil
	}
	roots := v.cardRoots()
	for i, s := range v.run.Steps {
		for _, t := range s.Tasks[:min(len(s.Tasks), maxTasksDetail)] {
			detail, err := r.taskInfo(ctx, v, t)
			if err != nil {
				return RunInfo{}, err
			}
			if detail.Cards, err = v.taskCards(roots, t); err != nil {
				r.s.log.Debug("cards cannot be listed", "task", t.ID, "error", err)
			}
			info.Steps[i].TasksDetail = append(info.Steps[i].TasksDetail, detail)
		}
	}
	return info, nil
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
		info.Flow, info.OriginRunID = v.record.Flow, v.record.Origin
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
	if err != nil && !errors.Is(err, runstate.ErrNoData) {
		r.s.log.Debug("artifacts cannot be read", "task", t.ID, "error", err)
	}
	for _, a := range all {
		info.Artifacts = append(info.Artifacts, ArtifactInfo{a.Name, a.Type, a.Size, a.preview, a.Changed})
	}
	return info, nil
}

func (r *runs) artifactRequest(ctx context.Context, p ArtifactParams) (ArtifactInfo, error) {
	parts := strings.Split(p.Pathspec, "/")
	if len(parts) != 5 {
		return ArtifactInfo{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%q is not Flow/run/step/task/artifact", p.Pathspec)
	}
	v := r.anywhere(p.URI, parts[0], parts[1])
	if v == nil || v.run == nil {
		return ArtifactInfo{}, launchError("no open document knows run %s/%s", parts[0], parts[1])
	}
	step := v.run.Step(parts[2])
	if step != nil {
		for _, t := range step.Tasks {
			if t.ID != parts[3] {
				continue
			}
			all, err := v.reader.Artifacts(v.run, t)
			if err != nil {
				return ArtifactInfo{}, launchError("%s: %v", p.Pathspec, err)
			}
			for _, a := range all {
				if a.Name != parts[4] {
					continue
				}
				preview, err := v.reader.Preview(ctx, v.run.Flow, a, maxArtifactPreview)
				if err != nil {
					return ArtifactInfo{}, launchError("%s: %v", p.Pathspec, err)
				}
				return ArtifactInfo{a.Name, a.Type, a.Size, preview, a.Changed}, nil
			}
		}
	}
	return ArtifactInfo{}, launchError("there is no artifact %s", p.Pathspec)
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
