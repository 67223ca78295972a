package remotestore

import (
	"context"
	"errors"
	"time"

	"flowls/runner/agent/wire"
)

const (
	// gather is how long the first of many waits for the others.
	gather = 2 * time.Millisecond
	// maxCallers bounds the calls of one store under way.
	maxCallers = 3
	// maxQueue bounds what is asked for and has not come.
	maxQueue = 8192
)

var errBusy = errors.New("too much is being read from the data store at once; ask again in a moment")

// want has a piece fetched; one that is on its way already is not asked for twice.
func (s *Store) want(key pieceKey, length int64, noted bool) (*piece, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.coming[key]; p != nil && p.length >= length {
		p.noted = p.noted || noted
		return p, nil
	}
	if len(s.coming) >= maxQueue {
		return nil, errBusy
	}
	p := &piece{key: key, length: length, noted: noted, done: make(chan struct{})}
	s.coming[key] = p
	s.queue = append(s.queue, p)
	if s.callers < maxCallers && (s.callers == 0 || len(s.queue) > wire.MaxReads) {
		s.callers++
		go s.empty()
	}
	return p, nil
}

// empty asks for what is in the queue until nothing is.
func (s *Store) empty() {
	time.Sleep(gather)
	for {
		s.mu.Lock()
		batch := s.batch()
		if len(batch) == 0 {
			s.callers--
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		s.ask(s.stores.ctx, batch)
		noted := false
		s.mu.Lock()
		for _, p := range batch {
			s.stores.memory.keep(p)
			if s.coming[p.key] == p {
				delete(s.coming, p.key)
			}
			noted = noted || p.noted
			close(p.done)
		}
		s.mu.Unlock()
		if noted && s.stores.ctx.Err() == nil {
			s.stores.arrived(s.at)
		}
	}
}

// batch takes from the queue what fits into one call: pieces, or one listing.
func (s *Store) batch() []*piece {
	var sum int64
	n := 0
	for _, p := range s.queue {
		sum += p.length
		if n > 0 && (p.key.folder || s.queue[0].key.folder) || n == wire.MaxReads || sum > wire.MaxReadSum {
			break
		}
		n++
	}
	batch := s.queue[:n:n]
	s.queue = s.queue[n:]
	return batch
}

// ask fetches a batch.
func (s *Store) ask(ctx context.Context, batch []*piece) {
	bounded, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	var err error
	if batch[0].key.folder {
		err = s.stores.agent.Call(bounded, wire.StoreList, wire.ListParams{Store: s.at, Folder: batch[0].key.name}, &batch[0].list)
	} else {
		params := wire.ReadParams{Store: s.at}
		for _, p := range batch {
			params.Parts = append(params.Parts, wire.Part{Name: p.key.name, Offset: p.key.offset, Length: p.length})
		}
		var reply wire.ReadReply
		err = s.stores.agent.Call(bounded, wire.StoreRead, params, &reply)
		if err == nil && len(reply.Parts) != len(batch) {
			err = errors.New("flowls agent answered another question")
		}
		if err == nil {
			for i := range batch {
				batch[i].reply = reply.Parts[i]
			}
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errors.New(s.at.Root + " does not answer; ask again")
	}
	for _, p := range batch {
		p.at, p.err = time.Now(), err
	}
}
