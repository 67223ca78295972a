package server

import (
	"context"
	"sync"
	"time"
)

const (
	// refreshPatience is how long a client may take to ask after a refresh.
	refreshPatience = time.Second
	// refreshSettle lets every editor of a client ask before the next refresh.
	refreshSettle = 30 * time.Millisecond
)

// refresher makes the client ask again for lenses or hints.
//
// VS Code asks only when a quarter of a second has passed without a further
// refresh, and not at all if the editor loses the focus meanwhile. So a refresh
// follows the one before only when the client has asked since or has let its
// time pass: a run that changes all the time would stay invisible otherwise.
// And a client that did not ask is told once more.
type refresher struct {
	mu            sync.Mutex
	busy, pending bool
	asked         chan struct{} // one slot; made with the first refresh
}

// refreshLenses makes the client ask for code lenses again, if it can.
func (c *client) refreshLenses() {
	if c.can.lensRefresh {
		c.refresh(&c.lenses, "lenses", c.CodeLensRefresh)
	}
}

// refreshInlayHints makes the client ask for inlay hints again, if it can.
func (c *client) refreshInlayHints() {
	if c.can.inlayRefresh {
		c.refresh(&c.hints, "inlay hints", c.InlayHintRefresh)
	}
}

func (c *client) refresh(r *refresher, name string, tell func(context.Context) error) {
	if !c.isReady.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		r.pending = true
		return
	}
	r.busy = true
	if r.asked == nil {
		r.asked = make(chan struct{}, 1)
	}
	c.background("refresh of "+name, func(ctx context.Context) {
		for repeated, more := false, true; more; {
			r.forget()
			if err := tell(ctx); err != nil && ctx.Err() == nil {
				c.log.Debug("refresh failed", "of", name, "error", err)
			}
			heard := r.heard(ctx)
			more, repeated = r.next(ctx, !heard && !repeated)
		}
	})
}

// wasAsked says that the client asks. What it is answered must be read after
// the call: it is then at least as new as the last refresh.
func (r *refresher) wasAsked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == nil {
		return
	}
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

func (r *refresher) forget() {
	select {
	case <-r.asked:
	default:
	}
}

// heard waits for the client to ask, and tells whether it did.
func (r *refresher) heard(ctx context.Context) bool {
	timer := time.NewTimer(refreshPatience)
	defer timer.Stop()
	heard := false
	select {
	case <-r.asked:
		heard = true
		timer.Reset(refreshSettle)
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return heard
}

// next decides whether to go on: with what has changed meanwhile, or with the
// same once more.
func (r *refresher) next(ctx context.Context, again bool) (more, repeated bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pending := r.pending
	r.pending = false
	r.busy = ctx.Err() == nil && (pending || again)
	return r.busy, !pending && again
}
