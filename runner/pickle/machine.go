package pickle

import (
	"bytes"
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
	data   []byte
	at     int
	stack  []Value
	marks  []int // stack heights
	memo   map[uint64]Value
	nodes  int
	limits Limits
}

// Read reads the first value of data.
func Read(ctx context.Context, data []byte, limits Limits) (v Value, err error) {
	m := &machine{data: data, memo: make(map[uint64]Value), limits: limits.withDefaults()}
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if m.at >= len(data) {
			return nil, ErrTruncated
		}
		op := data[m.at]
		m.at++
		if op == opStop {
			return m.pop()
		}
		start := m.at - 1
		if err := m.step(op); err != nil {
			return nil, fmt.Errorf("at byte %d (opcode %#02x): %w", start, op, err)
		}
	}
}

func (m *machine) push(v Value) error {
	if m.nodes++; m.nodes > m.limits.Nodes {
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

// popMark takes what lies above the last mark, as a slice of its own.
func (m *machine) popMark() ([]Value, error) {
	if len(m.marks) == 0 {
		return nil, errors.New("no mark")
	}
	from := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	items := append([]Value(nil), m.stack[from:]...)
	clear(m.stack[from:])
	m.stack = m.stack[:from]
	return items, nil
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
	if len(m.memo) >= m.limits.Memo {
		return ErrLimit
	}
	m.memo[key] = v
	return nil
}

func (m *machine) get(key uint64) error {
	v, ok := m.memo[key]
	if !ok {
		return fmt.Errorf("memo has no entry %d", key)
	}
	return m.push(v)
}

// take reads n bytes; the result is part of the input, not a copy.
func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.data)-m.at) {
		return nil, ErrTruncated
	}
	p := m.data[m.at : m.at+int(n)]
	m.at += int(n)
	return p, nil
}

// number reads an unsigned little-endian number of 1, 2, 4 or 8 bytes.
func (m *machine) number(size uint64) (uint64, error) {
	p, err := m.take(size)
	if err != nil {
		return 0, err
	}
	var buf [8]byte
	copy(buf[:], p)
	return binary.LittleEndian.Uint64(buf[:]), nil
}

// sized reads a length of size bytes and then as many bytes.
func (m *machine) sized(size uint64) ([]byte, error) {
	n, err := m.number(size)
	if err != nil {
		return nil, err
	}
	return m.take(n)
}

// line reads up to a newline, without it.
func (m *machine) line() ([]byte, error) {
	i := bytes.IndexByte(m.data[m.at:], '\n')
	if i < 0 {
		return nil, ErrTruncated
	}
	p := m.data[m.at : m.at+i]
	m.at += i + 1
	return p, nil
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
	if m.nodes += n; m.nodes > m.limits.Nodes {
		return ErrLimit
	}
	return nil
}
