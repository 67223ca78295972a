package preview

import (
	"fmt"
	"strings"

	"flowls/runner/pickle"
)

// describeSparse knows the sparse matrices of scipy.
func describeSparse(o *pickle.Object, g *pickle.Global, _ int) *Description {
	if !strings.HasPrefix(g.Module, "scipy.sparse") {
		return nil
	}
	size, ok := field(o, "_shape")
	if !ok {
		return nil
	}
	shape, ok := readShape(size)
	if !ok {
		return nil
	}
	d := &Description{Kind: Array, Type: o.ClassName(), Shape: shape, Summary: fmt.Sprintf("%s %s", g.Name, times(shape))}
	if v, ok := field(o, "data"); ok {
		if a, ok := readArray(v); ok {
			d.Dtype = a.dtype.String()
			d.Summary += fmt.Sprintf(" %s, %d stored", d.Dtype, a.len())
		}
	}
	return d
}
