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
		longer := len(name) > len(core.name) && (strings.HasPrefix(name, core.name) || strings.HasSuffix(name, core.name))
		if longer || lower(name) != lower(core.name) || core.name == "step" && !sameLetters(name, core.name) {
			continue // Configs, FlowSpec2 and stop may be others
		}
		if m.distance([]rune(strings.ToLower(name)), core.name, core.off+1) <= core.off {
			return core.name
		}
	}
	return ""
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
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
		if !strings.Contains(base, ".") {
			continue
		}
		at, ours := c.flow.BaseSpan(base)
		full, b := c.flow.Look(base, c.flow.Span.Start)
		name, ofMetaflow := strings.CutPrefix(full, "metaflow.")
		if near := nearCore(name); ours && ofMetaflow && b == flow.Certain && near == "FlowSpec" && strings.HasSuffix(base, "."+name) &&
			len(c.places(name)) == 1 && c.atMargin(c.flow.NameSpan.Start) { // indented, a condition may say that the name is there
			last := text.Span{Start: at.End - len(name), End: at.End}
			report(last, name, near, replace(last, near, "Change to "+near))
		}
	}
}

// atMargin: the class statement whose name stands here is indented by nothing.
func (c *checker) atMargin(at int) bool {
	head := c.file.Slice(text.Span{Start: 0, End: at})
	return strings.HasPrefix(head[strings.LastIndexAny(head, "\r\n")+1:], "class")
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
	if len(places) > 2 || len(c.places(near)) > 0 {
		return at, nil
	}
	for _, place := range places {
		if place != at && !c.plainUse(place) {
			return at, nil
		}
	}
	var edits []text.Edit
	for _, place := range places {
		edits = append(edits, text.Edit{Span: place, New: near})
	}
	return at, []Fix{{Title: "Change to " + near, Edits: edits, Preferred: true}}
}

var plainUse = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:class[ \t]+\w+[ \t]*\([^()#'"]*|[ \t]*\w+[ \t]*=[ \t]*|[ \t]*@|[^#'".]*[(\[, \t])?$`)
})

// plainUse: what stands there can only be the imported name: a base, or what is called
// or has an attribute read.
func (c *checker) plainUse(at text.Span) bool {
	whole := string(c.file.Text.Bytes())
	before, after := whole[:at.Start], whole[at.End:]
	before = before[strings.LastIndexAny(before, "\r\n")+1:]
	first, _, _ := strings.Cut(strings.TrimLeft(before, " \t"), " ")
	if slices.Contains([]string{"def", "async", "from", "import", "lambda", "for", "with", "global", "nonlocal"}, first) || !plainUse().MatchString(before) {
		return false
	}
	return strings.HasPrefix(after, "(") || strings.HasPrefix(after, ".") || first == "class" && strings.HasPrefix(after, ")")
}
