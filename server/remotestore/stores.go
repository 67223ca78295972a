package remotestore

import (
	"context"
	"sync"

	"flowls/runner/agent/wire"
)

// Caller asks the agent.
type Caller interface {
	Call(ctx context.Context, method string, params, result any) error
}

// Stores are the data stores that one server reads.
type Stores struct {
	agent Caller
	ctx   context.Context // ends with the server
	// arrived is told when something has come that a reader went without.
	arrived func(wire.Store)
	memory  memory

	mu   sync.Mutex
	open map[wire.Store]*Store
}

// New makes the stores of a server; nothing is asked yet.
func New(ctx context.Context, agent Caller, arrived func(wire.Store)) *Stores {
	return &Stores{ctx: ctx, agent: agent, arrived: arrived, open: map[wire.Store]*Store{}}
}

// maxOpen bounds the stores that are remembered: each costs next to nothing.
const maxOpen = 64

// Open is the store at a place.
func (s *Stores) Open(at wire.Store) *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.open[at]; known != nil {
		return known
	}
	if len(s.open) >= maxOpen {
		clear(s.open)
	}
	made := &Store{stores: s, at: at, coming: map[pieceKey]*piece{}}
	s.open[at] = made
	return made
}
