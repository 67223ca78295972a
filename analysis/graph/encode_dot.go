package graph

import (
	"fmt"
	"strings"
)

var dotStyle = map[string]string{
	"start": `shape=box, style=rounded, color="#2da44e", penwidth=2`, "end": `shape=box, style=rounded, color="#2da44e", penwidth=2`,
	string(Split): `shape=trapezium, color="#0969da"`, string(Join): `shape=invtrapezium, color="#0969da"`,
	string(Foreach): `shape=box, peripheries=2, color="#8250df"`, string(Switch): `shape=diamond, color="#bf8700"`,
	"unknown": `shape=box, style=dashed, color="#cf222e"`, string(LinearT): `shape=box`,
}

// DOT draws the graph in the language of Graphviz.
func (g *Graph) DOT() string {
	p := g.picture()
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n    rankdir=TB;\n    node [fontname=\"Helvetica\"];\n    edge [fontname=\"Helvetica\", fontsize=11];\n", dotText(p.name))
	for i, n := range p.nodes {
		fmt.Fprintf(&b, "    n%d [label=%s, %s];\n", i, dotText(n.name), dotStyle[n.kind])
	}
	for _, e := range p.edges {
		var attrs []string
		if e.label != "" {
			attrs = append(attrs, "label="+dotText(e.label))
		}
		if e.unknown {
			attrs = append(attrs, "style=dashed")
		}
		fmt.Fprintf(&b, "    n%d -> n%d", e.from, e.to)
		if len(attrs) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(attrs, ", "))
		}
		b.WriteString(";\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText quotes a label. A backslash starts an escape (\N is the node's name),
// so it is doubled.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(s)) + `"`
}
