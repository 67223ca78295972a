package server

import "context"

// Shutdown cancels what runs in the background and answers at once. Runs of
// flows belong to the user and go on.
func (s *server) Shutdown(context.Context) error {
	s.lifecycle.shutDown()
	s.stopMu.Lock()
	s.cancel()
	s.stopMu.Unlock()
	return nil
}

// Exit makes Serve return.
func (s *server) Exit(context.Context) error {
	s.exit()
	return nil
}
