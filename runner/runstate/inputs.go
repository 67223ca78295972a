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
	runs, err := r.withStep(flow, step, ids, fits, 1)
	if err != nil {
		return nil, nil, err
	}
	return runs[0], runs[0].Step(step).Tasks[0], nil
}

// RunsWithStep finds the newest runs in which a step began, at most so many.
func (r *Reader) RunsWithStep(flow, step string, fits func(*Run) bool, most int) ([]*Run, error) {
	ids, err := r.RunIDs(flow)
	if err != nil {
		return nil, err
	}
	return r.withStep(flow, step, ids, fits, most)
}

// withStep is at least one run, or an error.
func (r *Reader) withStep(flow, step string, ids []string, fits func(*Run) bool, most int) ([]*Run, error) {
	var found []*Run
	any := false
	for _, id := range ids[:min(len(ids), maxLookBack)] {
		run, err := r.Run(flow, id)
		// The graph may be in a data store that is not read here; then there are steps all the same.
		if err != nil || run.Graph == nil && len(run.Steps) == 0 || fits != nil && !fits(run) {
			continue // a run that never got started has no inputs to give
		}
		any = true
		if s := run.Step(step); s != nil && len(s.Tasks) > 0 {
			if found = append(found, run); len(found) == most {
				break
			}
		}
	}
	switch {
	case len(found) > 0:
		return found, nil
	case !any:
		return nil, fmt.Errorf("%s: %w", flow, ErrNoRun)
	}
	return nil, fmt.Errorf("%s/%s: %w", flow, step, ErrStepNeverRan)
}
