package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// extensionNames are decorators that public extensions add to metaflow and that
// look like misspelt ones of Metaflow's own.
var extensionNames = []string{"pip", "pip_base"}

// decoratorNames finds decorators that do not exist. A name that the file or
// another module defines is trusted, and so is one that some extension may
// add to metaflow: only what nearly is a decorator of Metaflow's counts.
func (c *checker) decoratorNames(list []*flow.Decorator, s *flow.Step) {
	for _, d := range list {
		if !dottedName(d.Written) {
			continue
		}
		a := applied{Decorator: d, step: s}
		full, b := c.flow.Look(d.Written, d.Span.Start)
		switch name, ours := strings.CutPrefix(full, "metaflow."); {
		case b == flow.Unbound && !strings.Contains(d.Written, "."):
			c.unbound(a)
		case b == flow.Certain && ours && !strings.Contains(name, ".") && c.importsByName(d):
			c.misspelt(a, name)
		}
	}
}

// dottedName: ASCII names with dots between them.
func dottedName(s string) bool {
	name := false // the last byte is one of a name
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			name = true
		case c == '.' && name:
			name = false
		default:
			return false
		}
	}
	return name
}

// importsByName: an import names what the decorator is called, or it is an
// attribute of metaflow; a star import names nothing.
func (c *checker) importsByName(d *flow.Decorator) bool {
	first, _, _ := strings.Cut(d.Written, ".")
	return c.flow.Named(first, d.Span.Start)
}

// misspelt reports a name that metaflow does not have and that is nearly one it has.
func (c *checker) misspelt(a applied, name string) {
	exported := slices.ContainsFunc(catalog.Default().Exports, func(e catalog.Export) bool { return e.Name == name })
	if exported && name != "cards" || slices.Contains(extensionNames, name) || strings.HasSuffix(name, "_internal") {
		return
	}
	if near := c.nearDecorator(a, name); near != "" {
		// The name is bound by an import elsewhere: that has to change as well.
		message := fmt.Sprintf("Metaflow has no decorator `%s`; did you mean `@%s`?", name, near)
		c.at(unknownDecorator, a, a.NameSpan, message, c.renameFix(a, name, near)...)
	}
}

// unbound reports a name that nothing in the file binds.
func (c *checker) unbound(a applied) {
	name := a.Written
	if !c.headBound() || c.boundOtherwise(name) {
		return
	}
	level := catalog.FlowLevel
	if a.step != nil {
		level = catalog.StepLevel
	}
	if slices.Contains(levelNames(level), name) {
		c.at(decoratorNotImported, a, a.NameSpan, fmt.Sprintf("`%s` is not defined; import it from metaflow.", name), c.importFix(name, a.NameSpan)...)
		return
	}
	if near := c.nearDecorator(a, name); near != "" {
		var fixes []Fix
		if full, b := c.flow.Look(near, a.Span.Start); b == flow.Certain && full == "metaflow."+near {
			fixes = append(fixes, replace(a.NameSpan, near, "Change to @"+near))
		}
		c.at(unknownDecorator, a, a.NameSpan, fmt.Sprintf("`%s` is not defined; did you mean `@%s`?", name, near), fixes...)
		return
	}
	if !flow.Builtin(name) {
		c.at(unknownDecorator, a, a.NameSpan, fmt.Sprintf("`%s` is not defined: import it, or remove it.", name))
	}
}

// headBound: the base class comes from somewhere, so imports have been written.
func (c *checker) headBound() bool {
	for _, base := range c.flow.Bases {
		base, _, _ = strings.Cut(base, "[")
		if _, b := c.flow.Look(base, c.flow.Span.Start); b == flow.Unbound {
			return false
		}
	}
	return true
}

// boundOtherwise: some statement that the model does not follow may bind the name.
func (c *checker) boundOtherwise(name string) bool {
	src := string(c.file.Text.Bytes())
	for _, form := range []string{" as " + name, name + " :=", name + ":=", "global " + name, "builtins." + name, "'" + name + "'", `"` + name + `"`, "case " + name} {
		if strings.Contains(src, form) {
			return true
		}
	}
	return false
}

func levelNames(level catalog.Level) []string {
	list := catalog.Default().StepDecorators()
	if level == catalog.FlowLevel {
		list = catalog.Default().FlowDecorators()
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	return names
}

// nearDecorator is the decorator for this place that a name nearly is.
func (c *checker) nearDecorator(a applied, name string) string {
	level := catalog.FlowLevel
	if a.step != nil {
		level = catalog.StepLevel
	}
	if name == "cards" && level == catalog.StepLevel {
		return "card"
	}
	limit := 2
	if len(name) >= 7 {
		limit = 3
	}
	return nearestWithin(name, levelNames(level), limit)
}

// nearest is the name that differs least from one that is not known, "" if
// none is near.
func nearest(name string, names []string) string {
	return nearestWithin(name, names, len(name)/3+2)
}

// nearestWithin is the nearest name at a distance below the limit.
func nearestWithin(name string, names []string, limit int) string {
	var m measure
	best, cost := "", limit
	for _, candidate := range names {
		if d := m.distance([]rune(strings.ToLower(name)), candidate, cost); d < cost {
			best, cost = candidate, d
		}
	}
	return best
}

// renameFix changes a decorator's name and the import that binds it.
func (c *checker) renameFix(a applied, name, near string) []Fix {
	edits := []text.Edit{}
	if !strings.Contains(a.Written, ".") {
		imported, ok := c.importedName(name)
		if !ok || a.Written != name || c.uses(name) != 2 {
			return nil // other places need the name, or bind it
		}
		edits = append(edits, text.Edit{Span: imported, New: near})
	}
	last := text.Span{Start: a.NameSpan.End - len(name), End: a.NameSpan.End}
	edits = append(edits, text.Edit{Span: last, New: near})
	return []Fix{{Title: "Change to @" + near, Edits: edits, Preferred: true}}
}

// uses counts where a name stands in the file.
func (c *checker) uses(name string) int { return len(c.places(name)) }

// places are where a name stands in the file, in strings and comments too.
func (c *checker) places(name string) (list []text.Span) {
	for _, at := range regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).FindAllIndex(c.file.Text.Bytes(), -1) {
		list = append(list, text.Span{Start: at[0], End: at[1]})
	}
	return list
}

// importLine finds `from metaflow import a, b` on one line: its list of names.
var importLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^from[ \t]+metaflow[ \t]+import[ \t]+((?:\w+[ \t]*,[ \t]*)*\w+)[ \t]*(?:#[^\r\n]*)?\r?$`)
})

// importedName is where a name stands in such a line, if it is there once.
func (c *checker) importedName(name string) (text.Span, bool) {
	src := string(c.file.Text.Bytes())
	var found []text.Span
	for _, m := range importLine().FindAllStringSubmatchIndex(src, -1) {
		at := m[2]
		for part := range strings.SplitSeq(src[m[2]:m[3]], ",") {
			if strings.TrimSpace(part) == name {
				start := at + strings.Index(part, name)
				found = append(found, text.Span{Start: start, End: start + len(name)})
			}
			at += len(part) + 1
		}
	}
	if len(found) != 1 {
		return text.Span{}, false
	}
	return found[0], true
}
