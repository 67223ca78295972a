package preview

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"flowls/runner/pickle"
)

// Describe tells what a value is. The work is bounded whatever the value holds.
func Describe(v pickle.Value) *Description {
	d := describe(v, 0)
	switch {
	case len(d.Summary) <= shortLine:
	case d.Kind == Scalar || d.Kind == Text || d.Kind == Bytes || d.Value != "" && (d.Kind == List || d.Kind == Dict):
		d.short, _ = pickle.Preview(v, shortLine)
	case d.Kind == List || d.Kind == Dict:
		d.short = d.Summary[:1] + count(*d.Length, "item") + d.Summary[len(d.Summary)-1:]
	}
	return d
}

// maxDepth is how deep parts of parts are described rather than named.
const maxDepth = 2

func describe(v pickle.Value, depth int) *Description {
	switch v := v.(type) {
	case string:
		n := int64(utf8.RuneCountInString(v))
		return &Description{Kind: Text, Type: "str", Summary: line(v), Value: repr(v), Length: &n}
	case pickle.Bytes, *pickle.ByteArray:
		return describeBytes(v)
	case *pickle.Chunk:
		if v.Text {
			return &Description{Kind: Text, Type: "str", Summary: line(v), Value: repr(v)} // of characters only the bytes are known
		}
		return describeBytes(v)
	case *pickle.List:
		return describeItems(v, "list", v.Items, v.More, depth)
	case *pickle.Tuple:
		return describeItems(v, "tuple", v.Items, v.More, depth)
	case *pickle.Set:
		name := "set"
		if v.Frozen {
			name = "frozenset"
		}
		return describeItems(v, name, v.Items, v.More, depth)
	case *pickle.Dict:
		return describeEntries(v, "dict", v.Entries, v.More, depth)
	case *pickle.Global:
		return describeGlobal(v)
	case *pickle.Object:
		return describeObject(v, depth)
	case pickle.Omitted, *pickle.Persistent, *pickle.Buffer:
		return &Description{Kind: Opaque, Summary: "…"}
	}
	return &Description{Kind: Scalar, Type: builtin(v), Summary: line(v), Value: repr(v)}
}

func builtin(v pickle.Value) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case float64:
		return "float"
	}
	return "int"
}

// repr is a value as Python prints it, or its beginning.
func repr(v pickle.Value) string {
	text, complete := pickle.Repr(v, maxValue)
	if !complete {
		text = strings.TrimSuffix(text, "...") + "…"
	}
	return text
}

// line is a value in one line.
func line(v pickle.Value) string {
	text, ok := pickle.Preview(v, maxLine)
	if !ok {
		text, _ = pickle.Repr(v, maxLine)
	}
	return text
}

// oneLine shortens a text for a cell or a line.
func oneLine(text string, max int) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	r := []rune(text)
	return string(r[:max-1]) + "…"
}

func describeBytes(v pickle.Value) *Description {
	c, _ := pickle.Data(v)
	name := "bytes"
	if _, ok := v.(*pickle.ByteArray); ok {
		name = "bytearray"
	}
	if d := imageBytes(c.Head()); d != nil {
		d.Type, d.Length = name, &c.Size
		return d
	}
	return &Description{Kind: Bytes, Type: name, Summary: line(v), Value: repr(v), Length: &c.Size}
}

func describeGlobal(g *pickle.Global) *Description {
	name := oneLine(g.Module+"."+g.Name, maxName)
	switch {
	case g.Module == "pandas._libs.missing" && g.Name == "NA", g.Module == "pandas" && g.Name == "NA":
		return &Description{Kind: Scalar, Type: "pandas._libs.missing.NAType", Summary: "<NA>", Value: "<NA>"}
	case g.Module == "torch" && slices.Contains(torchTypes(), g.Name):
		return &Description{Kind: Scalar, Type: "torch.dtype", Summary: name, Value: name}
	}
	// A class or a function: a reference does not tell which.
	return &Description{Kind: Object, Type: "", Summary: name, Value: name}
}

// describers know the objects of libraries, by the module and name of what
// makes them; first match wins.
func describeObject(o *pickle.Object, depth int) *Description {
	g := o.Class()
	if text, _ := pickle.Repr(o, maxCell); g == nil && !strings.HasPrefix(text, "<") {
		return &Description{Kind: Scalar, Type: text[:strings.IndexByte(text, '(')], Summary: text, Value: text}
	}
	if g == nil {
		return &Description{Kind: Opaque, Type: "object", Summary: "object"}
	}
	if len(g.Module)+len(g.Name) > maxName {
		return &Description{Kind: Opaque, Type: "object", Summary: "object"}
	}
	if class, ok := first[*pickle.Global](o.Args); ok && (o.Is("builtins", "getattr") || o.Is("__builtin__", "getattr")) { // a member of an enum
		if name, ok := nth[string](o.Args, 1); ok {
			text := oneLine(class.Name+"."+name, maxLine)
			return &Description{Kind: Object, Type: oneLine(class.Module+"."+class.Name, maxName), Summary: text, Value: text}
		}
	}
	for _, known := range []func(*pickle.Object, *pickle.Global, int) *Description{
		describeNumpy, describePandas, describeTorch, describeImage, describeSparse, describeModel, describeCollection, describeLiteral,
	} {
		if d := known(o, g, depth); d != nil {
			return d
		}
	}
	return describeInstance(o, g, depth)
}

// describeLiteral knows what pickle.Repr has a literal form for.
func describeLiteral(o *pickle.Object, g *pickle.Global, _ int) *Description {
	text, _ := pickle.Repr(o, maxValue)
	if strings.HasPrefix(text, "<") {
		return nil
	}
	name := o.ClassName()
	if c, ok := pickle.Data(o); ok { // bytes below protocol 3
		if d := imageBytes(c.Head()); d != nil {
			d.Type, d.Length = "bytes", &c.Size
			return d
		}
		kind := "bytes"
		if g.Name == "bytearray" {
			kind = g.Name
		}
		return &Description{Kind: Bytes, Type: kind, Summary: line(o), Value: repr(o), Length: &c.Size}
	}
	if name == "set" || name == "frozenset" { // below protocol 4
		list, _ := first[*pickle.List](o.Args)
		if list == nil {
			list = &pickle.List{}
		}
		return describeItems(o, name, list.Items, list.More, maxDepth)
	}
	d := &Description{Kind: Scalar, Type: strings.Replace(name, "pathlib._local.", "pathlib.", 1), Summary: line(o), Value: repr(o)}
	if name == "range" {
		d.Length = rangeLength(o.Args)
	}
	return d
}

func rangeLength(args []pickle.Value) *int64 {
	if len(args) != 3 {
		return nil
	}
	start, ok1 := args[0].(int64)
	stop, ok2 := args[1].(int64)
	step, ok3 := args[2].(int64)
	if !ok1 || !ok2 || !ok3 || step == 0 {
		return nil
	}
	n := steps(start, stop, step)
	return &n
}

// steps is the length of range(start, stop, step).
func steps(start, stop, step int64) int64 {
	switch {
	case step > 0 && start < stop:
		return counted((uint64(stop) - uint64(start) - 1) / uint64(step))
	case step < 0 && start > stop:
		return counted((uint64(start) - uint64(stop) - 1) / -uint64(step))
	}
	return 0
}

// first is the first of some values if it is a T.
func first[T any](values []pickle.Value) (T, bool) { return nth[T](values, 0) }

func nth[T any](values []pickle.Value, i int) (T, bool) {
	var zero T
	if i >= len(values) {
		return zero, false
	}
	v, ok := values[i].(T)
	return v, ok
}

// counted is one more than how often a range goes on, as far as that is a number.
func counted(more uint64) int64 {
	if more >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(more) + 1
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// times writes a shape: 1000×12.
func times(shape []int64) string {
	if len(shape) == 0 {
		return "scalar"
	}
	var b strings.Builder
	for i, n := range shape {
		if i > 0 {
			b.WriteString("×")
		}
		fmt.Fprintf(&b, "%d", n)
	}
	return b.String()
}
