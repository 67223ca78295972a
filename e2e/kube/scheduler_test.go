//go:build e2ekube

package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"flowls/runner/kube"
	"flowls/runner/preflight"
	"flowls/server/kubestep/steptest"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// What the configuration says where a decorator says nothing.
var smallTasks = map[string]any{
	"METAFLOW_KUBERNETES_CPU": "0.1", "METAFLOW_KUBERNETES_MEMORY": "8", "METAFLOW_KUBERNETES_DISK": "1", "METAFLOW_KUBERNETES_CONTAINER_IMAGE": "localhost/task:1",
}

// variant is what a step is decorated with, and the namespace it goes to.
type variant struct{ place, decorators string }

// variants are what people write and get wrong, and some that rarely come up by
// chance: what has a say only on a node that runs pods, and GPUs that are there.
func variants(realNode string) []variant {
	var all []variant
	places := []string{"", "", "", "quota", "limits"}
	for i, text := range steptest.Variants(60, 1, "cpu", "memory", "disk", "gpu", "gpu", "gpu_vendor", "qos", "node_selector", "node_selector", "tolerations", "tolerations",
		"service_account", "persistent_volume_claims", "extended_resources", "port", "labels", "annotations") {
		all = append(all, variant{places[i%len(places)], text})
	}
	here := fmt.Sprintf(`node_selector={"kubernetes.io/hostname": %q}`, realNode)
	for _, arguments := range []string{
		here, here + `, secrets="nothere"`, here + `, secrets=["known"]`, here + `, image_pull_secrets=["nothere"]`, here + `, use_tmpfs=True, shared_memory=16`,
		`gpu=4, cpu=4, memory=1000, tolerations=[{"key": "gpu", "operator": "Exists"}]`, `gpu=5, tolerations=[{"key": "gpu", "operator": "Exists"}]`,
		`cpu=63`, `cpu=63.5`, `memory=274000`, `memory=275000`, `node_selector="pool=closed", tolerations=[{"operator": "Exists"}]`,
	} {
		all = append(all, variant{"", "@kubernetes(" + arguments + ")"})
	}
	return all
}

// TestPreflightEqualsTheScheduler goes from the text of decorators through the
// analysis to a verdict, has the real Metaflow make its job of the same text, and
// sees what the real cluster does with it.
func TestPreflightEqualsTheScheduler(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	set := clientset(t)
	realNode := anyNode(ctx, t, set)
	beat := addPaperNodes(ctx, t, set)
	places := makePlaces(ctx, t, set)
	addDaemon(ctx, t, set, places[""])
	client, err := kube.Connect(kube.Access{})
	if err != nil {
		t.Fatal(err)
	}
	have, err := client.Inventory(ctx, []string{places[""], places["quota"], places["limits"]})
	if err != nil {
		t.Fatal(err)
	}
	watches := map[string]*kube.Watch{}
	for place, namespace := range places {
		watches[place] = client.Watch(ctx, namespace)
	}
	table := map[[2]bool]int{}
	all := variants(realNode)
	for i, made := range metaflowJobs(t, all) {
		beat()
		if made.Error != "" {
			continue // Metaflow itself refuses
		}
		v := all[i]
		step := steptest.Train(steptest.Source(v.decorators), nil, func(name string) (any, bool) { value, set := smallTasks[name]; return value, set })
		if step == nil || !step.Request.Sure() {
			t.Fatalf("not understood: %s", v.decorators)
		}
		step.Request.Namespace = places[v.place]
		step.Request.Tolerations = append(step.Request.Tolerations, preflight.Toleration{Key: paper.Key, Operator: "Exists"})
		findings := slices.DeleteFunc(preflight.Check(have, &step.Request), func(f preflight.Finding) bool { return f.Kind == preflight.NoPullSecret })
		made.Job.Spec.Template.Spec.Tolerations = append(made.Job.Spec.Template.Spec.Tolerations, paperAllowed)
		ran, why := outcome(ctx, t, set, watches[v.place], places[v.place], &made.Job, realNode)
		table[[2]bool{len(findings) == 0, ran}]++
		if ran != (len(findings) == 0) {
			t.Errorf("in %q:\n%s\nforeseen %+v\nran: %v: %s", v.place, v.decorators, findings, ran, why)
		}
	}
	t.Logf("foreseen \\ became        it ran   it did not")
	t.Logf("it can run             %8d %10d", table[[2]bool{true, true}], table[[2]bool{true, false}])
	t.Logf("it cannot run          %8d %10d", table[[2]bool{false, true}], table[[2]bool{false, false}])
	if table[[2]bool{true, true}] < 15 || table[[2]bool{false, false}] < 15 {
		t.Error("the variants are too much alike to tell anything")
	}
}

func clientset(t *testing.T) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		t.Fatalf("no cluster: run make e2e-kube, or set KUBECONFIG: %v", err)
	}
	config.QPS, config.Burst = 50, 100
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func anyNode(ctx context.Context, t *testing.T, set kubernetes.Interface) string {
	t.Helper()
	nodes, err := set.CoreV1().Nodes().List(ctx, v1.ListOptions{})
	if err != nil || len(nodes.Items) == 0 {
		t.Fatalf("no node: %v", err)
	}
	return nodes.Items[0].Labels["kubernetes.io/hostname"]
}

// makePlaces makes a namespace without rules, one with a quota, one with limits.
func makePlaces(ctx context.Context, t *testing.T, set kubernetes.Interface) map[string]string {
	t.Helper()
	made := map[string]string{}
	for _, place := range []string{"", "quota", "limits"} {
		n, err := set.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: v1.ObjectMeta{GenerateName: "flowls-preflight-"}}, v1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		made[place] = n.Name
		t.Cleanup(func() {
			if err := set.CoreV1().Namespaces().Delete(context.WithoutCancel(ctx), n.Name, v1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
		secret := &corev1.Secret{ObjectMeta: v1.ObjectMeta{Name: "known"}, StringData: map[string]string{"A": "b"}}
		if _, err := set.CoreV1().Secrets(n.Name).Create(ctx, secret, v1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(ctx, t, "the namespace has its account", func() error {
			_, err := set.CoreV1().ServiceAccounts(n.Name).Get(ctx, "default", v1.GetOptions{})
			return err
		})
	}
	quota := &corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "small"}, Spec: corev1.ResourceQuotaSpec{
		Hard: quantities("requests.memory", "600M", "requests.cpu", "2"), Scopes: []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeTerminating}}}
	if _, err := set.CoreV1().ResourceQuotas(made["quota"]).Create(ctx, quota, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	limits := &corev1.LimitRange{ObjectMeta: v1.ObjectMeta{Name: "small"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{
		{Type: corev1.LimitTypeContainer, Max: quantities("memory", "600M"), Min: quantities("cpu", "50m"), Default: quantities("cpu", "1"), MaxLimitRequestRatio: quantities("cpu", "15")},
		{Type: corev1.LimitTypePod, Max: quantities("cpu", "3")}}}}
	if _, err := set.CoreV1().LimitRanges(made["limits"]).Create(ctx, limits, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return made
}

type madeJob struct {
	Job   batchv1.Job
	Error string
}

func metaflowJobs(t *testing.T, all []variant) (made []madeJob) {
	t.Helper()
	python := os.Getenv("FLOWLS_E2E_PYTHON")
	if python == "" {
		t.Fatal("FLOWLS_E2E_PYTHON is not set: run make e2e-kube")
	}
	var texts []string
	for _, v := range all {
		texts = append(texts, v.decorators)
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "testdata/jobs.py")
	command.Env = append(os.Environ(), "METAFLOW_HOME="+t.TempDir(), "METAFLOW_USER=tester", "METAFLOW_KUBERNETES_SECRETS=", "METAFLOW_KUBERNETES_NAMESPACE=default")
	for name, value := range smallTasks {
		command.Env = append(command.Env, fmt.Sprintf("%s=%v", name, value))
	}
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &made); err != nil || len(made) != len(all) {
		t.Fatalf("%d jobs: %v", len(made), err)
	}
	return made
}

// outcome makes a job, waits until the cluster decided, and removes it again. On
// a node of paper nothing runs: there it counts that it was put there.
func outcome(ctx context.Context, t *testing.T, set kubernetes.Interface, w *kube.Watch, namespace string, job *batchv1.Job, realNode string) (ran bool, why string) {
	t.Helper()
	job.Namespace = namespace
	task := job.Annotations["metaflow/task_id"]
	made, err := set.BatchV1().Jobs(namespace).Create(ctx, job, v1.CreateOptions{})
	if err != nil {
		return false, err.Error()
	}
	deleted := false
	for {
		states, gone := w.Take()
		for _, s := range states {
			decided := s.Phase.Stuck() || s.Node != "" && s.Node != realNode || s.Phase == kube.Running || s.Phase == kube.Completed
			if s.Task.ID == task && decided && !deleted {
				ran, why, deleted = !s.Phase.Stuck(), fmt.Sprintf("%s: %s", s.Phase, s.Message), true
				background := v1.DeletePropagationBackground
				if err := set.BatchV1().Jobs(namespace).Delete(ctx, made.Name, v1.DeleteOptions{PropagationPolicy: &background}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if slices.ContainsFunc(gone, func(g kube.Task) bool { return g.ID == task }) {
			return ran, why
		}
		select {
		case <-w.Changed():
		case <-ctx.Done():
			t.Fatalf("task %s: ran %v, %s; problems %v", task, ran, why, w.Problems())
		}
	}
}
