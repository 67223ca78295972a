// Package agentlink is the server's end of `flowls agent`: it starts the agent
// with the first call, notices when it crashes or hangs, and starts another one
// with the next call, after a pause that grows.
package agentlink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"flowls/runner/agent/wire"

	"go.lsp.dev/jsonrpc2"
)

// Link leads to the agent of one server.
type Link struct {
	// Command is the program and its arguments.
	Command func() ([]string, error)
	Log     *slog.Logger
	// Limit bounds one call, 0 means callLimit. An agent that does not answer in
	// time is ended: it bounds its own calls lower.
	Limit time.Duration
	// Told receives what the agent says unasked, in order; it must not call the agent.
	Told func(method string, params []byte)
	// Lost is called when an agent has ended that was not closed: what it was asked
	// to follow has to be asked again. It must not call the agent.
	Lost func()
	// Now is replaced by tests.
	Now func() time.Time

	mu       sync.Mutex
	process  *process
	closed   bool
	failures int       // in a row
	after    time.Time // no new agent before
	ending   sync.WaitGroup
}

const (
	callLimit  = 3 * time.Minute
	firstPause = time.Second
	maxPause   = time.Minute
)

// ErrClosed: the server ends.
var ErrClosed = errors.New("flowls ends")

// Said is an error that the agent answered with. Every other one is about the agent
// itself: it cannot be started, has ended, or hangs.
type Said string

func (s Said) Error() string { return string(s) }

// Call asks the agent. Its errors are for the user to read.
func (l *Link) Call(ctx context.Context, method string, params, result any) error {
	p, err := l.running()
	if err != nil {
		return err
	}
	limit := l.Limit
	if limit == 0 {
		limit = callLimit
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p.budget.add(wire.MaxReply)
	id, err := p.conn.Call(bounded, method, params, result)
	p.budget.add(-wire.MaxReply)
	var said *jsonrpc2.Error
	switch {
	case err == nil:
		l.mu.Lock()
		l.failures = 0
		l.mu.Unlock()
		return nil
	case ctx.Err() != nil:
		p.cancel(id)
		return ctx.Err()
	case bounded.Err() != nil:
		l.failed(p, fmt.Sprintf("no answer to %s within %v", method, limit))
		return fmt.Errorf("flowls agent did not answer within %v and was ended; ask again", limit)
	case errors.As(err, &said):
		return Said(said.Message)
	}
	why := p.reason(err)
	l.failed(p, why)
	return fmt.Errorf("flowls agent ended: %s; ask again", why)
}

// running is the agent, started if there is none.
func (l *Link) running() (*process, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if l.process != nil {
		select {
		case <-l.process.conn.Done():
			l.drop(l.process, l.process.reason(nil))
		default:
			return l.process, nil
		}
	}
	if wait := l.after.Sub(l.now()); wait > 0 {
		return nil, fmt.Errorf("flowls agent failed %d times; it can be asked again in %v", l.failures, wait.Round(time.Second))
	}
	argv, err := l.Command()
	if err != nil {
		return nil, err
	}
	p, err := start(argv, l.Log, l.Told)
	if err != nil {
		return nil, fmt.Errorf("flowls agent cannot be started: %w", err)
	}
	l.process = p
	go l.mourn(p)
	return p, nil
}

// Running reports whether there is an agent. What asks one to let go of something
// need not start another for it.
func (l *Link) Running() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.process == nil {
		return false
	}
	select {
	case <-l.process.conn.Done():
		return false
	default:
		return true
	}
}

// mourn notices the end of an agent that nobody is asking at the moment.
func (l *Link) mourn(p *process) {
	<-p.conn.Done()
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if !closed && l.Lost != nil {
		l.Lost()
	}
}

func (l *Link) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// failed ends an agent that is of no use any more.
func (l *Link) failed(p *process, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.process == p { // else another call has done it
		l.drop(p, why)
	}
}

// drop forgets the agent; the first one that fails has a successor at once.
func (l *Link) drop(p *process, why string) {
	l.process = nil
	l.failures++
	if l.failures > 1 {
		l.after = l.now().Add(min(firstPause<<min(l.failures-2, 10), maxPause))
	}
	l.Log.Warn("flowls agent ended", "reason", why, "failures", l.failures)
	l.ending.Go(p.end)
}

// Close ends the agent. Calls under way fail.
func (l *Link) Close() {
	l.mu.Lock()
	p := l.process
	l.process, l.closed = nil, true
	l.mu.Unlock()
	if p != nil {
		p.end()
	}
	l.ending.Wait()
}
