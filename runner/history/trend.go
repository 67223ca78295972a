package history

import (
	"slices"
	"time"

	"flowls/runner/runstate"
)

// Trend is how one step did over several runs.
type Trend struct {
	Step string
	// Runs in which the step ended by itself, and how many of them failed.
	Runs, Failed int
	// Retried is in how many of them a task only ended well at a later attempt.
	Retried int
	// Flaky: with the same code it failed or needed a retry, and ended well.
	Flaky bool
	// Took is how long the step took where it ended well, oldest first; cloned
	// steps took nothing and are left out.
	Took []time.Duration
}

// Median of the times, 0 without any.
func (t Trend) Median() time.Duration {
	if len(t.Took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t.Took))
	return sorted[len(sorted)/2]
}

// Last time, 0 without any.
func (t Trend) Last() time.Duration {
	if len(t.Took) == 0 {
		return 0
	}
	return t.Took[len(t.Took)-1]
}

// Of follows a step through runs, the newest first. code tells which code of the
// step a run ran, "" if nobody knows: runs of unknown or different code prove
// nothing about each other.
func Of(runs []*runstate.Run, step string, code func(*runstate.Run) string) Trend {
	t := Trend{Step: step}
	good, bad := map[string]bool{}, map[string]bool{}
	for _, run := range slices.Backward(runs) {
		s := run.Step(step)
		if s == nil || s.Ended.IsZero() || s.Status == runstate.Cloned {
			continue
		}
		failed := s.Status == runstate.Failed || s.Status == runstate.Crashed
		if !failed && !s.Status.OK() {
			continue // killed with the run, or stopped: that is not the step's doing
		}
		t.Runs++
		retried := slices.ContainsFunc(s.Tasks, func(task *runstate.Task) bool { return task.Status.OK() && len(task.Attempts) > 1 })
		if retried {
			t.Retried++
			t.Flaky = true
		}
		if c := code(run); c != "" {
			if failed {
				bad[c] = true
			} else {
				good[c] = true
			}
			t.Flaky = t.Flaky || good[c] && bad[c]
		}
		if failed {
			t.Failed++
			continue
		}
		t.Took = append(t.Took, s.Ended.Sub(s.Started))
	}
	return t
}

var bars = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws times between zero and the longest.
func Sparkline(took []time.Duration) string {
	if len(took) == 0 {
		return ""
	}
	most := max(slices.Max(took), 1)
	line := make([]rune, len(took))
	for i, d := range took {
		line[i] = bars[min(int(int64(d)*int64(len(bars))/int64(most)), len(bars)-1)]
	}
	return string(line)
}
