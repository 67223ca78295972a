package preview

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"flowls/runner/pickle"
)

// dtype is the type of the elements of an array.
type dtype struct {
	kind    byte // as numpy's dtype.kind: b i u f c m M O S U V
	size    int64
	order   byte   // '<', '>' or '|'
	unit    string // of times: "ns", or "25s"
	fields  []dtypeField
	aligned bool
	class   string  // of the records, if it is not numpy.void
	shape   []int64 // of a subarray of base
	base    *dtype
}

type dtypeField struct {
	name   string
	offset int64
	dtype  dtype
}

const maxFields = 100

func readDtype(v pickle.Value) (dtype, bool) { return readDtypeAt(v, 0) }

func readDtypeAt(v pickle.Value, depth int) (dtype, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || depth > 8 || !o.Is("numpy", "dtype") {
		return dtype{}, false
	}
	var d dtype
	switch code := firstOf(o.Args).(type) {
	case string:
		n, err := strconv.ParseInt(code[min(1, len(code)):], 10, 32)
		if len(code) < 2 || err != nil || n < 0 {
			return d, false
		}
		d.kind, d.size = code[0], n
	case *pickle.Global: // numpy.record and the like
		d.kind, d.class = 'V', code.Module+"."+code.Name
	default:
		return d, false
	}
	if d.order = '<'; d.kind == 'U' {
		d.size *= 4
	}
	state, ok := o.State.(*pickle.Tuple)
	if !ok || len(state.Items) < 8 {
		return d, true
	}
	if s, ok := state.Items[1].(string); ok && s != "" {
		d.order = s[0]
	}
	if n, ok := state.Items[5].(int64); ok && n >= 0 {
		d.size = n
	}
	if flags, ok := state.Items[7].(int64); ok {
		d.aligned = flags&0x80 != 0
	}
	if sub, ok := state.Items[2].(*pickle.Tuple); ok && len(sub.Items) == 2 {
		base, ok := readDtypeAt(sub.Items[0], depth+1)
		shape, ok2 := readShape(sub.Items[1])
		if !ok || !ok2 {
			return d, false
		}
		d.base, d.shape = &base, shape
	}
	if len(state.Items) > 8 {
		d.unit = readUnit(state.Items[8])
	}
	names, ok1 := state.Items[3].(*pickle.Tuple)
	places, ok2 := state.Items[4].(*pickle.Dict)
	if !ok1 || !ok2 {
		return d, true
	}
	for _, n := range names.Items[:min(len(names.Items), maxFields)] {
		name, _ := n.(string)
		place, _ := places.Get(name)
		t, ok := place.(*pickle.Tuple)
		if !ok || len(t.Items) < 2 {
			return d, false
		}
		f, ok := readDtypeAt(t.Items[0], depth+1)
		offset, ok2 := t.Items[1].(int64)
		if !ok || !ok2 || offset < 0 || offset > d.size-f.size {
			return d, false
		}
		d.fields = append(d.fields, dtypeField{name, offset, f})
	}
	return d, true
}

// readUnit reads (…, (b"ns", 1, 1, 1)).
func readUnit(v pickle.Value) string {
	t, ok := v.(*pickle.Tuple)
	if !ok || len(t.Items) != 2 {
		return ""
	}
	t, ok = t.Items[1].(*pickle.Tuple)
	if !ok || len(t.Items) < 2 {
		return ""
	}
	unit, ok := pickle.Data(t.Items[0])
	if !ok {
		return ""
	}
	if n, ok := t.Items[1].(int64); ok && n != 1 {
		return strconv.FormatInt(n, 10) + string(unit.Head())
	}
	return string(unit.Head())
}

func firstOf(values []pickle.Value) pickle.Value {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// readShape reads a tuple of sizes whose product does not overflow.
func readShape(v pickle.Value) ([]int64, bool) {
	if n, ok := v.(int64); ok {
		v = &pickle.Tuple{Items: []pickle.Value{n}}
	}
	t, ok := v.(*pickle.Tuple)
	if !ok || t.Len() > 64 {
		return nil, false
	}
	shape := make([]int64, 0, len(t.Items))
	total := int64(1)
	for _, item := range t.Items {
		n, ok := item.(int64)
		if !ok || n < 0 || n > 0 && total > (1<<56)/n {
			return nil, false
		}
		if n > 0 {
			total *= n
		}
		shape = append(shape, n)
	}
	return shape, true
}

func product(shape []int64) int64 {
	n := int64(1)
	for _, k := range shape {
		n *= k
	}
	return n
}

func (d dtype) bytes() binary.ByteOrder {
	if d.order == '>' {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// String is how Python prints the dtype.
func (d dtype) String() string {
	if d.base != nil {
		return fmt.Sprintf("(%s, %s)", d.base.code(), tupleText(d.shape))
	}
	if d.class != "" {
		return "(" + d.class + ", " + d.record() + ")"
	}
	if len(d.fields) > 0 {
		return d.record()
	}
	if d.order == '>' && d.size > 1 || strings.IndexByte("SUV", d.kind) >= 0 {
		return strings.Trim(d.code(), "'")
	}
	bits := d.size * 8
	switch d.kind {
	case 'b':
		return "bool"
	case 'i':
		return fmt.Sprintf("int%d", bits)
	case 'u':
		return fmt.Sprintf("uint%d", bits)
	case 'f':
		return fmt.Sprintf("float%d", bits)
	case 'c':
		return fmt.Sprintf("complex%d", bits)
	case 'O':
		return "object"
	case 'M':
		return "datetime64" + d.units()
	case 'm':
		return "timedelta64" + d.units()
	}
	return strings.Trim(d.code(), "'")
}

func (d dtype) units() string {
	if d.unit == "" {
		return ""
	}
	return "[" + d.unit + "]"
}

// code is the dtype as an element of a record's list: '<f8'.
func (d dtype) code() string {
	switch {
	case d.base != nil:
		return fmt.Sprintf("(%s, %s)", d.base.code(), tupleText(d.shape))
	case len(d.fields) > 0:
		return d.record()
	}
	n, order := d.size, d.order
	if order == 0 || order == '=' {
		order = '<'
	}
	if d.kind == 'U' {
		n /= 4
	}
	switch d.kind {
	case 'O':
		return "'O'"
	case 'b':
		return "'?'"
	case 'S', 'V':
		order = '|'
	case 'i', 'u':
		if n == 1 {
			return fmt.Sprintf("'%c%d'", d.kind, n)
		}
	}
	return fmt.Sprintf("'%c%c%d%s'", order, d.kind, n, d.units())
}

// record lists the fields, with their places where they are not one behind the other.
func (d dtype) record() string {
	var names, formats, offsets, list []string
	at, packed := int64(0), true
	for _, f := range d.fields {
		name, _ := pickle.Repr(f.name, maxCell)
		code := f.dtype.code()
		names, formats, offsets = append(names, name), append(formats, code), append(offsets, strconv.FormatInt(f.offset, 10))
		if f.dtype.base != nil {
			list = append(list, fmt.Sprintf("(%s, %s, %s)", name, f.dtype.base.code(), tupleText(f.dtype.shape)))
		} else {
			list = append(list, fmt.Sprintf("(%s, %s)", name, code))
		}
		packed = packed && f.offset == at
		at = f.offset + f.dtype.size
	}
	if packed && at == d.size && !d.aligned {
		return "[" + strings.Join(list, ", ") + "]"
	}
	text := fmt.Sprintf("{'names': [%s], 'formats': [%s], 'offsets': [%s], 'itemsize': %d", strings.Join(names, ", "), strings.Join(formats, ", "), strings.Join(offsets, ", "), d.size)
	if d.aligned {
		text += ", 'aligned': True"
	}
	return text + "}"
}

func tupleText(shape []int64) string {
	var parts []string
	for _, n := range shape {
		parts = append(parts, strconv.FormatInt(n, 10))
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
