package graph

import (
	"strconv"
	"strings"

	"flowls/analysis/flow"
)

// picture is a graph as drawings need it: numbered nodes in reading order,
// unknown targets included, and one edge for each pair of nodes.
type picture struct {
	name  string
	nodes []drawn
	edges []edge
}

// drawn is one node of a picture.
type drawn struct {
	name string
	kind string // "start", "end", a Type, or "unknown" for a step that does not exist
}

// edge goes from one node to another, both by number.
type edge struct {
	from, to int
	label    string // what happens on the way: the case of a switch, the list of a foreach
	unknown  bool   // leads to a step that does not exist
}

// picture never fails: cycles, unknown targets and unreachable steps are drawn.
func (g *Graph) picture() picture {
	p := picture{name: g.Flow.Name}
	number := map[string]int{}
	add := func(name, kind string) {
		number[name] = len(p.nodes)
		p.nodes = append(p.nodes, drawn{name, kind})
	}
	for _, name := range g.Reading() {
		add(name, g.kind(g.Nodes[name]))
	}
	known := len(p.nodes)
	for _, from := range p.nodes[:known] {
		labels := labelsOf(g.Nodes[from.name])
		seen := map[string]bool{}
		for _, to := range g.Nodes[from.name].Out {
			if seen[to] {
				continue
			}
			seen[to] = true
			if _, ok := number[to]; !ok {
				add(to, "unknown")
			}
			p.edges = append(p.edges, edge{number[from.name], number[to], labels(to), number[to] >= known})
		}
	}
	return p
}

// Reading lists all steps as a reader would: from the start step on, then those
// that it does not reach, alphabetically.
func (g *Graph) Reading() []string {
	out := make([]string, 0, len(g.Order))
	seen := make(map[string]bool, len(g.Order))
	for _, names := range [][]string{g.Sorted, g.Order} {
		for _, name := range names {
			if g.Nodes[name] != nil && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// kind is what a node is drawn as: a start step that splits is drawn as a split.
func (g *Graph) kind(n *Node) string {
	switch {
	case n == g.End:
		return "end"
	case n == g.Start && (n.Type == Start || n.Type == LinearT || n.Type == Unknown):
		return "start"
	case n.Type == Unknown:
		return string(LinearT)
	}
	return string(n.Type)
}

// labelsOf returns what to write on the edges of a node, by target.
func labelsOf(n *Node) func(to string) string {
	none := func(string) string { return "" }
	if n.Step == nil || n.Step.Next == nil {
		return none
	}
	switch t := n.Step.Next; t.Kind {
	case flow.Foreach:
		return func(string) string { return strings.TrimSpace("foreach " + t.Foreach) }
	case flow.NumParallel:
		if t.NumParallel == 0 {
			return func(string) string { return "num_parallel" }
		}
		return func(string) string { return "num_parallel " + strconv.Itoa(t.NumParallel) }
	case flow.Switch:
		cases := map[string][]string{}
		for _, c := range t.Cases {
			cases[c.Target.Name] = append(cases[c.Target.Name], c.Key)
		}
		return func(to string) string { return strings.Join(cases[to], ", ") }
	}
	return none
}

// oneLine keeps a label on one line whatever the source holds.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
