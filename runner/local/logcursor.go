package local

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"flowls/runner/runstate"
)

// ErrCursor: the text was not made by Read.
var ErrCursor = errors.New("the cursor is not one of this log")

// logCursor is a position in a task's log.
type logCursor struct {
	Attempt int
	Lines   int    // of the attempt that were handed out
	Hash    uint32 // of the last one, to find it again in the store
	Seen    int    // attempts that began in the stream so far
	Pid     int    // of the one that began last
	Offset  int64  // in the stream
	Told    bool   // the notes of the attempt were handed out
	Live    bool   // the lines so far came from the stream, or from the pod
	Pod     PodMark
	PodDone bool // the pod prints no more
}

func (c logCursor) String() string {
	at := int64(0)
	if !c.Pod.At.IsZero() {
		at = c.Pod.At.UnixNano()
	}
	return fmt.Sprintf("%d.%d.%d.%d.%d.%d.%t.%t.%d.%d.%t", c.Attempt, c.Lines, c.Hash, c.Seen, c.Pid, c.Offset, c.Told, c.Live, at, c.Pod.Same, c.PodDone)
}

func (l *TaskLog) cursor(s string) (logCursor, error) {
	c := logCursor{Attempt: max(l.Attempt, 0)}
	if s == "" {
		return c, nil
	}
	var at int64
	n, err := fmt.Sscanf(s, "%d.%d.%d.%d.%d.%d.%t.%t.%d.%d.%t", &c.Attempt, &c.Lines, &c.Hash, &c.Seen, &c.Pid, &c.Offset, &c.Told, &c.Live, &at, &c.Pod.Same, &c.PodDone)
	if at != 0 {
		c.Pod.At = time.Unix(0, at).UTC()
	}
	if err != nil || n != 11 || c.String() != s || c.Attempt < 0 || c.Lines < 0 || c.Seen < 0 || c.Offset < 0 {
		return c, ErrCursor
	}
	return c, nil
}

func (c *logCursor) took(line runstate.LogLine, p *LogPiece) {
	p.Lines = append(p.Lines, line)
	c.Lines++
	c.Hash = lineHash(line.Text)
}

// align finds where in the store to go on: behind the line that was handed out last.
func align(stored *runstate.StoredLog, c *logCursor) int {
	if c.Lines == 0 {
		return 0
	}
	n := len(stored.Lines)
	is := func(i int) bool { return i > 0 && i <= n && lineHash(stored.Lines[i-1].Text) == c.Hash }
	if stored.Before == 0 {
		for d := range n + 1 {
			if is(c.Lines + d) {
				return c.Lines + d
			}
			if is(c.Lines - d) {
				return c.Lines - d
			}
		}
		return min(c.Lines, n)
	}
	for i := n; i > 0; i-- { // the count does not help: the file's beginning was not read
		if is(i) {
			return i
		}
	}
	return 0
}

// lineHash is the same for a line in the store, in the stream and of a pod.
func lineHash(text string) uint32 {
	h := fnv.New32a()
	text = echo().ReplaceAllString(colour().ReplaceAllString(text, ""), "")
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\uFFFD", "")
	_, _ = h.Write([]byte(strings.Trim(text, " \t\n\r\v\f"))) // never fails
	return h.Sum32()
}
