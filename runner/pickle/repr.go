package pickle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Repr writes a value as Python's repr would. What has no literal form stands
// as <module.Class>. Text beyond max bytes is cut off, and complete is false;
// the work done is bounded by max as well, whatever the value holds.
func Repr(v Value, max int) (text string, complete bool) {
	w := &writer{max: max}
	w.value(v, 0)
	if w.b.Len() > max {
		return cutRunes(w.b.String(), max), false
	}
	return w.b.String(), !w.partial
}

func cutRunes(s string, max int) string {
	max = min(max, len(s))
	for max > 0 && max < len(s) && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

const maxReprDepth = 32

// writer writes until it holds more than max bytes. Each value writes at least
// one byte, so the walk ends even in a value that holds itself.
type writer struct {
	b   strings.Builder
	max int
	// partial: something of the value was not kept.
	partial bool
	path    []Value // containers around the present value, to see cycles as Python does
}

func (w *writer) full() bool { return w.b.Len() > w.max }

func (w *writer) value(v Value, depth int) {
	if w.full() {
		return
	}
	if depth > maxReprDepth {
		w.b.WriteString("...")
		return
	}
	switch v := v.(type) {
	case nil:
		w.b.WriteString("None")
	case bool:
		w.b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int64:
		w.b.WriteString(strconv.FormatInt(v, 10))
	case *big.Int:
		w.b.WriteString(v.String())
	case float64:
		w.b.WriteString(ReprFloat(v))
	case string:
		w.str(v)
	case Bytes:
		w.bytes(v, false)
	case *ByteArray:
		w.b.WriteString("bytearray(")
		w.bytes(v.Data, true) // CPython escapes the single quote here, needed or not
		w.b.WriteByte(')')
	case *List:
		w.nested(v, "[...]", func() { w.sequence("[", v.Items, v.More, "]", depth) })
	case *Tuple:
		w.nested(v, "(...)", func() {
			end := ")"
			if v.Len() == 1 {
				end = ",)"
			}
			w.sequence("(", v.Items, v.More, end, depth)
		})
	case *Set:
		w.nested(v, "set(...)", func() { w.set(v, depth) })
	case *Dict:
		w.nested(v, "{...}", func() { w.dict(v.unique(), v.More, depth) })
	case *Global:
		fmt.Fprintf(&w.b, "<%s.%s>", v.Module, v.Name)
	case *Object:
		w.nested(v, "...", func() { w.object(v, depth) })
	case *Persistent:
		w.b.WriteString("<persistent>")
	case *Buffer:
		w.b.WriteString("<buffer>")
	case *Chunk:
		w.partial = true
		if v.Text {
			w.str(string(v.Head()))
		} else {
			w.bytes(v.Head(), false)
		}
		w.b.WriteString("...")
	case Omitted:
		w.partial = true
		w.b.WriteString("...")
	default:
		fmt.Fprintf(&w.b, "<%T>", v)
	}
}

func (w *writer) nested(v Value, again string, write func()) {
	for _, p := range w.path {
		if p == v {
			w.b.WriteString(again)
			return
		}
	}
	w.path = append(w.path, v)
	write()
	w.path = w.path[:len(w.path)-1]
}

func (w *writer) sequence(open string, items []Value, more int, end string, depth int) {
	w.b.WriteString(open)
	for i, item := range items {
		if w.full() {
			return
		}
		if i > 0 {
			w.b.WriteString(", ")
		}
		w.value(item, depth+1)
	}
	w.more(len(items), more)
	w.b.WriteString(end)
}

// more stands for items that were not kept.
func (w *writer) more(shown, more int) {
	if more == 0 {
		return
	}
	w.partial = true
	if shown > 0 {
		w.b.WriteString(", ")
	}
	w.b.WriteString("...")
}

func (w *writer) set(s *Set, depth int) {
	open, end := "{", "}"
	if s.Frozen {
		open, end = "frozenset({", "})"
	}
	if len(s.Items)+s.More == 0 {
		w.b.WriteString(map[bool]string{true: "frozenset()", false: "set()"}[s.Frozen])
		return
	}
	w.sequence(open, s.Items, s.More, end, depth)
}

func (w *writer) dict(entries []Entry, more, depth int) {
	w.b.WriteByte('{')
	for i, e := range entries {
		if w.full() {
			return
		}
		if i > 0 {
			w.b.WriteString(", ")
		}
		w.value(e.Key, depth+1)
		w.b.WriteString(": ")
		w.value(e.Value, depth+1)
	}
	w.more(len(entries), more)
	w.b.WriteByte('}')
}

// unique drops the overwritten values of repeated string keys, which only a
// hand-made pickle has.
func (d *Dict) unique() []Entry {
	last := make(map[string]int)
	repeated := false
	for i, e := range d.Entries {
		if k, ok := e.Key.(string); ok {
			_, seen := last[k]
			repeated = repeated || seen
			last[k] = i
		}
	}
	if !repeated {
		return d.Entries
	}
	var entries []Entry
	for _, e := range d.Entries {
		k, ok := e.Key.(string)
		if i, first := last[k]; !ok {
			entries = append(entries, e)
		} else if first { // Python keeps the place of the first and the value of the last
			entries = append(entries, Entry{k, d.Entries[i].Value})
			delete(last, k)
		}
	}
	return entries
}

// ReprFloat writes a float as Python does: shortest digits that read back the
// same, exponent from 1e16 on and below 1e-4.
func ReprFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a >= 1e16 || a < 1e-4) {
		return strconv.FormatFloat(f, 'e', -1, 64) // Go and Python agree on two exponent digits at least
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.ContainsRune(s, '.') {
		s += ".0"
	}
	return s
}

func (w *writer) str(s string) {
	// Python looks at the whole string for quotes; a cut-off one may differ, it is cut off anyway.
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	w.b.WriteByte(quote)
	for len(s) > 0 && !w.full() {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2]&0xC0 == 0x80 {
				fmt.Fprintf(&w.b, `\u%04x`, 0xD000|rune(s[1]&0x3F)<<6|rune(s[2]&0x3F))
				n = 3
			} else {
				fmt.Fprintf(&w.b, `\x%02x`, s[0])
			}
		case r == rune(quote) || r == '\\':
			w.b.WriteByte('\\')
			w.b.WriteRune(r)
		case r == '\n':
			w.b.WriteString(`\n`)
		case r == '\r':
			w.b.WriteString(`\r`)
		case r == '\t':
			w.b.WriteString(`\t`)
		case r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Z, r):
			w.b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&w.b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&w.b, `\u%04x`, r)
		default:
			fmt.Fprintf(&w.b, `\U%08x`, r)
		}
		s = s[n:]
	}
	w.b.WriteByte(quote)
}

func (w *writer) bytes(p []byte, escape bool) {
	quote := byte('\'')
	if strings.IndexByte(string(p), '\'') >= 0 && strings.IndexByte(string(p), '"') < 0 {
		quote = '"'
	}
	w.b.WriteByte('b')
	w.b.WriteByte(quote)
	for _, c := range p {
		if w.full() {
			return
		}
		switch {
		case c == quote || c == '\\' || escape && c == '\'':
			w.b.WriteByte('\\')
			w.b.WriteByte(c)
		case c == '\n':
			w.b.WriteString(`\n`)
		case c == '\r':
			w.b.WriteString(`\r`)
		case c == '\t':
			w.b.WriteString(`\t`)
		case c < 0x20 || c >= 0x7F:
			fmt.Fprintf(&w.b, `\x%02x`, c)
		default:
			w.b.WriteByte(c)
		}
	}
	w.b.WriteByte(quote)
}
