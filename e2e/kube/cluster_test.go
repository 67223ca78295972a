//go:build e2ekube

package kube

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// namespace is one of the test's own in the cluster, with the secrets that
// Metaflow's tasks need. What happens in it is no other test's concern.
type namespace struct {
	t    *testing.T
	name string
	core kubernetes.Interface
}

// newNamespace makes the namespace and removes it when the test ends.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	core, err := connect()
	if err != nil {
		t.Fatalf("no cluster: run make e2e-kube, or set KUBECONFIG: %v", err)
	}
	n := &namespace{t: t, core: core, name: fmt.Sprintf("flowls-%x", time.Now().UnixNano())}
	from := os.Getenv("METAFLOW_KUBERNETES_NAMESPACE")
	if from == "" {
		from = "default"
	}
	made := &corev1.Namespace{ObjectMeta: v1.ObjectMeta{Name: n.name, Labels: map[string]string{"flowls": "e2e"}}}
	if _, err := core.CoreV1().Namespaces().Create(t.Context(), made, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := core.CoreV1().Namespaces().Delete(ctx, n.name, v1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	for name := range strings.SplitSeq(os.Getenv("METAFLOW_KUBERNETES_SECRETS"), ",") {
		if name == "" {
			continue
		}
		secret, err := core.CoreV1().Secrets(from).Get(t.Context(), name, v1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		secret.ObjectMeta = v1.ObjectMeta{Name: name}
		if _, err := core.CoreV1().Secrets(n.name).Create(t.Context(), secret, v1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	n.until("the namespace has its service account", func() bool {
		_, err := core.CoreV1().ServiceAccounts(n.name).Get(t.Context(), "default", v1.GetOptions{})
		return err == nil || !apierrors.IsNotFound(err)
	})
	return n
}

func connect() (kubernetes.Interface, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 50, 100
	return kubernetes.NewForConfig(config)
}

// jobs are those of Metaflow's tasks in the namespace.
func (n *namespace) jobs() []batchv1.Job {
	n.t.Helper()
	list, err := n.core.BatchV1().Jobs(n.name).List(n.t.Context(), v1.ListOptions{})
	if err != nil {
		n.t.Fatal(err)
	}
	return list.Items
}

// pods are those of the namespace.
func (n *namespace) pods() []corev1.Pod {
	n.t.Helper()
	list, err := n.core.CoreV1().Pods(n.name).List(n.t.Context(), v1.ListOptions{})
	if err != nil {
		n.t.Fatal(err)
	}
	return list.Items
}

// live are the pods that have not ended.
func (n *namespace) live() (names []string) {
	n.t.Helper()
	for _, p := range n.pods() {
		if p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed && p.DeletionTimestamp == nil {
			names = append(names, p.Name)
		}
	}
	return names
}

func (n *namespace) until(what string, holds func() bool) {
	n.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.t.Fatalf("not within 2 min: %s", what)
		}
	}
}
