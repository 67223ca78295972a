package runstate

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowls/runner/store"
)

// A run may keep its metadata in .metaflow and its data in S3. Then the folder of
// a task holds what was recorded of it, and which artifacts it stored under which
// key; how its process ended, what it printed, types and values are elsewhere.

// artifactRecord is _meta/N_artifact_<name>.json.
type artifactRecord struct {
	Name     string `json:"name"`
	SHA      string `json:"sha"`
	Kind     string `json:"ds_type"`
	Location string `json:"location"`
	Encoding string `json:"content_type"`
}

func readArtifactRecord(task string, attempt int, name string) (artifactRecord, error) {
	var a artifactRecord
	if name == "" || strings.ContainsRune(name, filepath.Separator) {
		return a, os.ErrNotExist
	}
	path := filepath.Join(task, "_meta", strconv.Itoa(attempt)+"_artifact_"+name+".json")
	return a, readJSONUpTo(path, maxMetadatum, &a)
}

// recordedKey is the key of an artifact as the metadata have it, "" if there is none.
func recordedKey(task string, attempt int, name string) (string, error) {
	a, err := readArtifactRecord(task, attempt, name)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return a.SHA, err
}

// place is where the artifact is; the zero place if that is below root.
func (a artifactRecord) place(root string) Place {
	p := Place{a.Kind, ""}
	if named, ok := strings.CutPrefix(a.Location, ":root:"); ok {
		p.Root = named
	} else if i := strings.Index(a.Location, "/data/"); i > 0 { // an older Metaflow: root/flow/data/xx/key
		above := a.Location[:i]
		p.Root = above[:max(0, strings.LastIndexByte(above, '/'))]
	}
	if p.Root == "" || p.Kind == "local" && p.Root == root {
		return Place{}
	}
	return p
}

// readElsewhere derives the attempts of a task without control files from its
// metadata, and where its data are.
func (t *Task) readElsewhere(dir string) {
	entries, err := os.ReadDir(filepath.Join(dir, "_meta"))
	if err != nil {
		return
	}
	var all []Metadatum
	for _, e := range entries {
		field, ok := sysmeta(e.Name())
		if !ok {
			continue
		}
		switch field {
		case "attempt", "attempt_ok", "attempt-done", "ds-type", "ds-root", "origin-task-id", "origin-run-id", "foreach-execution-path", "foreach-stack":
		default:
			continue
		}
		if m, err := readMetadatum(dir, e.Name()); err == nil {
			all = append(all, m.public())
		}
	}
	sortMetadata(all)
	t.Recorded(all, epoch(firstEpoch(dir)))
	if t.Store.Kind == "" { // a task that was cloned names no data store itself
		for _, e := range entries {
			if strings.Contains(e.Name(), "_artifact_") {
				var a artifactRecord
				if readJSONUpTo(filepath.Join(dir, "_meta", e.Name()), maxMetadatum, &a) == nil {
					t.Store = a.place("")
				}
				break
			}
		}
	}
	if !t.Store.Elsewhere() || t.Store.Kind == "local" { // it has only just begun, or was cleaned up
		t.Store = Place{}
		for _, a := range t.Attempts {
			a.HasData = false
		}
	}
	if t.OriginTask != "" {
		t.readOrigin(dir)
	}
	if a := t.LastStored(); a != nil && a.Status.OK() {
		if key, err := recordedKey(dir, a.N, "_success"); err == nil && falseKeys[key] {
			a.Caught = true
			if a.Status == Succeeded {
				a.Status = Caught
			}
			if a == t.Last() && t.Status == Succeeded {
				t.Status = Caught
			}
		}
	}
}

// firstEpoch is when the task was made.
func firstEpoch(dir string) int64 {
	var self selfRecord
	_ = readJSON(filepath.Join(dir, "_meta", "_self.json"), &self) // without it: no time
	return self.Epoch
}

// taskName is the name of a task's folder in a data store.
func taskName(run *Run, t *Task) string {
	return run.Flow + "/" + run.ID + "/" + t.Step + "/" + t.ID
}

// dataElsewhere reads N.data.json from another data store. Names and keys are
// recorded as well: where the store is not read, those are all there is.
func (r *Reader) dataElsewhere(ctx context.Context, run *Run, t *Task, a *Attempt) (*dataFile, error) {
	files, err := r.files(t.Store)
	if err == nil {
		var raw []byte
		if raw, err = store.ReadFile(ctx, files, taskName(run, t)+"/"+strconv.Itoa(a.N)+".data.json", maxJSON); err == nil {
			var d dataFile
			err = json.Unmarshal(raw, &d)
			return &d, err
		}
	}
	if t.dir == "" || !errors.Is(err, ErrElsewhere) {
		return nil, err
	}
	return recordedData(t.dir, a.N)
}

// recordedData are the keys and encodings of an attempt's artifacts; types and sizes are not known.
func recordedData(task string, attempt int) (*dataFile, error) {
	entries, err := os.ReadDir(filepath.Join(task, "_meta"))
	if err != nil {
		return nil, err
	}
	d := &dataFile{Objects: map[string]string{}}
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), strconv.Itoa(attempt)+"_artifact_")
		if !ok {
			continue
		}
		if a, err := readArtifactRecord(task, attempt, strings.TrimSuffix(name, ".json")); err == nil {
			d.Objects[a.Name] = a.SHA
		}
	}
	return d, nil
}

// maxFates bounds the tasks of one run whose end is looked up elsewhere.
const maxFates = 64

// readFates looks up how the tasks of a dead run ended that told nothing: the
// scheduler recorded it in the data store.
func (r *Reader) readFates(ctx context.Context, run *Run) {
	if run.Status != Failed || !run.Store.Elsewhere() {
		return
	}
	left := maxFates
	for _, s := range run.Steps {
		found := false
		for i, t := range s.Tasks {
			if last := t.Last(); t.Status != Killed || last != nil && last.Status.Done() || left == 0 {
				continue
			}
			left--
			if t := r.fate(ctx, run, t); t != nil {
				s.Tasks[i], found = t, true
			}
		}
		if found {
			s.judge(true)
		}
	}
	run.Ended = run.lastEnd()
}

// fate is a task as the files of its data store tell of it; nil if they tell nothing.
func (r *Reader) fate(ctx context.Context, run *Run, t *Task) *Task {
	at := t.Store
	if !at.Elsewhere() {
		at = run.Store // it died before it recorded anything
	}
	files, err := r.files(at)
	if err != nil {
		run.Incomplete = true
		return nil
	}
	var all controls
	err = files.List(ctx, taskName(run, t), func(e store.Entry) bool {
		all.add(e.Name, func() (time.Time, bool) { return e.Info.Modified, true })
		return true
	})
	if err != nil || len(all) == 0 {
		return nil
	}
	n := len(all) - 1
	a := readAttempt(n, all[n], verdict{}, false, func(record *runtimeRecord) bool {
		raw, err := store.ReadFile(ctx, files, taskName(run, t)+"/"+strconv.Itoa(n)+".runtime", maxMetadatum)
		return err == nil && json.Unmarshal(raw, record) == nil
	})
	if !a.Status.Done() {
		return nil
	}
	copied := *t
	copied.Store, copied.Status = at, a.Status
	copied.Attempts = append(slices.Clone(t.Attempts[:min(n, len(t.Attempts))]), a)
	return &copied
}
