//go:build e2ekube

package kube

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"flowls/server"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// orphan launches a nap, waits until it sleeps, and kills everything of it on
// this machine without a word: supervisor, scheduler, launcher.
func (s *session) orphan() (id, run string) {
	s.t.Helper()
	id = s.launch("flowls.launch", nil)
	s.asleep(id, "nap")
	run = s.run(id).MetaflowRunID
	record, err := s.registry().Get(id)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := syscall.Kill(record.Supervisor.PID, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	// Those that are left of the session of the supervisor.
	out, err := exec.Command("pgrep", "-s", strconv.Itoa(record.Supervisor.PID)).Output()
	if err != nil {
		s.t.Fatalf("no launcher is left to be killed: %v", err)
	}
	for _, pid := range strings.Fields(string(out)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			s.t.Fatal(err)
		}
		_ = syscall.Kill(n, syscall.SIGKILL) // one may end with another
	}
	return id, run
}

// What a dead launcher left is deleted by a server that never saw it alive, and
// what belongs to other runs is not.
func TestStopAnOrphan(t *testing.T) {
	s := newSession(t, "nap.py", "NapFlow", nil)
	id, _ := s.orphan()
	s.kill()
	s.launchBeside()
	s.open(nil)
	before := s.namespace.live()
	if len(before) != 2 {
		t.Fatalf("live pods: %v", before)
	}
	var result server.StopResult
	if err := s.command("flowls.stop", map[string]any{"runId": id}, &result); err != nil {
		t.Fatal(err)
	}
	if k := result.Kubernetes; k == nil || k.Jobs != 1 || k.Pods != 0 || k.Problem != "" {
		t.Errorf("%+v", k)
	}
	if left := s.namespace.live(); len(left) != 1 || !strings.HasPrefix(left[0], beside) {
		t.Errorf("live pods: %v, not %s", left, beside)
	}
	// Once more: there is nothing to do.
	if err := s.command("flowls.stop", map[string]any{"runId": id}, &result); err != nil || result.Kubernetes.Jobs != 0 || result.Kubernetes.Problem != "" {
		t.Errorf("%+v, %v", result.Kubernetes, err)
	}
}

// The same from the command line, by the binary that links no network.
func TestStopAnOrphanFromTheCommandLine(t *testing.T) {
	s := newSession(t, "nap.py", "NapFlow", nil)
	id, run := s.orphan()
	// The editor that followed it says what goes on.
	s.until("the lens tells of the pod", func() bool { return strings.Contains(s.lenses(), "⚠ 1 pod left in the cluster · ■ Stop") })
	out, err := exec.Command(binary(t), "stop", "NapFlow/"+run).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), id+"  NapFlow  ") || !strings.HasSuffix(string(out), "  jobs deleted: 1, pods left: 0\n") {
		t.Errorf("%s, %v", out, err)
	}
	if left := s.namespace.live(); len(left) > 0 {
		t.Errorf("live pods: %v", left)
	}
}

// Clean up finds what dead launchers left, names what may go on elsewhere, and
// deletes what it is told to.
func TestCleanUp(t *testing.T) {
	s := newSession(t, "nap.py", "NapFlow", nil)
	_, run := s.orphan()
	s.launchBeside()
	goesOn := s.launch("flowls.launch", nil)
	s.until("three pods sleep", func() bool { return len(s.namespace.live()) == 3 })
	var found server.CleanUpResult
	if err := s.execute("flowls.cleanUp", map[string]any{"delete": []string{}}, &found); err != nil {
		t.Fatal(err)
	}
	left := "NapFlow/" + run
	if len(found.Leftovers) != 1 || found.Leftovers[0].Run != left || found.Leftovers[0].Jobs != 1 || found.Leftovers[0].Pods != 1 {
		t.Errorf("leftovers: %+v", found.Leftovers)
	}
	if len(found.Others) != 1 || found.Others[0].Run != "NapFlow/elsewhere" || found.User != "tester" || !slices.Contains(found.Namespaces, s.namespace.name) {
		t.Errorf("%+v", found)
	}
	if err := s.execute("flowls.cleanUp", map[string]any{"delete": []string{"NapFlow/" + s.run(goesOn).MetaflowRunID}}, &found); err == nil {
		t.Error("a run that goes on was cleaned up")
	}
	if err := s.execute("flowls.cleanUp", map[string]any{"delete": []string{left}}, &found); err != nil || !slices.Equal(found.Deleted, []string{left}) {
		t.Errorf("%+v, %v", found, err)
	}
	if live := s.namespace.live(); len(live) != 2 {
		t.Errorf("live pods: %v", live)
	}
	var stopped server.StopResult
	if err := s.command("flowls.stop", map[string]any{"runId": goesOn}, &stopped); err != nil || stopped.Kubernetes.Pods != 0 || stopped.Kubernetes.Problem != "" {
		t.Errorf("%+v, %v", stopped.Kubernetes, err)
	}
	if live := s.namespace.live(); len(live) != 1 || !strings.HasPrefix(live[0], beside) {
		t.Errorf("live pods: %v", live)
	}
}

const beside = "beside-"

// launchBeside makes a job as Metaflow would for a run of the same flow and user
// from another machine.
func (s *session) launchBeside() {
	s.t.Helper()
	meta := v1.ObjectMeta{
		GenerateName: beside, Labels: map[string]string{"app.kubernetes.io/name": "metaflow-task", "app.kubernetes.io/part-of": "metaflow"},
		Annotations: map[string]string{
			"metaflow/flow_name": "NapFlow", "metaflow/run_id": "elsewhere", "metaflow/step_name": "nap", "metaflow/task_id": "2",
			"metaflow/attempt": "0", "metaflow/user": "tester",
		},
	}
	pod := corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: new(int64(0)), Containers: []corev1.Container{{
		Name: "nap", Image: os.Getenv("METAFLOW_KUBERNETES_CONTAINER_IMAGE"), ImagePullPolicy: corev1.PullIfNotPresent, Command: []string{"sleep", "600"},
	}}}
	job := &batchv1.Job{ObjectMeta: meta, Spec: batchv1.JobSpec{BackoffLimit: new(int32(0)), Template: corev1.PodTemplateSpec{ObjectMeta: meta, Spec: pod}}}
	if _, err := s.namespace.core.BatchV1().Jobs(s.namespace.name).Create(s.t.Context(), job, v1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
	s.until("the pod beside is there", func() bool {
		return slices.ContainsFunc(s.namespace.live(), func(name string) bool { return strings.HasPrefix(name, beside) })
	})
}
