package server

import (
	"context"
	"sync"
)

// refresher asks the client to ask again for lenses or hints. While a question
// is on its way, any number of further wishes become one more question.
type refresher struct {
	mu            sync.Mutex
	busy, pending bool
}

// refreshLenses makes the client ask for code lenses again, if it can.
func (c *client) refreshLenses() {
	if c.can.lensRefresh {
		c.refreshWith("lenses", c.CodeLensRefresh)
	}
}

// refreshInlayHints makes the client ask for inlay hints again, if it can.
func (c *client) refreshInlayHints() {
	if c.can.inlayRefresh {
		c.refreshWith("inlay hints", c.InlayHintRefresh)
	}
}

func (c *client) refreshWith(name string, ask func(context.Context) error) {
	if !c.isReady.Load() {
		return
	}
	v, _ := c.refresh.LoadOrStore(name, new(refresher))
	r := v.(*refresher)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		r.pending = true
		return
	}
	r.busy = true
	c.background("refresh of "+name, func(ctx context.Context) {
		for {
			if err := ask(ctx); err != nil && ctx.Err() == nil {
				c.log.Debug("refresh failed", "of", name, "error", err)
			}
			r.mu.Lock()
			if !r.pending || ctx.Err() != nil {
				r.busy = false
				r.mu.Unlock()
				return
			}
			r.pending = false
			r.mu.Unlock()
		}
	})
}
