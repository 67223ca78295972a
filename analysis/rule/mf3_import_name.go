package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

var unknownImport = &Rule{Code: "MF323", Name: "unknown-import", Severity: Error, Summary: "An import asks metaflow for FlowSpec, Parameter, Config, IncludeFile, current or step under a misspelt name."}

// coreNames are what flows are made of, with how far off a misspelt one may be. An
// extension may add names to metaflow: none so near to these.
var coreNames = []struct {
	name string
	off  int
}{{"Config", 1}, {"FlowSpec", 2}, {"IncludeFile", 2}, {"Parameter", 2}, {"current", 1}, {"step", 1}}

// nearCore is the core name that a name nearly is, "" if it is none. Modules of metaflow,
// such as flowspec, are in lower case.
func nearCore(name string) string {
	if name == "" || slices.ContainsFunc(catalog.Default().Exports, func(e catalog.Export) bool { return e.Name == name }) {
		return ""
	}
	var m measure
	lower := func(s string) bool { return s[0] >= 'a' }
	for _, core := range coreNames {
		if lower(name) != lower(core.name) || lower(name) && max(len(name), len(core.name)) < 6 && len(name) != len(core.name) {
			continue
		}
		if m.distance([]rune(strings.ToLower(name)), core.name, core.off+1) <= core.off {
			return core.name
		}
	}
	return ""
}

// importedNames finds core names misspelt in an import, or behind metaflow and a dot in
// the list of base classes.
func (c *checker) importedNames() {
	report := func(at text.Span, name, near string, fixes ...Fix) {
		c.reportOnce(Diagnostic{Rule: unknownImport, Span: at, Message: fmt.Sprintf("Metaflow has no `%s`; did you mean `%s`?", name, near), Fixes: fixes})
	}
	for _, i := range c.file.Imports {
		name, ours := strings.CutPrefix(i.Module, "metaflow.")
		near := nearCore(name)
		if !ours || near == "" {
			continue
		}
		if at, fixes := c.misspeltImport(i, name, near); at != (text.Span{}) {
			report(at, name, near, fixes...)
		}
	}
	for _, base := range c.flow.Bases {
		at, ours := c.flow.BaseSpan(base)
		full, b := c.flow.Look(base, c.flow.Span.Start)
		name, ofMetaflow := strings.CutPrefix(full, "metaflow.")
		if near := nearCore(name); ours && ofMetaflow && b == flow.Certain && near == "FlowSpec" && strings.HasSuffix(base, "."+name) {
			last := text.Span{Start: at.End - len(name), End: at.End}
			report(last, name, near, replace(last, near, "Change to "+near))
		}
	}
}

// misspeltImport is where the name stands in its import, and a fix where the name that is
// meant can take its place everywhere.
func (c *checker) misspeltImport(i flow.Import, name, near string) (at text.Span, fixes []Fix) {
	places := c.places(name)
	first := slices.IndexFunc(places, func(s text.Span) bool { return s.Start >= i.At })
	if first < 0 {
		return at, nil
	}
	at = places[first]
	if _, bound := c.flow.Resolve(near, c.flow.Span.End); bound || len(places) > 2 {
		return at, nil
	}
	var edits []text.Edit
	for _, place := range places {
		if place.Start > 0 && strings.ContainsAny(c.file.Slice(text.Span{Start: place.Start - 1, End: place.Start}), `'"`) {
			return at, nil
		}
		edits = append(edits, text.Edit{Span: place, New: near})
	}
	return at, []Fix{{Title: "Change to " + near, Edits: edits, Preferred: true}}
}
