package preview

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowls/runner/pickle"
)

// cell is one value as text: as Python's str prints it. quoted holds the value
// where its repr differs.
type cell struct {
	text   string
	quoted pickle.Value
}

// repr is the cell within a list or a tuple.
func (c cell) repr() string {
	if c.quoted == nil {
		return c.text
	}
	text, _ := pickle.Repr(c.quoted, maxCell)
	return text
}

// element reads one element of an array.
func (d dtype) element(p []byte) (cell, bool) {
	if int64(len(p)) != d.size || d.size == 0 && d.kind != 'U' && d.kind != 'S' && d.kind != 'V' {
		return cell{}, false
	}
	order := d.bytes()
	text := ""
	switch d.kind {
	case 'b':
		text = "False"
		if p[0] != 0 {
			text = "True"
		}
	case 'i', 'u':
		n, ok := d.integer(p)
		if !ok {
			return cell{}, false
		}
		text = n.String()
	case 'B': // bfloat16 of torch
		if len(p) != 2 {
			return cell{}, false
		}
		text = pickle.ReprFloat(float64(math.Float32frombits(uint32(order.Uint16(p)) << 16)))
	case 'f':
		var ok bool
		if text, ok = floatText(p, order); !ok {
			return cell{}, false
		}
	case 'c':
		half := len(p) / 2
		re, ok1 := floatText(p[:half], order)
		im, ok2 := floatText(p[half:], order)
		if !ok1 || !ok2 {
			return cell{}, false
		}
		text = complexText(re, im)
	case 'M', 'm':
		if len(p) != 8 {
			return cell{}, false
		}
		text = timeText(d.kind, int64(order.Uint64(p)), d.unit)
	case 'S':
		v := pickle.Bytes(bytes.TrimRight(p, "\x00"))
		text, _ = pickle.Repr(v, maxCell*4)
	case 'U':
		s := ucs4(p, order)
		return cell{s, s}, true
	case 'V':
		return d.void(p)
	default:
		return cell{}, false
	}
	return cell{text: text}, true
}

func (d dtype) void(p []byte) (cell, bool) {
	var parts []string
	switch {
	case d.base != nil:
		return d.subarray(p)
	case len(d.fields) == 0:
		text, _ := pickle.Repr(pickle.Bytes(p), maxCell*4)
		return cell{text: text}, true
	}
	for _, f := range d.fields {
		c, ok := f.dtype.element(p[f.offset:][:f.dtype.size])
		if !ok {
			return cell{}, false
		}
		parts = append(parts, c.repr())
	}
	if len(parts) == 1 {
		return cell{text: "(" + parts[0] + ",)"}, true
	}
	return cell{text: "(" + strings.Join(parts, ", ") + ")"}, true
}

// subarray is an array within a record, its first values at least.
func (d dtype) subarray(p []byte) (cell, bool) {
	var parts []string
	for i := int64(0); i < product(d.shape) && i < firstItems; i++ {
		if (i+1)*d.base.size > int64(len(p)) {
			return cell{}, false
		}
		c, ok := d.base.element(p[i*d.base.size:][:d.base.size])
		if !ok {
			return cell{}, false
		}
		parts = append(parts, strings.TrimSuffix(c.repr(), "0"))
	}
	return cell{text: "[" + strings.Join(parts, " ") + "]"}, true
}

func (d dtype) integer(p []byte) (*big.Int, bool) {
	var u uint64
	switch order := d.bytes(); len(p) {
	case 1:
		u = uint64(p[0])
	case 2:
		u = uint64(order.Uint16(p))
	case 4:
		u = uint64(order.Uint32(p))
	case 8:
		u = order.Uint64(p)
	default:
		return nil, false
	}
	if d.kind == 'u' {
		return new(big.Int).SetUint64(u), true
	}
	shift := 64 - 8*len(p)
	return big.NewInt(int64(u<<shift) >> shift), true
}

func floatText(p []byte, order binary.ByteOrder) (string, bool) {
	switch len(p) {
	case 2:
		return halfText(order.Uint16(p)), true
	case 4:
		f := math.Float32frombits(order.Uint32(p))
		v, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
		if err != nil {
			v = float64(f)
		}
		return pickle.ReprFloat(v), true
	case 8:
		return pickle.ReprFloat(math.Float64frombits(order.Uint64(p))), true
	case 16: // the 80 bits of x87
		if order != binary.LittleEndian {
			return "", false
		}
		return longText(p), true
	}
	return "", false
}

// half is the value of a float16.
func half(bits uint16) float64 {
	sign := 1.0
	if bits&0x8000 != 0 {
		sign = -1
	}
	exponent, fraction := int(bits>>10&0x1F), float64(bits&0x3FF)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// halfText has the fewest digits that tell the number from its neighbours.
func halfText(bits uint16) string {
	f := half(bits)
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return pickle.ReprFloat(f)
	}
	gap := math.Ldexp(1, max(int(bits>>10&0x1F), 1)-25)
	for digits := 0; digits < 6; digits++ {
		v, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', digits, 64), 64)
		if err == nil && math.Abs(v-f) < gap/2 {
			return pickle.ReprFloat(v)
		}
	}
	return pickle.ReprFloat(f)
}

func longText(p []byte) string {
	fraction, exponent := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint16(p[8:])
	negative := exponent&0x8000 != 0
	exponent &= 0x7FFF
	f := math.Ldexp(float64(fraction), int(exponent)-16383-63)
	if exponent == 0x7FFF {
		if f = math.Inf(1); fraction<<1 != 0 {
			f = math.NaN()
		}
	}
	if negative {
		f = -f
	}
	return pickle.ReprFloat(f)
}

func complexText(re, im string) string {
	im = strings.TrimSuffix(im, ".0")
	if re == "0.0" {
		return im + "j"
	}
	if !strings.HasPrefix(im, "-") {
		im = "+" + im
	}
	return "(" + strings.TrimSuffix(re, ".0") + im + "j)"
}

// ucs4 reads a text of numpy, without the zeros that fill it up.
func ucs4(p []byte, order binary.ByteOrder) string {
	var b strings.Builder
	for end := len(p); len(p) >= 4 && len(p) <= end; p = p[4:] {
		r := rune(order.Uint32(p))
		if !utf8.ValidRune(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), "\x00")
}

// timeText writes numpy's datetime64 (kind M) and timedelta64 (kind m).
func timeText(kind byte, n int64, unit string) string {
	if n == math.MinInt64 {
		return "NaT"
	}
	name := strings.TrimLeft(unit, "0123456789")
	if factor, err := strconv.ParseInt(unit[:len(unit)-len(name)], 10, 64); err == nil {
		n *= factor
	}
	if kind == 'm' {
		return fmt.Sprintf("%d %s", n, map[string]string{
			"Y": "years", "M": "months", "W": "weeks", "D": "days", "h": "hours", "m": "minutes", "s": "seconds",
			"ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "": "generic time units",
		}[name])
	}
	switch name {
	case "Y":
		return fmt.Sprintf("%04d", 1970+n)
	case "M":
		return fmt.Sprintf("%04d-%02d", 1970+floorDiv(n, 12), n-floorDiv(n, 12)*12+1)
	}
	t, digits, ok := moment(n, name)
	if !ok {
		return strconv.FormatInt(n, 10)
	}
	layout := "2006-01-02T15:04:05"
	switch name {
	case "W", "D":
		layout = "2006-01-02"
	case "h":
		layout = "2006-01-02T15"
	case "m":
		layout = "2006-01-02T15:04"
	}
	text := t.Format(layout)
	if digits > 0 {
		text += fmt.Sprintf(".%09d", t.Nanosecond())[:digits+1]
	}
	return text
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
