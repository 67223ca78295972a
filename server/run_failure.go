package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flowls/runner/runstate"
)

// failureOf finds what went wrong first in a failed step; where the user chose
// one task, only that counts.
func (r *runs) failureOf(ctx context.Context, s *stepView) *runstate.Failure {
	if s.step == nil || s.status() != statusFailed {
		return nil
	}
	step := s.step
	if t := s.one(); t != nil && t.Status.Broke() {
		step = &runstate.Step{Name: s.name, Tasks: []*runstate.Task{t}}
	}
	f, err := s.of.reader.Failure(ctx, s.of.run, step)
	if err != nil {
		r.s.log.Debug("failure cannot be read", "run", s.of.run.ID, "step", s.name, "error", err)
	}
	if f != nil && f.Exception == nil && !f.Attempt.HasData && f.Attempt.ReturnCode == nil && !s.of.status().done() && time.Since(f.Attempt.Ended) < storing {
		return nil // what it raised is about to be stored, and until the run has ended this is looked at again
	}
	return f
}

// storing is how long a task may take to store what it raised, once it is said to have failed.
const storing = 5 * time.Second

// maxException bounds what is shown of an exception's text.
const maxException = 600

// failureMessage tells what happened, where, and what is known of the reason.
func failureMessage(sv *stepView, hint string) string {
	f := sv.failure
	var b strings.Builder
	b.WriteString(failureHead(f))
	fmt.Fprintf(&b, "\nraised in run %s, step `%s`, task %s", sv.of.metaflowID(), sv.name, f.Task.ID)
	if f.Exception == nil {
		b.Reset()
		fmt.Fprintf(&b, "%s\nin run %s, step `%s`, task %s", failureHead(f), sv.of.metaflowID(), sv.name, f.Task.ID)
	}
	if where := foreachPlace(f.Task); where != "" {
		fmt.Fprintf(&b, " (%s)", where)
	}
	if f.Attempt.N > 0 {
		fmt.Fprintf(&b, ", attempt %d", f.Attempt.N+1)
	}
	b.WriteString(sv.podPlace())
	if n := sv.step.Count(runstate.Status.Broke); n > 1 {
		fmt.Fprintf(&b, "; %d of %d tasks failed", n, len(sv.step.Tasks))
	}
	if hint != "" {
		b.WriteString("\n" + hint)
	}
	if len(f.Log) > 0 {
		b.WriteString("\nIt printed last:\n  " + strings.Join(f.Log, "\n  "))
	}
	return b.String()
}

// failureHead is the exception, or how the process died.
func failureHead(f *runstate.Failure) string {
	e := f.Exception
	if f.Elsewhere.Elsewhere() {
		return fmt.Sprintf("The task failed. What it raised and printed is in `%s`, which is not read yet: `%s` has it read", f.Elsewhere.Root, commandShowRemoteValues)
	}
	if e == nil {
		return processEnd(f.Attempt)
	}
	message := strings.TrimSpace(e.Message)
	if len(message) > maxException {
		message = strings.ToValidUTF8(message[:maxException], "") + "…"
	}
	if message == "" {
		return exceptionClass(e)
	}
	return exceptionClass(e) + ": " + message
}

func exceptionClass(e *runstate.Exception) string {
	return e.Type[strings.LastIndexByte(e.Type, '.')+1:]
}

// processEnd says how the process of an attempt ended without an exception.
func processEnd(a *runstate.Attempt) string {
	if a.ReturnCode == nil {
		return "The task failed without an exception"
	}
	switch n := exitSignal(*a.ReturnCode); n {
	case 0:
		return fmt.Sprintf("The task ended with exit code %d and without an exception", *a.ReturnCode)
	case 9:
		return "The task was killed (SIGKILL)"
	case 11:
		return "The task crashed with a segmentation fault (SIGSEGV)"
	case 6:
		return "The task aborted (SIGABRT)"
	case 7:
		return "The task crashed with a bus error (SIGBUS)"
	case 15:
		return "The task was terminated (SIGTERM)"
	default:
		return fmt.Sprintf("The task was ended by signal %d", n)
	}
}

// exitSignal is the signal that ended a process, 0 if none did: Python gives
// -n, shells and containers 128+n.
func exitSignal(code int) int {
	switch {
	case code < 0:
		return -code
	case code > 128 && code < 128+65:
		return code - 128
	}
	return 0
}

// foreachPlace is the index and the item of a task in the foreach around it.
func foreachPlace(t *runstate.Task) string {
	var indexes []string
	for part := range strings.SplitSeq(t.ForeachPath, ",") {
		if _, index, ok := strings.Cut(part, ":"); ok {
			indexes = append(indexes, index)
		}
	}
	if len(indexes) == 0 {
		return ""
	}
	place := "index " + strings.Join(indexes, ", ")
	if len(t.ForeachValues) > 0 {
		place += ": `" + strings.Join(t.ForeachValues, "`, `") + "`"
	}
	return place
}
