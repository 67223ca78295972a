package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// declarers are Metaflow's names that the body of a flow calls.
var declarers = []string{"Config", "IncludeFile", "Parameter"}

// namesNotImported reports what the body of a flow takes from metaflow, apart from the
// other decorators, and nothing in the file binds: each name where it comes first.
func (c *checker) namesNotImported() {
	if at, plain := c.flow.BaseSpan("FlowSpec"); plain && c.isUnbound("FlowSpec", at.Start) && c.onlyBase("FlowSpec") {
		c.notImported("FlowSpec", at, "") // the rest shows once the imports are begun
		return
	}
	if !c.headBound() {
		return
	}
	first := map[string]text.Span{}
	note := func(name string, at text.Span) {
		if before, known := first[name]; !known || at.Start < before.Start {
			first[name] = at
		}
	}
	for _, s := range c.flow.Steps { // the model takes it for a step all the same
		if !s.StepSpan.Foreign() && !headerBroken(s) && c.file.Slice(s.StepSpan) == "@step" {
			note("step", text.Span{Start: s.StepSpan.End - len("step"), End: s.StepSpan.End})
		}
	}
	for _, list := range c.flow.Attributes {
		for _, a := range list {
			if a.Kind != flow.AssignedAttribute || a.Conditional || !c.flow.Owns(a.Span) {
				continue
			}
			v := a.Value()
			if v.Kind == flow.Call && slices.Contains(declarers, v.Text) {
				note(v.Text, text.Span{Start: v.Span.Start, End: v.Span.Start + len(v.Text)})
			}
		}
	}
	for name, at := range first {
		if c.isUnbound(name, at.Start) {
			c.notImported(name, at, "")
		}
	}
}

var (
	// baseList is the head of a class of the file itself, up to the end of its bases.
	baseList = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^class[ \t]+\w+[ \t]*\(([^()\r\n]*)\)`) })
	// conjured: names may come from nowhere.
	conjured = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:exec|eval|globals|vars|locals|setattr)[ \t]*\(|__builtins__|\bbuiltins\b|\b__main__\.|import[ \t]+__main__`)
	})
)

// onlyBase: the name stands in the file as a base of its own classes and nowhere else,
// so that no statement, however unusual, binds it.
func (c *checker) onlyBase(name string) bool {
	src := c.file.Text.Bytes()
	var lists []text.Span
	for _, m := range baseList().FindAllSubmatchIndex(src, -1) {
		lists = append(lists, text.Span{Start: m[2], End: m[3]})
	}
	for _, at := range c.places(name) {
		if !slices.ContainsFunc(lists, func(s text.Span) bool { return s.Start <= at.Start && at.End <= s.End }) {
			return false
		}
	}
	return !conjured().Match(src)
}

// currentNotImported looks at what steps run.
func (c *checker) currentNotImported() {
	if !c.headBound() {
		return
	}
	for _, s := range c.flow.Steps {
		if at, uses := c.unboundCurrent(s.Method); uses && c.own(s) && !s.Broken {
			c.notImported("current", at, s.Name)
		}
	}
	for name, list := range c.flow.Methods {
		m := list[0]
		if m.Step || m.Wrapped || !c.flow.Owns(m.NameSpan) {
			continue
		}
		if at, uses := c.unboundCurrent(m); uses && len(c.callersOf(name)) > 0 {
			c.notImported("current", at, "")
		}
	}
}

// unboundCurrent is the first place at which a method surely reads an attribute of
// Metaflow's current without having it.
func (c *checker) unboundCurrent(m *flow.Method) (at text.Span, uses bool) {
	w := c.writtenCurrent(m)
	for i := range w.ops {
		o := &w.ops[i]
		attributes, ours := strings.CutPrefix(o.Name, "current.")
		attribute, _, _ := strings.Cut(attributes, ".")
		if !ours || o.perhaps || w.imported || w.rebound["current"] || !slices.Contains(currentNames(), attribute) {
			continue
		}
		at = text.Span{Start: o.Span.Start + m.Base, End: o.Span.Start + m.Base + len("current")}
		return at, c.isUnbound("current", at.Start)
	}
	return at, false
}

func (c *checker) isUnbound(name string, at int) bool {
	_, b := c.flow.Look(name, at)
	return b == flow.Unbound && !c.boundOtherwise(name)
}

func (c *checker) notImported(name string, at text.Span, step string) {
	c.reportOnce(Diagnostic{
		Rule: decoratorNotImported, Span: at, Step: step, Message: fmt.Sprintf("`%s` is not defined; import it from metaflow.", name), Fixes: c.importFix(name, at),
	})
}
