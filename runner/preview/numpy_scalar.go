package preview

import (
	"strings"

	"flowls/runner/pickle"
)

func describeNumpyScalar(o *pickle.Object) *Description {
	t, ok := readDtype(o.Args[0])
	if !ok {
		return nil
	}
	name := "numpy." + t.String()
	if i := strings.IndexByte(name, '['); i > 0 {
		name = name[:i]
	}
	data, ok := pickle.Data(nthOf(o.Args, 1))
	if !ok {
		if text, isText := nth[string](o.Args, 1); isText { // protocol 0 and 1 of Python 2
			data = &pickle.Chunk{Size: int64(len(text)), Parts: []pickle.Part{{Data: []byte(text)}}}
		} else {
			return nil
		}
	}
	c, ok := t.element(data.Head())
	if !ok {
		return nil
	}
	switch {
	case t.kind == 'U':
		name = "numpy.str_"
	case t.kind == 'S':
		name = "numpy.bytes_"
	case t.kind == 'b' && !strings.HasPrefix(o.Global().Module, "numpy._core"): // before numpy 2
		name = "numpy.bool_"
	}
	return &Description{Kind: Scalar, Type: name, Dtype: t.String(), Summary: oneLine(c.text, maxLine), Value: c.text}
}

func nthOf(values []pickle.Value, i int) pickle.Value {
	if i >= len(values) {
		return nil
	}
	return values[i]
}
