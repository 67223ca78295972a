package local

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flowls/runner/runstate"
)

// TaskLog reads what a task prints: from the supervisor's stream while an
// attempt runs, from Metaflow's store when it has ended. The change from one to
// the other loses no line and repeats none.
type TaskLog struct {
	Reader     *runstate.Reader
	Flow, Run  string // Metaflow's id of the run
	Step, Task string
	Attempt    int     // AllAttempts: one after the other
	Record     *Record // nil: the run was not started by flowls
	Over       bool    // the run had ended before this reading
	Room       int     // bound of the text of one piece, in bytes; 0: maxPiece
	Pods       Pods    // nil: the task has none that can be asked
}

// maxPiece bounds the text of one piece; a longer line is a piece of its own.
const maxPiece = 1 << 20

// AllAttempts reads the attempts of a task one after the other.
const AllAttempts = -1

// LogPiece is a piece of a task's log.
type LogPiece struct {
	Attempt int
	Lines   []runstate.LogLine
	Notes   []string // what is missing before the lines, in words
	Next    string   // what follows the lines, in words
	Cursor  string   // pass it to read on
	Done    bool     // there is no more
	Waiting string   // why there is nothing yet, in words
}

// Read reads on from a cursor; "" begins. A piece may be empty: the task goes on.
func (l *TaskLog) Read(ctx context.Context, cursor string) (LogPiece, error) {
	c, err := l.cursor(cursor)
	if err != nil {
		return LogPiece{}, err
	}
	task, err := l.Reader.Task(l.Flow, l.Run, l.Step, l.Task)
	if err != nil {
		return LogPiece{}, err
	}
	if last := task.Last(); last != nil && last.Status == runstate.Cloned {
		return l.original(ctx, task, cursor)
	}
	if cursor == "" && l.Attempt == AllAttempts && len(task.Attempts) > 0 {
		c.Attempt = task.Attempts[0].N
	}
	if l.Attempt != AllAttempts && (l.Pods == nil || l.Pods.Attempt() != l.Attempt) && !slices.ContainsFunc(task.Attempts, func(a *runstate.Attempt) bool { return a.N == l.Attempt }) {
		return LogPiece{}, fmt.Errorf("task %s/%s/%s has no attempt %d", l.Run, l.Step, l.Task, l.Attempt)
	}
	p := LogPiece{Attempt: c.Attempt}
	finished, err := l.attempt(ctx, task, &c, &p)
	if err != nil {
		return LogPiece{}, err
	}
	if finished {
		l.next(task, &c, &p)
	}
	p.Cursor = c.String()
	return p, nil
}

// next goes on to the next attempt, if there is or may be one.
func (l *TaskLog) next(task *runstate.Task, c *logCursor, p *LogPiece) {
	last := task.Last()
	if l.Attempt != AllAttempts {
		p.Done = true
		return
	}
	if last != nil && last.N > c.Attempt {
		for _, a := range task.Attempts {
			if a.N > c.Attempt {
				*c = logCursor{Attempt: a.N, Seen: c.Seen, Pid: c.Pid, Offset: c.Offset}
				p.Next = fmt.Sprintf("attempt %d", a.N)
				return
			}
		}
	}
	if l.nextPod(c, p) {
		return
	}
	p.Done = l.Over || last != nil && last.N == c.Attempt && last.Status.OK()
}

// attempt reads on in the cursor's attempt; true when there is no more of it.
func (l *TaskLog) attempt(ctx context.Context, task *runstate.Task, c *logCursor, p *LogPiece) (bool, error) {
	stored, err := l.stored(ctx, task, c)
	if err != nil {
		return false, err
	}
	// What was followed so far is followed to its end where the store has less of it.
	cut := stored != nil && len(stored.Cut) > 0 && c.Live && l.Record != nil
	if stored != nil && !cut {
		return l.fromStore(stored, c, p), nil
	}
	if l.fromPod(c, p) {
		return false, nil
	}
	if l.Record == nil && c.PodDone {
		return true, nil
	}
	if l.Record == nil {
		p.Waiting = "run " + l.Run + " was not started by flowls: the output of this task goes to the terminal until the task has ended"
		if l.Over {
			p.Waiting = "nothing is stored: the scheduler of run " + l.Run + " ended before it could store the output of this task"
		}
		return l.Over, nil
	}
	before := c.Offset
	nextBegan, lastWords, err := l.fromStream(task, c, p)
	switch {
	case err != nil || len(p.Lines) > 0 || c.Offset != before: // one look sees a part of the stream
		return false, err
	case cut:
		return nextBegan || lastWords || l.Over || c.Hash == lineHash(taskFailed) || c.Hash == lineHash(taskCrashed), nil
	case nextBegan: // by then the scheduler had stored this one, unless it could not
		stored, err = l.stored(ctx, task, c)
		return stored == nil, err
	}
	return l.Over, nil
}

// stored is what the store has of the cursor's attempt, nil while it has nothing.
func (l *TaskLog) stored(ctx context.Context, task *runstate.Task, c *logCursor) (*runstate.StoredLog, error) {
	livelier := l.Record != nil || l.Pods != nil
	if livelier && task.Store.Elsewhere() && !l.Over && !ended(task, c.Attempt) {
		return nil, nil // what a task elsewhere stores while it runs is half a minute old
	}
	stored, err := l.Reader.StoredLog(ctx, &runstate.Run{Flow: l.Flow, ID: l.Run}, task, c.Attempt)
	if errors.Is(err, runstate.ErrNoLog) || livelier && errors.Is(err, runstate.ErrElsewhere) {
		return nil, nil
	}
	return stored, err
}

func ended(task *runstate.Task, attempt int) bool {
	return slices.ContainsFunc(task.Attempts, func(a *runstate.Attempt) bool { return a.N == attempt && a.Status.Done() })
}

func (l *TaskLog) fromStore(stored *runstate.StoredLog, c *logCursor, p *LogPiece) bool {
	if !c.Told {
		p.Notes, c.Told = stored.Notes(), true
	}
	c.Live = false
	at := align(stored, c)
	c.Lines = at // of what the store has: the count goes on from there
	rest := stored.Lines[at:]
	room := l.room()
	for _, line := range rest {
		if room -= len(line.Text) + 1; room < 0 && len(p.Lines) > 0 {
			return false
		}
		c.took(line, p)
	}
	l.Reader.ReleaseLog()
	return true
}

func (l *TaskLog) room() int {
	if l.Room > 0 {
		return l.Room
	}
	return maxPiece
}

// maxOrigins bounds the way back through resumed runs that resumed others.
const maxOrigins = 16

// original reads the log of the task that a resumed run took over: it has none of its own.
func (l *TaskLog) original(ctx context.Context, task *runstate.Task, cursor string) (LogPiece, error) {
	o := *l
	o.Record, o.Over = nil, true // it has ended, or nothing could be taken over
	for range maxOrigins {
		o.Run, o.Task = task.OriginRun, task.OriginTask
		next, err := o.Reader.Task(o.Flow, o.Run, o.Step, o.Task)
		if err != nil {
			return LogPiece{}, fmt.Errorf("the task was taken over from run %s, which cannot be read: %w", o.Run, err)
		}
		if last := next.Last(); last != nil && last.Status == runstate.Cloned {
			task = next
			continue
		}
		p, err := o.Read(ctx, cursor)
		if cursor == "" {
			p.Notes = append([]string{fmt.Sprintf("taken over from %s/%s/%s", o.Run, o.Step, o.Task)}, p.Notes...)
		}
		return p, err
	}
	return LogPiece{}, fmt.Errorf("task %s/%s/%s leads through more than %d runs", l.Run, l.Step, l.Task, maxOrigins)
}
