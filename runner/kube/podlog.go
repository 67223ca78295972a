package kube

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LogLine is a line that a container printed, on either of its streams.
type LogLine struct {
	At   time.Time
	Text string
}

// LogMark says how much of a log was read: all lines up to a time, and how many
// of that time. It holds also for a log that is opened anew.
type LogMark struct {
	At   time.Time
	Same int
}

const (
	maxLogKept = 4 << 20  // bytes of one log
	maxLogLine = 64 << 10 // bytes; the rest of a longer line is left out
	logTail    = 50_000   // lines that are asked for
	lineCost   = 48       // of a line beside its text
	logRetry   = time.Second
	maxRetry   = 30 * time.Second
)

// PodLog follows what a container prints and keeps the end of it, bounded.
type PodLog struct {
	mu      sync.Mutex
	lines   []LogLine
	size    int
	skipped LogMark // lines up to it were dropped
	last    LogMark
	ended   bool
	problem error
	caught  chan struct{} // closed when all that there was at first has been read, or cannot be
	once    sync.Once
}

// Log begins to follow a container, until ctx ends.
func (c *Client) Log(ctx context.Context, namespace, pod, container string) *PodLog {
	l := &PodLog{caught: make(chan struct{})}
	go l.follow(ctx, c, namespace, pod, container)
	return l
}

// follow reads what there is, then what comes. Connections break, and servers end
// those that are quiet: only the pod itself says that it prints no more.
func (l *PodLog) follow(ctx context.Context, c *Client, namespace, pod, container string) {
	retry := logRetry
	for ctx.Err() == nil {
		over, err := c.printsNoMore(ctx, namespace, pod, container)
		if err == nil {
			err = l.read(ctx, c, namespace, pod, container, false)
		}
		if err == nil && !over {
			l.said(nil, false)
			before := l.mark()
			if err = l.read(ctx, c, namespace, pod, container, true); err == nil && l.mark() != before {
				retry = logRetry
			}
		}
		if l.said(err, over && err == nil || apierrors.IsNotFound(err)) {
			return
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
		retry = min(2*retry, maxRetry)
	}
}

// said notes how it stands; true when it is over.
func (l *PodLog) said(err error, ended bool) bool {
	l.mu.Lock()
	if l.problem = err; waitsToStart(err) {
		l.problem = nil
	}
	l.ended = ended
	l.mu.Unlock()
	l.once.Do(func() { close(l.caught) })
	return ended
}

// waitsToStart: the container has not begun.
func waitsToStart(err error) bool {
	return apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "is waiting to start")
}

func (c *Client) printsNoMore(ctx context.Context, namespace, pod, container string) (bool, error) {
	p, err := typed[corev1.Pod, corev1.PodList](c.core, "pods", namespace).Get(ctx, pod, v1.GetOptions{})
	if err != nil {
		return false, err
	}
	for _, s := range p.Status.ContainerStatuses {
		if s.Name == container {
			return s.State.Terminated != nil, nil
		}
	}
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed, nil
}

// read reads what comes behind the mark: to the end of now, or of the container.
func (l *PodLog) read(ctx context.Context, c *Client, namespace, pod, container string, follow bool) error {
	options := &corev1.PodLogOptions{Container: container, Timestamps: true, Follow: follow}
	mark := l.mark()
	if mark.At.IsZero() {
		options.TailLines = new(int64(logTail))
	} else {
		options.SinceTime = new(v1.NewTime(mark.At)) // to the second
	}
	stream, err := c.core.Get().Namespace(namespace).Resource("pods").Name(pod).SubResource("log").
		VersionedParams(options, parameters()).Stream(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	return l.take(stream, mark)
}

// take adds the lines behind the mark. The two streams of a container are written
// by two hands, so that a line may carry an earlier time than the one before it: it
// gets the later one.
func (l *PodLog) take(from io.Reader, mark LogMark) error {
	r := bufio.NewReaderSize(from, maxLogLine)
	var at LogMark
	for {
		raw, err := r.ReadSlice('\n')
		cut := errors.Is(err, bufio.ErrBufferFull)
		if len(raw) > 0 {
			if line, ok := logLine(raw); ok {
				if !line.At.After(at.At) {
					line.At = at.At
					at.Same++
				} else {
					at = LogMark{line.At, 1}
				}
				if at.behind(mark) {
					l.add(line, at)
				}
			}
		}
		for cut {
			_, err = r.ReadSlice('\n')
			cut = errors.Is(err, bufio.ErrBufferFull)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (m LogMark) behind(other LogMark) bool {
	return m.At.After(other.At) || m.At.Equal(other.At) && m.Same > other.Same
}

// logLine reads `2006-01-02T15:04:05.999999999Z text`.
func logLine(raw []byte) (LogLine, bool) {
	stamp, text, _ := strings.Cut(strings.TrimSuffix(string(raw), "\n"), " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	return LogLine{at.UTC(), text}, err == nil
}

func (l *PodLog) add(line LogLine, at LogMark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	l.size += len(line.Text) + lineCost
	l.last = at
	if l.size <= maxLogKept {
		return
	}
	drop := 0
	for ; l.size > maxLogKept/2; drop++ {
		l.size -= len(l.lines[drop].Text) + lineCost
		l.skipped = l.skipped.next(l.lines[drop])
	}
	l.lines = append([]LogLine(nil), l.lines[drop:]...)
}

// next is the mark behind one more line.
func (m LogMark) next(line LogLine) LogMark {
	if line.At.Equal(m.At) {
		return LogMark{m.At, m.Same + 1}
	}
	return LogMark{line.At, 1}
}

func (l *PodLog) mark() LogMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// LogPiece is a part of a log.
type LogPiece struct {
	Lines   []LogLine
	Mark    LogMark
	Skipped bool // lines before these are not kept any more
	Ended   bool // the container has ended, and there is no more
}

// Read answers the lines behind a mark, at most about room bytes. It waits until
// what there was at the beginning has been read.
func (l *PodLog) Read(ctx context.Context, mark LogMark, room int) (LogPiece, error) {
	select {
	case <-l.caught:
	case <-ctx.Done():
		return LogPiece{}, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := LogPiece{Mark: mark, Skipped: l.skipped.behind(mark)}
	at := l.skipped
	for i, line := range l.lines {
		if at = at.next(line); !at.behind(mark) {
			continue
		}
		if room -= len(line.Text) + 1; room < 0 && len(p.Lines) > 0 {
			return p, nil
		}
		p.Lines, p.Mark = append(p.Lines, l.lines[i]), at
	}
	p.Ended = l.ended
	return p, l.problem
}
