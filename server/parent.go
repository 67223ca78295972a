package server

import (
	"context"
	"time"
)

// parentInterval is how often the editor's process is looked at.
const parentInterval = 5 * time.Second

// watchParent ends the server when the editor has died without closing the
// pipe, as LSP asks of a server that was given a process id. A process that is
// not seen from the start is not of this machine (the server runs in a
// container, say): its death would not be seen either.
func (s *server) watchParent(pid int) {
	alive := s.options.ProcessAlive
	if alive == nil {
		alive = processAlive
	}
	if !alive(pid) {
		s.log.Info("the editor's process is not seen from here", "pid", pid)
		return
	}
	s.background("parent watch", func(ctx context.Context) {
		tick := time.NewTicker(parentInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if !alive(pid) {
					s.log.Info("the editor's process is gone", "pid", pid)
					s.exit()
					return
				}
			}
		}
	})
}
