//go:build e2ekube

package kube

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

var update = flag.Bool("update", false, "record what the cluster says in testdata")

// situation is a job as Metaflow makes it, and where the real cluster takes it.
type situation struct {
	want   Phase
	reason string // where a phase has several
	place  string // a namespace with rules of its own
	with   func(job *batchv1.Job)
}

func container(job *batchv1.Job) *corev1.Container { return &job.Spec.Template.Spec.Containers[0] }

func shell(script string) func(*batchv1.Job) {
	return func(job *batchv1.Job) { container(job).Command = []string{"sh", "-c", script} }
}

var situations = map[string]situation{
	"completed": {want: Completed, with: shell("true")},
	"exit-3":    {want: Failed, with: shell("echo the model does not converge >&2; exit 3")},
	"running":   {want: Running, with: shell("sleep 600")},
	"out-of-memory": {want: OutOfMemory, with: func(job *batchv1.Job) {
		container(job).Command = []string{"python3", "-c", "x = bytearray(400 << 20)"}
		container(job).Resources.Limits = corev1.ResourceList{"memory": resource.MustParse("64Mi")}
	}},
	"too-large": {want: Unschedulable, with: func(job *batchv1.Job) {
		container(job).Resources.Requests = corev1.ResourceList{"cpu": resource.MustParse("900"), "memory": resource.MustParse("4Ti")}
	}},
	"no-gpu": {want: Unschedulable, with: func(job *batchv1.Job) {
		container(job).Resources.Limits = corev1.ResourceList{"nvidia.com/gpu": resource.MustParse("1")}
	}},
	"no-such-node": {want: Unschedulable, with: func(job *batchv1.Job) {
		job.Spec.Template.Spec.NodeSelector = map[string]string{"pool": "large"}
	}},
	"no-volume": {want: Unschedulable, with: func(job *batchv1.Job) {
		job.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "nothere"}}}}
	}},
	"image-back-off": {want: ImageError, reason: "ImagePullBackOff", with: func(job *batchv1.Job) { container(job).Image = "localhost:1/nothere:1" }},
	"bad-image":      {want: ImageError, with: func(job *batchv1.Job) { container(job).Image = "localhost:1/nothere:1" }},
	"bad-image-name": {want: ImageError, with: func(job *batchv1.Job) { container(job).Image = "Not An Image" }},
	"deadline": {want: Deadline, with: func(job *batchv1.Job) {
		shell("sleep 600")(job)
		job.Spec.Template.Spec.ActiveDeadlineSeconds = new(int64(3))
	}},
	"job-deadline": {want: Deadline, with: func(job *batchv1.Job) {
		shell("sleep 600")(job)
		job.Spec.ActiveDeadlineSeconds = new(int64(4))
	}},
	"missing-secret": {want: ConfigError, with: func(job *batchv1.Job) {
		container(job).EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "nothere"}}}}
	}},
	"no-such-command": {want: Failed, with: func(job *batchv1.Job) { container(job).Command = []string{"nothere"} }},
	"bad-account":     {want: Refused, with: func(job *batchv1.Job) { job.Spec.Template.Spec.ServiceAccountName = "nothere" }},
	"suspended":       {want: Queued, with: func(job *batchv1.Job) { job.Spec.Suspend = new(true) }},
	// What Metaflow does when its launching process is interrupted.
	"stopped": {want: Stopped, with: func(job *batchv1.Job) { job.Spec.Parallelism = new(int32(0)) }},
	"quota":   {want: Refused, place: "quota", with: shell("true")},
	"limits":  {want: Refused, place: "limits", with: shell("true")},
}

// testClient also makes what the tests look at; the package itself only reads.
type testClient struct {
	*Client
	set kubernetes.Interface
}

func connected(t *testing.T) testClient {
	t.Helper()
	client, err := Connect(Access{})
	if err != nil {
		t.Fatal(err)
	}
	config, _, err := load(Access{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return testClient{client, set}
}

// TestClusterTakesEachTaskWhereWeSay makes every situation at once and follows
// them as the agent does.
func TestClusterTakesEachTaskWhereWeSay(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	client := connected(t)
	namespaces := makeNamespaces(ctx, t, client)
	watches := map[string]*Watch{}
	for place, namespace := range namespaces {
		watches[place] = client.Watch(ctx, namespace)
	}
	for name, s := range situations {
		job := metaflowJob(name)
		s.with(job)
		if _, err := client.set.BatchV1().Jobs(namespaces[s.place]).Create(ctx, job, v1.CreateOptions{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	reached := map[string]State{}
	for len(open(reached)) > 0 {
		for _, w := range watches {
			states, _ := w.Take()
			for _, state := range states {
				name := state.Task.ID
				before := slices.Contains(open(reached), name)
				reached[name] = state
				if *update && before && !slices.Contains(open(reached), name) {
					recordSituation(ctx, t, client, state.Namespace, name)
				}
			}
			for kind, err := range w.Problems() {
				t.Errorf("%s: %v", kind, err)
			}
		}
		select {
		case <-watches[""].Changed():
		case <-watches["quota"].Changed():
		case <-watches["limits"].Changed():
		case <-ctx.Done():
			for _, name := range open(reached) {
				t.Errorf("%s: want %q, stands at %+v", name, situations[name].want, reached[name])
			}
			return
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		t.Logf("%-16s %-18s %s: %s", name, reached[name].Phase, reached[name].Reason, reached[name].Message)
	}
}

func open(reached map[string]State) []string {
	var names []string
	for name, s := range situations {
		if reached[name].Phase != s.want || s.reason != "" && reached[name].Reason != s.reason {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// makeNamespaces makes one without rules, one with a quota, one with limits.
func makeNamespaces(ctx context.Context, t *testing.T, c testClient) map[string]string {
	t.Helper()
	core := c.set.CoreV1()
	made := map[string]string{}
	for _, place := range []string{"", "quota", "limits"} {
		n, err := core.Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: v1.ObjectMeta{GenerateName: "flowls-test-"}}, v1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		made[place] = n.Name
		t.Cleanup(func() {
			if err := core.Namespaces().Delete(context.WithoutCancel(ctx), n.Name, v1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	quota := &corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "small"}, Spec: corev1.ResourceQuotaSpec{
		Hard: corev1.ResourceList{"requests.memory": resource.MustParse("16Mi")}}}
	if _, err := core.ResourceQuotas(made["quota"]).Create(ctx, quota, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	limits := &corev1.LimitRange{ObjectMeta: v1.ObjectMeta{Name: "small"}, Spec: corev1.LimitRangeSpec{
		Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{"memory": resource.MustParse("16Mi")}}}}}
	if _, err := core.LimitRanges(made["limits"]).Create(ctx, limits, v1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// Until the namespace has its account, no pod can be made in it for another reason.
	for _, namespace := range made {
		for {
			if _, err := core.ServiceAccounts(namespace).Get(ctx, "default", v1.GetOptions{}); err == nil {
				break
			}
			select {
			case <-ctx.Done():
				t.Fatal("no default service account")
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return made
}

// recordSituation writes the objects of one task, without what differs between
// two recordings for no reason.
func recordSituation(ctx context.Context, t *testing.T, c testClient, namespace, name string) {
	t.Helper()
	var recorded recording
	about := map[string]bool{}
	jobs, err := c.set.BatchV1().Jobs(namespace).List(ctx, v1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs.Items {
		if job.Annotations["metaflow/task_id"] == name {
			job.ManagedFields = nil
			recorded.Jobs = append(recorded.Jobs, job)
			about[string(job.UID)] = true
		}
	}
	pods, err := c.set.CoreV1().Pods(namespace).List(ctx, v1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if pod.Annotations["metaflow/task_id"] == name {
			pod.ManagedFields = nil
			pod.Spec.Volumes, pod.Spec.Containers[0].VolumeMounts, pod.Spec.Tolerations = nil, nil, nil
			recorded.Pods = append(recorded.Pods, pod)
			about[string(pod.UID)] = true
		}
	}
	events, err := c.set.CoreV1().Events(namespace).List(ctx, v1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events.Items {
		if about[string(event.InvolvedObject.UID)] {
			event.ManagedFields = nil
			recorded.Events = append(recorded.Events, event)
		}
	}
	content, err := json.MarshalIndent(recorded, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name+".json"), append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
