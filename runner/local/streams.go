package local

import (
	"io"
	"os"
	"sync"
	"time"
)

// drainWait is how long output is waited for once the run's process has ended:
// a process that outlives it may hold the pipes open for ever.
const drainWait = 2 * time.Second

// streams are the pipes for stdout and stderr. The run writes to pipes rather
// than to the files themselves: only what passes through here can be bounded.
type streams struct {
	read, write [2]*os.File
	to          [2]io.Writer
	copied      sync.WaitGroup
}

func openStreams(out *output) (*streams, error) {
	s := &streams{to: [2]io.Writer{out.stdout(), out.stderr()}}
	for i := range s.read {
		var err error
		if s.read[i], s.write[i], err = os.Pipe(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// started begins to copy, once the run's process has its ends of the pipes.
func (s *streams) started() {
	for i := range s.read {
		s.write[i].Close()
		s.copied.Go(func() { _, _ = io.Copy(s.to[i], s.read[i]) }) // ends at the close of either side
	}
}

// drain copies what is left, within bounds, and closes the pipes.
func (s *streams) drain() {
	end := time.Now().Add(drainWait)
	for _, r := range s.read {
		_ = r.SetReadDeadline(end)
	}
	s.copied.Wait()
	for _, r := range s.read {
		r.Close()
	}
}
