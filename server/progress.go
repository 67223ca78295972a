package server

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"go.lsp.dev/protocol"
)

// progressInterval is the least time between two reports of one operation.
const progressInterval = 150 * time.Millisecond

// progressSet holds the operations that report progress, by token, so that the
// client can cancel them.
type progressSet struct {
	server *server
	mu     sync.Mutex
	open   map[protocol.ProgressToken]*progress
	last   int
}

func (set *progressSet) init(s *server) {
	set.server, set.open = s, map[protocol.ProgressToken]*progress{}
}

// progress reports one operation to the client. All methods may be called from
// any goroutine; a nil progress and one without a token do nothing.
type progress struct {
	set   *progressSet
	token protocol.ProgressToken // nil: the client shows no progress
	stop  func()

	mu      sync.Mutex
	ended   bool
	sent    time.Time
	pending *workDone
	timer   *time.Timer
}

// workDone is begin, report or end of LSP's work-done progress.
type workDone struct {
	Kind        string  `json:"kind"`
	Title       string  `json:"title,omitempty"`
	Cancellable bool    `json:"cancellable,omitempty"`
	Message     string  `json:"message,omitempty"`
	Percentage  *uint32 `json:"percentage,omitempty"`
}

// begin starts a progress with the client's token, or with one of our own if
// the client can show it. cancel is called when the user cancels; nil means
// that it cannot be cancelled. Every progress must be ended. It asks the
// client, so it must not be called on the read loop.
func (set *progressSet) begin(ctx context.Context, token protocol.ProgressToken, title string, cancel func()) *progress {
	p := &progress{set: set, stop: cancel}
	switch {
	case token != nil:
		p.token = token
	case set.server.client.can.workDoneProgress:
		set.mu.Lock()
		set.last++
		own := protocol.String(fmt.Sprintf("flowls-%d", set.last))
		set.mu.Unlock()
		err := set.server.client.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: own})
		if err != nil {
			return p // the client does not want it: go on without
		}
		p.token = own
	default:
		return p
	}
	set.mu.Lock()
	set.open[p.token] = p
	set.mu.Unlock()
	p.send(&workDone{Kind: "begin", Title: title, Cancellable: cancel != nil})
	return p
}

// report says how far the operation is; percent is 0 to 100, negative if it is
// not known. Reports that come too fast are thinned out, the last one survives.
func (p *progress) report(message string, percent int) {
	if p == nil || p.token == nil {
		return
	}
	w := &workDone{Kind: "report", Message: message}
	if percent >= 0 {
		w.Percentage = new(uint32(min(percent, 100)))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	if wait := progressInterval - time.Since(p.sent); wait > 0 {
		p.pending = w
		if p.timer == nil {
			p.timer = time.AfterFunc(wait, p.flush)
		}
		return
	}
	p.sent, p.pending = time.Now(), nil // an older report must not come after this one
	p.send(w)
}

func (p *progress) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = nil
	if p.ended || p.pending == nil {
		return
	}
	p.sent = time.Now()
	p.send(p.pending)
	p.pending = nil
}

// end closes the progress with the outcome. Further calls do nothing.
func (p *progress) end(message string) {
	if p == nil || p.token == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.set.mu.Lock()
	delete(p.set.open, p.token)
	p.set.mu.Unlock()
	p.send(&workDone{Kind: "end", Message: message})
}

// send uses the connection's context: an end must go out after a cancellation.
func (p *progress) send(w *workDone) {
	raw, err := json.Marshal(w)
	if err == nil {
		c := p.set.server.client
		err = c.Progress(c.ctx, &protocol.ProgressParams{Token: p.token, Value: raw})
	}
	p.set.server.client.sent(err)
}

// WorkDoneProgressCancel runs inline; stopping happens in the background.
func (s *server) WorkDoneProgressCancel(_ context.Context, params *protocol.WorkDoneProgressCancelParams) error {
	s.progress.mu.Lock()
	p := s.progress.open[params.Token]
	s.progress.mu.Unlock()
	if p != nil && p.stop != nil {
		s.background("cancel", func(context.Context) { p.stop() })
	}
	return nil
}
