package local

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

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
	Live    bool   // the lines so far came from the stream
}

func (c logCursor) String() string {
	return fmt.Sprintf("%d.%d.%d.%d.%d.%d.%t.%t", c.Attempt, c.Lines, c.Hash, c.Seen, c.Pid, c.Offset, c.Told, c.Live)
}

func (l *TaskLog) cursor(s string) (logCursor, error) {
	c := logCursor{Attempt: max(l.Attempt, 0)}
	if s == "" {
		return c, nil
	}
	n, err := fmt.Sscanf(s, "%d.%d.%d.%d.%d.%d.%t.%t", &c.Attempt, &c.Lines, &c.Hash, &c.Seen, &c.Pid, &c.Offset, &c.Told, &c.Live)
	if err != nil || n != 8 || c.String() != s || c.Attempt < 0 || c.Lines < 0 || c.Seen < 0 || c.Offset < 0 {
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

// lineHash is the same for a line in the store and in the stream.
func lineHash(text string) uint32 {
	h := fnv.New32a()
	text = strings.ReplaceAll(strings.ToValidUTF8(colour().ReplaceAllString(text, ""), ""), "\uFFFD", "")
	_, _ = h.Write([]byte(strings.Trim(text, " \t\n\r\v\f"))) // never fails
	return h.Sum32()
}
