package service

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"flowls/runner/runstate"
)

func compare[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }

// maxAttempt is well above Metaflow's MAX_ATTEMPTS (6).
const maxAttempt = 64

// readTask derives the attempts of a task from its metadata, which come by time.
// How a process ended is not among them: what died without a word looks as if it
// ran, until the heartbeats of the run stop.
func readTask(t *runstate.Task, metadata []runstate.Metadatum, created time.Time) {
	attempts := map[int]*runstate.Attempt{}
	last := -1
	at := func(n int) *runstate.Attempt {
		if n < 0 || n > maxAttempt {
			return &runstate.Attempt{} // of no attempt: forgotten
		}
		if attempts[n] == nil {
			attempts[n] = &runstate.Attempt{N: n, Status: runstate.Launched, Started: created}
		}
		last = max(last, n)
		return attempts[n]
	}
	cloned := false
	for _, m := range metadata {
		switch m.Name {
		case "attempt":
			if n, err := strconv.Atoi(m.Value); err == nil {
				a := at(n)
				if a.Started = m.At; !a.Status.Done() {
					a.Status = runstate.Running
				}
			}
		case "attempt_ok":
			a := at(m.Attempt)
			if a.Ended = m.At; m.Value == "True" {
				a.Status = runstate.Succeeded
			} else {
				a.Status = runstate.Failed
			}
		case "attempt-done":
			if n, err := strconv.Atoi(m.Value); err == nil {
				at(n).HasData = true
			}
		case "origin-task-id":
			t.OriginTask, cloned = m.Value, true
		case "origin-run-id":
			if m.Value != "None" {
				t.OriginRun = m.Value
			}
		case "foreach-execution-path":
			t.ForeachPath = m.Value
		case "foreach-stack":
			var values []string
			if json.Unmarshal([]byte(m.Value), &values) == nil {
				t.ForeachValues = values
			}
		default: // each attempt registers its system once more
			if m.Attempt > 0 && m.Attempt <= maxAttempt {
				at(m.Attempt)
			}
		}
	}
	for n := range last + 1 {
		a := attempts[n]
		if a == nil {
			continue
		}
		if n < last && !a.Status.Done() {
			a.Status = runstate.Failed // another one followed it
		}
		if cloned && a.Status == runstate.Succeeded {
			a.Status = runstate.Cloned
		}
		if !a.Ended.IsZero() && a.Ended.Before(a.Started) {
			a.Ended = a.Started
		}
		t.Attempts = append(t.Attempts, a)
	}
	if a := t.Last(); a != nil {
		t.Status = a.Status
		if t.Status == runstate.Launched && a.N > 0 {
			t.Status = runstate.Retrying
		}
	}
}

func lastWithData(t *runstate.Task) *runstate.Attempt {
	for i := len(t.Attempts) - 1; i >= 0; i-- {
		if t.Attempts[i].HasData {
			return t.Attempts[i]
		}
	}
	return nil
}
