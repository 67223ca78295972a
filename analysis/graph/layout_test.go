package graph

import (
	"math/rand/v2"
	"testing"
)

// checkLayout holds what every layout promises: edges run downwards unless
// turned, boxes of a layer do not touch, nothing lies left of the picture.
func checkLayout(t *testing.T, widths []float64, edges []edge) *layout {
	t.Helper()
	l := place(widths, edges)
	for i, e := range edges {
		from, to := l.ends(i, e)
		if from != to && l.layer[from] >= l.layer[to] {
			t.Errorf("edge %d→%d (turned: %v) runs from layer %d to %d", e.from, e.to, l.turned[i], l.layer[from], l.layer[to])
		}
	}
	for _, nodes := range l.layers {
		for i, n := range nodes {
			if l.x[n]-l.width[n]/2 < -0.01 {
				t.Errorf("node %d begins at %.1f", n, l.x[n]-l.width[n]/2)
			}
			if i == 0 {
				continue
			}
			if gap := l.x[n] - l.width[n]/2 - l.x[nodes[i-1]] - l.width[nodes[i-1]]/2; gap < gapX-0.01 {
				t.Errorf("nodes %d and %d are %.1f apart", nodes[i-1], n, gap)
			}
		}
	}
	return l
}

func TestLayoutOfDiamond(t *testing.T) {
	l := checkLayout(t, []float64{60, 100, 100, 60}, []edge{{from: 0, to: 1}, {from: 0, to: 2}, {from: 1, to: 3}, {from: 2, to: 3}})
	if l.x[0] != l.x[3] || l.x[0] != (l.x[1]+l.x[2])/2 {
		t.Errorf("the ends of a diamond are not above the middle: %v", l.x)
	}
	if got := l.layer; got[0] != 0 || got[1] != 1 || got[2] != 1 || got[3] != 2 {
		t.Errorf("layers %v", got)
	}
}

// Two chains that would cross as numbered must be untangled.
func TestLayoutUntangles(t *testing.T) {
	edges := []edge{{from: 0, to: 1}, {from: 0, to: 2}, {from: 1, to: 4}, {from: 2, to: 3}, {from: 4, to: 5}, {from: 3, to: 5}}
	l := checkLayout(t, []float64{50, 50, 50, 50, 50, 50}, edges)
	if (l.x[1] < l.x[2]) != (l.x[4] < l.x[3]) {
		t.Errorf("edges cross: %v", l.x)
	}
}

func TestLayoutTurnsOnlyBackEdges(t *testing.T) {
	edges := []edge{{from: 0, to: 1}, {from: 1, to: 2}, {from: 2, to: 1}, {from: 2, to: 3}, {from: 3, to: 3}}
	l := checkLayout(t, []float64{50, 50, 50, 50}, edges)
	for i, want := range []bool{false, false, true, false, true} {
		if l.turned[i] != want && edges[i].from != edges[i].to {
			t.Errorf("edge %d turned: %v", i, l.turned[i])
		}
	}
}

func TestLayoutOfRandomGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + r.IntN(30)
		widths := make([]float64, n)
		for i := range widths {
			widths[i] = 40 + float64(r.IntN(200))
		}
		var edges []edge
		for range r.IntN(3 * n) {
			edges = append(edges, edge{from: r.IntN(n), to: r.IntN(n)})
		}
		checkLayout(t, widths, edges)
	}
}
