package preview

import (
	"fmt"
	"strings"
	"time"

	"flowls/runner/pickle"
)

// readExtension reads the arrays that pandas has beside those of numpy. Of one
// that it does not know, class and length remain.
func readExtension(v pickle.Value, depth int) (column, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || depth > nested {
		return column{}, false
	}
	g := o.Global()
	if g == nil {
		return column{}, false
	}
	class := g
	if c, ok := first[*pickle.Global](o.Args); ok { // __pyx_unpickle_…(class, checksum, state)
		class = c
	}
	if isPandas(g, "__pyx_unpickle_NDArrayBacked") {
		return readBacked(o, class, depth+1)
	}
	if data, ok := field(o, "_pa_array", "_data"); ok && strings.HasPrefix(class.Name, "Arrow") {
		return arrowColumn(data, o)
	}
	if mask, ok := field(o, "_mask"); ok {
		data, _ := field(o, "_data")
		return maskedColumn(data, mask, class)
	}
	if left, ok := extensionField(o, "_left"); ok {
		right, _ := extensionField(o, "_right")
		return intervalColumn(left, right, o, depth+1)
	}
	if class.Name == "SparseArray" {
		return sparseColumn(o)
	}
	if array, ok := field(o, "_ndarray"); ok {
		if a, ok := readArray(array); ok {
			c := arrayColumn(a)
			if class.Name != "PandasArray" && class.Name != "NumpyExtensionArray" {
				c.dtype = class.Name
			}
			return c, true
		}
	}
	if strings.HasSuffix(class.Name, "Array") { // of another library
		return unknown(class.Name, -1), true
	}
	return column{}, false
}

// extensionField is a field of an object whose state may stand in a tuple.
func extensionField(o *pickle.Object, name string) (pickle.Value, bool) {
	if t, ok := o.State.(*pickle.Tuple); ok && len(t.Items) == 1 {
		if d, ok := t.Items[0].(*pickle.Dict); ok {
			return d.Get(name)
		}
	}
	return field(o, name)
}

// readBacked reads (dtype, ndarray, …): datetimes, categories, periods, text.
func readBacked(o *pickle.Object, class *pickle.Global, depth int) (column, bool) {
	state, ok := o.State.(*pickle.Tuple)
	if !ok {
		return column{}, false
	}
	var a *ndarray
	var kind pickle.Value
	for _, item := range state.Items {
		if found, ok := readArray(item); ok {
			a = found
		} else if _, isDict := item.(*pickle.Dict); !isDict && kind == nil {
			kind = item
		}
	}
	if a == nil {
		return unknown(class.Name, -1), true
	}
	c := arrayColumn(a)
	t, _ := kind.(*pickle.Object)
	switch {
	case class.Name == "Categorical":
		return categorical(c, t, depth), true
	case class.Name == "PeriodArray":
		c.dtype = periodName(t)
		return periodColumn(a, c), true
	case t != nil && isPandas(t.Global(), "DatetimeTZDtype"):
		tz, _ := field(t, "tz")
		at, name := zone(tz)
		c.dtype = fmt.Sprintf("datetime64[%s, %s]", a.dtype.unit, name)
		return zoned(a, c, at), true
	case t != nil && isPandas(t.Global(), "StringDtype"):
		c.dtype = stringName(t)
	case t == nil || !t.Is("numpy", "dtype"):
		c.dtype = class.Name
	}
	return c, true
}

// zoned tells times in their zone.
func zoned(a *ndarray, c column, at *time.Location) column {
	if at == nil {
		at = time.UTC
	}
	c.at = func(i int64) (cell, bool) {
		index := []int64{i}
		if len(a.shape) == 2 {
			index = []int64{i / max(a.shape[1], 1), i % max(a.shape[1], 1)}
		}
		n, ok := a.int(index...)
		return cell{text: stamp(n, a.dtype.unit, at)}, ok
	}
	return c
}

func categorical(codes column, dtype *pickle.Object, depth int) column {
	c := unknown("category", codes.n)
	if dtype == nil {
		return c
	}
	if v, ok := field(dtype, "categories"); ok {
		if values, _, ok := readIndex(v, depth); ok {
			c = choose(values, codes, "nan")
			c.dtype = "category"
		}
	}
	return c
}

// stringName is the name of a StringDtype: "string" where NA is missing, "str" where NaN is.
func stringName(o *pickle.Object) string {
	v, ok := field(o, "na_value", "_na_value")
	if !ok {
		v = nthOf(o.Args, 1)
	}
	if _, isFloat := v.(float64); isFloat {
		return "str"
	}
	return "string"
}

// maskedColumn has values beside which a mask tells what is missing.
func maskedColumn(data, mask pickle.Value, class *pickle.Global) (column, bool) {
	a, ok1 := readArray(data)
	m, ok2 := readArray(mask)
	if !ok1 || !ok2 {
		return unknown(class.Name, -1), true
	}
	c := arrayColumn(a)
	switch a.dtype.kind {
	case 'b':
		c.dtype = "boolean"
	case 'u':
		c.dtype = "UInt" + strings.TrimPrefix(c.dtype, "uint")
	default:
		c.dtype = strings.ToUpper(c.dtype[:1]) + c.dtype[1:]
	}
	values, missing := c.at, arrayColumn(m)
	c.at = func(i int64) (cell, bool) {
		flag, ok := missing.at(i)
		if !ok {
			return flag, false
		}
		if flag.text == "True" {
			return cell{text: "<NA>"}, true
		}
		return values(i)
	}
	return c, true
}

func intervalColumn(left, right pickle.Value, o *pickle.Object, depth int) (column, bool) {
	l, ok1 := anyColumn(left, depth)
	r, ok2 := anyColumn(right, depth)
	if !ok1 || !ok2 {
		return unknown("interval", -1), true
	}
	closed := "right"
	if t, ok := extensionField(o, "_dtype"); ok {
		if t, ok := t.(*pickle.Object); ok {
			if s, ok := field(t, "closed"); ok {
				closed, _ = s.(string)
			}
		}
	}
	return column{fmt.Sprintf("interval[%s, %s]", l.dtype, closed), l.n, func(i int64) (cell, bool) {
		a, ok1 := l.at(i)
		b, ok2 := r.at(i)
		return cell{text: interval(a.text, b.text, closed)}, ok1 && ok2
	}}, true
}

func interval(left, right, closed string) string {
	open, end := "(", ")"
	if closed == "left" || closed == "both" {
		open = "["
	}
	if closed == "right" || closed == "both" {
		end = "]"
	}
	return open + left + ", " + right + end
}

// anyColumn reads an array, an index or an extension array.
func anyColumn(v pickle.Value, depth int) (column, bool) {
	if a, ok := readArray(v); ok {
		return arrayColumn(a), true
	}
	if c, _, ok := readIndex(v, depth); ok {
		return c, true
	}
	return readExtension(v, depth)
}

// sparseColumn holds the values that differ from a common one, and their places.
func sparseColumn(o *pickle.Object) (column, bool) {
	held, _ := field(o, "_sparse_values")
	values, ok := readArray(held)
	if !ok {
		return unknown("Sparse", -1), true
	}
	fill := cell{text: "nan"}
	dtype, _ := field(o, "_dtype")
	if t, ok := dtype.(*pickle.Object); ok {
		if v, ok := field(t, "_fill_value"); ok {
			fill = objectCell(v)
		}
	}
	c := unknown(fmt.Sprintf("Sparse[%s, %s]", values.dtype, fill.text), -1)
	index, _ := field(o, "_sparse_index")
	at, ok := index.(*pickle.Object)
	if !ok || !isPandas(at.Global(), "IntIndex") {
		return c, true
	}
	n, ok1 := nth[int64](at.Args, 0)
	places, ok2 := readArray(nthOf(at.Args, 1))
	if !ok1 || !ok2 {
		return c, true
	}
	c.n = n
	c.at = func(i int64) (cell, bool) {
		for k := range places.len() { // ascending, and only the first rows are asked for
			p, ok := places.at(k)
			if !ok {
				return p, false
			}
			var place int64
			if _, err := fmt.Sscan(p.text, &place); err != nil {
				return p, false
			}
			if place == i {
				return values.at(k)
			}
			if place > i {
				break
			}
		}
		return fill, true
	}
	return c, true
}
