package server

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

// maxRuns is how many runs of a flow are kept in memory per data store.
const maxRuns = 10

// refresh reads the runs of a flow again and publishes the result.
func (r *runs) refresh(ctx context.Context, key flowKey, t *trackedFlow) {
	records := r.records(key, t)
	t.dir = flowDir(t.script, t.folder)
	t.awaits = false
	if now := r.s.remote.allowed(t.dir); now != t.readable {
		t.readable = now
		clear(t.done) // more of them can be read now
	}
	var views []*runView
	used := map[*local.Record]bool{}
	for _, root := range t.roots {
		reader := r.reader(readerKey{root, t.dir})
		for _, run := range r.onDisk(reader, key, t, records) {
			v := &runView{run: run, reader: reader}
			for _, rec := range records {
				if rec.RunID == run.ID && (rec.Kind == local.Spin) == run.Spin {
					v.record, used[rec] = rec, true
				}
			}
			if v.record == nil && !t.owns(run) {
				continue
			}
			views = append(views, v)
		}
	}
	for _, v := range r.s.remote.runsOf(key, t) {
		for _, rec := range records {
			if rec.RunID == v.run.ID && rec.Kind != local.Spin && !used[rec] {
				v.record, used[rec] = rec, true
			}
		}
		views = append(views, v)
	}
	for _, rec := range records {
		if !used[rec] {
			views = append(views, &runView{record: rec})
		}
	}
	for _, v := range views {
		v.pods = r.s.kube.podsOf(v)
	}
	slices.SortStableFunc(views, func(a, b *runView) int { return b.startedAt().Compare(a.startedAt()) })
	if ctx.Err() != nil {
		return
	}
	r.publish(key, r.compose(ctx, key, t, views))
}

// owns: a flow of the same name may live in another file.
func (t *trackedFlow) owns(run *runstate.Run) bool {
	if run.Script == "" {
		return false // it never started: nothing to show
	}
	if run.Script != filepath.Base(t.script) {
		return false
	}
	if run.Graph == nil {
		return true
	}
	elsewhere := false
	for _, s := range run.Graph.Steps {
		if s.SourceFile == "" || sameFile(s.SourceFile, t.script) {
			return true
		}
		if _, err := os.Stat(s.SourceFile); err == nil {
			elsewhere = true
		}
	}
	return !elsewhere // the workspace was moved: the name decides
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// onDisk reads the newest runs below one root; ended ones are read once.
func (r *runs) onDisk(reader *runstate.Reader, key flowKey, t *trackedFlow, records []*local.Record) []*runstate.Run {
	ids, err := reader.RunIDs(key.name)
	if err != nil {
		r.s.log.Debug("runs cannot be listed", "root", reader.Root, "error", err)
		return nil
	}
	reader.Life = func(run *runstate.Run) runstate.Life { return life(run, records) }
	var found []*runstate.Run
	for _, id := range ids[:min(len(ids), maxRuns)] {
		k := runKey{reader.Root, id}
		if run := t.done[k]; run != nil {
			found = append(found, run)
			continue
		}
		run, err := reader.Run(key.name, id)
		if err != nil {
			r.s.log.Debug("run cannot be read", "root", reader.Root, "run", id, "error", err)
			continue
		}
		// A failed run is not final: what looks dead may only be slow.
		t.awaits = t.awaits || run.Incomplete
		if run.Incomplete && t.readable { // the rest is on its way
			found = append(found, run)
			continue
		}
		if run.Status == runstate.Succeeded && settled(run) || run.Status == runstate.Failed && time.Since(run.Created) > time.Hour {
			t.done[k] = run
			if r.watcher != nil {
				r.watcher.Release(reader.Root, key.name, id)
			}
		}
		found = append(found, run)
	}
	for k := range t.done { // runs that newer ones have pushed out
		if k.root == reader.Root && !slices.Contains(ids[:min(len(ids), maxRuns)], k.id) {
			delete(t.done, k)
		}
	}
	return found
}

// settled: all that tasks made is there. Metaflow stores it a moment after it
// says that they succeeded, and a run that is not looked at again would lack it.
func settled(run *runstate.Run) bool {
	const moment = time.Minute
	if time.Since(run.Ended) > moment {
		return true
	}
	for _, s := range run.Steps {
		for _, t := range s.Tasks {
			if a := t.Last(); a != nil && !a.HasData {
				return false
			}
		}
	}
	return true
}

// life asks the records first: they know, the process table guesses.
func life(run *runstate.Run, records []*local.Record) runstate.Life {
	for _, rec := range records {
		if rec.RunID == run.ID && (rec.Kind == local.Spin) == run.Spin {
			if rec.Status.Done() {
				return runstate.Dead
			}
			return runstate.Alive
		}
	}
	return runstate.ProcessLife(run)
}

// readerKey is a folder with runs, and where Metaflow would be started: the
// configuration there says how data stores elsewhere are reached.
type readerKey struct{ root, dir string }

func (r *runs) reader(key readerKey) *runstate.Reader {
	if r.readers[key] == nil {
		reader := runstate.NewReader(key.root)
		reader.Open = r.s.remote.opener(key.dir)
		r.readers[key] = reader
	}
	return r.readers[key]
}

// records are the launches of this flow, read again while they are active.
func (r *runs) records(key flowKey, t *trackedFlow) []*local.Record {
	if r.registry == nil {
		return nil
	}
	ids, err := r.registry.IDs()
	if err != nil {
		r.s.log.Warn("the state of runs cannot be read", "error", err)
		return nil
	}
	var found []*local.Record
	for _, id := range ids {
		rec := r.ended[id]
		if rec == nil {
			if rec, err = r.registry.Get(id); err != nil {
				continue // pruned meanwhile, or being made
			}
			if rec.Status.Done() && !rec.Stoppable() {
				r.ended[id] = rec
			}
		}
		if rec.Flow == key.name && sameFile(rec.Script, t.script) {
			found = append(found, rec)
			if !rec.Status.Done() {
				r.attach(key, rec.ID)
			}
		}
	}
	for id := range r.ended { // pruned folders are not to be remembered for ever
		if len(r.ended) > 4*len(ids)+64 && !slices.Contains(ids, id) {
			delete(r.ended, id)
		}
	}
	return found
}

// attach waits for the end of a run, whoever launched it: a server that is
// started while a run goes on finds it again.
func (r *runs) attach(key flowKey, id string) {
	if r.attached[id] {
		return
	}
	r.attached[id] = true
	r.s.background("run "+id, func(ctx context.Context) {
		if _, err := r.registry.Wait(ctx, id); err != nil && ctx.Err() == nil {
			r.s.log.Warn("the end of a run cannot be seen", "run", id, "error", err)
		}
		r.touch(key)
	})
}

// compose decides what the code shows. The views with a record are its own.
func (r *runs) compose(ctx context.Context, key flowKey, t *trackedFlow, views []*runView) *flowState {
	state := &flowState{runs: views, steps: map[string]*stepView{}, readable: r.s.remote.allowed(t.dir)}
	ctx, missing := store.AtOnce(ctx) // the loop waits for no network
	defer func() { t.awaits = t.awaits || missing.Any() }()
	r.mu.Lock()
	selected := r.selected[key]
	r.mu.Unlock()
	state.path = selected.path
	if selected.run != "" {
		state.shown = state.find(selected.run)
	}
	chosen := state.shown != nil
	if !chosen {
		state.shown = state.latest()
	}
	if v := state.shown; v != nil {
		if refused := v.refusal(); refused != nil { // else it stays nil: views of the service are shared
			v.refused, v.text = refused, r.texts.of(v, t.script)
			state.cleared = r.isCleared(key, v)
		}
	}
	if v := state.shown; v != nil && v.run != nil {
		for _, s := range v.run.Steps {
			state.steps[s.Name] = &stepView{of: v, name: s.Name, step: s}
		}
	}
	if v := state.shown; v != nil && v.run == nil && v.pods != nil { // its metadata is elsewhere: the cluster tells all the same
		for name := range v.pods.steps {
			state.steps[name] = &stepView{of: v, name: name}
		}
	}
	if !chosen { // a spin is newer news about its one step
		for _, v := range slices.Backward(views) {
			if !v.kind().OneStep() || state.shown != nil && v.startedAt().Before(state.shown.startedAt()) {
				continue
			}
			if s := spunStep(v); s != nil {
				state.steps[s.name] = s
			}
		}
	}
	for _, s := range state.steps {
		s.path = state.path
		s.failure, s.cleared = r.failureOf(ctx, s), r.isCleared(key, s.of)
		s.withPodException(t.script)
		s.lacks = s.lackedPackage(t.script)
		if by := state.ranBy(s); by != nil {
			s.text = r.texts.of(by, t.script)
		}
		s.chosen = chosen
		s.troubles = s.podTroubles()
	}
	return state
}

// recompose shows the same runs with what clusters say of them now. The disk is
// not looked at: a foreach on a cluster has news all the time.
func (r *runs) recompose(ctx context.Context, key flowKey, t *trackedFlow) {
	old := r.state(key)
	if old == nil {
		return
	}
	views := make([]*runView, len(old.runs))
	for i, v := range old.runs { // which others still read
		views[i] = v.again(r.s.kube.podsOf(v))
	}
	r.publish(key, r.compose(ctx, key, t, views))
}

// ranBy is the run whose code made what a step shows: for a step that a resume
// took over, the run that it came from; nil if that is not known any more.
func (s *flowState) ranBy(step *stepView) *runView {
	v := step.of
	for range len(s.runs) {
		if v == nil || v.run == nil {
			break
		}
		in := v.run.Step(step.name)
		if in == nil || in.Status != runstate.Cloned || len(in.Tasks) == 0 {
			break
		}
		v = s.find(in.Tasks[0].OriginRun)
	}
	return v
}

func spunStep(v *runView) *stepView {
	if v.run != nil {
		for _, s := range v.run.Steps {
			if len(s.Tasks) > 0 {
				return &stepView{of: v, name: s.Name, step: s}
			}
		}
	}
	if v.record != nil && v.record.Step != "" && !v.status().done() {
		return &stepView{of: v, name: v.record.Step}
	}
	return nil
}
