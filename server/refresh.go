package server

import (
	"context"
	"sync"
	"time"
)

const (
	// refreshPatience is how long a client may take to ask after a refresh; each
	// time that it does not, it gets twice as long.
	refreshPatience = time.Second
	// refreshRepeats is how often a client that does not ask is told again.
	refreshRepeats = 4
	// refreshSettle lets every editor of a client ask before the next refresh.
	refreshSettle = 30 * time.Millisecond
)

// refresher makes the client ask again for lenses or hints.
//
// VS Code asks only when a while has passed without a further refresh, and not
// at all if the editor loses the focus meanwhile. That while is a quarter of a
// second, more where answers take long. So a refresh follows the one before only
// when the client has asked since or has let its time pass: a run that changes
// all the time would stay invisible otherwise. And a client that did not ask is
// told again, or it would go on showing what was before.
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
		for unheard, more := 0, true; more; {
			r.forget()
			if err := tell(ctx); err != nil && ctx.Err() == nil {
				c.log.Debug("refresh failed", "of", name, "error", err)
			}
			if r.heard(ctx, refreshPatience<<min(unheard, refreshRepeats)) {
				unheard = 0
			} else {
				unheard++
			}
			more = r.next(ctx, 0 < unheard && unheard <= refreshRepeats)
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
func (r *refresher) heard(ctx context.Context, patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.asked:
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
	timer.Reset(refreshSettle)
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return true
}

// next decides whether to go on: with what has changed meanwhile, or with the
// same again.
func (r *refresher) next(ctx context.Context, again bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = ctx.Err() == nil && (r.pending || again)
	r.pending = false
	return r.busy
}
