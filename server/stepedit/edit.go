package stepedit

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/imports"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// Replace writes something else in the place of a span.
func Replace(span text.Span, with, title string) rule.Fix {
	return rule.Fix{Title: title, Edits: []text.Edit{{Span: span, New: with}}, Preferred: true}
}

// Without takes an argument of @kubernetes away; no fix if the step has none.
func Without(s *flow.Step, argument, title string) []rule.Fix {
	d := Decorator(s, "kubernetes")
	if d == nil {
		return nil
	}
	i := slices.IndexFunc(d.Args, func(a flow.DecoratorArg) bool { return a.Name == argument })
	if i < 0 {
		return nil
	}
	span := d.Args[i].Span
	switch {
	case i+1 < len(d.Args):
		span.End = d.Args[i+1].Span.Start
	case i > 0:
		span.Start = d.Args[i-1].Span.End
	}
	return []rule.Fix{Replace(span, "", title)}
}

// WithoutItem takes a name out of a list of @kubernetes, or the whole argument if it
// is the only one.
func WithoutItem(s *flow.Step, argument, item string) []rule.Fix {
	d := Decorator(s, "kubernetes")
	if d == nil {
		return nil
	}
	a := Argument(d, argument)
	if a == nil {
		return nil
	}
	title := fmt.Sprintf("Remove `%s` from %s", item, argument)
	if a.Value.Kind != flow.List && a.Value.Kind != flow.Tuple || len(a.Value.Items) < 2 {
		return Without(s, argument, title)
	}
	items := a.Value.Items
	i := slices.IndexFunc(items, func(x flow.Value) bool { return x.Kind == flow.String && x.Text == item })
	if i < 0 {
		return nil
	}
	span := items[i].Span
	if i+1 < len(items) {
		span.End = items[i+1].Span.Start
	} else {
		span.Start = items[i-1].Span.End
	}
	return []rule.Fix{Replace(span, "", title)}
}

// AddArgument writes the first argument of a decorator.
func AddArgument(src *text.Text, d *flow.Decorator, argument, title string) rule.Fix {
	at, added := d.NameSpan.End, "("+argument+")"
	if d.Call {
		open := strings.IndexByte(src.Slice(text.Span{Start: at, End: d.Span.End}), '(')
		at += open + 1
		if added = argument; len(d.Args) > 0 {
			added += ", "
		}
	}
	return Replace(text.Span{Start: at, End: at}, added, title)
}

// Decorate puts a decorator of Metaflow's above the others of a step or flow that
// begins at an offset, and imports it. No fix where something else begins the line.
func Decorate(src *text.Text, at int, name, arguments, title string) []rule.Fix {
	line := src.LineSpan(src.Line(at))
	indent := src.Slice(text.Span{Start: line.Start, End: at})
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	im := imports.Of(src.Bytes())
	written, edits := im.Write(name)
	added := "@" + written + arguments + src.LineEnding() + indent
	// Edits are applied from the last one to the first.
	edits = append([]text.Edit{{Span: text.Span{Start: at, End: at}, New: added}}, edits...)
	return []rule.Fix{{Title: title, Edits: edits, Preferred: true}}
}
