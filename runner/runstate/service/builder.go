package service

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowls/runner/runstate"
)

// builder makes the model of one run.
type builder struct {
	source *Source
	run    *runstate.Run
	record runRecord
	// recorded is what tells the state of each task, by step and task; nil: to be asked for one by one.
	recorded map[string][]runstate.Metadatum
}

func (b *builder) path() string { return "flows/" + b.run.Flow + "/runs/" + b.run.ID }

func taskPath(run *runstate.Run, task *runstate.Task) string {
	return "flows/" + run.Flow + "/runs/" + run.ID + "/steps/" + task.Step + "/tasks/" + task.ID
}

// gather asks for the metadata of all tasks at once. Of the dozens per task those
// are kept that tell its state.
func (b *builder) gather(ctx context.Context) error {
	err := each(ctx, &b.source.client, b.path()+"/metadata", func() { b.recorded = map[string][]runstate.Metadatum{} }, func(m metadataRecord) {
		switch m.Field {
		case "attempt", "attempt_ok", "attempt-done", "origin-task-id", "origin-run-id", "foreach-execution-path", "foreach-stack",
			"user", "script-name", "start_step", "end_step", "ds-type", "ds-root", runstate.RemoteSpin:
			key := m.Step + "/" + string(m.Task)
			b.recorded[key] = append(b.recorded[key], m.public())
		}
	})
	if notFound(err) {
		return nil
	}
	for _, all := range b.recorded {
		slices.SortStableFunc(all, func(x, y runstate.Metadatum) int { return x.At.Compare(y.At) })
	}
	return err
}

func (b *builder) metadata(ctx context.Context, t *runstate.Task) ([]runstate.Metadatum, error) {
	if b.recorded != nil {
		return b.recorded[t.Step+"/"+t.ID], nil
	}
	return b.source.Metadata(ctx, b.run, t)
}

func (b *builder) build(ctx context.Context) error {
	if err := b.gather(ctx); err != nil {
		return err
	}
	if err := b.parameters(ctx); err != nil {
		return err
	}
	if b.run.Graph != nil {
		for _, g := range b.run.Graph.Steps {
			b.run.Steps = append(b.run.Steps, &runstate.Step{Name: g.Name, Status: runstate.Pending})
		}
	}
	var steps []stepRecord
	err := each(ctx, &b.source.client, b.path()+"/steps", func() { steps = nil }, func(s stepRecord) { steps = append(steps, s) })
	if err != nil && !notFound(err) {
		return err
	}
	slices.SortStableFunc(steps, func(x, y stepRecord) int { return cmp.Compare(x.Epoch, y.Epoch) })
	var begun []*runstate.Step
	for _, record := range steps {
		if strings.HasPrefix(record.Step, "_") || !valid(record.Step) {
			continue
		}
		s := b.run.Step(record.Step)
		if s == nil {
			s = &runstate.Step{Name: record.Step, Status: runstate.Pending}
			b.run.Steps = append(b.run.Steps, s)
		}
		begun = append(begun, s)
	}
	if err := spread(ctx, len(begun), func(ctx context.Context, i int) error { return b.tasks(ctx, begun[i]) }); err != nil {
		return err
	}
	for _, s := range begun {
		for _, t := range s.Tasks {
			if b.run.Origin == "" && t.OriginRun != b.run.ID {
				b.run.Origin = t.OriginRun
			}
		}
	}
	if err := b.expect(ctx); err != nil {
		return err
	}
	b.run.Judge(b.life)
	return nil
}

// life goes by the heartbeats of the scheduler. A service from before 2.0.4 gets none.
func (b *builder) life(*runstate.Run) runstate.Life {
	if b.record.Heartbeat <= 0 {
		return runstate.LifeUnknown
	}
	if b.source.Now().Sub(time.Unix(b.record.Heartbeat, 0)) > maxSilence {
		return runstate.Dead
	}
	return runstate.Alive
}

// parameters fills in what the pseudo step _parameters tells.
func (b *builder) parameters(ctx context.Context) error {
	step := &runstate.Step{Name: "_parameters"}
	if err := b.tasks(ctx, step); err != nil || len(step.Tasks) == 0 {
		return err
	}
	task := step.Tasks[0]
	metadata, err := b.metadata(ctx, task)
	if err != nil {
		return err
	}
	var start, end string
	for _, m := range metadata {
		switch m.Name {
		case "script-name":
			b.run.Script = m.Value
		case "origin-run-id":
			if m.Value != "None" {
				b.run.Origin = m.Value
			}
		case runstate.RemoteSpin:
			b.run.NoteRemoteSpin(m.Value)
		case "start_step":
			start = m.Value
		case "end_step":
			end = m.Value
		}
	}
	records, err := b.source.artifacts(ctx, b.run, task, 0)
	if err != nil && !notFound(err) {
		return err
	}
	if len(records) > 0 {
		b.run.Store.Kind, b.run.Store.Root = place(records[0])
	}
	raw, err := b.source.blob(ctx, b.run.Flow, records, "_graph_info")
	if err != nil {
		return err
	}
	b.run.Graph = runstate.DecodeGraph(ctx, raw)
	if start != "" && end != "" {
		if b.run.Graph == nil {
			b.run.Graph = &runstate.Graph{}
		}
		b.run.Graph.Start, b.run.Graph.End = start, end
	}
	return nil
}

// tasks reads the tasks of a step with what is recorded of them.
func (b *builder) tasks(ctx context.Context, step *runstate.Step) error {
	path := b.path() + "/steps/" + step.Name
	var records []taskRecord
	err := each(ctx, &b.source.client, path+"/tasks", func() { records = nil }, func(t taskRecord) { records = append(records, t) })
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	slices.SortFunc(records, func(x, y taskRecord) int { return runstate.CompareIDs(string(x.Task), string(y.Task)) })
	tasks := make([]*runstate.Task, len(records))
	err = spread(ctx, len(records), func(ctx context.Context, i int) error {
		t := &runstate.Task{ID: string(records[i].Task), Step: step.Name, Status: runstate.Launched}
		tasks[i] = t
		if !valid(t.ID) {
			return nil
		}
		metadata, err := b.metadata(ctx, t)
		if err != nil {
			return err
		}
		t.Recorded(metadata, epoch(records[i].Epoch))
		if err := b.origin(ctx, t); err != nil {
			return err
		}
		return b.caught(ctx, step, t)
	})
	step.Tasks = tasks
	return err
}

// origin takes the place in a foreach from the task that this one was cloned
// from: resume records it there only.
func (b *builder) origin(ctx context.Context, t *runstate.Task) error {
	if t.OriginTask == "" || t.ForeachPath != "" || !valid(t.OriginRun) || !valid(t.OriginTask) {
		return nil
	}
	from := &runstate.Task{ID: t.OriginTask, Step: t.Step}
	metadata, err := b.source.Metadata(ctx, &runstate.Run{Flow: b.run.Flow, ID: t.OriginRun}, from)
	if notFound(err) {
		return nil // the run was removed
	}
	from.Recorded(metadata, time.Time{})
	t.ForeachPath, t.ForeachValues = from.ForeachPath, from.ForeachValues
	return err
}

// caught asks for the one artifact that tells whether @catch took an exception,
// where the step may have one.
func (b *builder) caught(ctx context.Context, step *runstate.Step, t *runstate.Task) error {
	a := t.LastStored()
	if a == nil || !a.Status.OK() {
		return nil
	}
	if g := b.run.Graph.Step(step.Name); g != nil && g.Retries == 0 || strings.HasPrefix(step.Name, "_") {
		return nil // no decorator of that kind
	}
	success, err := object[artifactRecord](ctx, &b.source.client, taskPath(b.run, t)+"/artifacts/_success/attempt/"+strconv.Itoa(a.N))
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if a.Caught = runstate.IsFalse(success.SHA); a.Caught && a.Status == runstate.Succeeded {
		a.Status, t.Status = runstate.Caught, runstate.Caught
	}
	return nil
}

// expect reads how many tasks the foreach steps asked for.
func (b *builder) expect(ctx context.Context) error {
	var failed error
	b.run.Expect(func(foreach *runstate.Step) int {
		total := 0
		for _, t := range foreach.Tasks {
			a := t.LastStored()
			if a == nil || !t.Status.OK() || failed != nil {
				continue
			}
			records, err := b.source.artifacts(ctx, b.run, t, a.N)
			if err != nil {
				failed = err
				continue
			}
			raw, err := b.source.blob(ctx, b.run.Flow, records, "_foreach_num_splits")
			if err != nil {
				failed = err
			}
			total += runstate.DecodeCount(ctx, raw)
		}
		return total
	})
	return failed
}

// place is where an artifact is stored: the kind of store, and its root.
func place(a artifactRecord) (kind, root string) {
	if root, ok := strings.CutPrefix(a.Location, ":root:"); ok {
		return a.Store, root
	}
	// An older Metaflow gave the whole path of the blob: root/flow/data/xx/key.
	if i := strings.Index(a.Location, "/data/"); i > 0 {
		above := a.Location[:i]
		return a.Store, above[:max(0, strings.LastIndexByte(above, '/'))]
	}
	return a.Store, ""
}
