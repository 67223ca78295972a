package kube

import (
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// The records are all that is kept of an object. A pod of Metaflow is 10 KB, its
// record a few hundred bytes, and there may be ten thousand.

// maxText bounds what is kept of a message: the end of a task's log may be in it.
const maxText = 2 << 10

type jobRecord struct {
	uid       types.UID
	task      Task
	namespace string
	name      string
	created   time.Time
	idle      bool // no pods wanted: parallelism 0 or suspended
	suspended bool
	ended     jobEnd
}

type jobEnd struct {
	kind            batchv1.JobConditionType // empty while it goes on
	reason, message string
	at              time.Time
}

func recordJob(job *batchv1.Job) (*jobRecord, bool) {
	task, ok := taskOf(job.Annotations)
	if !ok {
		return nil, false
	}
	r := &jobRecord{uid: job.UID, task: task, namespace: job.Namespace, name: job.Name, created: job.CreationTimestamp.Time}
	r.suspended = job.Spec.Suspend != nil && *job.Spec.Suspend
	r.idle = job.Spec.Parallelism != nil && *job.Spec.Parallelism == 0
	for _, c := range job.Status.Conditions {
		// FailureTarget comes before Failed, while pods are still being ended.
		known := c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed || c.Type == batchv1.JobFailureTarget && r.ended.kind == ""
		if c.Status == corev1.ConditionTrue && known {
			r.ended = jobEnd{c.Type, c.Reason, short(c.Message), c.LastTransitionTime.Time}
		}
	}
	return r, true
}

type podRecord struct {
	uid             types.UID
	task            Task
	namespace, name string
	owner           string // the job
	node            string
	created         time.Time
	started         time.Time // accepted by the kubelet
	phase           corev1.PodPhase
	reason, message string
	image           string
	container       string // that of the task
	request, limit  int64
	used            usage

	scheduled  condition
	disruption condition // why Kubernetes itself ended it
	ready      condition

	waiting    reasonText
	running    time.Time
	terminated *termination
}

type condition struct {
	status corev1.ConditionStatus
	reasonText
	at time.Time
}

type reasonText struct{ reason, message string }

type termination struct {
	reasonText
	code int
	at   time.Time
}

func recordPod(pod *corev1.Pod) (*podRecord, bool) {
	task, ok := taskOf(pod.Annotations)
	if !ok {
		return nil, false
	}
	r := &podRecord{
		uid: pod.UID, task: task, namespace: pod.Namespace, name: pod.Name, node: pod.Spec.NodeName, created: pod.CreationTimestamp.Time,
		phase: pod.Status.Phase, reason: pod.Status.Reason, message: short(pod.Status.Message),
	}
	for _, owner := range pod.OwnerReferences {
		if owner.Kind == "Job" {
			r.owner = owner.Name
		}
	}
	if pod.Status.StartTime != nil {
		r.started = pod.Status.StartTime.Time
	}
	for _, c := range pod.Status.Conditions {
		kept := condition{c.Status, reasonText{c.Reason, short(c.Message)}, c.LastTransitionTime.Time}
		switch c.Type {
		case corev1.PodScheduled:
			r.scheduled = kept
		case corev1.DisruptionTarget:
			r.disruption = kept
		case corev1.PodReady:
			r.ready = kept
		}
	}
	// Metaflow's container comes first; others are side cars.
	if containers := pod.Spec.Containers; len(containers) > 0 {
		r.image, r.container = containers[0].Image, containers[0].Name
		r.request = containers[0].Resources.Requests.Memory().Value()
		r.limit = containers[0].Resources.Limits.Memory().Value()
		r.status(pod.Status.ContainerStatuses, containers[0].Name)
	}
	return r, true
}

func (r *podRecord) status(statuses []corev1.ContainerStatus, name string) {
	for _, status := range statuses {
		if status.Name != name {
			continue
		}
		if w := status.State.Waiting; w != nil {
			r.waiting = reasonText{w.Reason, short(w.Message)}
		}
		if run := status.State.Running; run != nil {
			r.running = run.StartedAt.Time
		}
		if end := status.State.Terminated; end != nil {
			r.terminated = &termination{reasonText{end.Reason, short(end.Message)}, int(end.ExitCode), end.FinishedAt.Time}
		}
	}
}

// note is an event about a job or a pod that says more than its status does.
type note struct {
	uid     types.UID
	about   types.UID
	reason  string
	message string
	first   time.Time
	at      time.Time // the last one of a series
}

// The reasons of events that are kept. The others repeat what the status says.
var telling = map[string]bool{
	"FailedCreate": true, // job: no pod may be made
	"FailedMount":  true, "FailedAttachVolume": true,
	"Failed":  true, // the registry's answer
	"Pulling": true, "Pulled": true,
	"FailedScheduling": true, "Preempted": true, "Evicted": true, "NodeNotReady": true,
	"FailedCreatePodSandBox": true,
}

func recordEvent(event *corev1.Event) (*note, bool) {
	// The kubelet repeats the state of the container in an event of its own.
	if !telling[event.Reason] || event.Reason == "Failed" && strings.HasPrefix(event.Message, "Error: ") {
		return nil, false
	}
	at := event.LastTimestamp.Time
	if series := event.Series; series != nil {
		at = series.LastObservedTime.Time
	} else if at.IsZero() {
		at = event.EventTime.Time
	}
	first := at
	for _, t := range []time.Time{event.FirstTimestamp.Time, event.EventTime.Time} {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return &note{event.UID, event.InvolvedObject.UID, event.Reason, short(event.Message), first, at}, true
}

// short keeps the end of a long text: the last line of a traceback says most.
func short(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := len(s) - maxText
	for cut < len(s) && s[cut]&0xc0 == 0x80 { // not within a character
		cut++
	}
	return "…" + s[cut:]
}
