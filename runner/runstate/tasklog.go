package runstate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"flowls/runner/store"
)

// ErrNoLog: nothing that the attempt printed is stored. The scheduler stores it
// when the attempt has ended.
var ErrNoLog = errors.New("no output is stored")

// ErrNoTask: there is no such task.
var ErrNoTask = errors.New("no such task")

// maxLogFile bounds what is read of one log file: its end. Metaflow stores 10 MB
// of each stream of a local task (--max-log-size); that of remote ones has no bound.
const maxLogFile = 12 << 20

// StoredLog is what one attempt printed, both streams by time.
type StoredLog struct {
	Attempt int
	Lines   []LogLine
	// Before is how many bytes of the files came before the lines, which were not read.
	Before int64
	// Cut names the streams whose end Metaflow did not store, Redacted those that were removed later.
	Cut, Redacted []string
}

// Task reads one task without the rest of its run.
func (r *Reader) Task(flow, run, step, id string) (*Task, error) {
	if !flowPattern().MatchString(flow) || !partPattern().MatchString(run) || !partPattern().MatchString(step) || !partPattern().MatchString(id) {
		return nil, fmt.Errorf("%s/%s/%s/%s is not a task", flow, run, step, id)
	}
	if r.Known != nil {
		if known := r.Known(flow, run); known != nil {
			if task := known.Task(step, id); task != nil {
				return task, nil
			}
		}
		return nil, fmt.Errorf("%s/%s/%s/%s: %w", flow, run, step, id, ErrNoTask)
	}
	task, err := r.cache.read(filepath.Join(r.Root, flow, run, step), id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s/%s/%s/%s: %w", flow, run, step, id, ErrNoTask)
	}
	return task, err
}

// logFiles are the files that hold the output of an attempt: by the scheduler,
// by the task itself where it ran elsewhere, and by a Metaflow from before mflog.
var logFiles = []struct{ source, stream string }{
	{"runtime_", "stdout"}, {"runtime_", "stderr"}, {"task_", "stdout"}, {"task_", "stderr"}, {"", "stdout"}, {"", "stderr"},
}

// StoredLog reads the output of an attempt. The scheduler writes the two files
// one after the other: until both are there, the error is ErrNoLog.
func (r *Reader) StoredLog(ctx context.Context, run *Run, task *Task, attempt int) (*StoredLog, error) {
	return r.storedLog(ctx, run, task, attempt, maxLogFile)
}

// logCache keeps the log that is being read piece by piece.
type logCache struct {
	mu    sync.Mutex
	stamp string // names the files as they were
	log   *StoredLog
}

// ReleaseLog drops what StoredLog kept for the next call.
func (r *Reader) ReleaseLog() { r.logs.keep("", nil) }

func (c *logCache) keep(stamp string, log *StoredLog) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp, c.log = stamp, log
}

func (c *logCache) get(stamp string) *StoredLog {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp {
		return nil
	}
	return c.log
}

func (r *Reader) storedLog(ctx context.Context, run *Run, task *Task, attempt int, limit int64) (*StoredLog, error) {
	if task.dir == "" && !task.Store.Elsewhere() {
		return nil, ErrNoLog
	}
	log := &StoredLog{Attempt: attempt}
	var files []logFile
	defer func() {
		for _, f := range files {
			f.close()
		}
	}()
	found := map[string]int{}
	stamp := taskName(run, task) + task.Store.Root
	var pending error
	for i, f := range logFiles {
		file, err := r.openLog(ctx, run, task, strconv.Itoa(attempt)+"."+f.source+f.stream+".log")
		if errors.Is(err, store.ErrPending) {
			pending = err // the others are asked for along with it
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file)
		found[f.source+f.stream] = i + 1
		size, modified := file.stat()
		stamp += fmt.Sprintf("|%d.%d %d %d", attempt, i, size, modified.UnixNano())
	}
	if pending != nil {
		return nil, pending
	}
	if len(found) == 0 || (found["runtime_stdout"] > 0) != (found["runtime_stderr"] > 0) {
		return nil, ErrNoLog
	}
	if known := r.logs.get(stamp); known != nil {
		return known, nil
	}
	next := 0
	for _, f := range logFiles {
		if found[f.source+f.stream] == 0 {
			continue
		}
		data, before, err := files[next].end(limit)
		next++
		if errors.Is(err, store.ErrPending) {
			pending = err
			continue
		}
		if err != nil {
			return nil, err
		}
		log.add(data, f.stream)
		log.Before += before
	}
	if pending != nil {
		return nil, pending
	}
	mergeLines(log.Lines)
	r.logs.keep(stamp, log)
	return log, nil
}

const (
	cutMark      = "[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]"
	redactedMark = "[REDACTED "
)

func (l *StoredLog) add(data, stream string) {
	first := len(l.Lines)
	l.Lines = mflogLines(data, stream, l.Lines)
	if added := l.Lines[first:]; len(added) == 1 && added[0].Time.IsZero() && strings.HasPrefix(added[0].Text, redactedMark) {
		l.Redacted = append(l.Redacted, stream)
		l.Lines = l.Lines[:first]
		return
	}
	kept := l.Lines[:first]
	for _, line := range l.Lines[first:] {
		if line.Text == cutMark && !line.Time.IsZero() {
			l.Cut = append(l.Cut, stream)
			continue
		}
		kept = append(kept, line)
	}
	l.Lines = kept
}

// Notes tell in words what is missing from the log.
func (l *StoredLog) Notes() []string {
	var notes []string
	if l.Before > 0 {
		notes = append(notes, fmt.Sprintf("… %.1f MB before this", float64(l.Before)/1e6))
	}
	for _, s := range l.Cut {
		notes = append(notes, "Metaflow did not store all of "+s+": see `--max-log-size`")
	}
	for _, s := range l.Redacted {
		notes = append(notes, s+" was removed with `logs scrub`")
	}
	return notes
}
