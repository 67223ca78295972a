package flow

import (
	"slices"
	"strings"
)

// ancestry is what is known of the classes that a class builds on.
type ancestry struct {
	classes []*class // method resolution order, the class itself first
	isFlow  bool     // metaflow.FlowSpec is among them
	open    string   // why something may be missing, "" if nothing
}

// harmless are modules whose classes hold no steps.
var harmless = []string{"abc", "typing", "typing_extensions", "object", "collections", "enum", "metaflow"}

func harmlessName(name string) bool {
	root, _, _ := strings.Cut(name, ".")
	return slices.Contains(harmless, root)
}

// flowSpec stands for metaflow.FlowSpec in the method resolution order: its
// members hide those of the bases behind it.
var flowSpec = func() *class {
	c := &class{name: "FlowSpec"}
	for _, name := range []string{"cmd", "foreach_stack", "index", "input", "merge_artifacts", "next", "script_name"} {
		c.members = append(c.members, member{name: name})
	}
	return c
}()

// ancestors linearises the bases of c as Python does (C3).
func (fi *finder) ancestors(c *class, busy map[*class]bool) ancestry {
	if known, ok := fi.known[c]; ok {
		return known
	}
	if busy[c] {
		return ancestry{open: "the class inherits from itself"}
	}
	a := fi.linearise(c, busy)
	fi.known[c] = a // of a cycle, too: there are too many ways to go round
	return a
}

func (fi *finder) linearise(c *class, busy map[*class]bool) ancestry {
	a := ancestry{open: c.dynamic}
	busy[c] = true
	defer delete(busy, c)
	var lists [][]*class
	var direct []*class
	for _, b := range c.bases {
		s := c.scope.resolve(b.name, c.span.Start)
		missing := ""
		if s.class == nil && s.bound && s.metaflow() == "" && !harmlessName(s.name) {
			s, missing = fi.find(c.module, s, maxHops)
		}
		switch {
		case missing != "":
			if a.open == "" {
				a.open = "the base class `" + b.written + "` is not defined in this file"
				if fi.imports != nil {
					a.open = "the base class `" + b.written + "` is not found: " + missing
				}
			}
		case s.class != nil:
			up := fi.ancestors(s.class, busy)
			a.isFlow = a.isFlow || up.isFlow
			if a.open == "" {
				a.open = up.open
			}
			lists = append(lists, up.classes)
			direct = append(direct, s.class)
			if a.open == "" && c.scope.ambiguous(b.name, c.span.Start) {
				a.open = "a condition decides what the base class `" + b.written + "` is"
			}
		case s.metaflow() == "FlowSpec", nearlyFlowSpec(s.name), !s.bound && s.name == "FlowSpec":
			if a.open == "" && c.scope.mayBeForeign(b.name, c.span.Start) {
				a.open = "a condition decides what the base class `" + b.written + "` is"
			}
			a.isFlow = true
			lists = append(lists, []*class{flowSpec})
			direct = append(direct, flowSpec)
		case !harmlessName(s.name) && a.open == "":
			a.open = "the base class `" + b.written + "` is not defined in this file"
		}
	}
	merged, ok := merge(append(lists, direct))
	if !ok && a.open == "" {
		a.open = "the bases have no consistent order"
	}
	a.classes = append([]*class{c}, merged...)
	return a
}

// merge is the merge step of C3.
func merge(lists [][]*class) ([]*class, bool) {
	var out []*class
	for {
		lists = slices.DeleteFunc(lists, func(l []*class) bool { return len(l) == 0 })
		if len(lists) == 0 {
			return out, true
		}
		next := pick(lists)
		if next == nil {
			return out, false
		}
		out = append(out, next)
		for i, l := range lists {
			if l[0] == next {
				lists[i] = l[1:]
			}
		}
	}
}

// pick is the first head that is in no tail.
func pick(lists [][]*class) *class {
	for _, l := range lists {
		if !slices.ContainsFunc(lists, func(o []*class) bool { return slices.Contains(o[1:], l[0]) }) {
			return l[0]
		}
	}
	return nil
}
