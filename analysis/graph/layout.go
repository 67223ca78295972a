package graph

import (
	"cmp"
	"slices"
)

// layout places boxes in layers, as Sugiyama taught: break cycles, give each
// node a layer, order the layers so that few edges cross, move nodes towards
// their neighbours. All passes are bounded and nothing is random, so the same
// graph gives the same picture and a broken one gives a picture as well.
type layout struct {
	width  []float64 // of each node, the dummies after the real ones
	layer  []int
	x      []float64 // centre
	layers [][]int
	up     [][]int // neighbours one layer above
	down   [][]int
	// routes are the nodes that each edge passes, from top to bottom; empty for
	// an edge from a node to itself. turned edges run against the picture.
	routes [][]int
	turned []bool
}

const (
	gapX = 36.0
	// maxDummies bounds the helpers that long edges get; beyond it they are
	// drawn straight.
	maxDummies = 20000
	// sweeps of ordering and of placing: more change little.
	orderSweeps, placeSweeps = 8, 8
)

// place lays out nodes of the given widths. Nodes come in reading order: an edge
// that goes back in it may be turned.
func place(widths []float64, edges []edge) *layout {
	l := &layout{width: slices.Clone(widths), turned: make([]bool, len(edges)), routes: make([][]int, len(edges))}
	l.breakCycles(edges)
	l.assignLayers(edges)
	l.route(edges)
	l.order()
	l.align()
	return l
}

// ends returns an edge as it points in the picture: downwards.
func (l *layout) ends(i int, e edge) (from, to int) {
	if l.turned[i] {
		return e.to, e.from
	}
	return e.from, e.to
}

// breakCycles turns every edge that leads back onto the path of a depth-first search.
func (l *layout) breakCycles(edges []edge) {
	out := make([][]int, len(l.width))
	for i, e := range edges {
		out[e.from] = append(out[e.from], i)
	}
	const fresh, open, done = 0, 1, 2
	state := make([]int, len(l.width))
	type frame struct{ node, next int }
	for root := range l.width {
		if state[root] != fresh {
			continue
		}
		state[root] = open
		for path := []frame{{root, 0}}; len(path) > 0; {
			top := &path[len(path)-1]
			if top.next == len(out[top.node]) {
				state[top.node] = done
				path = path[:len(path)-1]
				continue
			}
			i := out[top.node][top.next]
			top.next++
			switch to := edges[i].to; state[to] {
			case open:
				l.turned[i] = true
			case fresh:
				state[to] = open
				path = append(path, frame{to, 0})
			}
		}
	}
}

// assignLayers puts each node below all that lead to it (longest path).
func (l *layout) assignLayers(edges []edge) {
	l.layer = make([]int, len(l.width))
	waits := make([]int, len(l.width))
	out := make([][]int, len(l.width))
	for i, e := range edges {
		if from, to := l.ends(i, e); from != to {
			waits[to]++
			out[from] = append(out[from], to)
		}
	}
	var ready []int
	for n, w := range waits {
		if w == 0 {
			ready = append(ready, n)
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		for _, to := range out[n] {
			l.layer[to] = max(l.layer[to], l.layer[n]+1)
			if waits[to]--; waits[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
}

// route gives long edges a dummy node in each layer that they cross.
func (l *layout) route(edges []edge) {
	dummies := 0
	for i, e := range edges {
		from, to := l.ends(i, e)
		if from == to {
			continue
		}
		path := []int{from}
		if long := l.layer[to] - l.layer[from] - 1; dummies+long <= maxDummies {
			dummies += long
			for k := range long {
				path = append(path, len(l.width))
				l.width = append(l.width, 0)
				l.layer = append(l.layer, l.layer[from]+1+k)
			}
		}
		l.routes[i] = append(path, to)
	}
	l.layers = make([][]int, 1+slices.Max(append([]int{0}, l.layer...)))
	for n, at := range l.layer {
		l.layers[at] = append(l.layers[at], n)
	}
	l.up, l.down = make([][]int, len(l.width)), make([][]int, len(l.width))
	for _, r := range l.routes {
		for k := 1; k < len(r); k++ {
			if l.layer[r[k]]-l.layer[r[k-1]] == 1 {
				l.down[r[k-1]] = append(l.down[r[k-1]], r[k])
				l.up[r[k]] = append(l.up[r[k]], r[k-1])
			}
		}
	}
}

// order sorts each layer by the mean place of the neighbours, down and up again.
func (l *layout) order() {
	at := make([]float64, len(l.width))
	number := func(nodes []int) {
		for i, n := range nodes {
			at[n] = float64(i)
		}
	}
	for _, nodes := range l.layers {
		number(nodes)
	}
	key := make([]float64, len(l.width))
	for sweep := range orderSweeps {
		l.sweep(sweep, func(nodes []int, toward [][]int) {
			for _, n := range nodes {
				key[n] = mean(toward[n], at, at[n])
			}
			slices.SortStableFunc(nodes, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
			number(nodes)
		})
	}
}

// align moves each node as near to its neighbours as order and gaps allow.
func (l *layout) align() {
	l.x = make([]float64, len(l.width))
	for _, nodes := range l.layers {
		l.settle(nodes, make([]float64, len(nodes)))
	}
	for sweep := range placeSweeps {
		l.sweep(sweep, func(nodes []int, toward [][]int) {
			want := make([]float64, len(nodes))
			for i, n := range nodes {
				want[i] = mean(toward[n], l.x, l.x[n])
			}
			l.settle(nodes, want)
		})
	}
	left := 0.0
	for n, x := range l.x {
		left = min(left, x-l.width[n]/2)
	}
	for n := range l.x {
		l.x[n] -= left
	}
}

// sweep visits the layers downwards in even and upwards in odd sweeps, and tells
// which neighbours have been visited before.
func (l *layout) sweep(number int, visit func(nodes []int, toward [][]int)) {
	if number%2 == 0 {
		for _, nodes := range l.layers {
			visit(nodes, l.up)
		}
		return
	}
	for i := len(l.layers) - 1; i >= 0; i-- {
		visit(l.layers[i], l.down)
	}
}

// settle gives the nodes of a layer the places that are nearest to those wanted
// (least squares) without changing their order or touching: neighbours that
// want to pass each other share the mean of their wishes.
func (l *layout) settle(nodes []int, want []float64) {
	type block struct {
		sum   float64 // of the wishes, as places of the block's first node
		count int
	}
	offset := make([]float64, len(nodes)) // of each node from the layer's first
	var blocks []block
	place := func(b block) float64 { return b.sum / float64(b.count) }
	for i, n := range nodes {
		if i > 0 {
			before := nodes[i-1]
			offset[i] = offset[i-1] + l.width[before]/2 + gapX + l.width[n]/2
		}
		blocks = append(blocks, block{want[i] - offset[i], 1})
		for k := len(blocks) - 1; k > 0 && place(blocks[k-1]) > place(blocks[k]); k-- {
			blocks[k-1].sum += blocks[k].sum
			blocks[k-1].count += blocks[k].count
			blocks = blocks[:k]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.count {
			l.x[nodes[i]] = place(b) + offset[i]
			i++
		}
	}
}

func mean(of []int, values []float64, otherwise float64) float64 {
	if len(of) == 0 {
		return otherwise
	}
	sum := 0.0
	for _, n := range of {
		sum += values[n]
	}
	return sum / float64(len(of))
}
