package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

var (
	neverRead      = &Rule{Code: "MF209", Name: "artifact-never-read", Severity: Hint, Summary: "An artifact is stored in a branch, read by nothing, and left behind at the join.", Unneeded: true}
	unpicklable    = &Rule{Code: "MF210", Name: "unpicklable-artifact", Severity: Error, Summary: "A step ends with a value in self that cannot be pickled."}
	readOnlyName   = &Rule{Code: "MF212", Name: "read-only-attribute", Severity: Error, Summary: "A step sets an attribute that cannot be set."}
	shadowedTarget = &Rule{Code: "MF213", Name: "artifact-hides-step", Severity: Error, Summary: "A step sets an attribute that its own self.next needs."}
	readOnlyValue  = &Rule{Code: "MF214", Name: "parameter-assigned", Severity: Error, Summary: "A step sets a parameter, config or class constant."}
	deleteOfOthers = &Rule{Code: "MF215", Name: "delete-inherited", Severity: Error, Summary: "A step deletes an artifact that an earlier step has stored."}
	setAgain       = &Rule{Code: "MF218", Name: "artifact-set-in-init", Severity: Warning, Summary: "A step sets an artifact that __init__ sets as well: the next step sees the value of __init__."}
	hiddenArtifact = &Rule{Code: "MF216", Name: "artifact-named-like-method", Severity: Warning, Summary: "An artifact has the name of a method: the next step sees the method."}

	storeRules = []*Rule{neverRead, unpicklable, readOnlyName, shadowedTarget, readOnlyValue, deleteOfOthers, hiddenArtifact, setAgain}
)

// storeChecks looks at what steps assign to self.
func (c *checker) storeChecks() {
	told := map[text.Span]bool{}
	for s := range c.reachableSteps() {
		for _, site := range s.Sites {
			switch {
			case told[site.Span] || site.Guarded:
			case site.Catch:
				told[site.Span] = c.caught(s, site)
			default:
				told[site.Span] = c.assigned(s, site)
			}
		}
		if !s.Opaque {
			c.unpicklables(s, told)
			c.deletes(s)
		}
	}
}

// assigned reports an assignment to a name that the class needs for itself.
func (c *checker) assigned(s *artifact.Step, site *artifact.Site) bool {
	name := site.Name
	d := Diagnostic{Span: site.Span, Step: s.Node.Step.Name}
	method, attribute := artifact.Definition(c.flow, name)
	switch {
	case name == "input" || name == "index" || name == "script_name":
		d.Rule = readOnlyName
		d.Message = "`self." + name + "` belongs to Metaflow and cannot be set: take another name."
	case name == "next":
		d.Rule = shadowedTarget
		d.Message = "`self.next` is how a step leads on, and setting it hides that: take another name."
	case attribute != nil:
		return c.constant(d, site, attribute)
	case method != nil && method.Property:
		if artifact.Setter(c.flow, name) != nil || method.Wrapped {
			return false
		}
		d.Rule = readOnlyName
		d.Message = "`" + name + "` is a property without a setter, so it cannot be set: take another name."
		d.Related = []Related{{Span: method.NameSpan, Message: "`" + name + "` is defined here"}}
	case method != nil && method.Step && c.leadsTo(s, name) && !site.Conditional:
		d.Rule = shadowedTarget
		d.Message = "`self." + name + "` is the step that `self.next` leads to, and this hides it: give the artifact another name."
		d.Related = []Related{{Span: method.NameSpan, Message: "the step `" + name + "` is defined here"}}
	case method != nil && c.readLater(name, s):
		d.Rule = hiddenArtifact
		d.Message = "`" + name + "` is a method of the flow: the next step finds the method in `self." + name + "`, not this value. Take another name."
		d.Related = []Related{{Span: method.NameSpan, Message: "`" + name + "` is defined here"}}
	case slices.Contains([]string{"name", "cmd", "foreach_stack", "merge_artifacts"}, name) && c.readLater(name, s):
		d.Rule = hiddenArtifact
		d.Message = "`self." + name + "` belongs to Metaflow: the next step finds Metaflow's own in it, not this value. Take another name."
	case c.artifacts.Initial(name) && c.readLater(name, s):
		d.Rule = setAgain
		d.Message = "Every task starts with the `self." + name + "` of `__init__`, so the next step does not see this value: take another name, or set it in a step instead of `__init__`."
		d.Related = c.setAt(c.initialSites(name), setIn)
	default:
		return false
	}
	c.report(d)
	return true
}

// initialSites are the places in __init__ that set an artifact.
func (c *checker) initialSites(name string) []*artifact.Site {
	return slices.DeleteFunc(slices.Clone(c.artifacts.InitialSites()), func(s *artifact.Site) bool { return s.Name != name })
}

// caught reports a name for @catch(var=...) that cannot be set: the task fails, whether its code did or not.
func (c *checker) caught(s *artifact.Step, site *artifact.Site) bool {
	what := ""
	var at text.Span
	switch method, attribute := artifact.Definition(c.flow, site.Name); {
	case attribute != nil:
		what, at = c.readOnly(site.Name, attribute), attribute.NameSpan
	case method != nil && method.Property && artifact.Setter(c.flow, site.Name) == nil && !method.Wrapped:
		what, at = "a property without a setter", method.NameSpan
	}
	if what == "" {
		return false
	}
	c.report(Diagnostic{
		Rule: valueFailsInRun, Span: site.Span, Step: s.Node.Step.Name,
		Message: "`var` of `@catch` is `" + site.Name + "`, and that is " + what + ": the task fails when `@catch` sets it. Choose another name.",
		Related: []Related{{Span: at, Message: "`" + site.Name + "` is defined here"}},
	})
	return true
}

func (c *checker) leadsTo(s *artifact.Step, name string) bool {
	next := s.Node.Step.Next
	return next != nil && slices.ContainsFunc(next.Targets, func(t flow.Target) bool { return t.Name == name })
}

// readLater reports whether a step behind s takes the value of a name that it
// does not set itself.
func (c *checker) readLater(name string, s *artifact.Step) bool {
	seen := map[*artifact.Step]bool{}
	queue := []*artifact.Step{s}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, out := range from.Node.Out {
			later := c.artifacts.Step(out)
			if later == nil || seen[later] {
				continue
			}
			seen[later] = true
			queue = append(queue, later)
			if later != s && !slices.ContainsFunc(later.Sites, func(o *artifact.Site) bool { return o.Name == name }) &&
				readsValue(later.Node.Step.Method.Code().Ops, name) {
				return true
			}
		}
	}
	return false
}

func readsValue(ops []flow.Op, name string) bool {
	return slices.ContainsFunc(ops, func(op flow.Op) bool {
		return (op.Kind == flow.OpRead || op.Kind == flow.OpInput) && op.Name == name ||
			slices.ContainsFunc(op.Blocks, func(b []flow.Op) bool { return readsValue(b, name) })
	})
}

// constant reports an assignment to a parameter or a value of the class body.
func (c *checker) constant(d Diagnostic, site *artifact.Site, attribute *flow.Attribute) bool {
	name := site.Name
	what := c.readOnly(name, attribute)
	if what == "" {
		return false
	}
	d.Rule = readOnlyValue
	d.Message = "`" + name + "` is " + what + ": keep the new value under another name."
	d.Related = []Related{{Span: attribute.NameSpan, Message: "`" + name + "` is defined here"}}
	c.report(d)
	return true
}

// readOnly says what makes a value of the class body one that no task can set,
// "" if it is none. Where several classes, or lines, define the name, each
// that may be in force has to be such a value.
func (c *checker) readOnly(name string, attribute *flow.Attribute) string {
	what := ""
	for i, a := range c.flow.Attributes[name] {
		is := c.readOnlyValue(name, a)
		if is == "" {
			return ""
		}
		if a == attribute {
			what = is
		}
		if rest := c.flow.Attributes[name][i+1:]; !a.Conditional && (len(rest) == 0 || rest[0].Rank != a.Rank) {
			return what
		}
	}
	return "" // perhaps nothing defines it
}

// readOnlyValue is readOnly for one definition: Metaflow makes them
// properties, except private names, functions and classes.
func (c *checker) readOnlyValue(name string, attribute *flow.Attribute) string {
	i := slices.IndexFunc(c.flow.Parameters, func(p *flow.Parameter) bool { return p.Attr == name && p.AttrSpan == attribute.NameSpan })
	switch value := attribute.Value(); {
	case i >= 0 && c.flow.Parameters[i].Kind == "Parameter":
		return "a parameter, and parameters are read-only"
	case i >= 0:
		return "a " + c.flow.Parameters[i].Kind + ", and those are read-only"
	case strings.HasPrefix(name, "_"):
		return ""
	case value.Constant() || slices.Contains([]flow.ValueKind{flow.List, flow.Tuple, flow.Set, flow.Dict, flow.ListComp, flow.DictComp, flow.SetComp, flow.FString}, value.Kind):
		return "a value of the class, and Metaflow makes those read-only"
	}
	return "" // a function or class would not be
}

// deletes reports del self.x where the task has no x of its own: it was loaded
// from the store by no one yet, and stays there in any case.
func (c *checker) deletes(s *artifact.Step) {
	for _, r := range s.Reads {
		if r.Kind != artifact.Deleted || !r.First || r.Guarded || r.Nested || r.Conditional || r.Looped || r.Via != (text.Span{}) || s.Entry(r.Name) != artifact.Surely || r.Escaped() {
			continue
		}
		if c.isForeach(r.Name) || len(s.Merges) > 0 || c.hasMethod("__getstate__") {
			continue // reading self.input loads it
		}
		d := Diagnostic{
			Rule: deleteOfOthers, Span: r.Span, Step: s.Node.Step.Name,
			Message: "`self." + r.Name + "` comes from an earlier step, so there is nothing to delete here. To go on without it, delete it in the step that sets it, or set it to None.",
			Related: c.setAt(c.artifacts.Sites(r.Name), setIn),
		}
		c.report(d)
	}
}

func (c *checker) hasMethod(name string) bool { return len(c.flow.Methods[name]) > 0 }

func (c *checker) isForeach(name string) bool {
	for _, n := range c.graph.List {
		if n.Step.Next != nil && n.Step.Next.Foreach == name {
			return true
		}
	}
	return false
}
