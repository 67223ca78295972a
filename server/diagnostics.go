package server

import (
	"context"
	"sync"
	"time"

	"flowls/analysis/rule"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// diagnostics publishes findings. One goroutine does it, so that what is
// published last is what was computed last.
//
// Any number of wakes while it works become one more round. A round analyses
// the current version of each file that was woken: versions that were
// overtaken meanwhile are neither analysed nor published. There is no delay: a
// pause in typing as long as one analysis is enough, but see patience.
type diagnostics struct {
	server *server
	wakeUp chan struct{} // one slot

	mu    sync.Mutex
	dirty map[uri.URI]struct{}
	order []uri.URI // of dirty, oldest first
	edits map[uri.URI]typing

	// Below: only the goroutine that publishes.
	graphs map[uri.URI]string          // shape of the graphs when last announced
	shown  map[uri.URI]map[string]bool // keys of the findings when last published
	timers map[uri.URI]*time.Timer     // wake when what is held may show
}

func newDiagnostics(s *server) *diagnostics {
	return &diagnostics{
		server: s,
		wakeUp: make(chan struct{}, 1),
		dirty:  map[uri.URI]struct{}{},
		graphs: map[uri.URI]string{},
		edits:  map[uri.URI]typing{},
		shown:  map[uri.URI]map[string]bool{},
		timers: map[uri.URI]*time.Timer{},
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
			for _, timer := range d.timers {
				timer.Stop()
			}
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
	last := d.lastEdit(u) // before the snapshot, which then holds this edit or later ones
	snapshot := d.server.session.Snapshot()
	v, err := d.server.look(ctx, snapshot, u)
	if err != nil {
		return // the connection ends
	}
	params := &protocol.PublishDiagnosticsParams{URI: u, Diagnostics: []protocol.Diagnostic{}}
	var all []rule.Diagnostic
	var wait time.Duration
	if v != nil {
		params.Version = protocol.NewOptional(v.doc.Version)
		all, wait = held(v, d.server.all(v), d.shown[u], last, time.Now())
		params.Diagnostics = d.server.findings(v, all)
	}
	params.Diagnostics = append(params.Diagnostics, d.server.configuration.problems(u)...)
	if ctx.Err() != nil || d.server.session.Snapshot().Document(u) != snapshot.Document(u) {
		return
	}
	d.remember(u, v, all, wait, last)
	d.server.client.sent(d.server.client.PublishDiagnostics(ctx, params))
	d.announceGraph(u, v)
}

// remember keeps what a file now shows, and has what was held shown later.
func (d *diagnostics) remember(u uri.URI, v *view, all []rule.Diagnostic, wait time.Duration, last typing) {
	if timer := d.timers[u]; timer != nil {
		timer.Stop()
		delete(d.timers, u)
	}
	if v == nil {
		delete(d.shown, u)
	} else {
		d.shown[u] = findingKeys(all)
	}
	if wait > 0 {
		d.timers[u] = time.AfterFunc(wait, func() { d.wake(u) })
		return
	}
	d.settled(u, last)
}
