package runstate

import (
	"encoding/json"
	"strconv"
	"time"
)

// Recorded derives the attempts of a task from its metadata alone, which come by
// time. How a process ended is not among them: what died without a word looks as
// if it ran, until the run has ended.
func (t *Task) Recorded(metadata []Metadatum, created time.Time) {
	attempts := map[int]*Attempt{}
	last := -1
	at := func(n int) *Attempt {
		if n < 0 || n > maxAttempt {
			return &Attempt{} // of no attempt: forgotten
		}
		if attempts[n] == nil {
			attempts[n] = &Attempt{N: n, Status: Launched, Started: created}
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
					a.Status = Running
				}
			}
		case "attempt_ok":
			a := at(m.Attempt)
			if a.Ended = m.At; m.Value == "True" {
				a.Status = Succeeded
			} else {
				a.Status = Failed
			}
		case "attempt-done":
			if n, err := strconv.Atoi(m.Value); err == nil {
				at(n).HasData = true
			}
		case "ds-type":
			t.Store.Kind = m.Value
		case "ds-root":
			t.Store.Root = m.Value
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
			a.Status = Failed // another one followed it
		}
		if cloned && a.Status == Succeeded {
			a.Status = Cloned
		}
		if !a.Ended.IsZero() && a.Ended.Before(a.Started) {
			a.Ended = a.Started
		}
		t.Attempts = append(t.Attempts, a)
	}
	if a := t.Last(); a != nil {
		t.Status = a.Status
		if t.Status == Launched && a.N > 0 {
			t.Status = Retrying
		}
	}
}
