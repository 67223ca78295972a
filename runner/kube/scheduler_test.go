//go:build e2ekube

package kube

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Nodes that exist for the scheduler only: nothing runs on them.
var paperNodes = []corev1.Node{
	{ObjectMeta: v1.ObjectMeta{Name: "paper-big", Labels: map[string]string{"pool": "big"}},
		Status: corev1.NodeStatus{Allocatable: quantities("cpu", "64", "memory", "256Gi", "ephemeral-storage", "900Gi", "pods", "110")}},
	{ObjectMeta: v1.ObjectMeta{Name: "paper-gpu", Labels: map[string]string{"pool": "gpu"}},
		Spec:   corev1.NodeSpec{Taints: []corev1.Taint{{Key: "gpu", Value: "true", Effect: corev1.TaintEffectNoSchedule}}},
		Status: corev1.NodeStatus{Allocatable: quantities("cpu", "8", "memory", "64Gi", "ephemeral-storage", "200Gi", "pods", "110", "nvidia.com/gpu", "4")}},
	{ObjectMeta: v1.ObjectMeta{Name: "paper-closed", Labels: map[string]string{"pool": "closed"}},
		Spec:   corev1.NodeSpec{Unschedulable: true},
		Status: corev1.NodeStatus{Allocatable: quantities("cpu", "128", "memory", "2Ti", "ephemeral-storage", "900Gi", "pods", "110")}},
}

type variant struct {
	place string
	want  Request
}

// variants change up to three things of a request that runs anywhere: what people
// write, and what they get wrong.
func variants(n int) []variant {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	changes := []func(v *variant){
		func(v *variant) { v.place = pick("quota", "limits") },
		func(v *variant) { v.want.Requests["cpu"] = resource.MustParse(pick("1", "4", "63", "64")) },
		func(v *variant) {
			v.want.Requests["memory"] = resource.MustParse(pick("24Mi", "1Gi", "100Gi", "300Gi"))
		},
		func(v *variant) {
			v.want.Requests["ephemeral-storage"] = resource.MustParse(pick("100Gi", "400Gi", "2Ti"))
		},
		func(v *variant) { v.want.Requests["nvidia.com/gpu"] = resource.MustParse(pick("1", "4", "8")) },
		func(v *variant) {
			v.want.Tolerations = []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpEqual, Value: pick("true", "false"), Effect: corev1.TaintEffectNoSchedule}}
		},
		func(v *variant) {
			v.want.Tolerations = []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpExists}}
		},
		func(v *variant) {
			v.want.NodeSelector = map[string]string{"pool": pick("big", "big", "gpu", "gpu", "closed", "nothere")}
		},
		func(v *variant) { v.want.Guaranteed = true },
		func(v *variant) { v.want.ServiceAccount = pick("default", "nothere") },
		func(v *variant) { v.want.Claims = []string{"nothere"} },
	}
	var all []variant
	for range n {
		v := variant{want: Request{Requests: quantities("cpu", "100m", "memory", "8Mi", "ephemeral-storage", "1Mi")}}
		for range random.IntN(4) {
			changes[random.IntN(len(changes))](&v)
		}
		all = append(all, v)
	}
	// What rarely meets by chance: a GPU that is really to be had.
	gpu := quantities("cpu", "4", "memory", "1Gi", "nvidia.com/gpu", "4")
	return append(all, variant{want: Request{Requests: gpu, Tolerations: []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpExists}}}})
}

func (r Request) job(name string) *batchv1.Job {
	job := metaflowJob(name)
	spec := &job.Spec.Template.Spec
	spec.NodeSelector, spec.Tolerations, spec.ServiceAccountName = r.NodeSelector, r.Tolerations, r.ServiceAccount
	spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: r.Requests, Limits: r.limits()}
	for _, claim := range r.Claims {
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: claim, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}})
	}
	return job
}

// TestPreflightEqualsTheScheduler prints how often the prediction was right. It
// adds nodes to the cluster, so it runs on the one that scripts/e2e-kube starts.
func TestPreflightEqualsTheScheduler(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	client := connected(t)
	namespaces := makeNamespaces(ctx, t, client)
	beat := addPaperNodes(ctx, t, client)
	addDaemon(ctx, t, client, namespaces[""])
	have := map[string]Inventory{}
	watches := map[string]*Watch{}
	for place, namespace := range namespaces {
		have[place] = listInventory(ctx, t, client, namespace)
		watches[place] = client.Watch(ctx, namespace)
	}
	table := map[[2]bool]int{}
	for i, v := range variants(60) {
		beat()
		name := fmt.Sprint(i)
		findings := Preflight(have[v.place], v.want)
		state := outcome(ctx, t, client, watches[v.place], namespaces[v.place], v.want.job(name))
		ran := !state.Phase.Stuck()
		table[[2]bool{len(findings) == 0, ran}]++
		if ran != (len(findings) == 0) {
			t.Errorf("%s in %q: %+v\nforeseen %+v\nbecame %s: %s", name, v.place, v.want, findings, state.Phase, state.Message)
		}
	}
	t.Logf("foreseen \\ became        it ran   it did not")
	t.Logf("it can run             %8d %10d", table[[2]bool{true, true}], table[[2]bool{true, false}])
	t.Logf("it cannot run          %8d %10d", table[[2]bool{false, true}], table[[2]bool{false, false}])
	if table[[2]bool{true, true}] < 20 || table[[2]bool{false, false}] < 20 {
		t.Error("the variants are too much alike to tell anything")
	}
}

// outcome makes a job, waits until the cluster decided, and removes it again.
func outcome(ctx context.Context, t *testing.T, c testClient, w *Watch, namespace string, job *batchv1.Job) State {
	t.Helper()
	task := job.Annotations["metaflow/task_id"]
	made, err := c.set.BatchV1().Jobs(namespace).Create(ctx, job, v1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var decided State
	deleted := false
	for {
		states, gone := w.Take()
		for _, s := range states {
			if s.Task.ID == task && (s.Phase.Stuck() || s.Node != "") && !deleted {
				decided, deleted = s, true
				background := v1.DeletePropagationBackground
				if err := c.set.BatchV1().Jobs(namespace).Delete(ctx, made.Name, v1.DeleteOptions{PropagationPolicy: &background}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if slices.ContainsFunc(gone, func(g Task) bool { return g.ID == task }) {
			return decided
		}
		select {
		case <-w.Changed():
		case <-ctx.Done():
			t.Fatalf("task %s stands at %+v, problems %v", task, decided, w.Problems())
		}
	}
}

// addPaperNodes returns what keeps them alive: a node that says nothing for 40
// seconds is taken for lost.
func addPaperNodes(ctx context.Context, t *testing.T, c testClient) (beat func()) {
	t.Helper()
	nodes := c.set.CoreV1().Nodes()
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
		for _, paper := range paperNodes {
			node, err := nodes.Get(ctx, paper.Name, v1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			node.Status.Allocatable, node.Status.Capacity = paper.Status.Allocatable, paper.Status.Allocatable
			node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: v1.Now(), LastTransitionTime: v1.Now()}}
			if _, err := nodes.UpdateStatus(ctx, node, v1.UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	beat()
	// The controllers take away the taint that a new node has.
	for _, paper := range paperNodes {
		for {
			node, err := nodes.Get(ctx, paper.Name, v1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(node.Spec.Taints, func(taint corev1.Taint) bool { return taint.Key == corev1.TaintNodeNotReady }) {
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s does not get ready", paper.Name)
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return beat
}

// addDaemon takes one CPU of the big node.
func addDaemon(ctx context.Context, t *testing.T, c testClient, namespace string) {
	t.Helper()
	labels := map[string]string{"app": "daemon"}
	set := &appsv1.DaemonSet{ObjectMeta: v1.ObjectMeta{Name: "daemon"}, Spec: appsv1.DaemonSetSpec{
		Selector: &v1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: v1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"pool": "big"}, TerminationGracePeriodSeconds: new(int64(0)),
			Containers: []corev1.Container{{Name: "daemon", Image: taskImage(), Resources: corev1.ResourceRequirements{Requests: quantities("cpu", "1")}}},
		}},
	}}
	if _, err := c.set.AppsV1().DaemonSets(namespace).Create(ctx, set, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for {
		now, err := c.set.AppsV1().DaemonSets(namespace).Get(ctx, "daemon", v1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if now.Status.CurrentNumberScheduled == 1 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the daemon is not scheduled: %+v", now.Status)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func listInventory(ctx context.Context, t *testing.T, c testClient, namespace string) Inventory {
	t.Helper()
	have, err := c.Inventory(ctx, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return have
}
