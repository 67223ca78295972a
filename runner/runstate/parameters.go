package runstate

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"flowls/runner/store"
)

// Parameters are the values that the run got: its Parameters, Configs and the
// constants of the class, by name. ErrNoData if it never got that far.
func (r *Reader) Parameters(ctx context.Context, run *Run) ([]Artifact, error) {
	task, err := r.parametersTask(ctx, run)
	if err != nil {
		return nil, err
	}
	data, err := r.data(ctx, run, task, task.Attempts[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoData
	}
	if err != nil {
		return nil, err
	}
	all := data.artifacts()
	for i := range all {
		all[i].Changed, all[i].Store = true, task.Store
	}
	return all, nil
}

// parametersTask is the task of the pseudo step _parameters. Its id is 0 on this
// machine; schedulers elsewhere number as they like.
func (r *Reader) parametersTask(ctx context.Context, run *Run) (*Task, error) {
	task := &Task{Step: "_parameters", Store: run.Store, Attempts: []*Attempt{{HasData: true}}}
	if run.Root == r.Root {
		dir := filepath.Join(r.Root, run.Flow, run.ID, "_parameters")
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, ErrNoData
		}
		i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.IsDir() && e.Name() != "_meta" })
		if i < 0 {
			return nil, ErrNoData
		}
		task.ID, task.dir = entries[i].Name(), filepath.Join(dir, entries[i].Name())
		return task, nil
	}
	files, err := r.files(run.Store)
	if err != nil {
		return nil, err
	}
	err = files.List(ctx, run.Flow+"/"+run.ID+"/_parameters", func(e store.Entry) bool {
		if e.Dir && partPattern().MatchString(e.Name) {
			task.ID = e.Name
		}
		return task.ID == ""
	})
	if err == nil && task.ID == "" || errors.Is(err, fs.ErrNotExist) {
		err = ErrNoData
	}
	return task, err
}
