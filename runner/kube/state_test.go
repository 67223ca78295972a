package kube

import (
	"cmp"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// seenIn joins a recording.
func seenIn(t *testing.T, r recording) seen {
	t.Helper()
	var s seen
	for i := range r.Jobs {
		job, ok := recordJob(&r.Jobs[i])
		if !ok {
			t.Fatalf("the job %s belongs to no task", r.Jobs[i].Name)
		}
		s.job = job
	}
	for i := range r.Pods {
		pod, ok := recordPod(&r.Pods[i])
		if !ok {
			t.Fatalf("the pod %s belongs to no task", r.Pods[i].Name)
		}
		s.pods = append(s.pods, pod)
	}
	for i := range r.Events {
		if n, ok := recordEvent(&r.Events[i]); ok {
			s.notes = append(s.notes, n)
		}
	}
	return s
}

type expected struct {
	phase           Phase
	reason, message string
	exit            int // -1: it did not end by itself
	onNode          bool
}

var recorded = map[string]expected{
	"completed":      {Completed, "", "", 0, true},
	"exit-3":         {Failed, "Error", "the model does not converge\n", 3, true},
	"running":        {Running, "", "", -1, true},
	"out-of-memory":  {OutOfMemory, "OOMKilled", "it used more than the 64 MB of memory that it may", 137, true},
	"too-large":      {Unschedulable, "Unschedulable", "the only node cannot take it: 1 has too little CPU left; 1 has too little memory left", -1, false},
	"no-gpu":         {Unschedulable, "Unschedulable", "the only node cannot take it: 1 has too little `nvidia.com/gpu` left", -1, false},
	"no-such-node":   {Unschedulable, "Unschedulable", "the only node cannot take it: 1 has not the labels that the node selector asks for", -1, false},
	"no-volume":      {Unschedulable, "Unschedulable", "the persistent volume claim `nothere` does not exist in the namespace", -1, false},
	"bad-image":      {ImageError, "ErrImagePull", `failed to pull and unpack image "localhost:1/nothere:1": failed to resolve reference "localhost:1/nothere:1": failed to do request: Head "http://localhost:1/v2/nothere/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`, -1, true},
	"image-back-off": {ImageError, "ImagePullBackOff", `failed to pull and unpack image "localhost:1/nothere:1": failed to resolve reference "localhost:1/nothere:1": failed to do request: Head "http://localhost:1/v2/nothere/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`, -1, true},
	"bad-image-name": {ImageError, "InvalidImageName", `Failed to apply default image tag "Not An Image": couldn't parse image name "Not An Image": invalid reference format: repository name (library/Not An Image) must be lowercase`, -1, true},
	"deadline":       {Deadline, "DeadlineExceeded", "it ran longer than its time limit", 137, true},
	"job-deadline":   {Deadline, "DeadlineExceeded", "it ran longer than its time limit", -1, false},
	"missing-secret": {ConfigError, "CreateContainerConfigError", `secret "nothere" not found`, -1, true},
	"no-such-command": {Failed, "StartError", `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ` +
		`unable to start container process: exec: "nothere": executable file not found in $PATH: unknown`, 128, true},
	"bad-account": {Refused, "FailedCreate", "the service account `nothere` does not exist in the namespace", -1, false},
	"quota": {Refused, "FailedCreate", "the quota `small` of the namespace does not allow it: it asks for requests.memory=32Mi, " +
		"requests.memory=0 is used, requests.memory=16Mi is allowed", -1, false},
	"limits": {Refused, "FailedCreate", "a rule of the cluster does not allow the pod: spec.containers[0].resources.requests: " +
		`Invalid value: "32Mi": must be less than or equal to memory limit of 16Mi`, -1, false},
	"suspended": {Queued, "Suspended", "the job is suspended: a queue of the cluster, or a person, lets it go on", -1, false},
	"stopped":   {Stopped, "", "the launching process ended and took its pods back", -1, false},
}

func TestStatesOfARealCluster(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(recorded) {
		t.Errorf("%d recordings, %d expectations", len(files), len(recorded))
	}
	for name, want := range recorded {
		t.Run(name, func(t *testing.T) {
			got := seenIn(t, readRecording(t, name)).state()
			exit := -1
			if got.Exited {
				exit = got.ExitCode
			}
			if have := (expected{got.Phase, got.Reason, got.Message, exit, got.Node != ""}); have != want {
				t.Errorf("got  %+v\nwant %+v", have, want)
			}
			if want := (Task{"TrainFlow", "1", "train", name, 0}); got.Task != want {
				t.Errorf("task %+v", got.Task)
			}
			if got.Since.IsZero() || got.Job == "" || got.Namespace == "" {
				t.Errorf("since %v, job %q, namespace %q", got.Since, got.Job, got.Namespace)
			}
		})
	}
}

// What one node does not do on demand: the recorded running pod, and what the API
// documents for each case.
func TestStatesOfALostPod(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	disruption := func(reason, message string) func(*podRecord) {
		return func(p *podRecord) {
			p.disruption = condition{corev1.ConditionTrue, reasonText{reason, message}, at}
		}
	}
	failed := func(changes ...func(*podRecord)) func(*podRecord) {
		return func(p *podRecord) {
			p.phase, p.running = corev1.PodFailed, time.Time{}
			p.terminated = &termination{reasonText{"Error", ""}, 137, at}
			for _, change := range changes {
				change(p)
			}
		}
	}
	tests := map[string]struct {
		change func(*podRecord)
		phase  Phase
		says   string
	}{
		"preempted":                {failed(disruption("PreemptionByScheduler", "")), Preempted, "higher priority"},
		"preempted, still running": {disruption("PreemptionByScheduler", ""), Preempted, "higher priority"},
		"drained":                  {failed(disruption("EvictionByEvictionAPI", "Eviction API: evicting")), Evicted, "Eviction API"},
		"node short of memory": {failed(disruption("TerminationByKubelet", "condition"), func(p *podRecord) {
			p.reason, p.message = "Evicted", "The node was low on resource: memory."
		}), Evicted, "low on resource: memory"},
		"evicted by an older kubelet": {failed(func(p *podRecord) { p.reason, p.message = "Evicted", "The node was low on resource: memory." }), Evicted, "low on resource"},
		"taint":                       {failed(disruption("DeletionByTaintManager", "")), NodeLost, "node-1"},
		"collected after its node":    {failed(disruption("DeletionByPodGC", "")), NodeLost, "node-1"},
		"node silent": {func(p *podRecord) {
			p.ready = condition{corev1.ConditionUnknown, reasonText{"NodeStatusUnknown", ""}, at}
		}, NodeLost, "does not answer"},
		"unknown": {func(p *podRecord) { p.phase = corev1.PodUnknown }, NodeLost, "does not answer"},
		"refused by node": {failed(func(p *podRecord) {
			p.terminated, p.reason, p.message = nil, "OutOfcpu", "Node didn't have enough resource"
		}), Failed, "enough resource"},
		// The kernel killed something; only the container's own reason says it was memory.
		"killed": {failed(), Failed, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := seenIn(t, readRecording(t, "running"))
			test.change(s.pods[0])
			if got := s.state(); got.Phase != test.phase || !strings.Contains(got.Message, test.says) {
				t.Errorf("got %+v, want %q, saying %q", got, test.phase, test.says)
			}
		})
	}
}

// Between two pulls the node is on its way, and says so in events only.
func TestPullingIsToldByEvents(t *testing.T) {
	s := seenIn(t, readRecording(t, "running"))
	pod := s.pods[0]
	pod.phase, pod.running, pod.waiting = corev1.PodPending, time.Time{}, reasonText{"ContainerCreating", ""}
	at := pod.created.Add(time.Second)
	s.notes = nil
	for _, step := range []struct {
		reason string
		want   Phase
	}{{"", Starting}, {"FailedMount", ConfigError}, {"FailedCreatePodSandBox", Starting}, {"Pulling", Pulling}, {"Pulled", Starting}} {
		if step.reason != "" {
			at = at.Add(time.Second)
			s.notes = append(s.notes, &note{about: pod.uid, reason: step.reason, message: "text", first: at, at: at})
		}
		if got := s.state(); got.Phase != step.want {
			t.Errorf("after %q: %+v, want %q", step.reason, got, step.want)
		}
	}
}

// A busy node says that it failed, and tries again: only what stays is a trouble.
func TestANodeTriesAgain(t *testing.T) {
	const late = `MountVolume.SetUp failed for volume "x" : failed to sync configmap cache: timed out waiting for the condition`
	tests := map[string]struct {
		waiting reasonText
		reason  string
		after   []time.Duration // when it was said, since the first time
		message string
		want    Phase
	}{
		"a secret of a volume that is not there": {reason: "FailedMount", after: []time.Duration{0}, message: `MountVolume.SetUp failed for volume "x" : secret "nothere" not found`, want: ConfigError},
		"a volume, late":                         {reason: "FailedMount", after: []time.Duration{0, time.Second}, message: late, want: Starting},
		"a volume, for long":                     {reason: "FailedMount", after: []time.Duration{0, 31 * time.Second}, message: late, want: ConfigError},
		"a namespace that is new":                {reason: "FailedMount", after: []time.Duration{0}, message: `MountVolume.SetUp failed for volume "kube-api-access-x" : configmap "kube-root-ca.crt" not found`, want: Starting},
		"a node that begins":                     {reason: "FailedMount", after: []time.Duration{0}, message: `MountVolume.SetUp failed for volume "kube-api-access-x" : object "team"/"settings" not registered`, want: Starting},
		"a network, late":                        {reason: "FailedCreatePodSandBox", after: []time.Duration{0, 12 * time.Second}, message: "plugin not ready", want: Starting},
		"a network, for long":                    {reason: "FailedCreatePodSandBox", after: []time.Duration{0, 12 * time.Second, 40 * time.Second}, message: "plugin not ready", want: ConfigError},
		"another pod's disk":                     {reason: "FailedAttachVolume", after: []time.Duration{0}, message: "Multi-Attach error", want: Starting},
		"a secret, late":                         {waiting: reasonText{"CreateContainerConfigError", "failed to sync secret cache: timed out waiting for the condition"}, want: Starting},
		"a secret that is not there":             {waiting: reasonText{"CreateContainerConfigError", `secret "nothere" not found`}, want: ConfigError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := seenIn(t, readRecording(t, "running"))
			pod := s.pods[0]
			pod.phase, pod.running, pod.waiting = corev1.PodPending, time.Time{}, test.waiting
			s.notes = nil
			for _, after := range test.after {
				at := pod.created.Add(after)
				s.notes = append(s.notes, &note{about: pod.uid, reason: test.reason, message: test.message, first: at, at: at})
			}
			got := s.state()
			if message := cmp.Or(test.waiting.message, test.message); got.Phase != test.want || got.Message != message {
				t.Errorf("got %q, saying %q, want %q, saying %q", got.Phase, got.Message, test.want, message)
			}
		})
	}
}

func TestSchedulersWordsMadePlain(t *testing.T) {
	tests := map[string]string{
		"0/5 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 4 Insufficient memory. preemption: 0/5 nodes are available: 1 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.": "none of the 5 nodes can take it: 1 refuses by taint `gpu=true`; 4 have too little memory left",
		"0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.":                                                                                                                                "none of the 3 nodes can take it: 3 refuse by taint `node.kubernetes.io/disk-pressure`",
		"0/2 nodes are available: 1 Too many pods, 1 node(s) were unschedulable.":                                                                                                                                                       "none of the 2 nodes can take it: 1 has as many pods as it may; 1 has been closed to new pods",
		"0/2 nodes are available: 2 node(s) had a colour that nobody foresaw.":                                                                                                                                                          "none of the 2 nodes can take it: 2 node(s) had a colour that nobody foresaw",
		"0/0 nodes are available: .": "the cluster has no nodes at the moment",
		"something else":             "something else",
	}
	for message, want := range tests {
		if got := plainScheduling(message); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", message, got, want)
		}
	}
}
