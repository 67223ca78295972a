package flow

import (
	"regexp"
	"slices"
	"sync"
)

// leaveToHeirs marks the flows that are there for the classes of other files.
// Metaflow never lints such a class, so a finding in it would be a false alarm;
// a flow that is still being written must not be taken for one.
func (fi *finder) leaveToHeirs(flows []*Flow) {
	parts, runs := 0, false
	for _, f := range flows {
		runs = runs || f.order[0].instances > 0
		if f.partial() {
			parts++
		}
	}
	library := parts > 1 && !runs // nobody writes several flows at once
	for _, f := range flows {
		c := f.order[0]
		if c.instances > 0 || f.Abstract {
			continue
		}
		switch whole := f.complete(); {
		case fi.subclassed(c):
			f.Abstract = true
		case !whole && (library && f.partial() || f.looksLikeBase(fi, c)):
			f.open("nothing in this file runs it, and it looks like a base for the flows of other files")
			f.Open = true
		case whole && (library || saysBase(c) || f.endOnly()):
			f.Template = true
		}
	}
}

// subclassed: a class of another file builds on c.
func (fi *finder) subclassed(c *class) bool {
	return fi.imports != nil && c.scope == c.module.scope && fi.imports.Subclassed(c.name)
}

// partial reports whether a flow has some steps, but none to start or none to
// end with, nor a method of that name that only lacks @step.
func (f *Flow) partial() bool {
	if len(f.Steps) < 2 && f.complete() {
		return f.endOnly()
	}
	start := len(f.Methods["start"]) > 0 || slices.ContainsFunc(f.Steps, func(s *Step) bool { return s.IsStart || s.Name == "start" })
	end := len(f.Methods["end"]) > 0 || slices.ContainsFunc(f.Steps, func(s *Step) bool { return s.IsEnd || s.Name == "end" })
	return len(f.Steps) > 0 && !(start && end)
}

// endOnly: its only step is an end, for Metaflow a whole flow.
func (f *Flow) endOnly() bool {
	return len(f.Steps) == 1 && f.Steps[0].Name == "end" && f.complete() && len(f.Methods["start"]) == 0
}

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

// saysBase: the class calls itself a base.
func saysBase(c *class) bool {
	return baseName().MatchString(c.name) || slices.ContainsFunc(c.bases, func(b base) bool { return b.name == "ABC" || b.name == "abc.ABC" })
}

// looksLikeBase reports whether an incomplete class that its file does not run
// is meant for subclasses in other files.
func (f *Flow) looksLikeBase(find *finder, c *class) bool {
	if saysBase(c) {
		return true
	}
	if slices.ContainsFunc(f.order[1:], func(up *class) bool { return up != flowSpec && find.ancestors(up, map[*class]bool{}).isFlow }) {
		return true
	}
	if len(f.Steps) > 0 || slices.ContainsFunc(c.members, func(m member) bool { return m.name == "start" || m.name == "end" }) {
		return false
	}
	return len(c.decorators) > 0 || len(f.Parameters) > 0 || slices.ContainsFunc(c.members, func(m member) bool { return m.kind == memberMethod })
}
