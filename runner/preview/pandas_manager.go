package preview

import (
	"fmt"

	"flowls/runner/pickle"
)

// manager is the BlockManager of a DataFrame or Series.
type manager struct {
	blocks []block
	axes   []pickle.Value // of the columns and of the rows; missing if they were not read
}

type block struct{ values, placement pickle.Value }

func readManager(o *pickle.Object) (m manager, ok bool) {
	v, ok := field(o, "_mgr", "_data")
	if !ok {
		return m, false
	}
	mgr, ok := v.(*pickle.Object)
	if !ok {
		return m, false
	}
	var blocks []pickle.Value
	for _, a := range mgr.Args {
		switch a := a.(type) {
		case *pickle.Tuple:
			blocks = append(blocks, a.Items...)
		case *pickle.List:
			m.axes = a.Items
		default: // one that was read in part
			blocks = append(blocks, a)
		}
	}
	for _, b := range blocks {
		if o, ok := b.(*pickle.Object); ok && isPandas(o.Global(), "_unpickle_block", "new_block") {
			m.blocks = append(m.blocks, block{firstOf(o.Args), nthOf(o.Args, 1)})
		}
	}
	if state, ok := mgr.State.(*pickle.Tuple); ok {
		m.readState(state)
	}
	return m, len(m.blocks) > 0 || len(m.axes) > 0
}

// readState reads (axes, values, items, {"0.14.1": {"axes", "blocks"}}).
func (m *manager) readState(state *pickle.Tuple) {
	if axes, ok := firstOf(state.Items).(*pickle.List); ok {
		m.axes = axes.Items
	}
	if extra, ok := nthOf(state.Items, 3).(*pickle.Dict); ok {
		if v, ok := extra.Get("0.14.1"); ok {
			if d, ok := v.(*pickle.Dict); ok {
				if axes, ok := d.Get("axes"); ok {
					if list, ok := axes.(*pickle.List); ok {
						m.axes = list.Items
					}
				}
				blocks, _ := d.Get("blocks")
				if list, ok := blocks.(*pickle.List); ok {
					for _, b := range list.Items {
						if d, ok := b.(*pickle.Dict); ok {
							values, _ := d.Get("values")
							place, _ := d.Get("mgr_locs")
							m.blocks = append(m.blocks, block{values, place})
						}
					}
					return
				}
			}
		}
	}
	if list, ok := nthOf(state.Items, 1).(*pickle.List); ok {
		for _, v := range list.Items {
			m.blocks = append(m.blocks, block{values: v})
		}
	}
}

// columns are in the order of the labels; rows is -1 if nothing tells.
func (m manager) columns(labels *column) (all []column, rows int64) {
	rows = -1
	const most = 100_000
	n := int64(0)
	if labels != nil {
		n = min(labels.n, most)
	}
	all = make([]column, n)
	for i := range all {
		all[i] = unknown("", 0)
	}
	for _, b := range m.blocks {
		values := readBlock(b.values)
		if len(values) > 0 {
			rows = values[0].n
		}
		place := readPlacement(b.placement, int64(len(values)))
		for k, c := range values {
			i := int64(k)
			if k < len(place) {
				i = place[k]
			}
			if labels == nil && i < most { // the labels come behind the values: not read yet
				for int64(len(all)) <= i {
					all = append(all, unknown("", 0))
				}
			}
			if i >= 0 && i < int64(len(all)) {
				all[i] = c
			}
		}
	}
	return all, rows
}

// readPlacement tells which columns a block holds.
func readPlacement(v pickle.Value, n int64) []int64 {
	var place []int64
	if o, ok := v.(*pickle.Object); ok {
		if isPandas(o.Global(), "BlockPlacement") {
			v = firstOf(o.Args)
			o, _ = v.(*pickle.Object)
		}
		if o != nil && (o.Is("builtins", "slice") || o.Is("__builtin__", "slice")) && len(o.Args) == 3 {
			start, ok1 := o.Args[0].(int64)
			step, ok2 := o.Args[2].(int64)
			if !ok2 {
				step = 1
			}
			for i := int64(0); ok1 && i < n; i++ {
				place = append(place, start+i*step)
			}
			return place
		}
	}
	if a, ok := readArray(v); ok && len(a.shape) == 1 {
		for i := range min(a.len(), n) {
			c, ok := a.at(i)
			var k int64
			if _, err := fmt.Sscan(c.text, &k); !ok || err != nil {
				return place
			}
			place = append(place, k)
		}
	}
	return place
}

// readBlock are the columns of a block: arrays hold one column per row.
func readBlock(v pickle.Value) []column {
	const most = 100_000
	if a, ok := readArray(v); ok && len(a.shape) == 2 {
		var all []column
		for k := range min(a.shape[0], most) {
			all = append(all, column{a.dtype.String(), a.shape[1], func(i int64) (cell, bool) { return pandasCell(a, k, i) }})
		}
		return all
	}
	if c, ok := readExtension(v, 0); ok {
		return []column{c}
	}
	if a, ok := readArray(v); ok && len(a.shape) == 1 {
		return []column{arrayColumn(a)}
	}
	return nil
}

func arrayColumn(a *ndarray) column {
	return column{a.dtype.String(), a.len(), func(i int64) (cell, bool) {
		if len(a.shape) == 2 {
			return pandasCell(a, i/max(a.shape[1], 1), i%max(a.shape[1], 1))
		}
		return pandasCell(a, i)
	}}
}

// pandasCell is an element of an array as pandas hands it out: times are
// Timestamps and Timedeltas there.
func pandasCell(a *ndarray, index ...int64) (cell, bool) {
	c, ok := a.at(index...)
	if ok && (a.dtype.kind == 'M' || a.dtype.kind == 'm') {
		n, ok := a.int(index...)
		if !ok {
			return c, false
		}
		if a.dtype.kind == 'M' {
			return cell{text: stamp(n, a.dtype.unit, nil)}, true
		}
		return cell{text: span(n, a.dtype.unit)}, true
	}
	return c, ok
}

// int is an element of eight bytes as a number.
func (a *ndarray) int(index ...int64) (int64, bool) {
	i := a.offset
	for k, n := range index {
		i += n * a.strides[k]
	}
	if a.data == nil || a.dtype.size != 8 || i < 0 || i > 1<<60 {
		return 0, false
	}
	p, ok := a.data.Range(i*8, 8)
	if !ok {
		return 0, false
	}
	return int64(a.dtype.bytes().Uint64(p)), true
}
