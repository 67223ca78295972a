package flow

import (
	"regexp"
	"slices"
	"sync"
)

// complete reports whether the flow has a start and an end, as far as its
// steps say.
func (f *Flow) complete() bool {
	if len(f.Steps) == 1 {
		return f.Steps[0].Next == nil
	}
	has := func(name string, annotated func(*Step) bool) bool {
		return slices.ContainsFunc(f.Steps, func(s *Step) bool { return s.Name == name || annotated(s) })
	}
	return has("start", func(s *Step) bool { return s.IsStart }) && has("end", func(s *Step) bool { return s.IsEnd })
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
