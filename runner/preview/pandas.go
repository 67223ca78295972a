package preview

import (
	"fmt"
	"slices"
	"strings"

	"flowls/runner/pickle"
)

// column is a row of values with one type: a column, an index.
type column struct {
	dtype string
	n     int64
	at    func(i int64) (cell, bool)
}

// unknown stands for values whose form is not known.
func unknown(dtype string, n int64) column {
	return column{dtype, n, func(int64) (cell, bool) { return cell{}, false }}
}

// isPandas tells a class of pandas by its name; since pandas 3 the public
// module stands for the inner one.
func isPandas(g *pickle.Global, names ...string) bool {
	if g == nil || g.Module != "pandas" && !strings.HasPrefix(g.Module, "pandas.") {
		return false
	}
	for _, n := range names {
		if g.Name == n {
			return true
		}
	}
	return false
}

func describePandas(o *pickle.Object, g *pickle.Global, _ int) *Description {
	if d := describeGeo(o, g); d != nil {
		return d
	}
	if !isPandasModule(g) {
		return nil
	}
	switch {
	case g.Name == "DataFrame":
		return describeFrame(o, o.ClassName())
	case g.Name == "Series":
		return describeSeries(o)
	}
	if text, ok := plainText(o); ok {
		return &Description{Kind: Scalar, Type: scalarName(g), Summary: text, Value: text}
	}
	if c, name, ok := readIndex(o, 0); ok {
		return c.describe(Index, name)
	}
	if c, ok := readExtension(o, 0); ok {
		name := o.ClassName()
		if class, ok := first[*pickle.Global](o.Args); ok {
			name = class.Module + "." + class.Name
		}
		return c.describe(Series, name)
	}
	return nil
}

func isPandasModule(g *pickle.Global) bool {
	return g.Module == "pandas" || strings.HasPrefix(g.Module, "pandas.")
}

// describeGeo knows subclasses of a DataFrame, such as geopandas has, by their state.
func describeGeo(o *pickle.Object, g *pickle.Global) *Description {
	if isPandasModule(g) {
		return nil
	}
	switch kind, _ := field(o, "_typ"); kind {
	case "dataframe":
		return describeFrame(o, o.ClassName())
	case "series":
		return describeSeries(o)
	}
	return nil
}

// describe describes what has one column.
func (c column) describe(kind, name string) *Description {
	short := name[strings.LastIndexByte(name, '.')+1:]
	d := &Description{Kind: kind, Type: name, Dtype: c.dtype, Summary: oneLine(strings.TrimSpace(fmt.Sprintf("%s %d %s", short, c.n, c.dtype)), maxLine)}
	if c.n >= 0 {
		d.Shape = []int64{c.n}
	} else {
		d.Summary = short
	}
	var parts []string
	for i := range min(c.n, firstItems) {
		v, ok := c.at(i)
		if !ok {
			break
		}
		parts = append(parts, oneLine(v.repr(), maxCell))
	}
	if int64(len(parts)) < c.n {
		parts = append(parts, "…")
	}
	d.Value = oneLine("["+strings.Join(parts, ", ")+"]", maxValue)
	return d
}

func describeFrame(o *pickle.Object, name string) *Description {
	d := &Description{Kind: DataFrame, Type: name, Summary: name[strings.LastIndexByte(name, '.')+1:]}
	m, ok := readManager(o)
	if !ok {
		return d
	}
	var labels, index *column
	if len(m.axes) > 0 {
		if c, _, ok := readIndex(m.axes[0], 0); ok && c.n >= 0 { // else it was read in part
			labels = &c
		}
	}
	if len(m.axes) > 1 {
		if c, _, ok := readIndex(m.axes[1], 0); ok {
			index = &c
		}
	}
	columns, rows := m.columns(labels)
	if index != nil && index.n >= 0 {
		rows = index.n
	}
	if rows < 0 {
		return d
	}
	if labels == nil { // they stand behind the values, which were read in part
		d.Summary += fmt.Sprintf(" %d×≥%d", rows, len(columns))
		columns = slices.DeleteFunc(columns, func(c column) bool {
			_, ok := c.at(0)
			return !ok
		})
		d.Table = frameTable(columns, labels, index, rows)
		return d
	}
	d.Shape = []int64{rows, labels.n}
	d.Summary += fmt.Sprintf(" %d×%d", rows, labels.n)
	for i, c := range columns[:min(len(columns), maxColumns)] {
		d.Column = append(d.Column, Column{label(labels, int64(i)), c.dtype})
	}
	d.Table = frameTable(columns, labels, index, rows)
	return d
}

func label(labels *column, i int64) string {
	if labels == nil {
		return "?"
	}
	if i < labels.n {
		if c, ok := labels.at(i); ok {
			return oneLine(c.text, maxCell)
		}
	}
	return "…"
}

func frameTable(columns []column, labels, index *column, rows int64) *Table {
	if rows == 0 || len(columns) == 0 {
		return nil
	}
	t := &Table{Columns: []string{""}, Rows: [][]string{}}
	shown := columns[:min(len(columns), tableCols)]
	for i := range shown {
		t.Columns = append(t.Columns, label(labels, int64(i)))
	}
	for r := range min(rows, tableRows) {
		row := []string{rowLabel(index, r)}
		for _, c := range shown {
			row = append(row, cellText(c.at(r)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func rowLabel(index *column, r int64) string {
	if index == nil {
		return "…"
	}
	return cellText(index.at(r))
}

func describeSeries(o *pickle.Object) *Description {
	m, ok := readManager(o)
	if !ok {
		return &Description{Kind: Series, Type: o.ClassName(), Summary: o.Class().Name}
	}
	var index *column
	if len(m.axes) > 0 {
		if c, _, ok := readIndex(m.axes[0], 0); ok {
			index = &c
		}
	}
	c := unknown("", -1)
	if len(m.blocks) > 0 {
		if all := readBlock(m.blocks[0].values); len(all) > 0 {
			c = all[0]
		} else if a, ok := readArray(m.blocks[0].values); ok {
			c = arrayColumn(a)
		}
	}
	if index != nil {
		c.n = index.n
	}
	d := c.describe(Series, o.ClassName())
	name := ""
	if v, ok := field(o, "name", "_name"); ok && v != nil {
		name = key(v)
	}
	if c.n > 0 {
		d.Table = &Table{Columns: []string{"", name}, Rows: [][]string{}}
		for r := range min(c.n, tableRows) {
			d.Table.Rows = append(d.Table.Rows, []string{rowLabel(index, r), cellText(c.at(r))})
		}
	}
	return d
}
