package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// unpicklables reports values that a step ends with and that Metaflow cannot
// store; what is replaced or deleted before does no harm.
func (c *checker) unpicklables(s *artifact.Step, told map[text.Span]bool) {
	for _, site := range s.Sites {
		if told[site.Span] || site.Function || site.Catch {
			continue
		}
		what := c.dictView(s, site)
		if what == "" && (site.ValueKind() == flow.Generator || !c.iterates(s, site.Name)) {
			what = c.cannotPickle(site)
		}
		if what == "" {
			what = c.calledGenerator(site)
		}
		if what == "" {
			what = storedInput(s, site)
		}
		if what == "" {
			continue
		}
		last, only := s.Last(site.Name)
		if !only || len(last) != 1 || last[0] != site {
			continue
		}
		told[site.Span] = true
		d := Diagnostic{
			Rule: unpicklable, Span: site.Span, Step: s.Node.Step.Name,
			Message: "`self." + site.Name + "` is " + what + " when the step ends, and Metaflow cannot store that: keep it in a local variable, or set `self." + site.Name + "` to None at the end.",
		}
		if what == inputsOfJoin {
			d.Message = "`self." + site.Name + "` is " + what + " when the step ends, and Metaflow stores no flows: store what is needed of it, such as `" + site.Method.Code().Inputs + "[0].x`."
		}
		if strings.HasPrefix(what, viewOf) || what == "a generator" && site.ValueKind() == flow.Call {
			d.Message = "`self." + site.Name + "` is " + what + " when the step ends, and Metaflow cannot store that: make it a list."
			d.Fixes = []Fix{{Title: "Wrap in list(...)", Preferred: true, Edits: append(insert(site.Value().Span.End, ")"), insert(site.Value().Span.Start, "list(")...)}}
		}
		if site.ValueKind() == flow.Generator {
			d.Message = "`self." + site.Name + "` is a generator when the step ends, and Metaflow cannot store that: make it a list."
			code := c.code(site.Value().Span)
			if strings.HasPrefix(code, "(") && strings.HasSuffix(code, ")") {
				d.Fixes = []Fix{{Title: "Make it a list", Preferred: true, Edits: []text.Edit{
					{Span: text.Span{Start: site.Value().Span.Start, End: site.Value().Span.Start + 1}, New: "["},
					{Span: text.Span{Start: site.Value().Span.End - 1, End: site.Value().Span.End}, New: "]"},
				}}}
			}
		}
		c.report(d)
	}
}

const viewOf = "a view of the dict"

// dictView recognizes d.keys(), d.values() and d.items() of what is surely a
// dict: those of a pandas object can be stored.
func (c *checker) dictView(s *artifact.Step, site *artifact.Site) string {
	v := site.Written()
	at := strings.LastIndexByte(v.Text, '.')
	if v.Kind != flow.Call || at < 0 || len(v.Items)+len(v.Keywords) > 0 || v.Unpacks || site.Span.Foreign() || site.Augmented {
		return ""
	}
	of, view := v.Text[:at], v.Text[at+1:]
	if view != "keys" && view != "values" && view != "items" {
		return ""
	}
	if name, ok := strings.CutPrefix(of, site.Method.Code().Self+"."); ok {
		sites := c.artifacts.Sites(name)
		if len(sites) == 0 || s.UnknownExit() || c.isClassValue(name) || slices.ContainsFunc(sites, func(o *artifact.Site) bool { return !c.isDict(o.Method, o.Value()) }) {
			return ""
		}
		return viewOf + " `" + of + "`"
	}
	if value, known := boundTo(site.Method, of); known && c.isDict(site.Method, value) {
		return viewOf + " `" + of + "`"
	}
	return ""
}

func (c *checker) isDict(m *flow.Method, v flow.Value) bool {
	return v.Kind == flow.Dict || v.Kind == flow.DictComp || c.builtinCall(m, v) == "dict"
}

// iterates: the step's own foreach goes over it, which is a finding by itself.
func (c *checker) iterates(s *artifact.Step, name string) bool {
	next := s.Node.Step.Next
	return next != nil && next.Kind == flow.Foreach && next.Foreach == name
}

func holdsLambda(v *flow.Value) bool {
	switch v.Kind {
	case flow.List, flow.Tuple, flow.Set, flow.Dict:
		for i := range v.Items {
			if v.Items[i].Kind == flow.Lambda || holdsLambda(&v.Items[i]) {
				return true
			}
		}
	}
	return false
}

func (c *checker) cannotPickle(site *artifact.Site) string {
	v := site.Written()
	switch {
	case site.Augmented || !v.Known():
		return ""
	case v.Kind == flow.Generator:
		return "a generator"
	case site.Self:
		return "the flow itself"
	case v.Kind == flow.Call && v.Text != "":
		full, bound := c.flow.Resolve(v.Text, site.Method.Base+v.Span.Start)
		if !bound {
			full = v.Text
		}
		if what := unpicklableCalls[full]; what != "" {
			return what
		}
		if full == "collections.defaultdict" && len(v.Items) > 0 && v.Items[0].Kind == flow.Lambda {
			return "a defaultdict with a lambda"
		}
	case holdsLambda(v):
		return "a collection with a lambda in it"
	case v.Kind == flow.Name && !strings.Contains(v.Text, "."):
		// `import numpy as np` and no name of a module inside another: that may be anything.
		full, bound := c.flow.Resolve(v.Text, site.Method.Base+v.Span.Start)
		if bound && full != "" && !strings.Contains(full, ".") && !site.Conditional {
			return "a module"
		}
	}
	return ""
}
