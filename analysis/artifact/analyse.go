package artifact

import (
	"slices"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// Analyse follows the artifacts of a flow in one pass over its methods and one
// over its steps.
func Analyse(f *flow.Flow, g *graph.Graph) *Facts { return analyse(f, g, false) }

// Again is Analyse for a flow that is being edited: what a step does by itself
// is kept with its text, for the next version.
func Again(f *flow.Flow, g *graph.Graph) *Facts { return analyse(f, g, true) }

func analyse(f *flow.Flow, g *graph.Graph, keep bool) *Facts {
	facts := &Facts{Flow: f, Graph: g, numbers: map[string]int{}, Steps: make([]*Step, len(g.List))}
	facts.sites = sync.OnceValue(facts.sorted)
	run := &flowRun{flow: f, methods: map[*flow.Method]*method{}, running: map[*flow.Method]bool{}, keep: keep}
	steps := make([]Step, len(g.List))
	numbers := make([]int, 0, 8*len(steps))
	for i, n := range g.List {
		s := &steps[i]
		*s = Step{Node: n, facts: facts, Opaque: opaque(n.Step), body: run.step(n.Step)}
		s.take()
		s.catch = caught(n.Step)
		facts.Steps[i] = s
		first := len(numbers)
		for _, name := range s.body.names {
			numbers = append(numbers, facts.number(name))
		}
		s.numbers = numbers[first:len(numbers):len(numbers)]
		if s.catch != nil {
			facts.number(s.catch.Name)
			s.Sites = append(slices.Clip(s.Sites), s.catch)
		}
	}
	constructor := run.constructor()
	if constructor != nil {
		facts.initialSites = constructor.sites
		for _, name := range constructor.names {
			facts.number(name)
		}
	}
	facts.Closed = closed(f, g)
	facts.spread(constructor)
	return facts
}

// number is that of a name, -1 for what the class defines.
func (f *Facts) number(name string) int {
	if n, known := f.numbers[name]; known {
		return n
	}
	n := -1
	if !defined(f.Flow, name) {
		n = len(f.names)
		f.names = append(f.names, name)
		f.numbers[name] = n
	}
	return n
}

// constructor is what __init__ does to every task, nil without one.
func (f *flowRun) constructor() *method {
	for _, m := range f.flow.Methods["__init__"] {
		return f.summary(m)
	}
	return nil
}

// dynamic: reading or setting an attribute runs code of the class, or the
// class may have more of them than it shows.
func dynamic(f *flow.Flow) bool {
	if f.Template {
		return true
	}
	for _, name := range []string{"__getattr__", "__getattribute__", "__setattr__", "__delattr__"} {
		if len(f.Methods[name])+len(f.Attributes[name]) > 0 {
			return true
		}
	}
	for _, list := range [][]*flow.Decorator{f.Decorators, f.BaseDecorators} {
		for _, d := range list {
			if !d.FromMetaflow && (!d.PassesOn || d.Touches) {
				return true // a mutator may add parameters, a function attributes
			}
		}
	}
	return false
}

// closed reports whether the file shows every way from step to step.
func closed(f *flow.Flow, g *graph.Graph) bool {
	if f.Open || f.Broken || g.Start == nil {
		return false
	}
	place := make(map[string]int, len(g.Sorted))
	for i, name := range g.Sorted {
		place[name] = i
	}
	for _, n := range g.List {
		s := n.Step
		if len(s.Args) == 0 {
			return false // without self, nothing of its body is seen
		}
		if s.Opaque || s.NextBroken || n.Type != graph.End && (s.Next == nil || s.Next.Kind == flow.Invalid) {
			return false
		}
		if !n.Reachable {
			return false // a way to it is missing, and with it what it brings
		}
		if !balanced(g, n) {
			return false
		}
		if n.Type == graph.End {
			continue
		}
		for _, out := range n.Out {
			at, known := place[out]
			if !known || at < place[s.Name] || out == s.Name && n.Type != graph.Switch {
				return false // an unknown step, or a loop
			}
		}
	}
	return true
}

// balanced reports whether the ways to a step come out of the same splits, or
// for a join out of one: in another graph no step gets what it should.
func balanced(g *graph.Graph, n *graph.Node) bool {
	if n.Type == graph.Join {
		return len(n.SplitParents()) > 0
	}
	for _, name := range n.In {
		from := g.Nodes[name]
		if len(n.In) > 1 && (from.Type == graph.Split || from.Type == graph.Foreach || from.Lineage() != g.Nodes[n.In[0]].Lineage() || from.Branch() != g.Nodes[n.In[0]].Branch()) {
			return false
		}
	}
	return true
}

// plainDecorators set no artifact that the file does not name.
var plainDecorators = map[string]bool{
	"batch": true, "card": true, "catch": true, "conda": true, "environment": true, "kubernetes": true, "pypi": true, "resources": true,
	"retry": true, "secrets": true, "step": true, "timeout": true, "parallel": true,
}

func opaque(s *flow.Step) bool {
	if s.Opaque || s.Broken {
		return true
	}
	for _, d := range s.Decorators {
		if d.PassesOn {
			continue
		}
		if !d.FromMetaflow || !plainDecorators[d.Name] {
			return true
		}
		if d.Name == "catch" {
			for _, a := range d.Args {
				if a.Name != "print_exception" && a.Value.Kind != flow.String && a.Value.Kind != flow.None {
					return true
				}
			}
		}
	}
	return false
}

// caught is the artifact that @catch sets, nil without one.
func caught(s *flow.Step) *Site {
	for _, d := range s.Decorators {
		if d.Name != "catch" || !d.FromMetaflow {
			continue
		}
		for _, a := range d.Args {
			if a.Name == "var" && a.Value.Kind == flow.String && a.Value.Text != "" {
				return &Site{Name: a.Value.Text, Span: a.ValueSpan, Method: s.Method, Catch: true}
			}
		}
	}
	return nil
}

func catches(s *flow.Step) bool {
	for _, d := range s.Decorators {
		if d.Name == "catch" && d.FromMetaflow {
			return true
		}
	}
	return false
}
