package graph

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

const (
	boxHeight  = 36.0
	layerStep  = 92.0
	margin     = 24.0
	fontSize   = 13
	charWidth  = 7.9 // of the monospaced font at fontSize
	labelWidth = 6.7 // at the labels' size
	loopReach  = 34.0
)

// svgStyle fits light and dark pages: what is not coloured is the page's own.
const svgStyle = `
svg{--ink:#1f2328;--line:#6e7781;--paper:#ffffff;--terminal:#dafbe1;--split:#ddf4ff;--foreach:#fbefff;--switch:#fff8c5;--plain:#f6f8fa;--bad:#cf222e}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--line:#8d96a0;--paper:#0d1117;--terminal:#12361f;--split:#0c2d6b;--foreach:#3c1e70;--switch:#4b2900;--plain:#21262d;--bad:#ff7b72}}
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink);text-anchor:middle;dominant-baseline:central}
text.label{font-size:11px;fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.box{stroke:var(--line);stroke-width:1.5;fill:var(--plain)}
.start,.end{fill:var(--terminal);stroke:#2da44e}
.split,.join{fill:var(--split);stroke:#0969da}
.foreach{fill:var(--foreach);stroke:#8250df}
.split-switch{fill:var(--switch);stroke:#bf8700}
.unknown{fill:none;stroke:var(--bad);stroke-dasharray:5 4}
path.edge{fill:none;stroke:var(--line);stroke-width:1.5}
path.missing{stroke:var(--bad);stroke-dasharray:5 4}
#arrow path{fill:var(--line)}`

// SVG draws the graph without any help from outside: a layered picture, the
// flow running downwards, for light and dark pages.
func (g *Graph) SVG() string {
	p := g.picture()
	widths := make([]float64, len(p.nodes))
	for i, n := range p.nodes {
		widths[i] = boxWidth(n)
	}
	l := place(widths, p.edges)
	var body strings.Builder
	right, bottom := 0.0, margin+boxHeight
	for i, n := range p.nodes {
		right = max(right, l.x[i]+l.width[i]/2)
		bottom = max(bottom, top(l, i)+boxHeight)
		svgBox(&body, n, l.x[i]+margin, top(l, i), l.width[i])
	}
	var lines, labels strings.Builder
	for i, e := range p.edges {
		path, x, y := edgePath(l, i, e)
		class := "edge"
		if e.unknown {
			class += " missing"
		}
		fmt.Fprintf(&lines, "<path class=\"%s\" d=\"%s\" marker-end=\"url(#arrow)\"/>\n", class, path)
		if e.from == e.to {
			right = max(right, l.x[e.from]+l.width[e.from]/2+loopReach)
		}
		if e.label != "" {
			fmt.Fprintf(&labels, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, y, xmlText(e.label))
			right = max(right, x-margin+cellsOf(e.label)*labelWidth/2)
		}
	}
	w, h := right+2*margin, bottom+margin
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n", w, h, w, h)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s\n</style>\n", xmlText(p.name), svgStyle)
	b.WriteString("<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\"/></marker></defs>\n")
	b.WriteString(lines.String())
	b.WriteString(body.String())
	b.WriteString(labels.String())
	b.WriteString("</svg>\n")
	return b.String()
}

func boxWidth(n drawn) float64 {
	w := max(64, cellsOf(n.name)*charWidth+28)
	if n.kind == string(Switch) || n.kind == string(Split) || n.kind == string(Join) {
		w += 28
	}
	return w
}

// cellsOf counts a wide character as two.
func cellsOf(s string) float64 {
	n := float64(utf8.RuneCountInString(s))
	for _, r := range s {
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func top(l *layout, n int) float64 { return margin + float64(l.layer[n])*layerStep }

// svgBox draws one node around the centre x.
func svgBox(b *strings.Builder, n drawn, x, y, w float64) {
	left, right, low, mid := x-w/2, x+w/2, y+boxHeight, y+boxHeight/2
	class := "box " + n.kind
	const slant = 12
	switch n.kind {
	case "start", "end":
		fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>", class, left, y, w, boxHeight, boxHeight/2)
	case string(Split):
		fmt.Fprintf(b, "<path class=\"%s\" d=\"M%.1f %.1fH%.1fL%.1f %.1fH%.1fz\"/>", class, left+slant, y, right-slant, right, low, left)
	case string(Join):
		fmt.Fprintf(b, "<path class=\"%s\" d=\"M%.1f %.1fH%.1fL%.1f %.1fH%.1fz\"/>", class, left, y, right, right-slant, low, left+slant)
	case string(Switch):
		fmt.Fprintf(b, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1fH%.1fL%.1f %.1fL%.1f %.1fH%.1fz\"/>", class, left, mid, left+slant, y, right-slant, right, mid, right-slant, low, left+slant)
	case string(Foreach):
		for _, d := range []float64{6, 3} {
			fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>", class, left+d, y+d, w, boxHeight)
		}
		fallthrough
	default:
		fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>", class, left, y, w, boxHeight)
	}
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, mid, xmlText(n.name))
}

// edgePath returns the path of an edge and the place of its label.
func edgePath(l *layout, i int, e edge) (path string, x, y float64) {
	if e.from == e.to {
		right, mid := l.x[e.from]+l.width[e.from]/2+margin, top(l, e.from)+boxHeight/2
		return fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", right-4, mid-8, right+loopReach, mid-20, right+loopReach, mid+20, right-4, mid+8), right + loopReach - 8, mid
	}
	type point struct{ x, y float64 }
	var points []point
	r := l.routes[i]
	// A turned edge between neighbours would lie on the edge that it answers.
	aside := 0.0
	if l.turned[i] && len(r) == 2 {
		aside = 18
	}
	for k, n := range r {
		px, py := l.x[n]+margin+aside, top(l, n)
		switch {
		case k == 0:
			points = append(points, point{px, py + boxHeight})
		case k == len(r)-1:
			points = append(points, point{px, py})
		default: // a dummy: straight through its layer
			points = append(points, point{px, py}, point{px, py + boxHeight})
		}
	}
	x, y = (points[0].x+points[1].x)/2, (points[0].y+points[1].y)/2
	if l.turned[i] {
		for a, z := 0, len(points)-1; a < z; a, z = a+1, z-1 {
			points[a], points[z] = points[z], points[a]
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", points[0].x, points[0].y)
	for k := 1; k < len(points); k++ {
		from, to := points[k-1], points[k]
		if from.x == to.x {
			fmt.Fprintf(&b, "V%.1f", to.y)
			continue
		}
		bend := (from.y + to.y) / 2
		fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", from.x, bend, to.x, bend, to.x, to.y)
	}
	return b.String(), x, y
}

func xmlText(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r >= 0x20 && r != 0xfffe && r != 0xffff || r == '\t' || r == '\n' || r == '\r' {
			return r // what XML may hold
		}
		return utf8.RuneError
	}, oneLine(s)))
}
