package local

import (
	"fmt"

	"flowls/runner/runstate"
)

// fromStream reads the cursor's attempt out of the supervisor's stream. It tells
// whether the next attempt has begun, and whether what comes next may be the
// scheduler's last words about this one.
func (l *TaskLog) fromStream(task *runstate.Task, c *logCursor, p *LogPiece) (nextBegan, lastWords bool, err error) {
	path, name := l.Record.OutputPath(), l.Run+"/"+l.Step+"/"+l.Task
	if c.Offset == 0 {
		if err := l.countBack(path, name, task, c); err != nil {
			return false, false, err
		}
	}
	room := l.room()
	var held []streamLine // the scheduler's last words, unless the task goes on to print
	begin := c.Offset
	next, dropped, err := scanStream(path, name, begin, maxScan, func(line streamLine) bool {
		if line.pid != c.Pid {
			if c.Seen > c.Attempt {
				nextBegan = true
				return false
			}
			c.Seen, c.Pid = c.Seen+1, line.pid
			if startsAttempt(line.Text) {
				return true
			}
		}
		if c.Seen-1 != c.Attempt || c.Pod.Same > 0 && echo().MatchString(line.Text) {
			return true
		}
		if endsAttempt(line.Text) {
			held = append(held, line)
			return true
		}
		if room -= len(line.Text) + 1; room < 0 && len(p.Lines) > 0 {
			return false
		}
		for _, h := range held {
			c.took(h.LogLine, p)
		}
		held = nil
		c.took(line.LogLine, p)
		return true
	})
	if err != nil {
		return false, false, err
	}
	if dropped > 0 && begin > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d bytes of the run's output were dropped", dropped))
	}
	c.Offset, c.Live = next, c.Lines > 0
	if len(held) > 0 {
		c.Offset = held[0].offset
	}
	return nextBegan, len(held) > 0, nil
}

// maxScan bounds how much of the stream is looked at for one piece.
const maxScan = 16 << 20

// countBack sets how many attempts had begun before the part of the stream
// that is still there: the latest attempt on disk is the last one in it.
func (l *TaskLog) countBack(path, name string, task *runstate.Task, c *logCursor) error {
	pid, seen := 0, 0
	_, dropped, err := scanStream(path, name, 0, outputLimit, func(line streamLine) bool {
		if line.pid != pid {
			pid, seen = line.pid, seen+1
		}
		return true
	})
	if last := task.Last(); err == nil && dropped > 0 && last != nil {
		c.Seen = max(0, last.N+1-seen)
	}
	return err
}
