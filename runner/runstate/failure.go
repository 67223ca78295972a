package runstate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"flowls/runner/store"
)

// Failure is what went wrong first in a step.
type Failure struct {
	Task    *Task
	Attempt *Attempt
	// Exception is nil where the process died without a word.
	Exception *Exception
	// Elsewhere is where its exception and its log are stored, if they are not read.
	Elsewhere Place
	// Log are the last lines that the task printed, without the traceback.
	Log []string
}

const (
	maxFailureLines = 5
	maxFailureLine  = 200
	// maxFailureLog bounds what is read of a log to find its last lines.
	maxFailureLog = 64 << 10
)

// Failure finds the task of a step that failed first: what failed after it may
// be a consequence. Tasks that were ended with the run are none, nor are those
// that the user interrupted. nil if there is no such task.
func (r *Reader) Failure(ctx context.Context, run *Run, step *Step) (*Failure, error) {
	var broken []*Task
	for _, t := range step.Tasks {
		if t.Status.Broke() && t.Last() != nil {
			broken = append(broken, t)
		}
	}
	slices.SortStableFunc(broken, func(a, b *Task) int { return a.Last().Ended.Compare(b.Last().Ended) })
	var errs []error
	for _, t := range broken {
		f, err := r.failureOf(ctx, run, t)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, store.ErrPending) {
			return nil, err
		}
		if err != nil {
			errs = append(errs, err)
		}
		if f.Exception != nil && f.Exception.Type == "builtins.KeyboardInterrupt" {
			continue
		}
		return f, nil
	}
	return nil, errors.Join(errs...)
}

// failureOf tells how a task failed; with an error as far as it can be read.
func (r *Reader) failureOf(ctx context.Context, run *Run, t *Task) (*Failure, error) {
	f := &Failure{Task: t, Attempt: t.Last()}
	e, err := r.Exception(ctx, run, t, f.Attempt)
	f.Exception = e
	if errors.Is(err, ErrElsewhere) {
		f.Elsewhere = t.Store
		return f, nil
	}
	log, logErr := r.storedLog(ctx, run, t, f.Attempt.N, maxFailureLog)
	if logErr != nil {
		if !errors.Is(logErr, ErrNoLog) {
			err = errors.Join(err, logErr)
		}
		return f, err
	}
	var stderr strings.Builder
	for _, line := range log.Lines {
		if line.Stream == "stderr" && !metaflowSays(line.Text) {
			stderr.WriteString(line.Text + "\n")
		}
	}
	if f.Exception == nil && f.Attempt.Status == Failed {
		f.Exception = printedException(stderr.String())
	}
	f.Log = lastLines(log.Lines)
	return f, err
}

// printedException reads the traceback that Python printed where nothing was
// stored: the file could not be imported, an artifact could not be stored.
func printedException(stderr string) *Exception {
	i := strings.LastIndex(stderr, tracebackHeader)
	if i < 0 {
		return nil
	}
	refusal := ParseRefusal(stderr[i:])
	if refusal == nil || len(refusal.Frames) == 0 {
		return nil
	}
	message, _, _ := strings.Cut(refusal.Message, "\n\n")
	return &Exception{Type: refusal.Kind, Message: message, Stacktrace: strings.TrimSpace(stderr[i:]), Frames: refusal.Frames}
}

// PrintedException reads the exception at the end of a text of which the beginning
// may be missing; nil if there is none.
func PrintedException(text string) *Exception {
	if i := strings.LastIndex(text, tracebackHeader); i >= 0 {
		text = text[i:]
	}
	r := ParseRefusal(text)
	if r == nil || r.Kind == "" || len(r.Frames) == 0 {
		return nil
	}
	return &Exception{Type: r.Kind, Message: r.Message, Stacktrace: strings.TrimSpace(text), Frames: r.Frames}
}

const tracebackHeader = "Traceback (most recent call last):"

// lastLines are the last lines of the task's own output, without the traceback
// and what Metaflow says of it. The scheduler dates lines as it reads them: what
// the task printed before it raised may come behind the traceback.
func lastLines(lines []LogLine) []string {
	var own []string
	raised := false
	for _, line := range lines {
		text := strings.TrimSpace(line.Text)
		if line.Stream == "stderr" {
			raised = raised || strings.HasPrefix(text, tracebackHeader) || strings.HasPrefix(text, "<flow ") && strings.HasSuffix(text, "failed:")
		}
		if text == "" || metaflowSays(text) || raised && line.Stream == "stderr" {
			continue
		}
		if len(text) > maxFailureLine {
			text = strings.ToValidUTF8(text[:maxFailureLine], "") + "…"
		}
		own = append(own, text)
	}
	return own[max(0, len(own)-maxFailureLines):]
}

// metaflowSays: a line that Metaflow adds to what the task printed.
func metaflowSays(line string) bool {
	switch strings.TrimSpace(line) {
	case "Task failed.", "Task failed with a segmentation fault.", "[KILLED BY ORCHESTRATOR]", "Internal error", "Internal error:":
		return true
	}
	return false
}
