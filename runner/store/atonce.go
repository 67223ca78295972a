package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrPending: the store has to fetch it first, and the caller does not wait.
var ErrPending = errors.New("it is being fetched")

// Missing collects what a reading at once went without. Its methods may be
// called on nil, which is what a caller has that waits.
type Missing struct {
	mu   sync.Mutex
	come []<-chan struct{}
	wait time.Time // since when someone waits who reads again; zero: nobody does
}

type missingKey struct{}

// AtOnce makes a context for a reader that takes what is at hand: a store that
// has to fetch something answers ErrPending, fetches it in the background
// together with whatever else is asked for meanwhile, and notes it. A store on
// this machine, or one without a memory, answers as always.
func AtOnce(ctx context.Context) (context.Context, *Missing) {
	m := &Missing{}
	return context.WithValue(ctx, missingKey{}, m), m
}

// NotedBy is where a store notes what it fetches; nil if the caller waits.
func NotedBy(ctx context.Context) *Missing {
	m, _ := ctx.Value(missingKey{}).(*Missing)
	return m
}

// Note is called by a store; come is closed when the fetching has ended.
func (m *Missing) Note(come <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.come = append(m.come, come)
}

// Waiting reports since when the reader has been waiting, reading again and again
// what it could not have at once: what failed since then need not be tried again
// for it. Zero: it does not wait.
func (m *Missing) Waiting() time.Time { return m.wait }

// Any reports whether something was missing.
func (m *Missing) Any() bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.come) > 0
}

// Wait waits until everything has come, or was found not to.
func (m *Missing) Wait(ctx context.Context) error {
	m.mu.Lock()
	all := m.come
	m.mu.Unlock()
	for _, come := range all {
		select {
		case <-come:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// maxRounds bounds how often a reading is done again: a description of a task
// leads to its artifacts, and those to their values.
const maxRounds = 4

// Together does something that reads many files, so that they are fetched
// together: it is done at once until nothing is missing, and at last waits for
// each file that is still missing.
func Together[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	since := time.Now()
	for range maxRounds {
		hasty, missing := AtOnce(ctx)
		missing.wait = since
		result, err := do(hasty)
		if !missing.Any() || ctx.Err() != nil {
			return result, err
		}
		if err := missing.Wait(ctx); err != nil {
			return result, err
		}
	}
	return do(ctx)
}
