package rule

import (
	"slices"
	"strings"
	"sync"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// currentRules are about attributes of `current`: MF341 and on.
var currentRules = []*Rule{
	currentWithoutCard, currentWithoutProject, currentWithoutTrigger, currentWithoutParallel, unknownCurrent, unknownCard, ambiguousCard,
}

var (
	currentWithoutCard     = &Rule{Code: "MF341", Name: "current-without-card", Severity: Warning, Summary: "A step uses current.card and has no @card."}
	currentWithoutProject  = &Rule{Code: "MF342", Name: "current-without-project", Severity: Error, Summary: "A step asks current about the project, and the flow has no @project."}
	currentWithoutTrigger  = &Rule{Code: "MF343", Name: "current-without-trigger", Severity: Error, Summary: "A step uses current.trigger, and nothing triggers the flow."}
	currentWithoutParallel = &Rule{Code: "MF344", Name: "current-without-parallel", Severity: Error, Summary: "A step uses current.parallel and is no parallel step."}
	unknownCurrent         = &Rule{Code: "MF345", Name: "unknown-current-attribute", Severity: Warning, Summary: "An attribute of current does not exist, and a similar one does."}
	unknownCard            = &Rule{Code: "MF346", Name: "unknown-card-id", Severity: Warning, Summary: "current.card[...] names a card that the step does not have."}
	ambiguousCard          = &Rule{Code: "MF347", Name: "ambiguous-card", Severity: Warning, Summary: "current.card is used without an id, and the step has several cards."}
)

// currentUse is a place where a method reads an attribute of current.
type currentUse struct {
	attribute string // "card"
	rest      string // "append"
	span      text.Span
	id        flow.Value // in brackets behind it
	perhaps   bool       // below a condition
}

// currentChecks finds what breaks currentRules. Decorators that are not known
// may bring anything, so a flow or step with one is left alone.
func (c *checker) currentChecks() {
	if c.flow.Open || c.flow.Broken || !known(c.flow.Decorators, catalog.Default().Flow) {
		return
	}
	for _, s := range c.flow.Steps {
		if c.own(s) && known(s.Decorators, catalog.Default().Step) && !s.Broken {
			c.currentIn(s.Method, []*flow.Step{s})
		}
	}
	for name, list := range c.flow.Methods {
		m := list[0]
		if m.Step || m.Static || m.Wrapped || !c.flow.Owns(m.NameSpan) {
			continue
		}
		callers := c.callersOf(name)
		if len(callers) > 0 && !slices.ContainsFunc(callers, func(s *flow.Step) bool { return !known(s.Decorators, catalog.Default().Step) }) {
			c.currentIn(m, callers)
		}
	}
}

// known reports whether Metaflow itself brings all of these decorators.
func known(list []*flow.Decorator, find func(string) (*catalog.Decorator, bool)) bool {
	return !slices.ContainsFunc(list, func(d *flow.Decorator) bool {
		_, ok := find(d.Name)
		return !ok || !d.FromMetaflow
	})
}

// callersOf are the steps that call a method, directly or by other methods.
func (c *checker) callersOf(name string) []*flow.Step {
	if c.reaches == nil {
		c.reaches = map[string][]*flow.Step{}
		for _, s := range c.flow.Steps {
			c.reach(s, s.Method, map[*flow.Method]bool{})
		}
	}
	return c.reaches[name]
}

func (c *checker) reach(s *flow.Step, m *flow.Method, seen map[*flow.Method]bool) {
	if seen[m] {
		return
	}
	seen[m] = true
	walkOps(m.Code().Ops, func(o *flow.Op) {
		ofClass := o.Kind == flow.OpClass && (o.Branch == "" || o.Branch == c.flow.Name)
		if o.Kind != flow.OpCall && o.Kind != flow.OpRead && o.Kind != flow.OpSuper && !ofClass {
			return
		}
		if list := c.flow.Methods[o.Name]; len(list) > 0 && !list[0].Step {
			if !slices.Contains(c.reaches[o.Name], s) {
				c.reaches[o.Name] = append(c.reaches[o.Name], s)
			}
			c.reach(s, list[0], seen)
		}
	})
}

func walkOps(ops []flow.Op, visit func(*flow.Op)) {
	for i := range ops {
		visit(&ops[i])
		for _, b := range ops[i].Blocks {
			walkOps(b, visit)
		}
	}
}

// currentIn checks a method that the given steps run.
func (c *checker) currentIn(m *flow.Method, steps []*flow.Step) {
	for _, u := range c.currentUses(m) {
		switch {
		case u.attribute == "card":
			c.cardUse(u, m, steps)
		case slices.Contains([]string{"project_name", "project_flow_name", "branch_name", "is_production", "is_user_branch"}, u.attribute):
			if !u.perhaps && !c.flowHas("project") {
				c.current(currentWithoutProject, u, steps, "the flow has no `@project`, which sets it: add one above the class")
			}
		case u.attribute == "trigger":
			if !u.perhaps && !c.flowHas("trigger", "trigger_on_finish") {
				c.current(currentWithoutTrigger, u, steps, "the flow has neither `@trigger` nor `@trigger_on_finish`, which set it")
			}
		case u.attribute == "parallel" || u.attribute == "is_parallel":
			if !u.perhaps && !slices.ContainsFunc(steps, isParallelStep) {
				c.current(currentWithoutParallel, u, steps, "the step is no parallel one: only those have it")
			}
		default:
			c.unknownCurrent(u, steps)
		}
	}
}

func isParallelStep(s *flow.Step) bool {
	return slices.ContainsFunc(s.Decorators, func(d *flow.Decorator) bool { return catalog.IsParallel(d.Name) })
}

func (c *checker) current(r *Rule, u currentUse, steps []*flow.Step, why string, fixes ...Fix) {
	d := Diagnostic{Rule: r, Span: u.span, Message: "`current." + u.attribute + "` does not exist here: " + why, Fixes: fixes}
	if !strings.HasSuffix(why, "?") {
		d.Message += "."
	}
	if len(steps) == 1 {
		d.Step = steps[0].Name
	}
	c.report(d)
}

// flowHas reports whether any class of the file carries one of the decorators:
// they are inherited.
func (c *checker) flowHas(names ...string) bool {
	return slices.ContainsFunc(c.file.Flows, func(f *flow.Flow) bool {
		return slices.ContainsFunc(f.Decorators, func(d *flow.Decorator) bool { return slices.Contains(names, d.Name) })
	})
}

// currentUses lists the places that read current and are not guarded: no
// question whether the attribute is there, no try around.
func (c *checker) currentUses(m *flow.Method) []currentUse {
	w := c.writtenCurrent(m)
	var uses []currentUse
	for i := range w.ops {
		if u, ok := c.currentUse(m, w, &w.ops[i].Op); ok && !w.guarded[u.attribute] {
			u.perhaps = w.ops[i].perhaps
			uses = append(uses, u)
		}
	}
	return uses
}

// writtenCurrent is what the text of a method alone says about current.
type writtenCurrent struct {
	ops      []writtenUse
	guarded  map[string]bool
	rebound  map[string]bool
	imported bool // by the method itself, from metaflow
}

type writtenUse struct {
	flow.Op
	perhaps bool
}

// writtenCurrent reads it once for a given text.
func (c *checker) writtenCurrent(m *flow.Method) *writtenCurrent {
	place := m.Kept(flow.KeptCurrent)
	if known, ok := place.Load().(*writtenCurrent); ok {
		return known
	}
	made := c.readCurrent(m)
	place.Store(made)
	return made
}

func (c *checker) readCurrent(m *flow.Method) *writtenCurrent {
	code := m.Code()
	w := &writtenCurrent{}
	guarded, rebound := map[string]bool{}, map[string]bool{}
	imported := ""
	walkOps(code.Ops, func(o *flow.Op) {
		switch o.Kind {
		case flow.OpCurrentGuard:
			guarded[o.Name] = true
		case flow.OpImport:
			imported = o.Name
			return
		case flow.OpLocal:
			if imported == "metaflow" && o.Name == "current" {
				return // from metaflow import …, current
			}
			rebound[o.Name] = true
			if imported != "" {
				return
			}
		}
		imported = ""
	})
	for _, a := range m.Args {
		rebound[a.Name] = true
	}
	var walk func(ops []flow.Op, perhaps bool)
	walk = func(ops []flow.Op, perhaps bool) {
		for _, o := range ops {
			switch o.Kind {
			case flow.OpCurrent:
				w.ops = append(w.ops, writtenUse{o, perhaps})
			case flow.OpTry:
				for i, b := range o.Blocks {
					if i > 0 || !o.Exhaustive {
						walk(b, true)
					}
				}
			case flow.OpWith:
				if !strings.Contains(c.file.Slice(o.Span.Shift(m.Base)), "suppress(") {
					walk(o.Blocks[0], perhaps)
				}
			case flow.OpNested:
			case flow.OpReturn, flow.OpRaise:
				perhaps = true
			default:
				for _, b := range o.Blocks {
					walk(b, true)
				}
			}
		}
	}
	walk(code.Ops, false)
	if len(w.ops) > 0 {
		w.guarded, w.rebound, w.imported = guarded, rebound, importsCurrent(m)
	}
	return w
}

func (c *checker) currentUse(m *flow.Method, w *writtenCurrent, o *flow.Op) (currentUse, bool) {
	root, _, _ := strings.Cut(o.Name, ".")
	full, bound := c.flow.Resolve(o.Name, o.Span.Start+m.Base)
	if w.rebound[root] || !bound && root == "current" && full != o.Name {
		return currentUse{}, false
	}
	rest, ok := strings.CutPrefix(full, "metaflow.current.")
	if !ok && !bound && root == "current" && w.imported {
		rest, ok = strings.CutPrefix(o.Name, "current.")
	}
	if !ok {
		return currentUse{}, false
	}
	u := currentUse{id: o.Value.Shift(m.Base)}
	u.attribute, u.rest, _ = strings.Cut(rest, ".")
	start := o.Span.Start + m.Base
	u.span = text.Span{Start: start, End: start + len(strings.TrimSuffix(o.Name, "."+u.rest))}
	if u.rest == "" {
		u.span.End = start + o.Span.Len()
	}
	return u, true
}

// importsCurrent: the method imports it from metaflow for itself.
func importsCurrent(m *flow.Method) bool {
	found := false
	before := ""
	walkOps(m.Code().Ops, func(o *flow.Op) {
		if o.Kind == flow.OpImport {
			before = o.Name
		}
		found = found || o.Kind == flow.OpLocal && o.Name == "current" && before == "metaflow"
	})
	return found
}

// currentNames are the attributes that current may have.
var currentNames = sync.OnceValue(func() []string {
	names := []string{"card", "graph_info", "is_parallel", "parameter_names", "spot_termination_notice", "metadata_str"}
	for _, a := range catalog.Default().Current {
		names = append(names, a.Name)
	}
	return names
})

// unknownCurrent reports a near miss only: an extension may add any name.
func (c *checker) unknownCurrent(u currentUse, steps []*flow.Step) {
	names := currentNames()
	if strings.HasPrefix(u.attribute, "_") || slices.Contains(names, u.attribute) {
		return
	}
	near, cost := "", min(3, len(u.attribute)/3+1)
	var m measure
	for _, n := range names {
		if d := m.distance([]rune(strings.ToLower(u.attribute)), n, cost); d < cost {
			near, cost = n, d
		}
	}
	if near == "" {
		return
	}
	at := text.Span{Start: u.span.End - len(u.attribute), End: u.span.End}
	c.current(unknownCurrent, u, steps, "did you mean `current."+near+"`?", Fix{Title: "Change to " + near, Edits: []text.Edit{{Span: at, New: near}}, Preferred: true})
}
