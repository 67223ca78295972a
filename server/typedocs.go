package server

import (
	"fmt"
	"reflect"
	"strings"
)

// typeDocs writes tables of the members of Go types. Types that are members of
// others are written once, at the end.
type typeDocs struct {
	seen  map[reflect.Type]bool
	queue []reflect.Type
}

// write documents a value's type under a title.
func (d *typeDocs) write(b *strings.Builder, title string, value any) {
	t := reflect.TypeOf(value)
	if t == nil {
		return
	}
	if t.Kind() != reflect.Struct {
		fmt.Fprintf(b, "\n%s: %s.\n", title, d.name(t))
		return
	}
	if t.NumField() == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	d.table(b, t)
}

func (d *typeDocs) table(b *strings.Builder, t reflect.Type) {
	b.WriteString("\n| member | type | meaning |\n|---|---|---|\n")
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous {
			continue
		}
		optional := ""
		if strings.Contains(f.Tag.Get("json"), ",omit") {
			optional = "?"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", jsonName(f), optional, d.name(f.Type), strings.ReplaceAll(docText(f), "|", "\\|"))
	}
}

// rest documents the types that were mentioned.
func (d *typeDocs) rest(b *strings.Builder) {
	for len(d.queue) > 0 {
		t := d.queue[0]
		d.queue = d.queue[1:]
		fmt.Fprintf(b, "\n### %s\n", t.Name())
		d.table(b, t)
	}
}

// name is a type in JSON's words; a struct of our own is queued.
func (d *typeDocs) name(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return d.name(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "any"
		}
		return "array of " + d.name(t.Elem())
	case reflect.Map:
		return "object of " + d.name(t.Elem())
	case reflect.Struct:
		if !strings.HasPrefix(t.PkgPath(), "flowls/") { // LSP's own, or time
			if t.Name() == "Time" {
				return "string"
			}
			return t.Name()
		}
		if !d.seen[t] {
			d.seen[t] = true
			d.queue = append(d.queue, t)
		}
		return t.Name()
	}
	return jsonType(t)
}

// jsonType is JSON Schema's name of a plain type.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return "number"
	case reflect.Slice:
		return "array"
	case reflect.Map:
		return "object"
	case reflect.Interface:
		return "any"
	}
	panic("no JSON type for " + t.String())
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return f.Name
	}
	return name
}
