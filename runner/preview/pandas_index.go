package preview

import (
	"strconv"
	"strings"

	"flowls/runner/pickle"
)

// nested bounds indexes within arrays within indexes: real ones have categories of intervals of times.
const nested = 6

// readIndex reads an index of pandas and the name of its class.
func readIndex(v pickle.Value, depth int) (column, string, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || depth > nested || o.Global() == nil || !isPandasModule(o.Global()) || !strings.HasPrefix(o.Global().Name, "_new_") {
		return column{}, "", false
	}
	class, ok1 := nth[*pickle.Global](o.Args, 0)
	state, ok2 := nth[*pickle.Dict](o.Args, 1)
	if !ok1 || !ok2 {
		return column{}, "", false
	}
	name := class.Module + "." + class.Name
	switch class.Name {
	case "RangeIndex":
		c, ok := rangeColumn(state)
		return c, name, ok
	case "MultiIndex":
		if depth > 1 { // no library puts one into another
			return column{}, "", false
		}
		c, ok := multiColumn(state, depth+2)
		return c, name, ok
	}
	data, ok := state.Get("data")
	if !ok {
		return column{}, "", false
	}
	if a, ok := readArray(data); ok {
		return arrayColumn(a), name, true
	}
	if c, _, ok := readIndex(data, depth+1); ok {
		return c, name, true
	}
	c, ok := readExtension(data, depth+1)
	return c, name, ok
}

func rangeColumn(state *pickle.Dict) (column, bool) {
	get := func(key string) (int64, bool) {
		v, _ := state.Get(key)
		n, ok := v.(int64)
		return n, ok
	}
	start, ok1 := get("start")
	stop, ok2 := get("stop")
	step, ok3 := get("step")
	if !ok1 || !ok2 || !ok3 || step == 0 {
		return column{}, false
	}
	return column{"int64", steps(start, stop, step), func(i int64) (cell, bool) {
		return cell{text: strconv.FormatInt(start+i*step, 10)}, true
	}}, true
}

func multiColumn(state *pickle.Dict, depth int) (column, bool) {
	levels, _ := state.Get("levels")
	codes, ok := state.Get("codes")
	if !ok {
		codes, _ = state.Get("labels") // before pandas 0.24
	}
	values, ok1 := listItems(levels)
	numbers, ok2 := listItems(codes)
	if !ok1 || !ok2 || len(values) != len(numbers) || len(values) == 0 || len(values) > 64 {
		return column{}, false
	}
	var parts []column
	for i := range values {
		level, _, ok := readIndex(values[i], depth)
		code, ok2 := readArray(numbers[i])
		if !ok || !ok2 {
			return column{}, false
		}
		parts = append(parts, choose(level, arrayColumn(code), "NaN"))
	}
	return column{"object", parts[0].n, func(i int64) (cell, bool) {
		var texts []string
		for _, p := range parts {
			c, ok := p.at(i)
			if !ok {
				return c, false
			}
			texts = append(texts, c.repr())
		}
		return cell{text: "(" + strings.Join(texts, ", ") + ")"}, true
	}}, true
}

func listItems(v pickle.Value) ([]pickle.Value, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return v.Items, true
	case *pickle.Tuple:
		return v.Items, true
	case *pickle.Object: // FrozenList(items)
		if len(v.Args) == 1 {
			if _, ok := v.Args[0].(*pickle.Object); !ok {
				return listItems(v.Args[0])
			}
		}
	}
	return nil, false
}

// choose makes a column of codes that number the values of another; -1 is none.
func choose(values, codes column, none string) column {
	return column{values.dtype, codes.n, func(i int64) (cell, bool) {
		c, ok := codes.at(i)
		if !ok {
			return c, false
		}
		k, err := strconv.ParseInt(c.text, 10, 64)
		if err != nil || k >= values.n {
			return cell{}, false
		}
		if k < 0 {
			return cell{text: none}, true
		}
		return values.at(k)
	}}
}
