//go:build e2ekube

package kube

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/retry"
)

// closing keeps all pods that do not tolerate it away from the real nodes. While
// it is there no other test can run: those of this package take turns.
var closing = corev1.Taint{Key: "flowls.test/closed", Value: "yes", Effect: corev1.TaintEffectNoSchedule}

// TestTaint is one of the troubles. It is for a cluster that is there for tests.
func TestTaint(t *testing.T) {
	for name, at := range map[string]string{"": "kubernetes", `(tolerations=[{"key": "other", "operator": "Exists"}])`: `tolerations=[{"key": "other", "operator": "Exists"}]`} {
		t.Run(at, func(t *testing.T) {
			trouble{
				decorator: "@kubernetes" + name, before: closeNodes, code: "MF812", at: at,
				says: "No node is open to it: 1 node refuses by taint `flowls.test/closed`",
				fix:  "Tolerate the taint `flowls.test/closed=yes`",
				again: func(s *session) {
					s.until("a pod of the step has a node", func() bool {
						return slices.ContainsFunc(s.namespace.pods(), func(p corev1.Pod) bool { return p.Spec.NodeName != "" })
					})
					reopen(s.t, s.namespace.core) // for the other step
				},
			}.show(t)
		})
	}
}

func closeNodes(n *namespace) {
	n.t.Helper()
	n.t.Cleanup(func() { reopen(n.t, n.core) })
	if err := taintNodes(n.t.Context(), n.core, func(taints []corev1.Taint) []corev1.Taint { return append(taints, closing) }); err != nil {
		n.t.Fatal(err)
	}
}

func reopen(t *testing.T, core kubernetes.Interface) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := taintNodes(ctx, core, withoutClosing); err != nil {
		t.Error(err)
	}
}

func withoutClosing(taints []corev1.Taint) []corev1.Taint {
	return slices.DeleteFunc(taints, func(t corev1.Taint) bool { return t.Key == closing.Key })
}

// openNodes takes away what a test left that was killed.
func openNodes() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	core, err := connect()
	if err == nil {
		err = taintNodes(ctx, core, withoutClosing)
	}
	if err != nil { // each test says better what it lacks
		fmt.Fprintln(os.Stderr, "the taints of the nodes cannot be seen:", err)
	}
}

func taintNodes(ctx context.Context, core kubernetes.Interface, change func([]corev1.Taint) []corev1.Taint) error {
	list, err := core.CoreV1().Nodes().List(ctx, v1.ListOptions{})
	if err != nil {
		return err
	}
	for _, n := range list.Items {
		err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			node, err := core.CoreV1().Nodes().Get(ctx, n.Name, v1.GetOptions{})
			if err != nil {
				return err
			}
			before := len(node.Spec.Taints)
			if node.Spec.Taints = change(node.Spec.Taints); len(node.Spec.Taints) == before {
				return nil
			}
			_, err = core.CoreV1().Nodes().Update(ctx, node, v1.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
