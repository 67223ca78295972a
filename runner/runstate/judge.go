package runstate

import (
	"slices"
	"time"
)

// judge derives the states of steps and of the run from those of the tasks.
func (r *Reader) judge(run *Run) {
	life := r.Life
	if life == nil {
		life = ProcessLife
	}
	run.Judge(life)
}

// Judge derives the states of steps and of the run from those of the tasks.
// life is asked only if the end was not reached: nothing else marks a failed run.
func (run *Run) Judge(life func(*Run) Life) {
	for _, s := range run.Steps {
		s.judge(false)
	}
	if end := run.endStep(); end != nil && len(end.Tasks) > 0 && end.Status.OK() {
		run.Status, run.Ended = Succeeded, end.Ended
		for _, s := range run.Steps {
			s.over = true // branches that were not taken
		}
		return
	}
	switch life(run) {
	case Alive:
		run.Status = Running
		run.awaitRetries()
	case Dead:
		run.Status, run.Ended = Failed, run.lastEnd()
		run.abandon()
	default:
		run.Status = Unknown
		if run.badStep() != nil {
			run.Status, run.Ended = Failed, run.lastEnd()
		}
	}
}

// endStep is the step that ends the run: that of the graph; in a spin run,
// which has one step, that one.
func (r *Run) endStep() *Step {
	if r.Spin {
		for _, s := range r.Steps {
			if len(s.Tasks) > 0 {
				return s
			}
		}
		return nil
	}
	if r.Only != "" {
		return r.Step(r.Only)
	}
	if r.Graph != nil && r.Graph.End != "" {
		return r.Step(r.Graph.End)
	}
	return r.Step("end")
}

func (r *Run) badStep() *Step {
	for _, s := range r.Steps {
		if s.Status.Bad() {
			return s
		}
	}
	return nil
}

func (r *Run) lastEnd() time.Time {
	var last time.Time
	for _, s := range r.Steps {
		for _, t := range s.Tasks {
			for _, a := range t.Attempts {
				if a.Ended.After(last) {
					last = a.Ended
				}
			}
		}
	}
	return last
}

// abandon marks what was under way when the scheduler died: it will not end.
// The tasks may be shared with the cache, so they are copied.
func (r *Run) abandon() {
	for _, s := range r.Steps {
		for i, t := range s.Tasks {
			if t.Status.Done() {
				continue
			}
			copied := *t
			if copied.Status == Retrying {
				copied.Status = Failed
			} else {
				copied.Status = Killed
			}
			s.Tasks[i] = &copied
		}
		s.judge(true)
	}
}

// noRetry is how a task's process ends when it must not be tried again.
const noRetry = 202

// awaitRetries marks the tasks that the scheduler will try again: between two
// attempts the last one has failed and nothing tells yet that another comes.
func (r *Run) awaitRetries() {
	for _, s := range r.Steps {
		g := r.Graph.Step(s.Name)
		if r.Graph == nil && r.Store.Elsewhere() { // nobody knows: while the run goes on nothing is said to have failed
			g = &GraphStep{Retries: maxAttempt}
		}
		if g == nil || g.Retries == 0 {
			continue
		}
		for i, t := range s.Tasks {
			a := t.Last()
			if a == nil || t.Status != Failed && t.Status != Crashed || a.N >= g.Retries || a.ReturnCode != nil && *a.ReturnCode == noRetry {
				continue
			}
			copied := *t
			copied.Status = Retrying
			s.Tasks[i] = &copied
		}
		s.judge(false)
	}
}

// judge tells how the step stands; over: the scheduler is gone.
func (s *Step) judge(over bool) {
	s.over = over
	s.Started, s.Ended = time.Time{}, time.Time{}
	if len(s.Tasks) == 0 {
		s.Status = Pending
		return
	}
	ended := true
	var present []Status // each once: they are few, the tasks may be thousands
	for _, t := range s.Tasks {
		if !slices.Contains(present, t.Status) {
			present = append(present, t.Status)
		}
		for _, a := range t.Attempts {
			if s.Started.IsZero() || !a.Started.IsZero() && a.Started.Before(s.Started) {
				s.Started = a.Started
			}
			if a.Ended.After(s.Ended) {
				s.Ended = a.Ended
			}
		}
		ended = ended && t.Status.Done()
	}
	complete := s.Expected <= len(s.Tasks) || slices.ContainsFunc(present, Status.Bad)
	if !over && (!ended || !complete) {
		s.Ended = time.Time{}
		s.Status = Running
		return
	}
	if over && !complete {
		s.Status = Killed // with the tasks that never came
		return
	}
	// The worst of its tasks.
	for _, status := range []Status{Failed, Crashed, Killed, Caught, Succeeded, Cloned} {
		if slices.Contains(present, status) {
			s.Status = status
			return
		}
	}
	s.Status = Unknown
}
