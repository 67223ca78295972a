package pickle

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Limits bound what reading may cost. Zero fields mean the defaults.
type Limits struct {
	Nodes int // values put on the stack or into containers; default 1,000,000
	Memo  int // entries of the memo; default 1,000,000
	// IntBytes bounds the length of one int, whose decimal form costs quadratic time; default 4096.
	IntBytes int
}

func (l Limits) withDefaults() Limits {
	if l.Nodes <= 0 {
		l.Nodes = 1_000_000
	}
	if l.Memo <= 0 {
		l.Memo = 1_000_000
	}
	if l.IntBytes <= 0 {
		l.IntBytes = 4096
	}
	return l
}

var (
	// ErrLimit: the pickle is larger than the limits allow.
	ErrLimit = errors.New("pickle exceeds the limits")
	// ErrTruncated: the pickle ends too early.
	ErrTruncated = errors.New("pickle is cut off")
)

// machine is the stack machine that a pickle is a program for.
type machine struct {
	input
	stack  []Value
	marks  []int // stack heights
	memo   map[uint64]Value
	nodes  int
	limits Limits
	lean   *leaner // of Stream, else nil
}

// Read reads the first value of data, all of it.
func Read(ctx context.Context, data []byte, limits Limits) (v Value, err error) {
	v, _, err = ReadFirst(ctx, data, limits)
	return v, err
}

// ReadFirst is Read where more follows: n bytes were the first value.
func ReadFirst(ctx context.Context, data []byte, limits Limits) (v Value, n int, err error) {
	m := &machine{input: input{buf: data, w: len(data)}, memo: make(map[uint64]Value), limits: limits.withDefaults()}
	v, err = m.run(ctx)
	return v, m.r, err
}

func (m *machine) run(ctx context.Context) (Value, error) {
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err := m.inTime(); err != nil {
				return nil, err
			}
		}
		start := m.offset()
		op, err := m.byte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return m.pop()
		}
		if err := m.step(op); err != nil {
			return nil, fmt.Errorf("at byte %d (opcode %#02x): %w", start, op, err)
		}
	}
}

func (m *machine) push(v Value) error {
	if m.lean != nil {
		if !m.lean.fits(len(m.stack), v) {
			return errCut
		}
	} else if m.nodes++; m.nodes > m.limits.Nodes {
		return ErrLimit
	}
	m.stack = append(m.stack, v)
	return nil
}

var errStack = errors.New("stack is empty")

// floor is the height below which an opcode must not reach: the last mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() (Value, error) {
	if len(m.stack) <= m.floor() {
		return nil, errStack
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

func (m *machine) top() (Value, error) {
	if len(m.stack) <= m.floor() {
		return nil, errStack
	}
	return m.stack[len(m.stack)-1], nil
}

// popMark takes what lies above the last mark, as a slice of its own; more is
// how many it left out.
func (m *machine) popMark() (items []Value, more int, err error) {
	if len(m.marks) == 0 {
		return nil, 0, errors.New("no mark")
	}
	from := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	above := m.stack[from:]
	keep := m.keep(0, len(above))
	items = append([]Value(nil), above[:keep]...)
	more = len(above) - keep
	clear(above)
	m.stack = m.stack[:from]
	return items, more, nil
}

func (m *machine) popN(n int) ([]Value, error) {
	if len(m.stack)-m.floor() < n {
		return nil, errStack
	}
	from := len(m.stack) - n
	items := append([]Value(nil), m.stack[from:]...)
	m.stack = m.stack[:from]
	return items, nil
}

func (m *machine) put(key uint64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if m.lean != nil {
		m.lean.put(m, key, v)
		return nil
	}
	if len(m.memo) >= m.limits.Memo {
		return ErrLimit
	}
	m.memo[key] = v
	return nil
}

func (m *machine) get(key uint64) error {
	v, ok := m.memo[key]
	if !ok {
		if m.lean != nil && m.lean.forgotten > 0 {
			return m.push(Omitted{})
		}
		return fmt.Errorf("memo has no entry %d", key)
	}
	return m.push(v)
}

// memoized is how many entries the memo has in Python.
func (m *machine) memoized() uint64 {
	n := uint64(len(m.memo))
	if m.lean != nil {
		n += m.lean.forgotten
	}
	return n
}

func (m *machine) float() (float64, error) {
	p, err := m.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.BigEndian.Uint64(p)), nil
}

// charge accounts for values that go into a container.
func (m *machine) charge(n int) error {
	if m.lean != nil {
		return nil // keep does
	}
	if m.nodes += n; m.nodes > m.limits.Nodes {
		return ErrLimit
	}
	return nil
}
