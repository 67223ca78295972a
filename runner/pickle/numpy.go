package pickle

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// dtype is what is needed of a numpy.dtype to read plain numbers.
type dtype struct {
	kind  byte // 'i', 'u', 'f', 'b', …
	size  int
	order binary.ByteOrder
}

func readDtype(v Value) (dtype, bool) {
	o, ok := v.(*Object)
	if !ok || !o.Is("numpy", "dtype") {
		return dtype{}, false
	}
	code, ok := argument[string](o, 0)
	if !ok || len(code) < 2 {
		return dtype{}, false
	}
	size, err := strconv.Atoi(code[1:])
	if err != nil {
		return dtype{}, false
	}
	d := dtype{kind: code[0], size: size, order: binary.LittleEndian}
	if state, ok := o.State.(*Tuple); ok && len(state.Items) > 1 && state.Items[1] == ">" {
		d.order = binary.BigEndian
	}
	return d, true
}

// numpyScalar is the value of numpy.core.multiarray.scalar(dtype, bytes).
func numpyScalar(o *Object) (Value, bool) {
	if len(o.Args) != 2 {
		return nil, false
	}
	d, ok := readDtype(o.Args[0])
	raw, ok2 := rawBytes(o, 1)
	if !ok || !ok2 || len(raw) != d.size {
		return nil, false
	}
	switch d.kind {
	case 'b':
		if d.size == 1 {
			return raw[0] != 0, true
		}
	case 'i', 'u':
		return d.integer(raw)
	case 'f':
		switch d.size {
		case 8:
			return math.Float64frombits(d.order.Uint64(raw)), true
		case 4:
			return shortest32(math.Float32frombits(d.order.Uint32(raw))), true
		}
	}
	return nil, false
}

func (d dtype) integer(raw []byte) (Value, bool) {
	var u uint64
	switch d.size {
	case 1:
		u = uint64(raw[0])
	case 2:
		u = uint64(d.order.Uint16(raw))
	case 4:
		u = uint64(d.order.Uint32(raw))
	case 8:
		u = d.order.Uint64(raw)
	default:
		return nil, false
	}
	if d.kind == 'u' {
		if u > math.MaxInt64 {
			return nil, false
		}
		return int64(u), true
	}
	shift := 64 - 8*d.size
	return int64(u<<shift) >> shift, true
}

// shortest32 keeps a float32 from showing digits that it does not have.
func shortest32(f float32) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return v
}

// class is what the object is made of: the callable, or the class that a
// generic constructor was asked for. nil if it has no name.
func (o *Object) class() *Global {
	g := o.Global()
	if g == nil {
		return nil
	}
	if first, ok := argument[*Global](o, 0); ok {
		switch g.Module + "." + g.Name {
		case "copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__",
			"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
			return first
		}
	}
	return g
}

func className(o *Object) string {
	g := o.class()
	if g == nil {
		return "object"
	}
	return strings.TrimPrefix(g.Module+"."+g.Name, "builtins.")
}

// Class is what the object is made of: the callable, or the class that a
// generic constructor was asked for. nil if it has no name.
func (o *Object) Class() *Global { return o.class() }

// ClassName is the name of its class with the module, as Python prints it.
func (o *Object) ClassName() string { return className(o) }

// Data is the content of a bytes-like value, in each form that the protocols
// give it; false for anything else.
func Data(v Value) (*Chunk, bool) { return data(v, 0) }

// data goes as deep as py_buffer(bytearray(encode(…))).
func data(v Value, depth int) (*Chunk, bool) {
	whole := func(p []byte) (*Chunk, bool) { return &Chunk{Size: int64(len(p)), Parts: []Part{{0, p}}}, true }
	switch v := v.(type) {
	case Bytes:
		return whole(v)
	case *ByteArray:
		return whole(v.Data)
	case *Chunk:
		if !v.Text {
			return v, true
		}
	case *Object:
		switch g := v.Global(); {
		case g == nil || depth > 3:
		case g.Name == "encode" && g.Module == "_codecs":
			if p, ok := rawBytes(&Object{Args: []Value{v}}, 0); ok {
				return whole(p)
			}
		case g.Name == "bytes" || g.Name == "bytearray" || g.Name == "py_buffer":
			if len(v.Args) == 0 {
				return whole(nil)
			}
			return data(v.Args[0], depth+1)
		}
	}
	return nil, false
}

// Number is the value of a numpy scalar of a plain kind, else of an int, float or bool.
func Number(v Value) (Value, bool) {
	switch v := v.(type) {
	case int64, float64, bool:
		return v, true
	case *Object:
		if v.Is("numpy.core.multiarray", "scalar") || v.Is("numpy._core.multiarray", "scalar") {
			return numpyScalar(v)
		}
	}
	return nil, false
}
