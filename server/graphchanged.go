package server

import (
	"fmt"
	"strings"

	"go.lsp.dev/uri"
)

// announceGraph tells the client when the graphs of a file changed shape. v is
// nil for a closed file. Only the publishing goroutine calls it.
func (d *diagnostics) announceGraph(u uri.URI, v *view) {
	if v == nil {
		delete(d.graphs, u)
		return
	}
	if !d.server.client.can.experimental.GraphChanged {
		return
	}
	shape := shapeOf(v)
	if before, known := d.graphs[u]; before == shape && (known || shape == "") {
		return
	}
	d.graphs[u] = shape
	d.server.client.graphChanged(u)
}

// shapeOf is equal for two versions exactly when their graphs look the same.
func shapeOf(v *view) string {
	var b strings.Builder
	for _, g := range v.Graphs {
		fmt.Fprintf(&b, "flow %q\n", g.Flow.Name)
		for _, name := range g.Order {
			n := g.Nodes[name]
			fmt.Fprintf(&b, "%q %q %q\n", name, n.Type, n.Out)
		}
	}
	return b.String()
}
