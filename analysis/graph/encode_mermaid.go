package graph

import (
	"fmt"
	"strings"
)

// mermaidShape is the text around a quoted label, by kind.
var mermaidShape = map[string][2]string{
	"start": {"([", "])"}, "end": {"([", "])"}, string(Split): {"[/", "\\]"}, string(Join): {"[\\", "/]"},
	string(Foreach): {"[[", "]]"}, string(Switch): {"{", "}"}, "unknown": {"[", "]"}, string(LinearT): {"[", "]"},
}

// Mermaid draws the graph as a Mermaid flowchart. Labels are escaped: a name or
// key from the source can neither end its label nor become HTML.
func (g *Graph) Mermaid() string {
	p := g.picture()
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for i, n := range p.nodes {
		shape := mermaidShape[n.kind]
		// Numbers, because `end` and other names are words of Mermaid's own.
		fmt.Fprintf(&b, "    n%d%s\"%s\"%s:::%s\n", i, shape[0], mermaidText(n.name), shape[1], mermaidClass(n.kind))
	}
	for _, e := range p.edges {
		arrow := "-->"
		if e.unknown {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += `|"` + mermaidText(e.label) + `"|`
		}
		fmt.Fprintf(&b, "    n%d %s n%d\n", e.from, arrow, e.to)
	}
	for _, c := range []string{"terminal stroke:#2da44e", "split stroke:#0969da", "foreach stroke:#8250df", "choice stroke:#bf8700", "join stroke:#0969da", "unknown stroke:#cf222e,stroke-dasharray:4 3"} {
		if class, _, _ := strings.Cut(c, " "); strings.Contains(b.String(), ":::"+class+"\n") {
			fmt.Fprintf(&b, "    classDef %s,stroke-width:2px\n", c)
		}
	}
	return b.String()
}

func mermaidClass(kind string) string {
	switch kind {
	case "start", "end":
		return "terminal"
	case string(Switch):
		return "choice"
	case string(LinearT):
		return "linear"
	}
	return kind
}

// mermaidText writes what Mermaid or HTML would read as its own as Mermaid's
// entity codes.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if strings.ContainsRune("#\"&<>`\\;{}[]()|", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
