package pickle

import (
	"errors"
	"fmt"
	"strings"
)

const opStop = '.'

// step executes one opcode: names as in Python's pickletools.
func (m *machine) step(op byte) error {
	switch op {
	case '(': // MARK
		if len(m.marks) >= m.limits.Nodes {
			return ErrLimit
		}
		m.marks = append(m.marks, len(m.stack))
		return nil
	case '0': // POP: a mark counts as something to pop
		if len(m.marks) > 0 && len(m.stack) == m.floor() {
			m.marks = m.marks[:len(m.marks)-1]
			return nil
		}
		_, err := m.pop()
		return err
	case '1': // POP_MARK
		_, _, err := m.popMark()
		return err
	case '2': // DUP
		v, err := m.top()
		return m.pushed(v, err)
	case 'N', 0x88, 0x89, 'I', 'L', 'J', 'K', 'M', 0x8a, 0x8b, 'F', 'G':
		return m.scalar(op)
	case 'S', 'T', 'U', 'V', 'X', 0x8c, 0x8d, 'B', 'C', 0x8e, 0x96:
		return m.stringy(op)
	case ']', ')', '}', 0x8f, 'l', 't', 'd', 0x85, 0x86, 0x87, 0x91, 'a', 'e', 's', 'u', 0x90:
		return m.container(op)
	case 'c', 0x93, 'i', 'o', 'R', 0x81, 0x92, 'b', 'P', 'Q', 0x82, 0x83, 0x84:
		return m.object(op)
	case 'p': // PUT
		n, err := m.decimalLine()
		if err != nil {
			return err
		}
		return m.put(n)
	case 'q': // BINPUT
		return m.keyed(1, m.put)
	case 'r': // LONG_BINPUT
		return m.keyed(4, m.put)
	case 0x94: // MEMOIZE
		return m.put(m.memoized())
	case 'g': // GET
		n, err := m.decimalLine()
		if err != nil {
			return err
		}
		return m.get(n)
	case 'h': // BINGET
		return m.keyed(1, m.get)
	case 'j': // LONG_BINGET
		return m.keyed(4, m.get)
	case 0x80: // PROTO
		n, err := m.number(1)
		if err == nil && n > 5 {
			err = fmt.Errorf("protocol %d is not known", n)
		}
		return err
	case 0x95: // FRAME: its length shows a cut-off pickle before it is half read
		n, err := m.number(8)
		if err == nil && !m.holds(n) {
			err = ErrTruncated
		}
		return err
	case 0x97: // NEXT_BUFFER
		return m.push(&Buffer{})
	case 0x98: // READONLY_BUFFER
		v, err := m.top()
		if b, ok := v.(*Buffer); ok {
			b.ReadOnly = true
		}
		return err
	}
	return errors.New("unknown opcode")
}

func (m *machine) pushed(v Value, err error) error {
	if err != nil {
		return err
	}
	return m.push(v)
}

func (m *machine) keyed(size uint64, do func(uint64) error) error {
	n, err := m.number(size)
	if err != nil {
		return err
	}
	return do(n)
}

func (m *machine) object(op byte) error {
	switch op {
	case 'c': // GLOBAL
		module, err := m.nameLine()
		if err != nil {
			return err
		}
		name, err := m.nameLine()
		return m.pushed(&Global{module, name}, err)
	case 0x93: // STACK_GLOBAL
		parts, err := m.popN(2)
		if err != nil {
			return err
		}
		module, ok1 := parts[0].(string)
		name, ok2 := parts[1].(string)
		if !ok1 || !ok2 {
			return errors.New("the name of a global is not a string")
		}
		return m.push(&Global{module, name})
	case 'i': // INST
		module, err := m.nameLine()
		if err != nil {
			return err
		}
		name, err := m.nameLine()
		if err != nil {
			return err
		}
		args, _, err := m.popMark()
		return m.pushed(&Object{Callable: &Global{module, name}, Args: args}, err)
	case 'o': // OBJ
		items, _, err := m.popMark()
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return errStack
		}
		return m.push(&Object{Callable: items[0], Args: items[1:]})
	case 'R', 0x81: // REDUCE, NEWOBJ
		parts, err := m.popN(2)
		if err != nil {
			return err
		}
		args, ok := parts[1].(*Tuple)
		if !ok {
			return fmt.Errorf("arguments are a %T", parts[1])
		}
		return m.push(&Object{Callable: parts[0], New: op == 0x81, Args: args.Items})
	case 0x92: // NEWOBJ_EX
		parts, err := m.popN(3)
		if err != nil {
			return err
		}
		args, ok1 := parts[1].(*Tuple)
		kwargs, ok2 := parts[2].(*Dict)
		if !ok1 || !ok2 {
			return fmt.Errorf("arguments are a %T and a %T", parts[1], parts[2])
		}
		return m.push(&Object{Callable: parts[0], New: true, Args: args.Items, Kwargs: kwargs})
	case 'b': // BUILD
		state, err := m.pop()
		if err != nil {
			return err
		}
		target, err := m.top()
		if err != nil {
			return err
		}
		if o, ok := target.(*Object); ok {
			o.State, o.HasState = state, true
		}
		return nil // a state for a plain container or a class: nothing to keep it in
	case 'P': // PERSID
		id, err := m.nameLine()
		return m.pushed(&Persistent{id}, err)
	case 'Q': // BINPERSID
		id, err := m.pop()
		return m.pushed(&Persistent{id}, err)
	}
	// EXT1, EXT2, EXT4: codes of a registry that only the writer knows.
	code, err := m.number(1 << (op - 0x82))
	return m.pushed(&Global{"copyreg", fmt.Sprintf("extension_%d", code)}, err)
}

// maxName bounds the name of a module or class.
const maxName = 4096

func (m *machine) nameLine() (string, error) {
	p, _, err := m.line(maxName)
	return string(p), err
}

func (m *machine) decimalLine() (uint64, error) {
	p, err := m.nameLine()
	if err != nil {
		return 0, err
	}
	text := strings.TrimSpace(p)
	var n uint64
	if text == "" || len(text) > 18 {
		return 0, fmt.Errorf("%q is not a memo key", text)
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is not a memo key", text)
		}
		n = n*10 + uint64(c-'0')
	}
	return n, nil
}
