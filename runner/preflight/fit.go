package preflight

import (
	"fmt"
	"slices"
)

// Less is a resource of which a step asks for more than the node that comes
// nearest can give.
type Less struct {
	Resource, Argument string
	Instead            string // what to write for the argument
	Text               string // the same in words
}

// Lower is what a step would have to ask less of for a node that is open to it,
// the one that asks for the least change; nil if it fits or if no node comes near.
func Lower(have *Inventory, want *Request) []Less {
	if want.Unknown["node_selector"] {
		return nil
	}
	var nearest []Less
	kept := 0.0 // the share of what is asked for that the nearest node gives
	for i := range have.Nodes {
		node := &have.Nodes[i]
		if !matches(node.Labels, want.NodeSelector) || node.Closed || want.refusedBy(node) != nil {
			continue
		}
		less, share := want.lower(node)
		if share == 1 {
			return nil
		}
		if share > kept {
			nearest, kept = less, share
		}
	}
	return nearest
}

func (r *Request) lower(node *Node) (less []Less, share float64) {
	share = 1
	for _, name := range sortedKeys(r.Requests) {
		wanted, free := r.Requests[name], node.Free[name]
		if wanted <= free || wanted == 0 {
			continue
		}
		given := roomy(free, name)
		l := Less{Resource: name, Argument: r.Argument(name), Instead: given.metaflow(name), Text: given.Words(name)}
		if given <= 0 || l.Instead == "" || l.Argument == "extended_resources" {
			return nil, 0
		}
		less = append(less, l)
		share *= float64(given) / float64(wanted)
	}
	return less, share
}

// roomy is what to ask of a node that can give so much: a part of it goes to what
// belongs to the cluster and is no daemon, and round numbers read better.
func roomy(free Amount, resource string) Amount {
	if extended(resource) {
		return free // nothing else holds these
	}
	part := free / 8 * 7
	steps := []Amount{1000, 500, 100}
	if resource != CPU {
		steps = []Amount{Units(1e9), Units(1e8), Units(1e7), Units(1e6)}
	}
	for _, step := range steps {
		if part >= 2*step || step == steps[len(steps)-1] {
			return part / step * step
		}
	}
	return part
}

// mastering are taints of nodes that are not there for work.
var mastering = []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"}

// Tolerable are the taints that a step would have to tolerate for a node that has
// all it asks for, the node with the fewest of them; nil if there is none.
func Tolerable(have *Inventory, want *Request) []Taint {
	if want.Unknown["node_selector"] || want.Unknown["tolerations"] {
		return nil
	}
	var fewest []Taint
	for i := range have.Nodes {
		node := &have.Nodes[i]
		if _, share := want.lower(node); share < 1 || node.Closed || !matches(node.Labels, want.NodeSelector) {
			continue
		}
		taints := slices.DeleteFunc(slices.Clone(node.Taints), func(t Taint) bool { return t.Effect == "PreferNoSchedule" || want.Tolerates(t) })
		if len(taints) == 0 {
			return nil // it is open
		}
		if !slices.ContainsFunc(taints, Taint.OfCluster) && (fewest == nil || len(taints) < len(fewest)) {
			fewest = taints
		}
	}
	return fewest
}

// Room reports whether some node takes the step as soon as it has nothing else to do.
func Room(have *Inventory, want *Request) bool {
	for _, name := range []string{CPU, Memory, Disk, "gpu"} {
		if !want.sized(name) {
			return false
		}
	}
	return len(have.Nodes) > 0 && !want.Unknown["node_selector"] && !want.Unknown["tolerations"] && len(noNode(have, want)) == 0
}

// OfCluster: the cluster itself keeps work away, for a while or for good.
func (t Taint) OfCluster() bool {
	return slices.Contains(passing, t.Key) || slices.Contains(mastering, t.Key)
}

// Toleration is one that tolerates just this taint.
func (t Taint) Toleration() Toleration {
	if t.Value == "" {
		return Toleration{Key: t.Key, Operator: "Exists"}
	}
	return Toleration{Key: t.Key, Operator: "Equal", Value: t.Value}
}

func (t Taint) String() string {
	if t.Value == "" {
		return t.Key
	}
	return fmt.Sprintf("%s=%s", t.Key, t.Value)
}

// Placing reports whether a finding is about nodes.
func (f Finding) Placing() bool {
	return f.Kind == TooLarge || f.Kind == NoNode || f.Kind == NotYet
}
