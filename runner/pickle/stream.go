package pickle

import (
	"context"
	"errors"
	"math"
	"time"
)

// StreamLimits bound what Stream keeps and how much it looks at. Zero fields
// mean the defaults.
type StreamLimits struct {
	Keep    int // items kept of one container; default 1000
	Payload int // bytes kept of one str or bytes; default 64 KiB
	// Bytes bounds how much of the pickle is read; default: all of it. What a
	// Source skips for nothing does not count.
	Bytes int64
	// Deadline: what is known then is the answer, but for the first 256 KiB,
	// which are always looked at; default: none.
	Deadline time.Time
	// Progress is told how much was read, now and then; may be nil.
	Progress func(read int64)
	// Windows says which parts of a long bytes object to keep, in order, given
	// the values on the stack before it; nil means its beginning.
	Windows func(stack []Value, size int64) []Window
}

// Window is a part of a long bytes object.
type Window struct{ Offset, Size int64 }

// Streamed is what Stream found.
type Streamed struct {
	Value Value
	// Complete: the whole pickle was looked at. Otherwise Value is what its
	// beginning says, closed as if it ended there.
	Complete bool
	Read     int64 // bytes of the pickle that were looked at
}

// Limits of what Stream keeps, so that it stays below some 40 MB.
const (
	leanCost   = 300_000 // kept values, in units of about 64 bytes
	leanMemo   = 100_000 // entries of the memo, and as many again for classes
	leanHeight = 300_000 // of the stack
	// leanDeep is what may lie on the stack above the height that pickles of
	// Python need: they add to containers a thousand values at a time.
	leanDeep = 16 << 20
	usual    = 10_000
)

// errCut: the limits of a stream are reached, and what is known is the answer.
var errCut = errors.New("reading was ended")

// leaner holds what lets the machine keep little of a large pickle.
type leaner struct {
	limits    StreamLimits
	cost      int
	forgotten uint64 // entries that the memo would have
	deep      int    // bytes pushed above the usual height
}

// fits reports whether a value may be pushed.
func (l *leaner) fits(height int, v Value) bool {
	if height >= leanHeight {
		return false
	}
	if height > usual {
		switch v := v.(type) {
		case string:
			l.deep += 32 + len(v)
		case Bytes:
			l.deep += 40 + len(v)
		case *Object:
			l.deep += 250
		case nil, bool:
			l.deep += 16
		default:
			l.deep += 80
		}
	}
	return l.deep < leanDeep
}

// Stream reads a pickle of any size in bounded memory: of long values it keeps
// the beginning. It fails for a pickle that Python could not read, or when ctx is done.
func Stream(ctx context.Context, src Source, limits StreamLimits) (*Streamed, error) {
	if limits.Keep <= 0 {
		limits.Keep = 1000
	}
	if limits.Payload <= 0 {
		limits.Payload = 64 << 10
	}
	if limits.Bytes <= 0 {
		limits.Bytes = math.MaxInt64
	}
	m := &machine{
		input:  input{buf: make([]byte, 64<<10), src: src, budget: limits.Bytes, deadline: limits.Deadline, progress: limits.Progress},
		memo:   make(map[uint64]Value),
		limits: Limits{Nodes: leanHeight}.withDefaults(),
		lean:   &leaner{limits: limits, cost: leanCost},
	}
	v, err := m.run(ctx)
	if errors.Is(err, errCut) {
		if v, ok := m.close(); ok {
			return &Streamed{Value: v, Read: m.offset()}, nil
		}
		return nil, ErrLimit
	}
	if err != nil {
		return nil, err
	}
	return &Streamed{Value: v, Complete: true, Read: m.offset()}, nil
}

// keep is how many of n further items a container that holds some keeps.
func (m *machine) keep(held, n int) int {
	if m.lean == nil {
		return n
	}
	n = min(n, max(0, m.lean.limits.Keep-held), m.lean.cost)
	m.lean.cost -= n
	return n
}

// spend accounts for the bytes of a value.
func (m *machine) spend(n uint64) {
	if m.lean != nil {
		m.lean.cost = max(0, m.lean.cost-int(n/64))
	}
}

// put remembers a value, or that there was one. Classes are remembered longest:
// what comes late in a large pickle is mostly made of those seen before.
func (l *leaner) put(m *machine, key uint64, v Value) {
	most := leanMemo
	switch v.(type) {
	case *Global, *Object:
		most *= 2
	}
	if _, again := m.memo[key]; again || len(m.memo) < most && l.cost > 0 {
		m.memo[key] = v
		l.cost = max(0, l.cost-1)
		return
	}
	l.forgotten++
}

// chunk keeps parts of a long value and moves on behind it.
func (m *machine) chunk(size uint64, text bool) error {
	if size > math.MaxInt64 {
		return ErrTruncated
	}
	c := &Chunk{Size: int64(size), Text: text}
	var windows []Window
	if m.lean.limits.Windows != nil && !text {
		windows = m.lean.limits.Windows(m.stack, c.Size)
	}
	if windows == nil {
		windows = []Window{{0, int64(m.lean.limits.Payload)}}
	}
	err := m.parts(c, windows)
	if errors.Is(err, errCut) { // what was read of it counts
		m.stack = append(m.stack, c)
		return err
	}
	return m.pushed(c, err)
}

func (m *machine) parts(c *Chunk, windows []Window) error {
	at := int64(0)
	left := int64(m.lean.limits.Payload)
	for _, w := range windows {
		if w.Offset < at || w.Offset >= c.Size {
			continue
		}
		n := min(w.Size, left, c.Size-w.Offset)
		if n <= 0 || int64(m.lean.cost) < n/64 {
			break
		}
		if err := m.skip(w.Offset - at); err != nil {
			return err
		}
		at = w.Offset
		data := make([]byte, 0, n)
		for int64(len(data)) < n {
			p, err := m.take(min(uint64(n)-uint64(len(data)), uint64(len(m.buf))))
			if err != nil {
				if len(data) > 0 {
					c.Parts = append(c.Parts, Part{w.Offset, data})
				}
				return err
			}
			data = append(data, p...)
		}
		c.Parts = append(c.Parts, Part{w.Offset, data})
		m.spend(uint64(n))
		at += n
		left -= n
	}
	return m.skip(c.Size - at)
}
