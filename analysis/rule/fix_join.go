package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// insertJoin puts a join between the end and the branches that reach it: only
// where all branches of one split come straight to the end, each by a plain
// transition of its own.
func (b *balancer) insertJoin(end *graph.Node, stack *openSplits) []Fix {
	split := stack.top
	if stack.up != nil || !b.certain || !b.whole() || !b.allBranches(end, split) {
		return nil
	}
	name := b.freeStep("join")
	fixes := b.retarget(end.In, end.Step.Name, name)
	last := b.graph.Nodes[end.In[0]]
	for _, p := range end.In {
		if n := b.graph.Nodes[p]; n.Step.Span.End > last.Step.Span.End {
			last = n
		}
	}
	if fixes == nil || !b.own(last.Step) {
		return nil
	}
	step := b.newStep(last, name, "self, inputs", "self.next(self."+end.Step.Name+")")
	edits := append(step, fixes...)
	slices.SortStableFunc(edits, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return []Fix{{Title: "Insert a join step", Edits: edits, Preferred: true}}
}

// meetingStep is the step in which all branches of a split meet as in a join,
// but that takes no inputs; nil if there is none, or the last step is it.
func (b *balancer) meetingStep(open *split) *graph.Node {
	if !b.certain {
		return nil
	}
	for n := range b.nodes() {
		if n.Type != graph.LinearT || len(n.In) < 2 && open.step.Type != graph.Foreach || len(n.Step.Args) != 1 || n.Step.Rest.Name != "" || len(n.Step.Asides) > 0 {
			continue
		}
		branches := map[string]bool{}
		for _, p := range n.In {
			from := b.graph.Nodes[p]
			if from == open.step || from.Type == graph.Switch || from.Parent() != open.step.Step.Name {
				branches = nil
				break
			}
			branches[from.Branch()] = true
		}
		if extra, missing := difference(branches, open.roots); len(branches) == open.count && open.count > 1 && len(extra)+len(missing) == 0 {
			return n
		}
	}
	return nil
}

// inputsUse is how a join uses its inputs.
var inputsUse = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[^#\n"']*(\bin\s+inputs\b|\binputs\s*[\[.]\s*\w|\(\s*inputs\s*[,)])`)
})

// usesInputs is the only step behind the first of a foreach that uses a name
// inputs which nothing binds: the join that lacks its argument. Nil if there is none.
func (b *balancer) usesInputs(open *split) *graph.Node {
	if !b.certain || open.step.Type != graph.Foreach {
		return nil
	}
	var found *graph.Node
	for n := range b.nodes() {
		s := n.Step
		if n.Type != graph.LinearT || n.Parent() != open.step.Step.Name || slices.Contains(n.In, open.step.Step.Name) || !b.own(s) ||
			len(s.Args) != 1 || s.Args[0].Name != "self" || s.Rest.Name != "" || len(s.Asides) > 0 || bindsLocal(s.Method.Code().Ops, "inputs") {
			continue
		}
		if !inputsUse().MatchString(b.file.Slice(s.BodySpan)) || strings.Contains(s.Doc, "inputs") || inputsWord().MatchString(b.file.Slice(s.DefSpan)) {
			continue
		}
		if _, bound := b.flow.Resolve("inputs", s.Span.Start); bound || found != nil {
			return nil
		}
		found = n
	}
	return found
}

var inputsWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\binputs\b`) })

// takeInputs makes a step a join.
func (c *checker) takeInputs(s *flow.Step) []Fix {
	if !c.own(s) || len(s.Args) != 1 || strings.ContainsAny(c.file.Slice(s.DefSpan), "=/") {
		return nil // a default, or arguments that have no name: nothing may follow
	}
	fix, only := Fix{Title: "Take inputs", Preferred: true}, s.Args[0]
	switch {
	case only.Name == "inputs": // it is the flow that was left out
		fix.Title, fix.Edits = "Add self", []text.Edit{{Span: text.Span{Start: only.Span.Start, End: only.Span.Start}, New: "self, "}}
	case inputsWord().MatchString(c.file.Slice(s.DefSpan)): // as *inputs, say
		return nil
	default:
		fix.Edits = []text.Edit{{Span: text.Span{Start: only.Span.End, End: only.Span.End}, New: ", inputs"}}
	}
	return []Fix{fix}
}

// allBranches: the steps before the end are on the branches of the split, all
// of them, and in no other split.
func (b *balancer) allBranches(end *graph.Node, open *split) bool {
	branches := map[string]bool{}
	for _, p := range end.In {
		n := b.graph.Nodes[p]
		if n.Type != graph.LinearT && n.Type != graph.Join || n.Step.Next.Kind != flow.Linear || len(n.SplitBranches()) != 1 || n.Step.Rest.Name != "" {
			return false
		}
		branches[n.Branch()] = true
	}
	extra, missing := difference(branches, open.roots)
	return len(extra)+len(missing) == 0 && len(branches) == open.count
}

// retarget leads the plain transitions of steps elsewhere.
func (c *checker) retarget(steps []string, from, to string) []text.Edit {
	var edits []text.Edit
	for _, name := range steps {
		n := c.graph.Nodes[name]
		if !c.own(n.Step) || n.Step.Next.Kind != flow.Linear || n.Step.Next.Targets[0].Name != from {
			return nil
		}
		edits = append(edits, text.Edit{Span: n.Step.Next.Targets[0].Span, New: to})
	}
	return edits
}

// freeStep is a name that nothing in the flow has.
func (c *checker) freeStep(base string) string {
	body := c.file.Slice(c.flow.Span)
	taken := func(name string) bool {
		return c.graph.Nodes[name] != nil || len(c.flow.Methods[name]) > 0 || len(c.flow.Attributes[name]) > 0 || strings.Contains(body, "self."+name)
	}
	if !taken(base) {
		return base
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s_%d", base, i); !taken(name) {
			return name
		}
	}
}

// leadToJoin sends the branches that miss a join there instead of to the end.
func (b *balancer) leadToJoin(n *graph.Node, missing []string) []Fix {
	end := b.graph.End
	behind := b.behind(n)
	var steps []string
	for _, p := range end.In {
		from := b.graph.Nodes[p]
		if behind[p] {
			return nil // the branch goes on behind the join: leading it back would be a loop
		}
		if slices.Contains(missing, from.Branch()) && from.Type == graph.LinearT && len(from.SplitBranches()) == len(b.graph.Nodes[n.In[0]].SplitBranches()) {
			steps = append(steps, p)
		}
	}
	edits := b.retarget(steps, end.Step.Name, n.Step.Name)
	if len(edits) == 0 || len(edits) != len(missing) {
		return nil
	}
	slices.SortStableFunc(edits, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return []Fix{{Title: fmt.Sprintf("Lead %s to %s", strings.Join(steps, " and "), n.Step.Name), Edits: edits, Preferred: true}}
}

// behind are the steps that a step leads to, near or far.
func (c *checker) behind(n *graph.Node) map[string]bool {
	found := map[string]bool{}
	todo := []*graph.Node{n}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, out := range n.Out {
			if child := c.graph.Nodes[out]; child != nil && !found[out] {
				found[out] = true
				todo = append(todo, child)
			}
		}
	}
	return found
}

// splitBehind moves the split of a join into a new step behind it.
func (c *checker) splitBehind(n *graph.Node) []Fix {
	call := c.file.Slice(n.Step.Next.Span)
	if !c.own(n.Step) || strings.ContainsAny(call, "\r\n") || !c.whole() || len(n.In) == 0 { // without a step before it, it joins nothing
		return nil
	}
	name := c.freeStep(n.Step.Name + "_split")
	edits := c.newStep(n, name, "self", call)
	return []Fix{{Title: "Split in a new step", Edits: append(edits, text.Edit{Span: n.Step.Next.Span, New: "self.next(self." + name + ")"}), Preferred: true}}
}
