// Package preview tells what a pickled value is: its kind, shape and types, its
// first values or rows, its parts, in one structure that the command line, the
// editor and requests show. It knows the shapes in which numpy, pandas, torch and
// others pickle their objects; nothing of a value is executed.
package preview

import "strings"

// Kinds of values.
const (
	Scalar    = "value"     // a number, a date, None and the like: Value says all
	Text      = "text"      // a str
	Bytes     = "bytes"     // bytes or bytearray
	List      = "list"      // list, tuple, set, deque
	Dict      = "dict"      // dict and its kin
	Object    = "object"    // an instance of a class, with fields if they are known
	Array     = "array"     // of numpy or scipy
	DataFrame = "dataframe" // of pandas
	Series    = "series"    // a column of pandas
	Index     = "index"     // of pandas
	Tensor    = "tensor"    // of torch
	Image     = "image"     // of Pillow, or bytes that are one
	Model     = "model"     // an estimator of scikit-learn and its kin, a module of torch
	Opaque    = "opaque"    // only class and size are known
)

// Description tells what a value is.
type Description struct {
	Kind    string `json:"kind" doc:"value, text, bytes, list, dict, object, array, dataframe, series, index, tensor, image, model or opaque."`
	Type    string `json:"type" doc:"Class with its module, where the pickle tells it."`
	Summary string `json:"summary" doc:"The value in one line."`
	// Value is set for what has a literal form, or first values.
	Value  string   `json:"value,omitempty" doc:"The value as Python prints it, or its beginning; the first values of an array."`
	Length *int64   `json:"length,omitempty" doc:"Number of items, characters or bytes."`
	Shape  []int64  `json:"shape,omitempty" doc:"Size along each axis; absent where it is not known."`
	Dtype  string   `json:"dtype,omitempty" doc:"Type of the elements, as numpy, pandas or torch names it."`
	Column []Column `json:"columns,omitempty" doc:"Columns of a DataFrame, at most 200."`
	Table  *Table   `json:"table,omitempty" doc:"The first rows."`
	Parts  []Part   `json:"children,omitempty" doc:"Items, fields or parameters, at most 50."`
	More   int64    `json:"more,omitempty" doc:"Children that are not listed."`
	Format string   `json:"format,omitempty" doc:"Of an image: png, jpeg, gif, webp, bmp; or its mode in Pillow."`
	// Partial: the beginning of the value was looked at, Read bytes of it.
	Partial bool  `json:"partial,omitempty" doc:"Whether only the beginning of the value was read."`
	Read    int64 `json:"read,omitempty" doc:"Bytes of the value that a partial answer stands on."`

	short string
}

// Short is the summary in some 60 bytes, for the end of a line of code.
func (d *Description) Short() string {
	if d.short == "" || len(d.Summary) <= shortLine {
		return oneLine(d.Summary, shortLine)
	}
	return d.short
}

// Column is a column of a DataFrame.
type Column struct {
	Name  string `json:"name" doc:"Label of the column."`
	Dtype string `json:"dtype" doc:"Type of its values; empty where it is not known."`
}

// Table is the beginning of something with rows.
type Table struct {
	Columns []string   `json:"columns" doc:"Labels, at most 20; the first is that of the index and may be empty."`
	Rows    [][]string `json:"rows" doc:"At most 10 rows of cells."`
}

// Part is a part of a value.
type Part struct {
	Name    string `json:"name,omitempty" doc:"Key, field or parameter; absent for items of a list."`
	Type    string `json:"type" doc:"Class of the part."`
	Summary string `json:"summary" doc:"The part in one line."`
}

// Cut notes that only the first bytes of the value were read. What was counted
// in them may be more.
func (d *Description) Cut(read int64) {
	d.Partial, d.Read = true, read
	if (d.Kind == List || d.Kind == Dict) && d.Length != nil && len(d.Summary) > 1 {
		d.Summary = d.Summary[:1] + "at least " + count(*d.Length, "item") + d.Summary[len(d.Summary)-1:]
		d.short, d.Length, d.Value = d.Summary, nil, strings.TrimRight(d.Value, "])}…")+"…"
	}
}

// Sized reports whether the size of the value is worth showing beside the summary.
func (d *Description) Sized() bool {
	switch d.Kind {
	case Array, DataFrame, Series, Index, Tensor, Image, Model, Opaque:
		return true
	}
	return d.Partial
}

const (
	maxParts   = 50
	maxColumns = 200
	tableRows  = 10
	tableCols  = 19 // beside the index
	firstItems = 10 // values of an array
	maxCell    = 80
	maxLine    = 120 // of a summary
	shortLine  = 60
	maxName    = 300  // of a class
	maxValue   = 4096 // of a Value
)
