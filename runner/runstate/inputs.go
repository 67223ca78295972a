package runstate

import (
	"errors"
	"fmt"
)

// ErrStepNeverRan: there are runs, and the step ran in none of them.
var ErrStepNeverRan = errors.New("the step never ran")

// maxLookBack is how many runs are searched for one in which a step ran.
const maxLookBack = 50

// RunWithStep finds the newest run in which a step began, and the task to take
// inputs from: the first one. id restricts it to one run, fits to some (nil: all).
// ErrNoRun and ErrStepNeverRan say what is missing.
func (r *Reader) RunWithStep(flow, step, id string, fits func(*Run) bool) (*Run, *Task, error) {
	ids := []string{id}
	if id == "" {
		var err error
		if ids, err = r.RunIDs(flow); err != nil {
			return nil, nil, err
		}
	}
	any := false
	for _, id := range ids[:min(len(ids), maxLookBack)] {
		run, err := r.Run(flow, id)
		// The graph may be in a data store that is not read here; then there are steps all the same.
		if err != nil || run.Graph == nil && len(run.Steps) == 0 || fits != nil && !fits(run) {
			continue // a run that never got started has no inputs to give
		}
		any = true
		if s := run.Step(step); s != nil && len(s.Tasks) > 0 {
			return run, s.Tasks[0], nil
		}
	}
	if !any {
		return nil, nil, fmt.Errorf("%s: %w", flow, ErrNoRun)
	}
	return nil, nil, fmt.Errorf("%s/%s: %w", flow, step, ErrStepNeverRan)
}
