package remotestore

import (
	"container/list"
	"sync"
	"time"

	"flowls/runner/agent/wire"
)

// maxMemory bounds what is kept, in bytes.
const maxMemory = 32 << 20

// pieceKey names a piece of a file, or what is in a folder.
type pieceKey struct {
	store  wire.Store
	name   string
	offset int64
	folder bool
}

// piece is a part of a file, or a listing; it does not change once done is closed.
type piece struct {
	key    pieceKey
	length int64 // asked for
	noted  bool  // a reader went without it
	done   chan struct{}

	at    time.Time // when it came
	reply wire.PartReply
	list  wire.ListReply
	err   error
}

func (p *piece) size() int64 {
	n := 256 + int64(len(p.key.name)+len(p.reply.Data)+len(p.reply.Attributes))
	for _, e := range p.list.Entries {
		n += 64 + int64(len(e.Name))
	}
	return n
}

// memory keeps the pieces that were used last.
type memory struct {
	mu     sync.Mutex
	size   int64
	recent list.List // of *piece; front: used last
	pieces map[pieceKey]*list.Element
}

func (m *memory) get(key pieceKey) *piece {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.pieces[key]
	if e == nil {
		return nil
	}
	m.recent.MoveToFront(e)
	return e.Value.(*piece)
}

func (m *memory) keep(p *piece) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pieces == nil {
		m.pieces = map[pieceKey]*list.Element{}
	}
	if old := m.pieces[p.key]; old != nil {
		m.drop(old)
	}
	m.pieces[p.key] = m.recent.PushFront(p)
	m.size += p.size()
	for m.size > maxMemory {
		m.drop(m.recent.Back())
	}
}

func (m *memory) drop(e *list.Element) {
	p := m.recent.Remove(e).(*piece)
	delete(m.pieces, p.key)
	m.size -= p.size()
}
