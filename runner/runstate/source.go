package runstate

import (
	"context"
	"path/filepath"
)

// Source knows the runs of flows: a folder of this machine, or a metadata
// service. What it answers is not changed afterwards.
type Source interface {
	// Flows are the names of all flows that have run.
	Flows(ctx context.Context) ([]string, error)
	// Runs are the newest runs of a flow, newest first; limit 0 means all.
	Runs(ctx context.Context, flow string, limit int) ([]*Run, error)
	// Run is one run with its steps and tasks; ErrNoRun if there is none.
	Run(ctx context.Context, flow, id string) (*Run, error)
	// Artifacts are the user's artifacts of a task, by name; ErrNoData if it stored none.
	Artifacts(ctx context.Context, run *Run, task *Task) ([]Artifact, error)
	// Metadata are what Metaflow recorded of a task, by time.
	Metadata(ctx context.Context, run *Run, task *Task) ([]Metadatum, error)
	// Exception is what an attempt raised, nil if nothing was recorded.
	Exception(ctx context.Context, run *Run, task *Task, a *Attempt) (*Exception, error)
	// String names the place for a reader.
	String() string
}

// Source makes the reader one of several kinds of source.
func (r *Reader) Source() Source { return localSource{r} }

type localSource struct{ r *Reader }

func (l localSource) String() string { return l.r.Root }

func (l localSource) Flows(context.Context) ([]string, error) { return l.r.Flows() }

func (l localSource) Runs(_ context.Context, flow string, limit int) ([]*Run, error) {
	return l.r.Runs(flow, limit)
}

func (l localSource) Run(_ context.Context, flow, id string) (*Run, error) { return l.r.Run(flow, id) }

func (l localSource) Artifacts(ctx context.Context, run *Run, task *Task) ([]Artifact, error) {
	return l.r.Artifacts(ctx, run, task)
}

func (l localSource) Metadata(_ context.Context, _ *Run, task *Task) ([]Metadatum, error) {
	return l.r.Metadata(task)
}

func (l localSource) Exception(ctx context.Context, run *Run, task *Task, a *Attempt) (*Exception, error) {
	return l.r.Exception(ctx, run, task, a)
}

// Stored is a task as this data store holds it, when its metadata came from elsewhere.
func (r *Reader) Stored(run *Run, t *Task) *Task {
	copied := *t
	copied.Store = Place{}
	copied.dir = filepath.Join(r.Root, run.Flow, run.ID, t.Step, t.ID)
	return &copied
}
