package local

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// drainWait is how long output is waited for once the run's process has ended:
	// a process that outlives it may hold the pipes open for ever.
	drainWait = 2 * time.Second
	// batch is what a pipe holds.
	batch = 64 << 10
	// batchPause is how long output gathers after a look that did not fill a batch:
	// a run that prints line by line must not wake the supervisor for each of them.
	batchPause = 4 * time.Millisecond
	// lookPause is how often the end of drainWait is looked at.
	lookPause = time.Second
)

// streams are the pipes for stdout and stderr. The run writes to pipes rather
// than to the files themselves: only what passes through here can be bounded.
//
// The reading ends are plain descriptors, unknown to Go's poller: it would be
// woken for each write to a pipe, also while nobody reads, and that costs ten
// times what the output itself does.
type streams struct {
	read   [2]int
	write  [2]*os.File
	to     [2]io.Writer
	until  atomic.Int64 // Unix time in nanoseconds after which nothing is waited for, 0: none
	copied chan struct{}
	// ended is a pipe whose writing end is closed when the run's process has ended:
	// that cuts a pause short.
	ended [2]int
	cut   bool // it has
}

func openStreams(out *output) (*streams, error) {
	s := &streams{to: [2]io.Writer{out.stdout(), out.stderr()}, copied: make(chan struct{})}
	for i := range s.read {
		ends, err := pipe()
		if err != nil {
			return nil, err
		}
		s.read[i], s.write[i] = ends[0], os.NewFile(uintptr(ends[1]), "output")
	}
	var err error
	s.ended, err = pipe()
	return s, err
}

func pipe() (ends [2]int, err error) {
	// Nothing else of this process starts another one, so none can inherit
	// the ends between the two calls.
	if err := syscall.Pipe(ends[:]); err != nil {
		return ends, os.NewSyscallError("pipe", err)
	}
	syscall.CloseOnExec(ends[0])
	syscall.CloseOnExec(ends[1])
	return ends, nil
}

// started begins to copy, once the run's process has its ends of the pipes.
func (s *streams) started() {
	for _, w := range s.write {
		w.Close()
	}
	go s.copy()
}

// copy writes what comes after a pause at once, and then what gathers in each
// batchPause, until the other ends are closed.
func (s *streams) copy() {
	defer close(s.copied)
	buf := make([]byte, batch)
	fds := []unix.PollFd{{Fd: int32(s.read[0]), Events: unix.POLLIN}, {Fd: int32(s.read[1]), Events: unix.POLLIN}}
	for open := len(fds); open > 0; {
		if end := s.until.Load(); end != 0 && time.Now().UnixNano() > end {
			break
		}
		n, err := unix.Poll(fds, int(lookPause.Milliseconds()))
		if errors.Is(err, unix.EINTR) || err == nil && n == 0 {
			continue
		}
		if err != nil {
			break
		}
		full := false
		for i := range fds {
			if fds[i].Revents == 0 {
				continue
			}
			n, err := syscall.Read(s.read[i], buf)
			switch {
			case errors.Is(err, syscall.EINTR):
			case err != nil || n <= 0:
				fds[i].Fd = -1 // poll passes over it
				open--
			default:
				_, _ = s.to[i].Write(buf[:n]) // never fails: see output
				full = full || n == len(buf)
			}
		}
		if !full && open > 0 {
			s.pause()
		}
	}
	for _, fd := range []int{s.read[0], s.read[1], s.ended[0]} {
		_ = syscall.Close(fd)
	}
}

// pause lets output gather until the run's process ends: what it has written
// is there then, and its end is waited for.
func (s *streams) pause() {
	if s.cut { // only a process that outlives it can still write
		time.Sleep(batchPause)
		return
	}
	n, _ := unix.Poll([]unix.PollFd{{Fd: int32(s.ended[0]), Events: unix.POLLIN}}, int(batchPause.Milliseconds())) // interrupted: a shorter pause
	s.cut = n > 0
}

// drain copies what is left, within bounds, and closes the pipes.
func (s *streams) drain() {
	s.until.Store(time.Now().Add(drainWait).UnixNano())
	_ = syscall.Close(s.ended[1])
	<-s.copied
}
