package server

import (
	"fmt"
	"path/filepath"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

func (v *view) explainFlow(i int, f *flow.Flow) string {
	var m markdown
	m.paragraph("**flow** %s · %s", code(f.Name), count(len(f.Steps), "step"))
	var parameters []string
	for _, p := range f.Parameters {
		parameters = append(parameters, p.Attr)
	}
	if len(parameters) > 0 {
		m.paragraph("Parameters: %s", codes(parameters))
	}
	if g := v.Graphs[i]; len(g.Sorted) > 0 {
		m.paragraph("%s", strings.Join(each(g.Sorted, code), " → "))
	}
	if f.Open && f.OpenReason != "" {
		m.paragraph("Not checked as a whole: %s", escape(f.OpenReason))
	}
	m.quote(f.Doc)
	return m.String()
}

func (v *view) explainStep(i int, step *flow.Step) string {
	var m markdown
	n := v.node(i, step.Name)
	m.paragraph("**step** %s · %s", code(step.Name), stepDetail(n))
	if n != nil {
		var around []string
		if len(n.In) > 0 {
			around = append(around, "from "+codes(n.In))
		}
		if len(n.Out) > 0 {
			around = append(around, "to "+codes(n.Out))
		}
		if len(around) > 0 {
			m.paragraph("%s", strings.Join(around, ", "))
		}
		if means := meaning(n, step); means != "" {
			m.paragraph("%s", means)
		}
	}
	if !v.File.Flows[i].Owns(step.Span) {
		m.paragraph("Inherited from %s%s", code(step.Class), inFile(step.File))
	}
	for _, d := range step.Decorators {
		if _, ok := catalog.Default().Step(d.Name); ok {
			m.python(sourceLine(v, d.Span))
		}
	}
	m.quote(step.Doc)
	return m.String()
}

// explainTransition says what a self.next does.
func (v *view) explainTransition(i int, step *flow.Step) string {
	var m markdown
	m.paragraph("**self.next** of step %s", code(step.Name))
	n := v.node(i, step.Name)
	if n == nil {
		return m.String()
	}
	if means := meaning(n, step); means != "" {
		m.paragraph("%s", means)
	} else if len(n.Out) > 0 {
		m.paragraph("Goes on with %s.", codes(n.Out))
	}
	return m.String()
}

// meaning says in a sentence or two how tasks come and go at a step.
func meaning(n *graph.Node, step *flow.Step) string {
	var said []string
	t := step.Next
	switch {
	case t == nil:
	case t.Kind == flow.Split:
		said = append(said, fmt.Sprintf("Splits into %s, which run side by side.", codes(n.Out)))
	case t.Kind == flow.Foreach && t.Foreach != "":
		said = append(said, fmt.Sprintf("Runs %s once for each item of %s.", codes(n.Out), code("self."+t.Foreach)))
	case t.Kind == flow.Foreach:
		said = append(said, fmt.Sprintf("Runs %s once for each item.", codes(n.Out)))
	case t.Kind == flow.NumParallel && t.NumParallel > 0:
		said = append(said, fmt.Sprintf("Runs %s as a gang of %s.", codes(n.Out), count(t.NumParallel, "task")))
	case t.Kind == flow.NumParallel:
		said = append(said, fmt.Sprintf("Runs %s as a gang of tasks.", codes(n.Out)))
	case t.Kind == flow.Switch:
		var cases []string
		for _, c := range t.Cases {
			cases = append(cases, fmt.Sprintf("%s when it is %s", code(c.Target.Name), code(c.Key)))
		}
		said = append(said, fmt.Sprintf("Chooses by %s: %s.", code("self."+t.Condition), strings.Join(cases, ", ")))
	}
	if n.MatchingJoin != "" {
		said = append(said, fmt.Sprintf("Joined again in %s.", code(n.MatchingJoin)))
	}
	if n.Type == graph.Join && len(n.SplitParents()) > 0 {
		said = append(said, fmt.Sprintf("Joins what %s split.", code(last(n.SplitParents()))))
	}
	if n.InForeach {
		said = append(said, "Runs inside a foreach.")
	}
	return strings.Join(said, " ")
}

func explainMarker() string {
	marker := catalog.Default().Marker
	var m markdown
	m.python(marker.Signature())
	m.paragraph("%s", marker.Markdown())
	return m.String()
}

// explainDecorator explains the argument under the cursor, else the decorator.
func (v *view) explainDecorator(p decoratorPlace, offset int) (string, text.Span, bool) {
	d, ok := lookUp(p)
	if !ok {
		return "", text.Span{}, false
	}
	for _, a := range p.decorator.Args {
		if a.Name == "" || !contains(a.NameSpan, offset) {
			continue
		}
		if arg, ok := d.Arg(a.Name); ok {
			var m markdown
			m.paragraph("argument of %s", code("@"+d.Name))
			m.paragraph("%s", arg.Markdown())
			return m.String(), a.NameSpan, true
		}
	}
	if !contains(p.decorator.NameSpan, offset) {
		return "", text.Span{}, false
	}
	var m markdown
	m.python(d.Signature())
	m.paragraph("%s", d.Markdown())
	return m.String(), p.decorator.NameSpan, true
}

// lookUp finds a decorator in the catalogue. Only what comes from Metaflow, or
// from an extension that the catalogue knows, has documentation there.
func lookUp(p decoratorPlace) (*catalog.Decorator, bool) {
	c := catalog.Default()
	if p.step == nil {
		d, ok := c.Flow(p.decorator.Name)
		return d, ok && p.decorator.FromMetaflow
	}
	d, ok := c.Step(p.decorator.Name)
	return d, ok && (p.decorator.FromMetaflow || d.Extension != "")
}

// sourceLine is a span of the file on one line.
func sourceLine(v *view, s text.Span) string {
	return strings.Join(strings.Fields(v.File.Slice(s)), " ")
}

func inFile(path string) string {
	if path == "" {
		return ""
	}
	return " in " + code(filepath.Base(path))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func each(names []string, f func(string) string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = f(n)
	}
	return out
}

func last(names []string) string { return names[len(names)-1] }
