package preflight

import (
	"fmt"
	"testing"
)

// BenchmarkCheck compares a step with a cluster of 5,000 nodes, none of which fits:
// what a keystroke in its decorator costs.
func BenchmarkCheck(b *testing.B) {
	have := &Inventory{In: map[string]Namespace{"default": {}}}
	for i := range 5000 {
		n := Node{Name: fmt.Sprint("node-", i), Labels: map[string]string{"pool": fmt.Sprint(i % 7)}, Free: Amounts{CPU: Units(16), Memory: Units(64e9), Disk: Units(1e12)}}
		if i%3 == 0 {
			n.Taints = []Taint{{"gpu", "true", "NoSchedule"}}
		}
		have.Nodes = append(have.Nodes, n)
	}
	want := &Request{Namespace: "default", Requests: Amounts{CPU: Units(1), Memory: Units(128e9), Disk: Units(1e9)}}
	for b.Loop() {
		if len(Check(have, want)) != 1 {
			b.Fatal("nothing was found")
		}
	}
}
