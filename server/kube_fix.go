package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/imports"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// podFixes change what the step asks the cluster for.
func (v *view) podFixes(f *flow.Flow, s *flow.Step, t podTrouble, fit *kubeFit) []rule.Fix {
	switch t.rule {
	case rule.PodOutOfMemory:
		return v.moreMemory(s, max(t.first.Limit, t.first.Request))
	case rule.PodImage:
		return v.without(s, "image", "Remove the image: Metaflow takes its own")
	case rule.PodDeadline:
		return v.moreTime(s)
	case rule.PodLost:
		if decoratorNamed(s, "retry") == nil {
			return v.decorate(s.Span.Start, "retry", "", "Add @retry")
		}
	case rule.PodConfig:
		if m := missingName(t.first.Message, "secret"); m != "" {
			return v.withoutItem(s, "secrets", m)
		}
	case rule.PodRefused:
		if strings.Contains(t.first.Message, "service account") {
			return v.without(s, "service_account", "Remove the service account: the namespace has a default one")
		}
		if q := overQuota(t.first.Message); q != nil {
			return v.quotaFixes(q, fit)
		}
	case rule.PodUnschedulable:
		switch {
		case strings.Contains(t.first.Message, "labels that the node selector"):
			return v.without(s, "node_selector", "Remove the node selector")
		case strings.Contains(t.first.Message, "persistent volume claim"):
			return v.without(s, "persistent_volume_claims", "Remove the persistent volume claims")
		}
		return v.placeFixes(t, fit)
	case rule.PodFailed:
		return v.exitFixes(f, s)
	}
	return nil
}

const (
	mega          = 1_000_000   // the unit of memory=
	defaultMemory = 4096 * mega // what Metaflow asks for where nothing else is said
)

// moreMemory asks for twice as much, in the argument that counts: Metaflow takes
// the larger one of @kubernetes and @resources.
func (v *view) moreMemory(s *flow.Step, had int64) []rule.Fix {
	if had == 0 {
		had = defaultMemory
	}
	want := strconv.FormatInt(2*max(had/mega, 1), 10)
	title := fmt.Sprintf("Ask for %s of memory", bytesOf(2*had))
	for _, name := range []string{"kubernetes", "resources"} {
		if d := decoratorNamed(s, name); d != nil {
			a := argumentNamed(d, "memory")
			switch {
			case a != nil && a.Value.Kind == flow.Int:
				return []rule.Fix{replaceWith(a.ValueSpan, want, title)}
			case a != nil && a.Value.Kind == flow.String:
				return []rule.Fix{replaceWith(a.ValueSpan, strconv.Quote(want), title)}
			case a != nil:
				return nil // it is computed
			}
		}
	}
	for _, name := range []string{"kubernetes", "resources"} {
		if d := decoratorNamed(s, name); d != nil {
			return []rule.Fix{v.addArgument(d, "memory="+want, title)}
		}
	}
	return v.decorate(s.Span.Start, "resources", "(memory="+want+")", title)
}

// moreTime doubles the limit.
func (v *view) moreTime(s *flow.Step) []rule.Fix {
	d := decoratorNamed(s, "timeout")
	if d == nil {
		return nil
	}
	for _, unit := range []string{"hours", "minutes", "seconds"} {
		a := argumentNamed(d, unit)
		if a == nil || a.Value.Kind != flow.Int {
			continue
		}
		if n, err := strconv.ParseInt(a.Value.Text, 10, 32); err == nil && n > 0 {
			return []rule.Fix{replaceWith(a.ValueSpan, strconv.FormatInt(2*n, 10), fmt.Sprintf("Allow %d %s", 2*n, unit))}
		}
	}
	return nil
}

func replaceWith(span text.Span, with, title string) rule.Fix {
	return rule.Fix{Title: title, Edits: []text.Edit{{Span: span, New: with}}, Preferred: true}
}

// without takes an argument of @kubernetes away.
func (v *view) without(s *flow.Step, argument, title string) []rule.Fix {
	d := decoratorNamed(s, "kubernetes")
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
	return []rule.Fix{replaceWith(span, "", title)}
}

// withoutItem takes a name out of a list, or the whole argument if it is the only one.
func (v *view) withoutItem(s *flow.Step, argument, item string) []rule.Fix {
	d := decoratorNamed(s, "kubernetes")
	if d == nil {
		return nil
	}
	a := argumentNamed(d, argument)
	if a == nil {
		return nil
	}
	title := fmt.Sprintf("Remove `%s` from %s", item, argument)
	if a.Value.Kind != flow.List && a.Value.Kind != flow.Tuple || len(a.Value.Items) < 2 {
		return v.without(s, argument, title)
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
	return []rule.Fix{replaceWith(span, "", title)}
}

// addArgument writes the first argument of a decorator.
func (v *view) addArgument(d *flow.Decorator, argument, title string) rule.Fix {
	at, added := d.NameSpan.End, "("+argument+")"
	if d.Call {
		open := strings.IndexByte(v.doc.Text.Slice(text.Span{Start: at, End: d.Span.End}), '(')
		at += open + 1
		if added = argument; len(d.Args) > 0 {
			added += ", "
		}
	}
	return replaceWith(text.Span{Start: at, End: at}, added, title)
}

// decorate puts a decorator of Metaflow's above the others of a step or flow, and imports it.
func (v *view) decorate(at int, name, arguments, title string) []rule.Fix {
	src := v.doc.Text
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

// missingName is the name in `secret "x" not found`, "" if there is none.
func missingName(message, kind string) string {
	_, rest, found := strings.Cut(message, kind+" \"")
	if !found {
		if _, rest, found = strings.Cut(message, kind+" `"); !found {
			return ""
		}
		name, _, _ := strings.Cut(rest, "`")
		return name
	}
	name, _, _ := strings.Cut(rest, "\"")
	return name
}
