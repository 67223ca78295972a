package local

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"flowls/runner/runstate"
)

// Pods reads what the pods of a task print, where that can be asked for.
type Pods interface {
	// Attempt is the latest attempt that has a pod, -1 if none is known.
	Attempt() int
	// Read reads on behind a mark; false while the attempt has no pod that prints.
	Read(attempt int, after PodMark, room int) (PodPiece, bool)
}

// PodMark says how much of a pod's log was read: all up to a time, and how many
// lines of that time.
type PodMark struct {
	At   time.Time
	Same int
}

// PodPiece is a part of a pod's log.
type PodPiece struct {
	Lines   []runstate.LogLine
	After   PodMark
	Skipped bool   // lines before these are gone
	Ended   bool   // the pod prints no more
	Problem string // why it cannot be read at the moment
}

// fromPod reads the attempt where it is printed: Metaflow tells it up to half a
// minute later, and not at all if the container is killed. false: there is
// nothing (more), and Metaflow's stream has the rest.
func (l *TaskLog) fromPod(c *logCursor, p *LogPiece) bool {
	if l.Pods == nil || c.PodDone {
		return false
	}
	piece, ok := l.Pods.Read(c.Attempt, c.Pod, l.room())
	if !ok {
		return false
	}
	lines := piece.Lines
	if c.Pod == (PodMark{}) && c.Lines > 0 {
		// Metaflow's stream was read before: go on behind its last line.
		for i, line := range lines {
			if lineHash(line.Text) == c.Hash {
				lines = lines[i+1:]
				break
			}
		}
	}
	if piece.Skipped {
		p.Notes = append(p.Notes, "lines before this were not kept")
	}
	for _, line := range lines {
		if !Housekeeping(line.Text) {
			c.took(line, p)
		}
	}
	c.Pod, c.Live = piece.After, c.Lines > 0
	switch {
	case piece.Problem == "" || len(lines) > 0:
	case !piece.Ended:
		p.Waiting = "the log of the pod cannot be read: " + piece.Problem
	case c.Pod != PodMark{}:
		p.Notes = append(p.Notes, "the pod is gone: what it printed last may be missing")
	}
	c.PodDone = piece.Ended && len(piece.Lines) == 0
	return !c.PodDone && (piece.Problem == "" || c.Pod != PodMark{})
}

// nextPod is the attempt behind the cursor's of which Metaflow has written nothing
// here yet: its pod has.
func (l *TaskLog) nextPod(c *logCursor, p *LogPiece) bool {
	if l.Pods == nil || l.Pods.Attempt() <= c.Attempt {
		return false
	}
	n := c.Attempt + 1
	*c = logCursor{Attempt: n, Seen: c.Seen, Pid: c.Pid, Offset: c.Offset}
	p.Next = fmt.Sprintf("attempt %d", n)
	return true
}

// Housekeeping: Metaflow says every few seconds that it stores the log. Where it
// fails is of interest.
func Housekeeping(line string) bool {
	return strings.HasPrefix(line, "[save_logs] upload_start ") || strings.HasPrefix(line, "[save_logs] upload_success ")
}

// echo matches what Metaflow's launcher puts before each line of a pod.
var echo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\[(pod|job) [a-z0-9.-]+\](?: |$)`) })
