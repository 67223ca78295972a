package preview

import (
	"fmt"
	"strings"

	"flowls/runner/pickle"
)

// ndarray is an array of numpy, of which some values are at hand.
type ndarray struct {
	dtype   dtype
	shape   []int64
	strides []int64 // in elements; of objects too
	offset  int64   // in elements
	data    *pickle.Chunk
	objects *pickle.List
}

// readArray reads each form in which numpy pickles an array.
func readArray(v pickle.Value) (*ndarray, bool) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, false
	}
	g := o.Global()
	if g == nil || !strings.HasPrefix(g.Module, "numpy") {
		return nil, false
	}
	var shape, kind, data pickle.Value
	fortran := false
	switch g.Name {
	case "_reconstruct", "_mareconstruct": // state: version, shape, dtype, order, data
		state, ok := o.State.(*pickle.Tuple)
		if !ok || len(state.Items) < 3 {
			return nil, false
		}
		shape, kind = state.Items[1], state.Items[2]
		if len(state.Items) > 3 {
			fortran = state.Items[3] == true || state.Items[3] == int64(1)
		}
		if len(state.Items) > 4 {
			data = state.Items[4]
		}
	case "_frombuffer": // protocol 5
		if len(o.Args) < 3 {
			return nil, false
		}
		data, kind, shape = o.Args[0], o.Args[1], o.Args[2]
		if order, ok := nth[string](o.Args, 3); ok {
			fortran = order == "F"
		}
	default:
		return nil, false
	}
	a := &ndarray{}
	if a.dtype, ok = readDtype(kind); !ok {
		return nil, false
	}
	if a.shape, ok = readShape(shape); !ok {
		return nil, false
	}
	a.strides = contiguous(a.shape, fortran)
	if list, ok := data.(*pickle.List); ok && a.dtype.kind == 'O' {
		a.objects = list
	} else if c, ok := pickle.Data(data); ok {
		a.data = c
	}
	return a, true
}

func contiguous(shape []int64, fortran bool) []int64 {
	strides := make([]int64, len(shape))
	step := int64(1)
	for k := range shape {
		i := len(shape) - 1 - k
		if fortran {
			i = k
		}
		strides[i] = step
		step *= max(shape[i], 1)
	}
	return strides
}

func (a *ndarray) len() int64 { return product(a.shape) }

// at is the element at an index; false if it is not at hand.
func (a *ndarray) at(index ...int64) (cell, bool) {
	i := a.offset
	for k, n := range index {
		i += n * a.strides[k]
	}
	if a.objects != nil {
		if i < 0 || i >= int64(len(a.objects.Items)) {
			return cell{}, false
		}
		return objectCell(a.objects.Items[i]), true
	}
	if a.data == nil || i < 0 || a.dtype.size > 0 && i > (1<<62)/a.dtype.size {
		return cell{}, false
	}
	p, ok := a.data.Range(i*a.dtype.size, a.dtype.size)
	if !ok {
		return cell{}, false
	}
	return a.dtype.element(p)
}

// flat is the element with a number in the order of the rows.
func (a *ndarray) flat(n int64) (cell, bool) {
	index := make([]int64, len(a.shape))
	for k := len(a.shape) - 1; k >= 0; k-- {
		if a.shape[k] == 0 {
			return cell{}, false
		}
		index[k] = n % a.shape[k]
		n /= a.shape[k]
	}
	return a.at(index...)
}

// objectCell is a value in an array of objects or a column.
func objectCell(v pickle.Value) cell {
	switch v := v.(type) {
	case string:
		return cell{v, v}
	case *pickle.Chunk:
		if v.Text {
			return cell{text: oneLine(string(v.Head()), maxCell)}
		}
	case *pickle.Object:
		d := describe(v, maxDepth)
		if text, ok := plainText(v); ok {
			return cell{text: text}
		}
		return cell{text: d.Summary}
	case *pickle.Global:
		return cell{text: describeGlobal(v).Summary}
	}
	text, _ := pickle.Preview(v, maxCell)
	return cell{text: text}
}

// first values of an array, as numpy's str of each, in brackets.
func (a *ndarray) values() string {
	var parts []string
	n := a.len()
	if len(a.shape) == 0 {
		if c, ok := a.flat(0); ok {
			return c.repr()
		}
		return ""
	}
	for i := range min(n, firstItems) {
		c, ok := a.flat(i)
		if !ok {
			break
		}
		parts = append(parts, oneLine(c.repr(), maxCell))
	}
	if int64(len(parts)) < n {
		parts = append(parts, "…")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// table of the first rows of a matrix or of records.
func (a *ndarray) table() *Table {
	t := &Table{Rows: [][]string{}}
	switch {
	case len(a.shape) == 2:
		for j := range min(a.shape[1], tableCols) {
			t.Columns = append(t.Columns, fmt.Sprint(j))
		}
		t.Columns = append([]string{""}, t.Columns...)
		for i := range min(a.shape[0], tableRows) {
			row := []string{fmt.Sprint(i)}
			for j := range min(a.shape[1], tableCols) {
				row = append(row, cellText(a.at(i, j)))
			}
			t.Rows = append(t.Rows, row)
		}
	case len(a.shape) == 1 && len(a.dtype.fields) > 0:
		t.Columns = []string{""}
		list := a.dtype.fields[:min(len(a.dtype.fields), tableCols)]
		for _, f := range list {
			t.Columns = append(t.Columns, f.name)
		}
		for i := range min(a.shape[0], tableRows) {
			row := []string{fmt.Sprint(i)}
			for _, f := range list {
				c, ok := cell{}, false
				if a.data != nil {
					if p, held := a.data.Range(i*a.dtype.size+f.offset, f.dtype.size); held {
						c, ok = f.dtype.element(p)
					}
				}
				row = append(row, cellText(c, ok))
			}
			t.Rows = append(t.Rows, row)
		}
	default:
		return nil
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// cellText is a cell of a table.
func cellText(c cell, ok bool) string {
	if !ok {
		return "…"
	}
	return oneLine(c.text, maxCell)
}

func describeNumpy(o *pickle.Object, g *pickle.Global, _ int) *Description {
	if !strings.HasPrefix(g.Module, "numpy") && (o.Global() == nil || !strings.HasPrefix(o.Global().Module, "numpy")) {
		return nil
	}
	if g.Name == "scalar" && len(o.Args) > 0 {
		return describeNumpyScalar(o)
	}
	if g.Name == "dtype" {
		if t, ok := readDtype(o); ok {
			return &Description{Kind: Scalar, Type: "numpy.dtype", Summary: t.String(), Value: t.String()}
		}
	}
	a, ok := readArray(o)
	if !ok {
		switch o.Global().Name {
		case "_reconstruct", "_mareconstruct", "_frombuffer":
			return &Description{Kind: Opaque, Type: o.ClassName(), Summary: g.Name}
		}
		return nil
	}
	name := "numpy.ndarray"
	switch o.Global().Name {
	case "_reconstruct":
		name = o.ClassName()
	case "_mareconstruct":
		name = "numpy.ma.MaskedArray"
		if c, ok := first[*pickle.Global](o.Args); ok {
			name = c.Module + "." + c.Name
		}
	}
	return a.describe(Array, name)
}

func (a *ndarray) describe(kind, name string) *Description {
	d := &Description{Kind: kind, Type: name, Dtype: a.dtype.String(), Shape: a.shape, Value: oneLine(a.values(), maxValue), Table: a.table()}
	short := name[strings.LastIndexByte(name, '.')+1:]
	d.Summary = fmt.Sprintf("%s %s %s", short, times(a.shape), oneLine(d.Dtype, 40))
	return d
}
