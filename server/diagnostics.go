package server

import (
	"context"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// diagnostics publishes findings. One goroutine does it, so that what is
// published last is what was computed last.
//
// Any number of wakes while it works become one more round. A round analyses
// the current version of each file that was woken: versions that were
// overtaken meanwhile are neither analysed nor published. There is no delay: a
// pause in typing as long as one analysis is enough.
type diagnostics struct {
	server *server
	wakeUp chan struct{} // one slot

	mu    sync.Mutex
	dirty map[uri.URI]struct{}
	order []uri.URI // of dirty, oldest first

	// Below: only the goroutine that publishes.
	graphs map[uri.URI]string // shape of the graphs when last announced
}

func newDiagnostics(s *server) *diagnostics {
	return &diagnostics{
		server: s,
		wakeUp: make(chan struct{}, 1),
		dirty:  map[uri.URI]struct{}{},
		graphs: map[uri.URI]string{},
	}
}

// wake has the findings of a file published again. It never blocks.
func (d *diagnostics) wake(u uri.URI) {
	d.mu.Lock()
	if _, ok := d.dirty[u]; !ok {
		d.dirty[u] = struct{}{}
		d.order = append(d.order, u)
	}
	d.mu.Unlock()
	select {
	case d.wakeUp <- struct{}{}:
	default:
	}
}

// run publishes until the connection ends.
func (d *diagnostics) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wakeUp:
		}
		for {
			u, ok := d.take()
			if !ok {
				break
			}
			d.publish(ctx, u)
			if ctx.Err() != nil {
				return
			}
		}
	}
}

func (d *diagnostics) take() (uri.URI, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.order) == 0 {
		return "", false
	}
	u := d.order[0]
	d.order = d.order[1:]
	delete(d.dirty, u)
	return u, true
}

// publish analyses the current version of a file and publishes, unless it was
// overtaken: then the change has woken us again.
func (d *diagnostics) publish(ctx context.Context, u uri.URI) {
	defer func() {
		if r := recover(); r != nil {
			d.server.reportPanic("diagnostics", r)
		}
	}()
	snapshot := d.server.session.Snapshot()
	v, err := d.server.look(ctx, snapshot, u)
	if err != nil {
		return // the connection ends
	}
	params := &protocol.PublishDiagnosticsParams{URI: u, Diagnostics: []protocol.Diagnostic{}}
	if v != nil {
		params.Version = protocol.NewOptional(v.doc.Version)
		params.Diagnostics = d.server.findings(v)
	}
	if ctx.Err() != nil || d.server.session.Snapshot().Document(u) != snapshot.Document(u) {
		return
	}
	d.server.client.sent(d.server.client.PublishDiagnostics(ctx, params))
	d.announceGraph(u, v)
}
