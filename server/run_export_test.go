package server

import (
	"errors"
	"testing"

	"flowls/runner/runstate"
)

// WithoutFileEvents makes the system give none during a test.
func WithoutFileEvents(t *testing.T) {
	t.Helper()
	newWatcher = func(int) (*runstate.Watcher, error) { return nil, errors.New("too many watches") }
	t.Cleanup(func() { newWatcher = runstate.NewWatcher })
}
