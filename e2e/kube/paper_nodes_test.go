//go:build e2ekube

package kube

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/retry"
)

// Nodes that exist for the scheduler only: nothing runs on them. Who does not
// tolerate paper is kept away, so nobody else's pods get stuck there.
var (
	paper        = corev1.Taint{Key: "flowls.test/paper", Effect: corev1.TaintEffectNoSchedule}
	paperAllowed = corev1.Toleration{Key: paper.Key, Operator: corev1.TolerationOpExists}

	paperNodes = []corev1.Node{
		paperNode("paper-big", map[string]string{"pool": "big"}, quantities("cpu", "64", "memory", "256Gi", "ephemeral-storage", "900Gi", "pods", "110")),
		paperNode("paper-gpu", map[string]string{"pool": "gpu"}, quantities("cpu", "8", "memory", "64Gi", "ephemeral-storage", "200Gi", "pods", "110", "nvidia.com/gpu", "4"),
			corev1.Taint{Key: "gpu", Value: "true", Effect: corev1.TaintEffectNoSchedule}),
		paperNode("paper-closed", map[string]string{"pool": "closed"}, quantities("cpu", "128", "memory", "2Ti", "ephemeral-storage", "900Gi", "pods", "110")),
	}
)

func paperNode(name string, labels map[string]string, allocatable corev1.ResourceList, taints ...corev1.Taint) corev1.Node {
	return corev1.Node{
		ObjectMeta: v1.ObjectMeta{Name: name, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: append(taints, paper), Unschedulable: name == "paper-closed"},
		Status:     corev1.NodeStatus{Allocatable: allocatable, Capacity: allocatable},
	}
}

func quantities(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}

// addPaperNodes returns what keeps them alive: a node that says nothing for 40
// seconds is taken for lost.
func addPaperNodes(ctx context.Context, t *testing.T, set kubernetes.Interface) (beat func()) {
	t.Helper()
	nodes := set.CoreV1().Nodes()
	for i := range paperNodes {
		if _, err := nodes.Create(ctx, &paperNodes[i], v1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := nodes.Delete(context.WithoutCancel(ctx), paperNodes[i].Name, v1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	var last time.Time
	beat = func() {
		if time.Since(last) < 10*time.Second {
			return
		}
		last = time.Now()
		for _, p := range paperNodes {
			// The controllers write to the node as well.
			err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
				node, err := nodes.Get(ctx, p.Name, v1.GetOptions{})
				if err != nil {
					return err
				}
				node.Status.Allocatable, node.Status.Capacity = p.Status.Allocatable, p.Status.Allocatable
				node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: v1.Now(), LastTransitionTime: v1.Now()}}
				_, err = nodes.UpdateStatus(ctx, node, v1.UpdateOptions{})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	beat()
	// The controllers take away the taint that a new node has.
	for _, p := range paperNodes {
		eventually(ctx, t, p.Name+" is ready", func() error {
			node, err := nodes.Get(ctx, p.Name, v1.GetOptions{})
			if err == nil && slices.ContainsFunc(node.Spec.Taints, func(taint corev1.Taint) bool { return taint.Key == corev1.TaintNodeNotReady }) {
				err = errors.New("it is not ready yet")
			}
			return err
		})
	}
	return beat
}

// addDaemon takes one CPU of the big node.
func addDaemon(ctx context.Context, t *testing.T, set kubernetes.Interface, namespace string) {
	t.Helper()
	labels := map[string]string{"app": "daemon"}
	daemon := &appsv1.DaemonSet{ObjectMeta: v1.ObjectMeta{Name: "daemon"}, Spec: appsv1.DaemonSetSpec{
		Selector: &v1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: v1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"pool": "big"}, Tolerations: []corev1.Toleration{paperAllowed}, TerminationGracePeriodSeconds: new(int64(0)),
			Containers: []corev1.Container{{Name: "daemon", Image: "localhost/task:1", Resources: corev1.ResourceRequirements{Requests: quantities("cpu", "1")}}},
		}},
	}}
	sets := set.AppsV1().DaemonSets(namespace)
	if _, err := sets.Create(ctx, daemon, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the daemon is scheduled", func() error {
		now, err := sets.Get(ctx, "daemon", v1.GetOptions{})
		if err == nil && now.Status.CurrentNumberScheduled != 1 {
			err = errors.New("it is not scheduled yet")
		}
		return err
	})
}

func eventually(ctx context.Context, t *testing.T, what string, holds func() error) {
	t.Helper()
	for {
		err := holds()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not in time: %s: %v", what, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
