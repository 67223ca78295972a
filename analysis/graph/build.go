package graph

import (
	"slices"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
)

// Build makes the graph of a flow in linear time.
func Build(f *flow.Flow) *Graph {
	g := &Graph{
		Flow: f, Nodes: make(map[string]*Node, len(f.Steps)),
		Order: make([]string, len(f.Steps)), List: make([]*Node, len(f.Steps)),
	}
	nodes := make([]Node, len(f.Steps))
	targets := 0
	for _, s := range f.Steps {
		if s.Next != nil {
			targets += len(s.Next.Targets)
		}
	}
	room := make([]string, 0, targets)
	for i, s := range f.Steps {
		n := &nodes[i]
		n.Step, n.Index = s, i
		if first := len(room); s.Next != nil && len(s.Next.Targets) > 0 {
			for _, target := range s.Next.Targets {
				room = append(room, target.Name)
			}
			n.Out = slices.Clip(room[first:])
		}
		n.read()
		g.Nodes[s.Name], g.Order[i], g.List[i] = n, s.Name, n
	}
	g.identify()
	g.traverse()
	g.connect()
	g.match()
	return g
}

// read takes what the step says by itself.
func (n *Node) read() {
	s := n.Step
	n.ParallelStep, n.MaybeParallel = parallel(s)
	t := s.Next
	if t == nil {
		return
	}
	switch {
	case t.ForeachCall && t.Kind != flow.Switch:
		n.Type = Foreach // even if the call is invalid, as in Metaflow
	case t.Kind == flow.Linear && len(s.Args) > 1:
		n.Type = Join
	case t.Kind == flow.Linear:
		n.Type = LinearT
	case t.Kind == flow.Split:
		n.Type = Split
	case t.Kind == flow.Switch:
		n.Type = Switch
	}
}

// ordinaryDecorators are Metaflow's own and not IS_PARALLEL. Any other name
// that is imported from metaflow comes from an extension.
var ordinaryDecorators = []string{
	"batch", "card", "catch", "conda", "environment", "kubernetes", "pypi", "resources", "retry", "secrets", "step", "timeout",
}

func parallel(s *flow.Step) (sure, maybe bool) {
	for _, d := range s.Decorators {
		if d.PassesOn { // whatever its name
			continue
		}
		if catalog.IsParallel(d.Name) {
			sure = true
		}
		maybe = maybe || !d.FromMetaflow || !slices.Contains(ordinaryDecorators, d.Name)
	}
	return sure, maybe && !sure
}

// identify finds the start and end steps and gives them their types.
func (g *Graph) identify() {
	g.Start = g.resolve("start", func(s *flow.Step) bool { return s.IsStart })
	g.End = g.resolve("end", func(s *flow.Step) bool { return s.IsEnd })
	if len(g.Order) == 1 { // the only step is both, whatever its name
		g.Start = g.Nodes[g.Order[0]]
		g.End = g.Start
	}
	if g.Start != nil && g.Start != g.End && (g.Start.Type == Unknown || g.Start.Type == LinearT) {
		g.Start.Type = Start
	}
	if g.End != nil {
		g.End.Type = End
	}
}

// resolve is the only annotated step, or without any the one with the usual
// name; several annotated ones are nobody.
func (g *Graph) resolve(name string, annotated func(*flow.Step) bool) *Node {
	var found *Node
	for _, n := range g.List {
		if annotated(n.Step) {
			if found != nil {
				return nil
			}
			found = n
		}
	}
	if found == nil {
		found = g.Nodes[name]
	}
	return found
}

type visit struct {
	node              *Node
	parents, branches *frame
	leave             bool
}

// traverse finds the splits around each node. Metaflow walks every path and
// the last path to a node wins. In a graph without loops that is the path with
// the latest choices, which a depth-first search that takes the choices in
// reverse order discovers first.
func (g *Graph) traverse() {
	if g.Start == nil {
		return
	}
	g.Sorted = make([]string, 0, len(g.List))
	stack := []visit{{node: g.Start}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := v.node
		if v.leave {
			g.Sorted = append(g.Sorted, n.Step.Name)
			continue
		}
		if n.Reachable {
			continue
		}
		n.Reachable = true
		stack = append(stack, visit{node: n, leave: true})
		parents, branches, inSplit := v.parents, v.branches, false
		n.parents, n.branches = parents, branches
		switch n.Type {
		case Split, Foreach:
			parents, inSplit = parents.push(n.Step.Name, n.Type == Foreach), true
		case Join:
			if parents != nil { // a join without a split is ignored
				parents = parents.up
				if branches != nil {
					branches = branches.up
				}
				n.branches = branches
			}
		}
		for _, name := range n.Out {
			child, known := g.Nodes[name]
			if !known || child.Reachable {
				continue
			}
			below := branches
			if inSplit {
				below = branches.push(name, false)
			}
			stack = append(stack, visit{child, parents, below, false})
		}
	}
	slices.Reverse(g.Sorted)
}

// connect fills In. A step that names itself is not its own predecessor,
// except for the start step, as in Metaflow.
func (g *Graph) connect() {
	room := make([]string, len(g.List)) // for the first of each: most have no more
	for _, n := range g.List {
		name := n.Step.Name
		if !n.Reachable {
			continue
		}
		for _, out := range n.Out {
			child := g.Nodes[out]
			if child == nil || child == n && n != g.Start {
				continue
			}
			if child.In == nil {
				child.In = room[child.Index : child.Index : child.Index+1]
			}
			if k := len(child.In); k == 0 || child.In[k-1] != name {
				child.In = append(child.In, name)
			}
		}
	}
}

// match finds the join that closes each split, from the end backwards.
func (g *Graph) match() {
	closing := make([]string, len(g.List)) // by step: the join that closes the innermost split open there
	after := func(n *Node) string {
		for _, out := range slices.Backward(n.Out) {
			if next := g.Nodes[out]; next != nil && closing[next.Index] != "" {
				return closing[next.Index]
			}
		}
		return ""
	}
	for _, name := range slices.Backward(g.Sorted) {
		n := g.Nodes[name]
		switch n.Type {
		case Join:
			closing[n.Index] = name
		case Split, Foreach:
			n.MatchingJoin = after(n)
			if join := g.Nodes[n.MatchingJoin]; join != nil {
				closing[n.Index] = after(join)
			}
		case End:
		default:
			closing[n.Index] = after(n)
		}
	}
	for _, name := range g.Sorted {
		n := g.Nodes[name]
		open := n.parents
		if open != nil && g.Nodes[open.name].MatchingJoin == name {
			open = open.up
		}
		n.InForeach = open != nil && open.foreaches > 0
	}
}
