package preview

import (
	"encoding/binary"
	"strings"

	"flowls/runner/pickle"
)

// arrowArray is an array of Arrow: a type, and buffers for what is missing, for
// offsets and for values.
type arrowArray struct {
	kind      string
	n, offset int64
	buffers   []*pickle.Chunk // nil: absent
}

// arrowColumn reads what pandas keeps in Arrow.
func arrowColumn(data pickle.Value, o *pickle.Object) (column, bool) {
	var chunks []*arrowArray
	kind, n := "", int64(0)
	v, ok := data.(*pickle.Object)
	if !ok {
		return column{}, false
	}
	list := []pickle.Value{v}
	if v.Is("pyarrow.lib", "chunked_array") {
		list, _ = listItems(firstOf(v.Args))
		kind = arrowType(nthOf(v.Args, 1))
	}
	complete := len(list) > 0 || kind != ""
	for _, item := range list {
		a, ok := readArrow(item)
		if !ok {
			complete = false
			break
		}
		chunks = append(chunks, a)
		kind = a.kind
		n += a.n
	}
	name := kind + "[pyarrow]"
	if v, ok := field(o, "_dtype"); ok {
		if t, ok := v.(*pickle.Object); ok && isPandas(t.Global(), "StringDtype") {
			name = stringName(t)
		}
	}
	missing := "<NA>"
	if name == "str" {
		missing = "nan"
	}
	if !complete {
		n = -1
	}
	return column{name, n, func(i int64) (cell, bool) {
		for _, a := range chunks {
			if i < a.n {
				return a.at(i, missing)
			}
			i -= a.n
		}
		return cell{}, false
	}}, true
}

// arrowType is the name of a type, by Arrow and pandas alike.
func arrowType(v pickle.Value) string {
	o, ok := v.(*pickle.Object)
	if !ok {
		return ""
	}
	name, ok := first[string](o.Args)
	if !ok {
		return ""
	}
	if alias := map[string]string{"float16": "halffloat", "float32": "float", "float64": "double"}[name]; alias != "" {
		return alias
	}
	return name
}

// readArrow reads _restore_array((type, length, nulls, offset, buffers, children, dictionary)).
func readArrow(v pickle.Value) (*arrowArray, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || !o.Is("pyarrow.lib", "_restore_array") {
		return nil, false
	}
	t, ok := first[*pickle.Tuple](o.Args)
	if !ok || len(t.Items) < 5 {
		return nil, false
	}
	a := &arrowArray{kind: arrowType(t.Items[0])}
	var ok1, ok2 bool
	a.n, ok1 = t.Items[1].(int64)
	a.offset, ok2 = t.Items[3].(int64)
	buffers, ok3 := t.Items[4].(*pickle.List)
	if !ok1 || !ok2 || !ok3 || a.n < 0 || a.offset < 0 || a.offset > 1<<50 {
		return nil, false
	}
	for _, b := range buffers.Items {
		c, _ := pickle.Data(b)
		a.buffers = append(a.buffers, c)
	}
	return a, true
}

func (a *arrowArray) at(i int64, missing string) (cell, bool) {
	i += a.offset
	if len(a.buffers) < 2 {
		return cell{}, false
	}
	if valid := a.buffers[0]; valid != nil {
		p, ok := valid.Range(i/8, 1)
		if !ok {
			return cell{}, false
		}
		if p[0]>>(i%8)&1 == 0 {
			return cell{text: missing}, true
		}
	}
	values := a.buffers[1]
	if values == nil {
		return cell{}, false
	}
	switch a.kind {
	case "bool":
		p, ok := values.Range(i/8, 1)
		if !ok {
			return cell{}, false
		}
		if p[0]>>(i%8)&1 == 0 {
			return cell{text: "False"}, true
		}
		return cell{text: "True"}, true
	case "string", "large_string", "utf8", "large_utf8":
		return a.text(i)
	}
	d, ok := arrowDtype(a.kind)
	if !ok {
		return cell{}, false
	}
	p, ok := values.Range(i*d.size, d.size)
	if !ok {
		return cell{}, false
	}
	return d.element(p)
}

// text lies between two offsets.
func (a *arrowArray) text(i int64) (cell, bool) {
	size := int64(4)
	if strings.HasPrefix(a.kind, "large") {
		size = 8
	}
	p, ok := a.buffers[1].Range(i*size, 2*size)
	if !ok {
		return cell{}, false
	}
	var from, to int64
	if size == 4 {
		from, to = int64(int32(binary.LittleEndian.Uint32(p))), int64(int32(binary.LittleEndian.Uint32(p[4:])))
	} else {
		from, to = int64(binary.LittleEndian.Uint64(p)), int64(binary.LittleEndian.Uint64(p[8:]))
	}
	if from == to {
		return cell{"", ""}, true
	}
	if len(a.buffers) < 3 || a.buffers[2] == nil || from < 0 || to < from {
		return cell{}, false
	}
	data, ok := a.buffers[2].Range(from, to-from)
	if !ok {
		return cell{}, false
	}
	return cell{string(data), string(data)}, true
}

func arrowDtype(kind string) (dtype, bool) {
	switch kind {
	case "halffloat":
		return dtype{kind: 'f', size: 2}, true
	case "float":
		return dtype{kind: 'f', size: 4}, true
	case "double":
		return dtype{kind: 'f', size: 8}, true
	}
	for _, size := range []int64{1, 2, 4, 8} {
		for name, k := range map[string]byte{"int": 'i', "uint": 'u'} {
			if kind == name+map[int64]string{1: "8", 2: "16", 4: "32", 8: "64"}[size] {
				return dtype{kind: k, size: size}, true
			}
		}
	}
	return dtype{}, false
}
