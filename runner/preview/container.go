package preview

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"flowls/runner/pickle"
)

func describeItems(v pickle.Value, name string, items []pickle.Value, more, depth int) *Description {
	n := int64(len(items) + more)
	d := &Description{Kind: List, Type: name, Summary: line(v), Value: repr(v), Length: &n}
	if depth >= maxDepth {
		return d
	}
	for _, item := range items[:min(len(items), maxParts)] {
		d.add("", item, depth)
	}
	d.More = n - int64(len(d.Parts))
	brackets := [2]string{"[", "]"}
	if name == "tuple" {
		brackets = [2]string{"(", ")"}
	}
	d.gather(brackets, items)
	return d
}

// gather makes the line of a container of what its parts are, where some of
// them have no literal form.
func (d *Description) gather(brackets [2]string, items []pickle.Value) {
	const most = 6
	plain := true
	for _, v := range items[:min(len(items), most)] {
		o, ok := v.(*pickle.Object)
		if !ok {
			continue
		}
		text, _ := pickle.Repr(o, maxLine)
		plain = plain && !strings.HasPrefix(text, "<")
	}
	if plain {
		return
	}
	var texts []string
	for _, p := range d.Parts[:min(len(d.Parts), most)] {
		if p.Name != "" {
			p.Summary = p.Name + ": " + p.Summary
		}
		texts = append(texts, p.Summary)
	}
	d.Summary = brackets[0] + strings.Join(texts, ", ") + brackets[1]
	if d.More > 0 || len(d.Parts) > most || utf8.RuneCountInString(d.Summary) > maxLine {
		d.Summary = brackets[0] + count(*d.Length, "item") + brackets[1]
	}
	d.Value = ""
}

func describeEntries(v pickle.Value, name string, entries []pickle.Entry, more, depth int) *Description {
	n := int64(len(entries) + more)
	d := &Description{Kind: Dict, Type: name, Summary: line(v), Value: repr(v), Length: &n}
	if depth >= maxDepth {
		return d
	}
	for _, e := range entries[:min(len(entries), maxParts)] {
		d.add(key(e.Key), e.Value, depth)
	}
	d.More = n - int64(len(d.Parts))
	var values []pickle.Value
	for _, e := range entries[:len(d.Parts)] {
		values = append(values, e.Value)
	}
	d.gather([2]string{"{", "}"}, values)
	return d
}

// add describes a part.
func (d *Description) add(name string, v pickle.Value, depth int) {
	p := describe(v, depth+1)
	d.Parts = append(d.Parts, Part{name, p.Type, oneLine(p.Summary, maxLine)})
}

// key is the key of a dict, without quotes where it reads well so.
func key(v pickle.Value) string {
	if s, ok := v.(string); ok && utf8.ValidString(s) {
		return oneLine(s, maxCell)
	}
	text, _ := pickle.Repr(v, maxCell)
	return text
}

// describeCollection knows the containers of the standard library, and subclasses of the builtin ones.
func describeCollection(o *pickle.Object, g *pickle.Global, depth int) *Description {
	name := o.ClassName()
	switch name {
	case "collections.OrderedDict", "collections.Counter", "collections.defaultdict":
		entries := o.Entries
		if len(o.Args) > 0 {
			switch a := o.Args[0].(type) {
			case *pickle.Dict:
				entries = a.Entries
			case *pickle.List: // pairs, in protocol 0 and 1
				for _, item := range a.Items {
					if pair, ok := item.(*pickle.List); ok && len(pair.Items) == 2 {
						entries = append(entries, pickle.Entry{Key: pair.Items[0], Value: pair.Items[1]})
					}
				}
			}
		}
		return describeEntries(o, name, entries, o.More, depth)
	case "collections.deque":
		return describeItems(o, name, o.Items, o.More, depth)
	}
	if g.Module == "builtins" || g.Module == "__builtin__" {
		return nil
	}
	if n := len(o.Entries) + o.More; len(o.Entries) > 0 {
		d := describeEntries(o, name, o.Entries, o.More, depth)
		d.Summary = fmt.Sprintf("%s with %s", g.Name, count(int64(n), "item"))
		return d
	}
	if n := len(o.Items) + o.More; len(o.Items) > 0 {
		d := describeItems(o, name, o.Items, o.More, depth)
		d.Summary = fmt.Sprintf("%s with %s", g.Name, count(int64(n), "item"))
		return d
	}
	return nil
}
