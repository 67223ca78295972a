package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/graph"
)

// split is what Metaflow remembers of an open split: how many targets it has
// and which. Two splits with equal keys are interchangeable for its joins.
type split struct {
	count int
	key   string   // the sorted distinct targets
	roots []string // as written by the first such split
	step  *graph.Node
}

// openSplits is a persistent stack of open splits, interned: equal stacks are
// the same pointer.
type openSplits struct {
	up  *openSplits
	top *split
}

type stackKey struct {
	up    *openSplits
	count int
	key   string
}

// balancer walks the graph with the stack of open splits.
//
// In a flow that Metaflow accepts every step is reached with one stack only:
// from any step on, each join fixes what it pops and the end fixes the depth.
// So a step that is reached with a second stack is a mistake for sure, the
// first mistake that a walk over all paths would meet is met before any step
// has a third stack, and two stacks per step are enough to find one.
type balancer struct {
	*checker
	interned map[stackKey]*openSplits
	seen     [][]*openSplits // by node
	reported map[string]bool // rule and step
	certain  bool            // no step's transition is in doubt
}

const stacksPerStep = 2

// balance checks that every split is joined by the join that belongs to it.
func (c *checker) balance() {
	g := c.graph
	if g.Start == nil || g.End == nil || c.hasLoop || len(g.Start.In) > 0 {
		return
	}
	b := &balancer{checker: c, interned: map[stackKey]*openSplits{}, seen: make([][]*openSplits, len(g.List)), reported: map[string]bool{}, certain: true}
	for n := range c.nodes() {
		if n.Reachable && (c.doubtful(n) || c.leadsNowhere(n)) {
			b.certain = false
		}
	}
	b.walk()
}

// doubtful reports whether a step's role in splits and joins is unclear.
func (c *checker) doubtful(n *graph.Node) bool {
	switch {
	case c.unsure(n):
		return true
	case n.Type == graph.End:
		return false
	case len(n.Step.Args) > 1 && n.Type != graph.Join:
		return true // a join and a split at once
	}
	return false
}

type place struct {
	node  *graph.Node
	stack *openSplits
}

func (b *balancer) walk() {
	todo := []place{{b.graph.Start, nil}}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		known := b.seen[p.node.Index]
		if slices.Contains(known, p.stack) || len(known) == stacksPerStep {
			continue
		}
		b.seen[p.node.Index] = append(known, p.stack)
		below, on := b.enter(p.node, p.stack)
		if !on {
			continue
		}
		for _, out := range slices.Backward(p.node.Out) {
			if child := b.graph.Nodes[out]; child != nil && child != p.node {
				todo = append(todo, place{child, below})
			}
		}
	}
}

// enter checks a step against the stack and gives the stack of its successors.
func (b *balancer) enter(n *graph.Node, stack *openSplits) (*openSplits, bool) {
	if n.Type == graph.End {
		if stack != nil {
			b.once(unjoinedSplit, n, func() Diagnostic { return b.unjoined(n, stack) })
		}
		return nil, false
	}
	if b.doubtful(n) {
		return nil, false
	}
	switch n.Type {
	case graph.Split, graph.Foreach:
		return b.push(stack, n), true
	case graph.Join:
		if stack == nil {
			b.once(joinWithoutSplit, n, func() Diagnostic {
				return b.atDef(joinWithoutSplit, n, fmt.Sprintf("`%s` is a join (it takes `%s`%s), but no split is open here. Remove the argument, or add a split before it.", n.Step.Name, n.Step.Args[1].Name, b.defaulted(n)))
			})
			return nil, true
		}
		b.join(n, stack.top)
		return stack.up, true
	}
	return stack, true
}

// defaulted: Metaflow counts an argument with a default like any other.
func (b *balancer) defaulted(n *graph.Node) string {
	if strings.Contains(b.file.Slice(n.Step.Args[1].Span), "=") {
		return "; its default does not change that"
	}
	return ""
}

func (b *balancer) push(up *openSplits, n *graph.Node) *openSplits {
	distinct := slices.Clone(n.Out)
	slices.Sort(distinct)
	key := stackKey{up, len(n.Out), strings.Join(slices.Compact(distinct), ",")}
	if b.interned[key] == nil {
		b.interned[key] = &openSplits{up, &split{key.count, key.key, n.Out, n}}
	}
	return b.interned[key]
}

func (b *balancer) once(r *Rule, n *graph.Node, d func() Diagnostic) {
	if key := r.Code + n.Step.Name; !b.reported[key] {
		b.reported[key] = true
		b.report(d())
	}
}

func (b *balancer) unjoined(n *graph.Node, stack *openSplits) Diagnostic {
	if meets := b.meetingStep(stack.top); meets != nil {
		d := b.atDef(unjoinedSplit, n, fmt.Sprintf("All branches of the split in `%s` meet in `%s`, which takes no `inputs`, so nothing joins them. Write `def %s(self, inputs)`.",
			stack.top.step.Step.Name, meets.Step.Name, meets.Step.Name))
		d.Span, d.Step = meets.Step.NameSpan, meets.Step.Name
		d.Related = []Related{{stack.top.step.Step.Next.Span, "the split"}, related(n, "the end, which is reached before the split is joined")}
		d.Fixes = b.takeInputs(meets.Step)
		return d
	}
	if uses := b.usesInputs(stack.top); uses != nil {
		d := b.atDef(unjoinedSplit, n, fmt.Sprintf("`%s` uses `inputs` but does not take it, so nothing joins the foreach in `%s`. Write `def %s(self, inputs)`.",
			uses.Step.Name, stack.top.step.Step.Name, uses.Step.Name))
		d.Span, d.Step = uses.Step.NameSpan, uses.Step.Name
		d.Related = []Related{{stack.top.step.Step.Next.Span, "the foreach"}, related(n, "the end, which is reached before the foreach is joined")}
		d.Fixes = b.takeInputs(uses.Step)
		return d
	}
	d := b.atDef(unjoinedSplit, n, fmt.Sprintf("`%s` is reached before the split in `%s` is joined. Add a join step `def join(self, inputs)` behind %s.",
		n.Step.Name, stack.top.step.Step.Name, quote(stack.top.roots)))
	for s := stack; s != nil && len(d.Related) < 5; s = s.up {
		d.Related = append(d.Related, Related{s.top.step.Step.Next.Span, "this split is still open at `" + n.Step.Name + "`"})
	}
	d.Fixes = b.insertJoin(n, stack)
	return d
}

// join checks the predecessors of a join against the split that it closes.
func (b *balancer) join(n *graph.Node, open *split) {
	if b.shortcut(n) {
		return
	}
	branches := map[string]bool{}
	rootless := false
	for _, p := range n.In {
		branch := b.graph.Nodes[p].Branch()
		rootless = rootless || branch == ""
		branches[branch] = true
	}
	if rootless {
		// Metaflow's linter crashes here: a predecessor lies in no split at all.
		b.once(unrelatedJoin, n, func() Diagnostic {
			d := b.unrelated(n)
			d.MetaflowCheck, d.MetaflowLine = "", 0
			return d
		})
		return
	}
	extra, missing := difference(branches, open.roots)
	if len(branches) != open.count || len(extra) > 0 || len(missing) > 0 {
		if b.certain || len(extra) > 0 || len(missing) == 0 {
			b.once(incompleteJoin, n, func() Diagnostic { return b.incomplete(n, open, extra, missing) })
		}
		return
	}
	lineage := b.graph.Nodes[n.In[0]].Lineage()
	for _, p := range n.In {
		if b.graph.Nodes[p].Lineage() != lineage {
			b.once(unrelatedJoin, n, func() Diagnostic { return b.unrelated(n) })
			return
		}
	}
}

// shortcut reports splits that lead straight into the join n.
func (b *balancer) shortcut(n *graph.Node) bool {
	found := false
	for _, p := range n.In {
		from := b.graph.Nodes[p]
		if from.Type != graph.Split && from.Type != graph.Foreach {
			continue
		}
		found = true
		r, what := splitIntoJoin, "The split"
		if from.Type == graph.Foreach {
			r, what = foreachIntoJoin, "The foreach"
		}
		b.once(r, from, func() Diagnostic {
			at := b.targetOf(from, n.Step.Name)
			d := b.atCall(r, from, at.Span, fmt.Sprintf("%s in `%s` leads straight into the join `%s`. Put at least one step in between.", what, p, n.Step.Name))
			d.Related = []Related{related(n, "the join")}
			// Metaflow's linter crashes unless another split is around this one.
			d.MetaflowCheck, d.MetaflowLine = "", 0
			if from.Branch() != "" {
				d.MetaflowCheck, d.MetaflowLine, d.MetaflowFile = incompleteJoin.MetaflowCheck, b.defLine(n), n.Step.File
			}
			return d
		})
	}
	return found
}

func (b *balancer) incomplete(n *graph.Node, open *split, extra, missing []string) Diagnostic {
	var why string
	switch {
	case len(missing) > 0 && len(extra) == 0:
		why = fmt.Sprintf("the branches %s never reach it", quote(missing))
	case len(extra) > 0 && len(missing) == 0:
		why = fmt.Sprintf("the branches %s come from elsewhere", quote(extra))
	case len(extra) > 0:
		why = fmt.Sprintf("it gets %s instead of %s", quote(extra), quote(missing))
	default:
		why = "the split names a step twice"
	}
	d := b.atDef(incompleteJoin, n, fmt.Sprintf("The join `%s` must join the %d branches of the split in `%s` (%s), but %s.",
		n.Step.Name, open.count, open.step.Step.Name, quote(open.roots), why))
	d.Related = []Related{{open.step.Step.Next.Span, "the split"}}
	if len(extra) == 0 {
		d.Fixes = b.leadToJoin(n, missing)
	}
	return d
}

func (b *balancer) unrelated(n *graph.Node) Diagnostic {
	d := b.atDef(unrelatedJoin, n, fmt.Sprintf("The join `%s` joins steps from different splits (%s). Give each split a join of its own.", n.Step.Name, quote(n.In)))
	for _, p := range n.In {
		d.Related = append(d.Related, b.targetOf(b.graph.Nodes[p], n.Step.Name))
	}
	return d
}

// difference compares the branches that reach a join with the roots of its split.
func difference(branches map[string]bool, roots []string) (extra, missing []string) {
	expected := make(map[string]bool, len(roots))
	for _, root := range roots {
		if !branches[root] && !expected[root] {
			missing = append(missing, root)
		}
		expected[root] = true
	}
	for branch := range branches {
		if !expected[branch] {
			extra = append(extra, branch)
		}
	}
	slices.Sort(extra)
	return extra, missing
}
