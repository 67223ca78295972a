package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// noNode tells why no node could take the step, were all of them idle.
func noNode(have Inventory, want Request) []Finding {
	if len(have.Nodes) == 0 {
		return nil // not listed, or a cluster that makes its nodes on demand
	}
	var open []corev1.Node
	selected := 0
	closed := 0
	taints := map[string]int{}
	for _, node := range have.Nodes {
		if !matches(node.Labels, want.NodeSelector) {
			continue
		}
		selected++
		switch taint := refusing(node.Spec.Taints, want.Tolerations); {
		case node.Spec.Unschedulable:
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
		return []Finding{{"node_selector", fmt.Sprintf("none of the %d nodes has the labels %s", len(have.Nodes), selectorText(want.NodeSelector))}}
	case len(open) == 0:
		return []Finding{{"tolerations", "no node is open to it: " + refusals}}
	}
	return tooSmall(have.DaemonSets, open, want.Requests, refusals)
}

// tooSmall looks for a node that has everything at once.
func tooSmall(daemons []appsv1.DaemonSet, open []corev1.Node, want corev1.ResourceList, refusals string) []Finding {
	type best struct {
		free resource.Quantity
		node string
	}
	largest := map[corev1.ResourceName]best{}
	for _, node := range open {
		free := freeOf(node, daemons)
		fits := true
		for name, wanted := range want {
			q := free[name]
			if l, seen := largest[name]; !seen || q.Cmp(l.free) > 0 {
				largest[name] = best{q, node.Name}
			}
			fits = fits && q.Cmp(wanted) >= 0
		}
		if fits {
			return nil
		}
	}
	var found []Finding
	if refusals != "" {
		refusals = "; " + refusals
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		l, wanted := largest[name], want[name]
		switch {
		case l.free.Cmp(wanted) >= 0:
		case l.free.IsZero() && extended(name):
			found = append(found, Finding{argumentOf(name), fmt.Sprintf("no node has `%s`%s", name, refusals)})
		default:
			found = append(found, Finding{argumentOf(name), fmt.Sprintf("no node has %s: the most that one can give is %s (`%s`)%s",
				amount(name, wanted), amount(name, l.free), l.node, refusals)})
		}
	}
	if found == nil {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(want)) {
			all = append(all, amount(name, want[name]))
		}
		found = []Finding{{argumentOf(slices.Sorted(maps.Keys(want))[0]), "no single node has all of it: " + strings.Join(all, ", ") + refusals}}
	}
	return found
}

// freeOf is what a node can give to a task when nothing but its daemons runs there.
func freeOf(node corev1.Node, daemons []appsv1.DaemonSet) corev1.ResourceList {
	free := node.Status.Allocatable.DeepCopy()
	for i := range daemons {
		pod := &daemons[i].Spec.Template.Spec
		// With affinity it may not run here: then nothing is taken off.
		if pod.Affinity != nil || !matches(node.Labels, pod.NodeSelector) || refusing(node.Spec.Taints, pod.Tolerations) != nil {
			continue
		}
		for _, container := range pod.Containers {
			for name, taken := range container.Resources.Requests {
				q := free[name]
				q.Sub(taken)
				free[name] = q
			}
		}
	}
	return free
}

func matches(labels, selector map[string]string) bool {
	for key, value := range selector {
		if have, ok := labels[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// refusing is the first taint that keeps a pod away.
func refusing(taints []corev1.Taint, tolerations []corev1.Toleration) *corev1.Taint {
	for i, taint := range taints {
		if taint.Effect == corev1.TaintEffectPreferNoSchedule {
			continue
		}
		if !slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool { return tolerates(t, taint) }) {
			return &taints[i]
		}
	}
	return nil
}

func tolerates(t corev1.Toleration, taint corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	switch t.Operator {
	case "", corev1.TolerationOpEqual:
		return t.Key != "" && t.Value == taint.Value
	case corev1.TolerationOpExists:
		return true
	}
	return true // an operator that we do not know: say nothing
}

func refusalText(taints map[string]int, closed int) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(taints)) {
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
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		parts = append(parts, "`"+key+"="+selector[key]+"`")
	}
	return strings.Join(parts, ", ")
}
