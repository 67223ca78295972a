package runstate

import (
	"context"
	"time"
)

// judge derives the states of steps and of the run from those of the tasks.
func (r *Reader) judge(run *Run) {
	for _, s := range run.Steps {
		s.judge()
	}
	if end := run.endStep(); end != nil && len(end.Tasks) > 0 && end.Status.OK() {
		run.Status, run.Ended = Succeeded, end.Ended
		return
	}
	life := r.Life
	if life == nil {
		life = ProcessLife
	}
	bad := run.badStep()
	switch life(run) {
	case Alive:
		run.Status = Running
	case Dead:
		// No file marks the failure: the scheduler is gone and the end was not reached.
		run.Status, run.Ended = Failed, run.lastEnd()
		run.abandon()
	default:
		run.Status = Unknown
		if bad != nil {
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
		changed := false
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
			s.Tasks[i], changed = &copied, true
		}
		if changed {
			s.judge()
		}
	}
}

func (s *Step) judge() {
	s.Started, s.Ended = time.Time{}, time.Time{}
	if len(s.Tasks) == 0 {
		s.Status = Pending
		return
	}
	ended := true
	counts := make(map[Status]int)
	for _, t := range s.Tasks {
		counts[t.Status]++
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
	if !ended || s.Expected > len(s.Tasks) && counts[Failed]+counts[Killed]+counts[Crashed] == 0 {
		s.Ended = time.Time{}
		s.Status = Running
		return
	}
	// The worst of its tasks.
	for _, status := range []Status{Failed, Crashed, Killed, Caught, Succeeded, Cloned} {
		if counts[status] > 0 {
			s.Status = status
			return
		}
	}
	s.Status = Unknown
}

// expect finds how many tasks the steps behind a foreach will have.
func (r *Reader) expect(run *Run) {
	if run.Graph == nil {
		return
	}
	for _, g := range run.Graph.Steps {
		if g.Type != "split-foreach" && g.Type != "split-parallel" || len(g.Next) != 1 {
			continue
		}
		from, to := run.Step(g.Name), run.Step(g.Next[0])
		if from == nil || to == nil {
			continue
		}
		total := 0
		for _, t := range from.Tasks {
			total += r.splits(run.Flow, t)
		}
		to.Expected = total
	}
}

// splits is how many tasks a foreach task asked for, 0 while unknown.
func (r *Reader) splits(flow string, t *Task) int {
	a := lastWithData(t)
	if a == nil || !t.Status.OK() {
		return 0
	}
	if n, ok := r.cache.count(t); ok {
		return n
	}
	data, err := t.data(a)
	if err != nil {
		return 0
	}
	v, err := r.value(context.Background(), flow, data.Objects["_foreach_num_splits"], 4096)
	if err != nil {
		return 0
	}
	n, _ := v.(int64) // None for an unbounded foreach
	if n < 0 || n > 1<<31 {
		n = 0
	}
	r.cache.keepCount(t, int(n))
	return int(n)
}
