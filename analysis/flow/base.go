package flow

import (
	"regexp"
	"slices"
	"sync"
)

// complete reports whether the flow has a start, an end and every step that it
// names, as far as its steps say.
func (f *Flow) complete() bool {
	if len(f.Steps) == 1 {
		return f.Steps[0].Next == nil
	}
	names := make(map[string]bool, len(f.Steps))
	for _, s := range f.Steps {
		names[s.Name] = true
		names["start"], names["end"] = names["start"] || s.IsStart, names["end"] || s.IsEnd
	}
	for _, s := range f.Steps {
		if s.Next == nil {
			continue
		}
		for _, t := range s.Next.Targets {
			if !names[t.Name] {
				return false
			}
		}
	}
	return names["start"] && names["end"]
}

var baseName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[_a-z0-9])(Base|Abstract|Common|Mixin|Shared|Template)([A-Z_]|$)`)
})

// looksLikeBase reports whether an incomplete class that its file does not run
// is meant for subclasses in other files: Metaflow never lints such a class,
// so calling it incomplete would be a false alarm. A flow that is still being
// written must not look like one.
func (f *Flow) looksLikeBase(find *finder, c *class) bool {
	if baseName().MatchString(c.name) {
		return true
	}
	for _, b := range c.bases {
		if b.name == "ABC" || b.name == "abc.ABC" {
			return true
		}
	}
	if slices.ContainsFunc(f.order[1:], func(up *class) bool { return up != flowSpec && find.ancestors(up, map[*class]bool{}).isFlow }) {
		return true
	}
	if len(f.Steps) > 0 || slices.ContainsFunc(c.members, func(m member) bool { return m.name == "start" || m.name == "end" }) {
		return false
	}
	return len(c.decorators) > 0 || len(f.Parameters) > 0 || slices.ContainsFunc(c.members, func(m member) bool { return m.kind == memberMethod })
}
