package runstate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"flowls/runner/store"
)

// Life is what is known of the scheduler of a run that has not ended on disk.
type Life int

const (
	LifeUnknown Life = iota
	Alive
	Dead
)

// Reader reads the runs below one .metaflow or .metaflow_spin directory.
type Reader struct {
	Root string
	// Life tells whether the scheduler of a run is alive: nothing on disk marks a
	// run as failed. nil: ProcessLife.
	Life func(*Run) Life
	// Open gives the files of a data store elsewhere. Where it is nil, or gives
	// nil, what is stored there is not read: ErrElsewhere.
	Open func(Place) (store.Files, error)
	// Known finds a run whose metadata are elsewhere as well, nil if there is none.
	// A reader that has it looks at no folder.
	Known func(flow, run string) *Run

	cache taskCache
	logs  logCache
}

// NewReader makes a reader; the directory need not exist yet.
func NewReader(root string) *Reader { return &Reader{Root: root} }

// ErrNoRun: there is no such run.
var ErrNoRun = errors.New("no such run")

var (
	flowPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$`)
	})
	partPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$`) }) // run, step and task ids; never a path
)

// RunIDs lists the runs of a flow, newest first. Numeric ids are times; others
// (of remote schedulers) come after them, by name.
func (r *Reader) RunIDs(flow string) ([]string, error) {
	if !flowPattern().MatchString(flow) {
		return nil, fmt.Errorf("flow %q is not a name", flow)
	}
	entries, err := os.ReadDir(filepath.Join(r.Root, flow))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && name != "_meta" && name != "data" && partPattern().MatchString(name) {
			ids = append(ids, name)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, xerr := strconv.ParseUint(a, 10, 64)
		y, yerr := strconv.ParseUint(b, 10, 64)
		switch {
		case xerr == nil && yerr == nil:
			return cmp.Compare(y, x)
		case xerr == nil:
			return -1
		case yerr == nil:
			return 1
		}
		return strings.Compare(b, a)
	})
	return ids, nil
}

// Runs reads the newest runs of a flow, newest first; limit 0 reads all.
// Directories that cannot be read as a run are left out.
func (r *Reader) Runs(flow string, limit int) ([]*Run, error) {
	ids, err := r.RunIDs(flow)
	if err != nil {
		return nil, err
	}
	var runs []*Run
	for _, id := range ids {
		if limit > 0 && len(runs) == limit {
			break
		}
		if run, err := r.Run(flow, id); err == nil {
			runs = append(runs, run)
		}
	}
	return runs, nil
}

// Run reads one run with its steps and tasks. It does not wait for another data
// store: what has to be fetched first is left out, and the run is Incomplete.
func (r *Reader) Run(flow, id string) (*Run, error) {
	if !flowPattern().MatchString(flow) || !partPattern().MatchString(id) {
		return nil, fmt.Errorf("%s/%s is not a run", flow, id)
	}
	if r.Known != nil {
		if run := r.Known(flow, id); run != nil {
			return run, nil
		}
		return nil, fmt.Errorf("%s/%s: %w", flow, id, ErrNoRun)
	}
	dir := filepath.Join(r.Root, flow, id)
	var self selfRecord
	if err := readJSON(filepath.Join(dir, "_meta", "_self.json"), &self); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s/%s: %w", flow, id, ErrNoRun)
		}
		return nil, err
	}
	run := &Run{
		Root: r.Root, Spin: filepath.Base(r.Root) == spinRootName,
		Flow: flow, ID: id, User: self.User, Tags: self.Tags, Created: epoch(self.Epoch),
	}
	// `tag add` rewrites the record with the present time; a numeric id is the
	// time of creation in microseconds.
	if us, err := strconv.ParseInt(id, 10, 64); err == nil && us > 1e15 && us < 1e16 {
		run.Created = time.UnixMicro(us)
	}
	ctx, missing := store.AtOnce(context.Background())
	r.readParameters(ctx, run, dir)
	if err := r.readSteps(run, dir); err != nil {
		return nil, err
	}
	r.expect(ctx, run)
	r.judge(run)
	r.readFates(ctx, run)
	run.Incomplete = run.Incomplete || missing.Any()
	return run, nil
}

func (r *Reader) readSteps(run *Run, dir string) error {
	if run.Graph != nil {
		for _, s := range run.Graph.Steps {
			run.Steps = append(run.Steps, &Step{Name: s.Name, Status: Pending})
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if run.Graph == nil { // in the order in which they began
		made := map[string]int64{}
		for _, e := range entries {
			made[e.Name()] = firstEpoch(filepath.Join(dir, e.Name()))
		}
		slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(made[a.Name()], made[b.Name()]) })
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || strings.HasPrefix(name, "_") || !partPattern().MatchString(name) {
			continue
		}
		step := run.Step(name)
		if step == nil {
			step = &Step{Name: name, Status: Pending}
			run.Steps = append(run.Steps, step)
		}
		if err := r.readTasks(run, step, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// readTasks reads the tasks of a step, of which a foreach has thousands: what is
// known of those that will not change is taken without a look.
func (r *Reader) readTasks(run *Run, step *Step, dir string) error {
	ids, err := taskIDs(dir)
	if err != nil {
		return err
	}
	found, rest := r.cache.finals(dir, ids)
	for _, id := range rest {
		if !partPattern().MatchString(id) {
			continue
		}
		if task, err := r.cache.read(dir, id); err == nil {
			found = append(found, task)
		}
	}
	slices.SortFunc(found, compareTasks)
	for _, task := range found {
		if !run.Store.Elsewhere() {
			run.Store = task.Store
		}
		if run.Origin == "" && task.OriginRun != run.ID {
			run.Origin = task.OriginRun // resume notes it on the tasks only
		}
	}
	step.Tasks = found
	return nil
}

// taskIDs are the names of the directories of tasks, in no order.
func taskIDs(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.IsDir() && e.Name() != "_meta" {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}
