package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// owned is an API server that holds work of several runs.
type owned struct {
	mu      sync.Mutex
	jobs    []batchv1.Job
	sets    []map[string]any // nil: the cluster knows none
	pods    []v1.PartialObjectMetadata
	denied  string            // a method and a kind
	deleted map[string]string // what was asked for, by path
	after   func()            // once something was deleted
}

func (o *owned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	parts := strings.Split(r.URL.Path, "/")
	kind := parts[slices.Index(parts, "namespaces")+2]
	switch {
	case o.denied == r.Method+" "+kind:
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, kind+" is forbidden")
	case r.Method == http.MethodDelete:
		var options v1.DeleteOptions
		if err := json.NewDecoder(r.Body).Decode(&options); err != nil {
			panic(err)
		}
		o.deleted[r.URL.Path] = fmt.Sprintf("%s %s", *options.PropagationPolicy, *options.Preconditions.UID)
		name := parts[len(parts)-1]
		i := slices.IndexFunc(o.jobs, func(j batchv1.Job) bool { return j.Name == name })
		switch {
		case kind == "jobsets":
			o.sets = []map[string]any{}
		case i < 0:
			refuse(w, http.StatusNotFound, v1.StatusReasonNotFound, "not found")
			return
		case o.jobs[i].UID != *options.Preconditions.UID:
			refuse(w, http.StatusConflict, v1.StatusReasonConflict, "another uid")
			return
		default:
			o.jobs = slices.Delete(o.jobs, i, i+1)
		}
		_ = json.NewEncoder(w).Encode(v1.Status{TypeMeta: v1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: v1.StatusSuccess})
		if o.after != nil {
			o.after()
		}
	case kind == "jobs":
		// One at a time, as a server may.
		i, next := 0, ""
		if _, err := fmt.Sscanf(r.URL.Query().Get("continue"), "at-%d", &i); err != nil {
			i = 0
		}
		items := o.jobs[min(i, len(o.jobs)):min(i+1, len(o.jobs))]
		if i+1 < len(o.jobs) {
			next = fmt.Sprintf("at-%d", i+1)
		}
		_ = json.NewEncoder(w).Encode(batchv1.JobList{TypeMeta: v1.TypeMeta{APIVersion: "batch/v1", Kind: "JobList"}, ListMeta: v1.ListMeta{Continue: next}, Items: items})
	case kind == "jobsets" && o.sets == nil:
		refuse(w, http.StatusNotFound, v1.StatusReasonNotFound, "the server could not find the requested resource")
	case kind == "jobsets":
		_ = json.NewEncoder(w).Encode(map[string]any{"items": o.sets})
	case kind == "pods":
		_ = json.NewEncoder(w).Encode(v1.PartialObjectMetadataList{TypeMeta: v1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"}, Items: o.pods})
	}
}

func (o *owned) client(t *testing.T) *Client {
	t.Helper()
	o.deleted = map[string]string{}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	client, err := ConnectToDelete(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var launchTime = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)

func metaOf(name, flow, run string, made time.Time) v1.ObjectMeta {
	return v1.ObjectMeta{
		Name: name, Namespace: "team", UID: "uid-of-x", CreationTimestamp: v1.NewTime(made),
		Annotations: map[string]string{"metaflow/flow_name": flow, "metaflow/run_id": run, "metaflow/user": "ada", "metaflow/step_name": "fit"},
	}
}

func jobOf(name, flow, run string, change func(*batchv1.Job)) batchv1.Job {
	job := batchv1.Job{ObjectMeta: metaOf(name, flow, run, launchTime)}
	if change != nil {
		change(&job)
	}
	return job
}

func ended(condition batchv1.JobConditionType) func(*batchv1.Job) {
	return func(j *batchv1.Job) {
		j.Status.Conditions = []batchv1.JobCondition{{Type: condition, Status: corev1.ConditionTrue}}
	}
}

func someWork() *owned {
	set := func(name, run, condition string) map[string]any {
		return map[string]any{
			"metadata": metaOf(name, "Flow", run, launchTime),
			"status":   map[string]any{"conditions": []map[string]any{{"type": condition, "status": "True"}}},
		}
	}
	return &owned{
		jobs: []batchv1.Job{
			jobOf("active", "Flow", "7", nil),
			jobOf("idle", "Flow", "7", func(j *batchv1.Job) { j.Spec.Parallelism = new(int32(0)) }),
			jobOf("failing", "Flow", "7", ended(batchv1.JobFailureTarget)),
			jobOf("complete", "Flow", "7", ended(batchv1.JobComplete)),
			jobOf("failed", "Flow", "7", ended(batchv1.JobFailed)),
			jobOf("of-a-set", "Flow", "7", func(j *batchv1.Job) {
				j.OwnerReferences = []v1.OwnerReference{{Kind: "JobSet", Name: "js", Controller: new(true)}}
			}),
			jobOf("other-run", "Flow", "8", nil),
			jobOf("other-flow", "Flow2", "7", nil),
			jobOf("earlier", "Flow", "7", func(j *batchv1.Job) { j.CreationTimestamp = v1.NewTime(launchTime.Add(-time.Hour)) }),
			jobOf("of-nobody", "", "", func(j *batchv1.Job) { j.Annotations = nil }),
		},
		sets: []map[string]any{set("js", "7", "StartupPolicyInProgress"), set("js-over", "7", "Completed"), set("js-other", "8", "")},
	}
}

func named(work []Work) (names []string) {
	for _, w := range work {
		names = append(names, w.Name)
	}
	slices.Sort(names)
	return names
}

func TestUnfinished(t *testing.T) {
	for _, c := range []struct {
		of   Owner
		want string
	}{
		{Owner{Flow: "Flow", Run: "7", Since: launchTime}, "active failing idle js"},
		{Owner{Flow: "Flow", Run: "7", User: "ada", Since: launchTime.Add(-2 * time.Hour)}, "active earlier failing idle js"},
		{Owner{Flow: "Flow", Run: "7", User: "bob"}, ""},
		{Owner{User: "ada", Since: launchTime}, "active failing idle js js-other other-flow other-run"},
	} {
		work, err := someWork().client(t).Unfinished(t.Context(), "team", c.of)
		if got := strings.Join(named(work), " "); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v", c.of, got, err)
		}
	}
	for _, sets := range []func(*owned){func(o *owned) { o.sets = nil }, func(o *owned) { o.denied = "GET jobsets" }} {
		o := someWork()
		sets(o)
		if work, err := o.client(t).Unfinished(t.Context(), "team", Owner{Run: "8"}); err != nil || len(work) != 1 {
			t.Errorf("without sets: %v, %v", work, err)
		}
	}
}

// Exactly what belongs to the run goes, late comers included, and it is waited
// for the end of its pods.
func TestTake(t *testing.T) {
	o := someWork()
	c := o.client(t)
	pod := v1.PartialObjectMetadata{ObjectMeta: metaOf("pod", "Flow", "7", launchTime)}
	o.pods = []v1.PartialObjectMetadata{pod, {ObjectMeta: metaOf("other", "Flow", "8", launchTime)}}
	late := 0
	o.after = func() {
		if late++; late == 4 {
			o.jobs = append(o.jobs, jobOf("late", "Flow", "7", nil))
		} else if late == 5 {
			o.pods = o.pods[1:]
		}
	}
	taken, err := c.Take(t.Context(), "team", Owner{Flow: "Flow", Run: "7", Since: launchTime})
	if got := strings.Join(named(taken.Work), " "); err != nil || got != "active failing idle js late" || len(taken.Left) > 0 {
		t.Errorf("%s, %v, %v", got, taken.Left, err)
	}
	if len(o.deleted) != 5 || o.deleted["/apis/batch/v1/namespaces/team/jobs/active"] != "Background uid-of-x" ||
		o.deleted["/apis/jobset.x-k8s.io/v1alpha2/namespaces/team/jobsets/js"] != "Background uid-of-x" {
		t.Errorf("%v", o.deleted)
	}

	if _, err := c.Take(t.Context(), "team", Owner{Flow: "Flow"}); err == nil || len(o.deleted) != 5 {
		t.Errorf("without a run: %v", err)
	}

	// Pods that do not end are told.
	o.pods = []v1.PartialObjectMetadata{pod}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // time to list them first
	defer cancel()
	if taken, err := c.Take(ctx, "team", Owner{Flow: "Flow", Run: "7", Since: launchTime}); err != nil || len(taken.Left) != 1 || taken.Left[0].Name != "pod" {
		t.Errorf("%+v, %v", taken, err)
	}

	o.denied = "DELETE jobs"
	_, err = c.Take(t.Context(), "team", Owner{Flow: "Flow", Run: "8"})
	if err == nil || !strings.Contains(err.Error(), "Job `other-run` of namespace `team` cannot be deleted: jobs is forbidden") {
		t.Errorf("%v", err)
	}
}

// What is gone, and what has taken its name, is nobody's error.
func TestDeleteExactlyOne(t *testing.T) {
	o := someWork()
	c := o.client(t)
	for _, w := range []Work{{Kind: "Job", Namespace: "team", Name: "gone", UID: "uid-of-x"}, {Kind: "Job", Namespace: "team", Name: "active", UID: "another"}} {
		if err := c.Delete(t.Context(), w); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
	if len(o.jobs) != len(someWork().jobs) {
		t.Error("another job was deleted")
	}
}
