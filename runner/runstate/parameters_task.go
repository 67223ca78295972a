package runstate

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// readParameters fills in what the pseudo step _parameters tells of the run.
// Absent or damaged parts stay empty: the rest of the run can be shown.
func (r *Reader) readParameters(ctx context.Context, run *Run, dir string) {
	entries, err := os.ReadDir(filepath.Join(dir, "_parameters"))
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "_meta" {
			continue
		}
		p := r.parameters(filepath.Join(dir, "_parameters", e.Name()))
		p.tell(run)
		if g := r.graph(ctx, run, p.graph); g != nil {
			copied := *g
			if p.start != "" && p.end != "" {
				copied.Start, copied.End = p.start, p.end
			}
			run.Graph = &copied
		}
		return
	}
}

// parameters is what the task of _parameters has recorded.
type parameters struct {
	script, origin, remoteSpin, start, end string
	graph                                  string // key of _graph_info, "" if there is none
	store                                  *Place // where that is, nil where nothing says so
}

type cachedParameters struct {
	parameters
	times
}

// parameters reads the task's folder, unless it has not changed.
func (r *Reader) parameters(task string) parameters {
	before := time.Now()
	now, err := timesOf(task)
	if err != nil {
		return parameters{}
	}
	if known, ok := r.cache.parameters(task); ok && known.times.equal(now) {
		return known.parameters
	}
	p := r.readParameterTask(task)
	if now.settled(before) {
		r.cache.keepParameters(task, cachedParameters{p, now})
	}
	return p
}

func (r *Reader) readParameterTask(task string) (p parameters) {
	if data, err := readData(filepath.Join(task, "0.data.json")); err == nil {
		p.graph = data.Objects["_graph_info"]
	} else if record, err := readArtifactRecord(task, 0, "_graph_info"); err == nil {
		at := record.place(r.Root)
		p.graph, p.store = record.SHA, &at
	}
	entries, err := os.ReadDir(filepath.Join(task, "_meta"))
	if err != nil {
		return p
	}
	for _, e := range entries {
		field, ok := sysmeta(e.Name())
		if !ok {
			continue
		}
		into := map[string]*string{
			"script-name": &p.script, "origin-run-id": &p.origin, "start_step": &p.start, "end_step": &p.end, RemoteSpin: &p.remoteSpin,
		}[field]
		if into == nil {
			continue
		}
		if m, err := readMetadatum(task, e.Name()); err == nil {
			*into = m.text()
		}
	}
	return p
}

func (p parameters) tell(run *Run) {
	run.Script = p.script
	if p.origin != "None" {
		run.Origin = p.origin
	}
	if p.remoteSpin != "" {
		run.NoteRemoteSpin(p.remoteSpin)
	}
	if p.store != nil {
		run.Store = *p.store
	}
}
