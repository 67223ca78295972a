package pickle

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// object writes the objects of the standard library that have a short literal
// form, and numpy's scalars by their value. The rest stands as <module.Class>.
func (w *writer) object(o *Object, depth int) {
	g := o.class()
	if g == nil {
		w.called(o)
		return
	}
	module := strings.Replace(g.Module, "__builtin__", "builtins", 1)
	switch module + "." + g.Name {
	case "_codecs.encode": // bytes below protocol 3
		if text, ok := argument[string](o, 0); ok {
			w.bytes(latin1(text), false)
			return
		}
	case "builtins.bytes", "builtins.bytearray":
		if w.bytesCall(o, g.Name) {
			return
		}
	case "builtins.set", "builtins.frozenset":
		if len(o.Args) <= 1 {
			set := &Set{Frozen: g.Name == "frozenset"}
			if len(o.Args) == 1 {
				list, ok := o.Args[0].(*List)
				if !ok {
					break
				}
				set.Items, set.More = list.Items, list.More
			}
			w.set(set, depth)
			return
		}
	case "builtins.complex":
		re, ok1 := argument[float64](o, 0)
		im, ok2 := argument[float64](o, 1)
		if ok1 && ok2 {
			w.complex(re, im)
			return
		}
	case "builtins.range", "builtins.xrange", "builtins.slice":
		if len(o.Args) == 3 {
			args := o.Args
			if step, ok := argument[int64](o, 2); ok && step == 1 && g.Name != "slice" {
				args = args[:2]
			}
			w.sequence(strings.TrimPrefix(g.Name, "x")+"(", args, 0, ")", depth)
			return
		}
	case "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone":
		if w.datetime(g.Name, o, depth) {
			return
		}
	case "decimal.Decimal", "fractions.Fraction":
		if w.number(g.Name, o) {
			return
		}
	case "uuid.UUID":
		if w.uuid(o) {
			return
		}
	case "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
		"pathlib._local.PosixPath", "pathlib._local.PurePosixPath":
		if path, ok := joinPath(o.Args); ok {
			w.b.WriteString(g.Name + "(")
			w.str(path)
			w.b.WriteByte(')')
			return
		}
	case "collections.OrderedDict", "collections.Counter", "collections.deque", "collections.defaultdict":
		if w.collection(g.Name, o, depth) {
			return
		}
	case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar":
		if v, ok := numpyScalar(o); ok {
			w.value(v, depth)
			return
		}
	}
	fmt.Fprintf(&w.b, "<%s>", className(o))
}

func argument[T any](o *Object, i int) (T, bool) {
	var zero T
	if i >= len(o.Args) {
		return zero, false
	}
	v, ok := o.Args[i].(T)
	return v, ok
}

func latin1(text string) []byte {
	p := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xFF {
			return []byte(text)
		}
		p = append(p, byte(r))
	}
	return p
}

func (w *writer) bytesCall(o *Object, name string) bool {
	var p []byte
	switch len(o.Args) {
	case 0:
	case 1:
		b, ok := rawBytes(o, 0)
		if !ok {
			return false
		}
		p = b
	default: // (text, "latin-1")
		text, ok := argument[string](o, 0)
		if !ok {
			return false
		}
		p = latin1(text)
	}
	if name == "bytearray" {
		w.value(&ByteArray{p}, 0)
	} else {
		w.bytes(p, false)
	}
	return true
}

func (w *writer) complex(re, im float64) {
	part := func(f float64) string { return strings.TrimSuffix(ReprFloat(f), ".0") }
	switch {
	case re == 0 && !math.Signbit(re):
		w.b.WriteString(part(im) + "j")
	default:
		sign := "+"
		if math.Signbit(im) && !math.IsNaN(im) {
			sign = ""
		}
		w.b.WriteString("(" + part(re) + sign + part(im) + "j)")
	}
}

func (w *writer) number(name string, o *Object) bool {
	if text, ok := argument[string](o, 0); ok && len(o.Args) == 1 {
		if name == "Decimal" {
			w.b.WriteString("Decimal(")
			w.str(text)
			w.b.WriteByte(')')
			return true
		}
		num, den, found := strings.Cut(text, "/")
		if !found {
			den = "1"
		}
		w.b.WriteString("Fraction(" + num + ", " + den + ")")
		return true
	}
	if len(o.Args) == 2 && name == "Fraction" {
		w.sequence("Fraction(", o.Args, 0, ")", 0)
		return true
	}
	return false
}

func (w *writer) uuid(o *Object) bool {
	state, ok := o.State.(*Dict)
	if !ok {
		return false
	}
	v, _ := state.Get("int")
	var hex string
	switch n := v.(type) {
	case int64:
		hex = fmt.Sprintf("%032x", n)
	case interface{ Text(int) string }:
		hex = fmt.Sprintf("%032s", n.Text(16))
	}
	if len(hex) != 32 {
		return false
	}
	fmt.Fprintf(&w.b, "UUID('%s-%s-%s-%s-%s')", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
	return true
}

func joinPath(args []Value) (string, bool) {
	var parts []string
	for _, a := range args {
		s, ok := a.(string)
		if !ok {
			return "", false
		}
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return ".", true
	}
	if parts[0] == "/" {
		return "/" + strings.Join(parts[1:], "/"), true
	}
	return strings.Join(parts, "/"), true
}

func (w *writer) collection(name string, o *Object, depth int) bool {
	switch name {
	case "OrderedDict":
		entries := o.Entries
		if list, ok := argument[*List](o, 0); ok { // protocol 0 and 1: a list of pairs
			for _, item := range list.Items {
				pair, ok := item.(*List)
				if !ok || len(pair.Items) != 2 {
					return false
				}
				entries = append(entries, Entry{pair.Items[0], pair.Items[1]})
			}
		}
		w.b.WriteString("OrderedDict(")
		if len(entries) > 0 {
			// Python 3.12 and later write it as a dict; the data is the same.
			w.dict(entries, o.More, depth)
		}
	case "Counter":
		entries := o.Entries
		if d, ok := argument[*Dict](o, 0); ok {
			entries = d.Entries
		}
		w.b.WriteString("Counter(")
		if len(entries) > 0 {
			w.dict(mostCommon(entries), o.More, depth)
		}
	case "deque":
		w.b.WriteString("deque(")
		w.sequence("[", o.Items, o.More, "]", depth)
		if n, ok := argument[int64](o, 1); ok {
			fmt.Fprintf(&w.b, ", maxlen=%d", n)
		}
	case "defaultdict":
		factory, ok := argument[*Global](o, 0)
		if !ok {
			return false
		}
		name := strings.TrimPrefix(strings.TrimPrefix(factory.Module+"."+factory.Name, "builtins."), "__builtin__.")
		if name == "long" { // what Python 2 called int
			name = "int"
		}
		fmt.Fprintf(&w.b, "defaultdict(<class '%s'>, ", name)
		w.dict(o.Entries, o.More, depth)
	}
	w.b.WriteByte(')')
	return true
}

// mostCommon orders as Counter's repr does: highest count first, else as given.
func mostCommon(entries []Entry) []Entry {
	sorted := append([]Entry(nil), entries...)
	for i := 1; i < len(sorted) && i < 1000; i++ {
		for j := i; j > 0; j-- {
			a, ok1 := sorted[j-1].Value.(int64)
			b, ok2 := sorted[j].Value.(int64)
			if !ok1 || !ok2 || a >= b {
				break
			}
			sorted[j-1], sorted[j] = sorted[j], sorted[j-1]
		}
	}
	return sorted
}

// rawBytes is a bytes argument, also in the form that protocols below 3 use.
func rawBytes(o *Object, i int) ([]byte, bool) {
	if b, ok := argument[Bytes](o, i); ok {
		return b, true
	}
	if e, ok := argument[*Object](o, i); ok && e.Is("_codecs", "encode") {
		if text, ok := argument[string](e, 0); ok && utf8.ValidString(text) {
			return latin1(text), true
		}
	}
	if text, ok := argument[string](o, i); ok { // a str of Python 2
		return latin1(text), true
	}
	return nil, false
}
