package pickle

import (
	"errors"
	"fmt"
)

func (m *machine) container(op byte) error {
	switch op {
	case ']':
		return m.push(&List{})
	case ')':
		return m.push(&Tuple{})
	case '}':
		return m.push(&Dict{})
	case 0x8f:
		return m.push(&Set{})
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		items, err := m.popN(int(op) - 0x84)
		return m.pushed(&Tuple{Items: items}, err)
	case 't':
		items, more, err := m.popMark()
		return m.pushed(&Tuple{items, more}, err)
	case 'l':
		items, more, err := m.popMark()
		return m.pushed(&List{items, more}, err)
	case 0x91:
		items, more, err := m.popMark()
		return m.pushed(&Set{items, more, true}, err)
	case 'd':
		items, more, err := m.popMark()
		if err != nil {
			return err
		}
		entries, err := m.pairs(items, &more)
		return m.pushed(&Dict{entries, more}, err)
	}
	// The others add to the container below.
	var items []Value
	var more int
	var err error
	switch op {
	case 'a': // APPEND
		items, err = m.popN(1)
	case 's': // SETITEM
		items, err = m.popN(2)
	default: // APPENDS, SETITEMS, ADDITEMS
		items, more, err = m.popMark()
	}
	if err != nil {
		return err
	}
	if err := m.charge(len(items)); err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	if op == 's' || op == 'u' {
		entries, err := m.pairs(items, &more)
		if err != nil {
			return err
		}
		switch t := target.(type) {
		case *Dict:
			extend(m, &t.Entries, entries, &t.More, more)
		case *Object:
			extend(m, &t.Entries, entries, &t.More, more)
		case Omitted:
		default:
			return fmt.Errorf("items set on a %T", target)
		}
		return nil
	}
	switch t := target.(type) {
	case *List:
		extend(m, &t.Items, items, &t.More, more)
	case *Set:
		extend(m, &t.Items, items, &t.More, more)
	case *Object:
		extend(m, &t.Items, items, &t.More, more)
	case Omitted:
	default:
		return fmt.Errorf("items appended to a %T", target)
	}
	return nil
}

// extend adds to the items of a container as many as are to be kept.
func extend[T any](m *machine, items *[]T, add []T, more *int, notKept int) {
	n := len(add)
	if *more > 0 {
		n = 0
	} else if m.lean != nil {
		n = min(n, max(0, m.lean.limits.Keep-len(*items)))
	}
	*items = append(*items, add[:n]...)
	*more += len(add) - n + notKept
}

// pairs makes entries of keys and values in turn; more is turned from values into entries.
func (m *machine) pairs(items []Value, more *int) ([]Entry, error) {
	if (len(items)+*more)%2 != 0 {
		return nil, errors.New("key without a value")
	}
	entries := make([]Entry, 0, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		entries = append(entries, Entry{items[i], items[i+1]})
	}
	*more = (len(items)+*more)/2 - len(entries)
	return entries, nil
}
