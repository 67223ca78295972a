package preview

import (
	"strings"
	"sync"

	"flowls/runner/pickle"
)

// fields are the attributes that the state of an object holds: a dict, or a
// pair of one and the values of slots.
func fields(o *pickle.Object) []pickle.Entry {
	var all []pickle.Entry
	add := func(v pickle.Value) {
		if d, ok := v.(*pickle.Dict); ok {
			for _, e := range d.Entries {
				if _, ok := e.Key.(string); ok {
					all = append(all, e)
				}
			}
		}
	}
	switch s := o.State.(type) {
	case *pickle.Dict:
		add(s)
	case *pickle.Tuple:
		if len(s.Items) == 2 {
			add(s.Items[0])
			add(s.Items[1])
		}
	}
	return all
}

// field is one attribute.
func field(o *pickle.Object, names ...string) (pickle.Value, bool) {
	all := fields(o)
	for _, name := range names {
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].Key == name {
				return all[i].Value, true
			}
		}
	}
	return nil, false
}

// describeInstance describes an object of any class: its attributes, or else
// what its class was called with.
func describeInstance(o *pickle.Object, g *pickle.Global, depth int) *Description {
	d := &Description{Kind: Object, Type: o.ClassName(), Summary: g.Name}
	if foreign(g) {
		d.Kind = Opaque
		if made := makers()[d.Type]; made != "" {
			d.Known(made)
		}
		return d
	}
	if state := fields(o); len(state) > 0 {
		d.arguments(g.Name, state, depth)
		return d
	}
	if len(o.Args) == 0 {
		if o.State != nil {
			d.Kind = Opaque // the state is in a form that only the class reads
		}
		return d
	}
	var args []string
	for i, a := range o.Args {
		if i == 5 {
			args = append(args, "…")
			break
		}
		args = append(args, brief(a, depth))
	}
	d.Summary = oneLine(g.Name+"("+strings.Join(args, ", ")+")", maxLine)
	n := int64(len(o.Args))
	if depth < maxDepth {
		for _, a := range o.Args[:min(len(o.Args), maxParts)] {
			d.add("", a, depth)
		}
		d.More = n - int64(len(d.Parts))
	}
	if o.New { // a namedtuple is made of its items
		d.Length = &n
	}
	return d
}

// makers are functions whose name does not tell what they make.
var makers = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"pyarrow.lib._reconstruct_table":            "pyarrow.lib.Table",
		"pyarrow.lib._reconstruct_record_batch":     "pyarrow.lib.RecordBatch",
		"pyarrow.lib._restore_array":                "pyarrow.lib.Array",
		"numpy.random._pickle.__generator_ctor":     "numpy.random._generator.Generator",
		"numpy.random._pickle.__randomstate_ctor":   "numpy.random.mtrand.RandomState",
		"numpy.random._pickle.__bit_generator_ctor": "numpy.random.BitGenerator",
	}
})

// Known tells the class of a value that its pickle does not name.
func (d *Description) Known(class string) {
	if class == "" || d.Kind != Opaque && d.Type != "" {
		return
	}
	d.Type = class
	if d.Kind == Opaque {
		d.Summary = class[strings.LastIndexByte(class, '.')+1:]
	}
}

// foreign: a function that makes something else, whose arguments tell a reader nothing.
func foreign(g *pickle.Global) bool {
	name := strings.ToLower(g.Name)
	return strings.HasPrefix(g.Name, "_") || strings.Contains(name, "unpickle") || strings.Contains(name, "rebuild") || strings.Contains(name, "restore") ||
		strings.Contains(name, "reconstruct")
}

// arguments describes attributes as parts, and as the arguments of a call in the summary.
func (d *Description) arguments(name string, state []pickle.Entry, depth int) {
	var b strings.Builder
	b.WriteString(name + "(")
	for i, e := range state {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > maxLine {
			b.WriteString("…")
			break
		}
		b.WriteString(e.Key.(string) + "=" + brief(e.Value, depth))
	}
	d.Summary = oneLine(b.String()+")", maxLine)
	if depth >= maxDepth {
		return
	}
	for _, e := range state[:min(len(state), maxParts)] {
		d.add(e.Key.(string), e.Value, depth)
	}
	d.More = int64(len(state) - len(d.Parts))
}

// brief is a value within a line. Depth bounds how far objects within objects are looked into.
func brief(v pickle.Value, depth int) string {
	if o, ok := v.(*pickle.Object); ok && depth <= maxDepth {
		return oneLine(describe(o, max(depth, maxDepth)+1).Summary, 40)
	}
	if text, ok := pickle.Preview(v, 40); ok {
		return text
	}
	text, _ := pickle.Repr(v, 40)
	return text
}
