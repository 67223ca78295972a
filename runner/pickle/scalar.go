package pickle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (m *machine) scalar(op byte) error {
	switch op {
	case 'N':
		return m.push(nil)
	case 0x88:
		return m.push(true)
	case 0x89:
		return m.push(false)
	case 'J': // BININT
		n, err := m.number(4)
		return m.pushed(int64(int32(uint32(n))), err)
	case 'K', 'M': // BININT1, BININT2
		n, err := m.number(width(op))
		return m.pushed(int64(n), err)
	case 0x8a, 0x8b: // LONG1, LONG4
		n, err := m.number(width(op))
		if err != nil {
			return err
		}
		if n > uint64(m.limits.IntBytes) {
			if !m.holds(n) {
				return ErrTruncated
			}
			return ErrLimit
		}
		p, err := m.take(n)
		if err != nil {
			return err
		}
		return m.push(normalize(twosComplement(p)))
	case 'I': // INT: also the booleans of protocol 0 and 1
		p, _, err := m.line(m.limits.IntBytes*2 + 2)
		if err != nil {
			return err
		}
		switch string(p) {
		case "00":
			return m.push(false)
		case "01":
			return m.push(true)
		}
		v, err := m.decimal(string(p))
		return m.pushed(v, err)
	case 'L': // LONG
		p, _, err := m.line(m.limits.IntBytes*2 + 2)
		if err != nil {
			return err
		}
		v, err := m.decimal(strings.TrimSuffix(string(p), "L"))
		return m.pushed(v, err)
	case 'F': // FLOAT
		p, _, err := m.line(m.limits.IntBytes*2 + 2)
		if err != nil {
			return err
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(string(p)), 64)
		if err != nil && f == 0 {
			return fmt.Errorf("%.40q is not a float", p)
		}
		return m.push(f)
	default: // BINFLOAT
		f, err := m.float()
		return m.pushed(f, err)
	}
}

// width is the size in bytes of the number, or of the length, behind an opcode.
func width(op byte) uint64 {
	switch op {
	case 'M': // BININT2
		return 2
	case 'T', 'X', 'B', 0x8b: // BINSTRING, BINUNICODE, BINBYTES, LONG4
		return 4
	case 0x8d, 0x8e, 0x96: // BINUNICODE8, BINBYTES8, BYTEARRAY8
		return 8
	}
	return 1 // BININT1, LONG1, SHORT_BINSTRING, SHORT_BINUNICODE, SHORT_BINBYTES
}

func (m *machine) decimal(text string) (Value, error) {
	text = strings.TrimSpace(text)
	if len(text) > m.limits.IntBytes*2 {
		return nil, ErrLimit
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%.40q is not an int", text)
	}
	return normalize(n), nil
}

// twosComplement reads a little-endian signed number.
func twosComplement(p []byte) *big.Int {
	be := make([]byte, len(p))
	for i, b := range p {
		be[len(p)-1-i] = b
	}
	n := new(big.Int).SetBytes(be)
	if len(p) > 0 && p[len(p)-1]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(p))))
	}
	return n
}

func normalize(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

func (m *machine) stringy(op byte) error {
	if op == 'S' || op == 'V' {
		return m.stringLine(op)
	}
	n, err := m.number(width(op))
	if err != nil {
		return err
	}
	if m.lean != nil && n > uint64(m.lean.limits.Payload) {
		return m.chunk(n, op == 'X' || op == 0x8c || op == 0x8d)
	}
	p, err := m.take(n)
	if err != nil {
		return err
	}
	m.spend(n)
	switch op {
	case 'T', 'U':
		return m.push(legacy(m.own(p)))
	case 'X', 0x8c, 0x8d:
		return m.push(string(p))
	case 0x96:
		return m.push(&ByteArray{append([]byte(nil), p...)})
	default:
		return m.push(Bytes(m.own(p)))
	}
}

// own is bytes that stay as they are when more is read.
func (m *machine) own(p []byte) []byte {
	if m.src == nil {
		return p
	}
	return append([]byte(nil), p...)
}

// stringLine reads the strings of protocol 0.
func (m *machine) stringLine(op byte) error {
	most := math.MaxInt
	if m.lean != nil {
		most = m.lean.limits.Payload
	}
	p, size, err := m.line(most)
	if err != nil {
		return err
	}
	m.spend(uint64(len(p)))
	long := size > int64(len(p))
	if op == 'V' {
		text := unescapeUnicode(p)
		if long {
			return m.push(&Chunk{size, true, []Part{{0, []byte(text)}}})
		}
		return m.push(text)
	}
	text := strings.TrimSpace(string(p)) // a literal of Python 2
	if long && len(text) > 1 {
		return m.push(&Chunk{size - 2, true, []Part{{0, unescapeBytes(text[1:])}}})
	}
	if len(text) < 2 || text[0] != text[len(text)-1] || text[0] != '\'' && text[0] != '"' {
		return fmt.Errorf("%.40q is not a string literal", text)
	}
	return m.push(legacy(unescapeBytes(text[1 : len(text)-1])))
}

// legacy is a str of Python 2: text if it can be, else bytes.
func legacy(p []byte) Value {
	if utf8.Valid(p) {
		return string(p)
	}
	return Bytes(p)
}

// unescapeBytes undoes the escapes of a Python 2 string literal.
func unescapeBytes(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		if j := strings.IndexByte(`\'"abfnrtv`, s[i]); j >= 0 {
			out = append(out, "\\'\"\a\b\f\n\r\t\v"[j])
			continue
		}
		switch {
		case s[i] == 'x' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
			out = append(out, '\\', 'x')
		case s[i] >= '0' && s[i] <= '7':
			end := i + 1
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			n, _ := strconv.ParseUint(s[i:end], 8, 16)
			out = append(out, byte(n))
			i = end - 1
		default:
			out = append(out, '\\', s[i])
		}
	}
	return out
}

// unescapeUnicode undoes raw-unicode-escape: Latin-1 bytes, \uXXXX and \UXXXXXXXX.
func unescapeUnicode(p []byte) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) {
			digits := map[byte]int{'u': 4, 'U': 8}[p[i+1]]
			if digits > 0 && i+2+digits <= len(p) {
				if n, err := strconv.ParseUint(string(p[i+2:i+2+digits]), 16, 32); err == nil && n <= utf8.MaxRune {
					b.WriteString(encodeRune(rune(n)))
					i += 1 + digits
					continue
				}
			}
		}
		b.WriteRune(rune(p[i]))
	}
	return b.String()
}

// encodeRune is UTF-8 that lets surrogates pass, as Python's pickle does.
func encodeRune(r rune) string {
	if r >= 0xD800 && r <= 0xDFFF {
		return string([]byte{0xED, byte(0x80 | r>>6&0x3F), byte(0x80 | r&0x3F)})
	}
	return string(r)
}
