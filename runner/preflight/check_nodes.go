package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// noNode tells why no node could take the step, were all of them idle.
func noNode(have *Inventory, want *Request) []Finding {
	if len(have.Nodes) == 0 {
		return nil // not listed, or a cluster that makes its nodes on demand
	}
	var open []*Node
	selected, closed := 0, 0
	taints := map[string]int{}
	for i := range have.Nodes {
		node := &have.Nodes[i]
		if !matches(node.Labels, want.NodeSelector) {
			continue
		}
		selected++
		switch taint := want.refusedBy(node); {
		case node.Closed && !want.Tolerates(Taint{Key: unschedulable, Effect: "NoSchedule"}):
			closed++
		case taint != nil:
			taints[taint.Key]++
		default:
			open = append(open, node)
		}
	}
	refusals := refusalText(taints, closed)
	switch {
	case selected == 0:
		return []Finding{unmatched(have.Nodes, want)}
	case len(open) == 0:
		return []Finding{{Kind: NoNode, Argument: "tolerations", Message: "no node is open to it: " + refusals, Instead: want.tolerating(taints)}}
	}
	return tooLarge(open, want, refusals)
}

// tolerating is what would open the nodes, where one taint keeps all away and
// nothing is tolerated yet.
func (r *Request) tolerating(taints map[string]int) string {
	if len(taints) != 1 || len(r.Tolerations) > 0 {
		return ""
	}
	return fmt.Sprintf(`[{"key": "%s", "operator": "Exists"}]`, sortedKeys(taints)[0])
}

// unschedulable is the taint of nodes that are closed to new pods.
const unschedulable = "node.kubernetes.io/unschedulable"

func unmatched(nodes []Node, want *Request) Finding {
	f := Finding{Kind: NoNode, Argument: "node_selector", Message: fmt.Sprintf("none of the %d nodes has the labels %s", len(nodes), selectorText(want.NodeSelector))}
	if len(nodes) == 1 {
		f.Message = "the only node has not the labels " + selectorText(want.NodeSelector)
	}
	for _, key := range sortedKeys(want.NodeSelector) {
		values := map[string]bool{}
		for _, node := range nodes {
			if v, ok := node.Labels[key]; ok {
				values[v] = true
			}
		}
		if values[want.NodeSelector[key]] {
			continue
		}
		f.Value = key
		if len(values) == 0 {
			f.Message += "; none has the label `" + key + "`"
		} else if known := slices.Sorted(maps.Keys(values)); len(known) <= 5 {
			f.Message += "; `" + key + "` is `" + strings.Join(known, "`, `") + "`"
		}
		break
	}
	return f
}

// tooLarge looks for a node that has everything at once.
func tooLarge(open []*Node, want *Request, refusals string) []Finding {
	type best struct {
		free Amount
		node string
	}
	largest := map[string]best{}
	for _, node := range open {
		fits := true
		for name, wanted := range want.Requests {
			free := node.Free[name]
			if l, seen := largest[name]; !seen || free > l.free {
				largest[name] = best{free, node.Name}
			}
			fits = fits && (free >= wanted || wanted == 0)
		}
		if fits {
			return nil
		}
	}
	var found []Finding
	if refusals != "" {
		refusals = "; " + refusals
	}
	names := sortedKeys(want.Requests)
	for _, name := range names {
		l, wanted := largest[name], want.Requests[name]
		f := Finding{Kind: TooLarge, Argument: want.Argument(name), Instead: wouldFit(open, want, name).metaflow(name)}
		switch {
		case want.Unknown[f.Argument] || l.free >= wanted || wanted == 0:
			continue
		case l.free <= 0 && extended(name):
			f.Message, f.Instead = fmt.Sprintf("no node has `%s`%s", name, refusals), ""
		default:
			f.Message = fmt.Sprintf("no node has %s: the most that one can give is %s (`%s`)%s", wanted.text(name), l.free.text(name), l.node, refusals)
		}
		if f.Argument == "extended_resources" {
			f.Value = name
		}
		found = append(found, f)
	}
	if found == nil && len(names) > 0 {
		var all []string
		for _, name := range names {
			all = append(all, want.Requests[name].text(name))
		}
		// It stands where lowering one of them is enough.
		at := names[0]
		for _, name := range names {
			if wouldFit(open, want, name) > 0 {
				at = name
				break
			}
		}
		found = []Finding{{
			Kind: TooLarge, Argument: want.Argument(at), Instead: wouldFit(open, want, at).metaflow(at),
			Message: "no single node has all of it: " + strings.Join(all, ", ") + refusals,
		}}
	}
	return found
}

// wouldFit is the most of a resource on a node that has all the rest.
func wouldFit(open []*Node, want *Request, resource string) Amount {
	var most Amount
	for _, node := range open {
		fits := true
		for name, wanted := range want.Requests {
			fits = fits && (name == resource || wanted == 0 || node.Free[name] >= wanted)
		}
		if fits {
			most = max(most, node.Free[resource])
		}
	}
	return most
}

func matches(labels, selector map[string]string) bool {
	for key, value := range selector {
		if have, ok := labels[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// passing are taints that come and go by themselves.
var passing = []string{
	"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/memory-pressure", "node.kubernetes.io/disk-pressure",
	"node.kubernetes.io/pid-pressure", "node.kubernetes.io/network-unavailable", "node.cloudprovider.kubernetes.io/uninitialized",
	"node.cloudprovider.kubernetes.io/shutdown", unschedulable, // the last is told by Closed
}

// Refusing is the first taint that keeps a pod away for good.
func Refusing(taints []Taint, tolerations []Toleration) *Taint {
	for i, taint := range taints {
		if taint.Effect == "PreferNoSchedule" || slices.Contains(passing, taint.Key) {
			continue
		}
		if !slices.ContainsFunc(tolerations, func(t Toleration) bool { return t.tolerates(taint) }) {
			return &taints[i]
		}
	}
	return nil
}

func (r *Request) refusedBy(node *Node) *Taint {
	if r.Unknown["tolerations"] {
		return nil
	}
	// Many clusters let who asks for a device onto the nodes that have it, by a rule
	// that adds the toleration: whether this one does is not to be seen.
	tolerations := r.Tolerations
	for name, wanted := range r.Requests {
		if extended(name) && wanted > 0 {
			tolerations = append(slices.Clip(tolerations), Toleration{Key: name, Operator: "Exists"})
		}
	}
	return Refusing(node.Taints, tolerations)
}

// Tolerates reports whether a taint does not keep the step away, or may not.
func (r *Request) Tolerates(taint Taint) bool {
	return r.Unknown["tolerations"] || slices.ContainsFunc(r.Tolerations, func(t Toleration) bool { return t.tolerates(taint) })
}

func (t Toleration) tolerates(taint Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	switch t.Operator {
	case "", "Equal":
		return t.Key != "" && t.Value == taint.Value
	}
	return true // Exists, or an operator that we do not know: then nothing is said
}

func refusalText(taints map[string]int, closed int) string {
	var parts []string
	for _, key := range sortedKeys(taints) {
		parts = append(parts, fmt.Sprintf("%s by taint `%s`", count(taints[key], "refuses", "refuse"), key))
	}
	if closed > 0 {
		parts = append(parts, count(closed, "is", "are")+" closed to new pods")
	}
	return strings.Join(parts, "; ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 node " + one
	}
	return fmt.Sprintf("%d nodes %s", n, many)
}

func selectorText(selector map[string]string) string {
	var parts []string
	for _, key := range sortedKeys(selector) {
		parts = append(parts, "`"+key+"="+selector[key]+"`")
	}
	return strings.Join(parts, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
