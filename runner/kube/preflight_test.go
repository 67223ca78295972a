package kube

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What the verdicts are is held against the real scheduler (scheduler_test.go);
// these are their words and their places.

func quantities(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}

func node(name string, allocatable corev1.ResourceList, labels map[string]string, taints ...corev1.Taint) corev1.Node {
	return corev1.Node{ObjectMeta: v1.ObjectMeta{Name: name, Labels: labels}, Spec: corev1.NodeSpec{Taints: taints}, Status: corev1.NodeStatus{Allocatable: allocatable}}
}

func office() Inventory {
	gpu := corev1.Taint{Key: "gpu", Value: "true", Effect: corev1.TaintEffectNoSchedule}
	nodes := []corev1.Node{
		node("node-1", quantities("cpu", "8", "memory", "30Gi"), nil),
		node("node-2", quantities("cpu", "2", "memory", "62Gi"), map[string]string{"disk": "fast"}),
		node("node-3", quantities("cpu", "16", "memory", "128Gi", "nvidia.com/gpu", "2"), nil, gpu),
		node("node-4", quantities("cpu", "16", "memory", "128Gi", "nvidia.com/gpu", "2"), nil, gpu),
	}
	logs := appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: quantities("cpu", "500m")}}}}}}}
	return Inventory{Nodes: nodes, DaemonSets: []appsv1.DaemonSet{logs}, Secrets: []string{"s3"}, Accounts: []string{"default"}, Claims: []string{}}
}

func TestPreflightInWords(t *testing.T) {
	exists := []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpExists}}
	quota := func(key, hard string) func(*Inventory) {
		return func(have *Inventory) {
			have.Quotas = []corev1.ResourceQuota{{ObjectMeta: v1.ObjectMeta{Name: "team"}, Spec: corev1.ResourceQuotaSpec{Hard: quantities(key, hard)}}}
		}
	}
	tests := map[string]struct {
		want   Request
		change func(*Inventory)
		found  []Finding
	}{
		"fits":             {want: Request{Requests: quantities("cpu", "1", "memory", "4Gi"), ServiceAccount: "default", Secrets: []string{"s3"}}},
		"fits beside logs": {want: Request{Requests: quantities("cpu", "7500m", "memory", "4Gi")}},
		"memory": {want: Request{Requests: quantities("cpu", "1", "memory", "128Gi")},
			found: []Finding{{"memory", "no node has 128 GB: the most that one can give is 62 GB (`node-2`); 2 nodes refuse by taint `gpu`"}}},
		"memory of a tainted node": {want: Request{Requests: quantities("cpu", "1", "memory", "128Gi"), Tolerations: exists}},
		"daemons take some": {want: Request{Requests: quantities("cpu", "8")},
			found: []Finding{{"cpu", "no node has 8 CPU: the most that one can give is 7.5 CPU (`node-1`); 2 nodes refuse by taint `gpu`"}}},
		"not together": {want: Request{Requests: quantities("cpu", "4", "memory", "60Gi")},
			found: []Finding{{"cpu", "no single node has all of it: 4 CPU, 60 GB; 2 nodes refuse by taint `gpu`"}}},
		"no gpu without toleration": {want: Request{Requests: quantities("nvidia.com/gpu", "1")},
			found: []Finding{{"gpu", "no node has `nvidia.com/gpu`; 2 nodes refuse by taint `gpu`"}}},
		"too many gpus": {want: Request{Requests: quantities("nvidia.com/gpu", "3"), Tolerations: exists},
			found: []Finding{{"gpu", "no node has 3 `nvidia.com/gpu`: the most that one can give is 2 `nvidia.com/gpu` (`node-3`)"}}},
		"gpu of another maker": {want: Request{Requests: quantities("amd.com/gpu", "1"), Tolerations: exists},
			found: []Finding{{"gpu", "no node has `amd.com/gpu`"}}},
		"selector": {want: Request{NodeSelector: map[string]string{"disk": "slow"}},
			found: []Finding{{"node_selector", "none of the 4 nodes has the labels `disk=slow`"}}},
		"closed": {want: Request{NodeSelector: map[string]string{"disk": "fast"}}, change: func(have *Inventory) { have.Nodes[1].Spec.Unschedulable = true },
			found: []Finding{{"tolerations", "no node is open to it: 1 node is closed to new pods"}}},
		"names": {want: Request{ServiceAccount: "robot", Secrets: []string{"s3", "db"}, Claims: []string{"data"}},
			found: []Finding{{"service_account", "the namespace has no service account `robot`"}, {"secrets", "the namespace has no secret `db`"},
				{"persistent_volume_claims", "the namespace has no persistent volume claim `data`"}}},
		"names that may not be listed": {want: Request{ServiceAccount: "robot", Secrets: []string{"db"}}, change: func(have *Inventory) { have.Secrets, have.Accounts = nil, nil }},
		"nodes that may not be listed": {want: Request{Requests: quantities("memory", "1Ti")}, change: func(have *Inventory) { have.Nodes = nil }},
		"quota": {want: Request{Requests: quantities("memory", "8Gi")}, change: quota("requests.memory", "4Gi"),
			found: []Finding{{"memory", "the quota `team` of the namespace allows 4 GB of `requests.memory` for all pods together, and it asks for 8 GB"}}},
		"quota that suffices": {want: Request{Requests: quantities("memory", "4Gi")}, change: quota("requests.memory", "4Gi")},
		"quota wants limits": {want: Request{Requests: quantities("memory", "1Gi")}, change: quota("limits.memory", "4Gi"),
			found: []Finding{{"memory", "the quota `team` of the namespace takes only pods that set limits of memory"}}},
		"quota wants limits, which guaranteed sets": {want: Request{Requests: quantities("memory", "1Gi"), Guaranteed: true}, change: quota("limits.memory", "4Gi")},
		"quota for others": {want: Request{Requests: quantities("memory", "8Gi")}, change: func(have *Inventory) {
			quota("requests.memory", "4Gi")(have)
			have.Quotas[0].Spec.Scopes = []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeBestEffort}
		}},
		"limit range": {want: Request{Requests: quantities("memory", "8Gi")}, change: func(have *Inventory) {
			have.LimitRanges = []corev1.LimitRange{{ObjectMeta: v1.ObjectMeta{Name: "small"}, Spec: corev1.LimitRangeSpec{
				Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypeContainer, Max: quantities("memory", "2Gi")}}}}}
		}, found: []Finding{{"memory", "the limit range `small` of the namespace allows at most 2 GB"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have := office()
			if test.change != nil {
				test.change(&have)
			}
			if got := Preflight(have, test.want); !slices.Equal(got, test.found) {
				t.Errorf("got  %+v\nwant %+v", got, test.found)
			}
		})
	}
}
