package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// seen is everything known about one attempt at a task.
type seen struct {
	job   *jobRecord
	pods  []*podRecord
	notes []*note // about the job and the pods
}

// state joins it. It reads no clock and nothing else.
func (s seen) state() State {
	var states []State
	for _, pod := range s.pods {
		states = append(states, s.podState(pod))
	}
	if len(states) == 0 {
		return s.jobState()
	}
	// A job makes a second pod when the first one was lost: the last one counts.
	// Of pods that are as old as each other, which a parallel step has, the one
	// in trouble.
	slices.SortStableFunc(states, func(a, b State) int { return cmp.Compare(weight(a.Phase), weight(b.Phase)) })
	return s.withJob(states[0])
}

func weight(p Phase) int {
	switch {
	case p == Completed:
		return 4
	case p.Over():
		return 0
	case p.Stuck() || p == NodeLost:
		return 1
	case p == Running:
		return 3
	}
	return 2
}

// withJob adds what only the job knows: Metaflow's own limit on time may end the
// job, and its pod then merely says that it was killed.
func (s seen) withJob(state State) State {
	if s.job == nil {
		return state
	}
	state.Job = s.job.name
	ended := s.job.ended
	if ended.reason == batchv1.JobReasonDeadlineExceeded && state.Phase != Completed {
		state.Phase, state.Reason, state.Since = Deadline, ended.reason, ended.at
		state.Message = "it ran longer than its time limit"
	} else if s.job.idle && ended.kind == "" && !state.Phase.Over() {
		state.Phase, state.Reason, state.Message = Stopped, "", "the launching process ended and took its pods back"
	}
	return state
}

func (s seen) jobState() State {
	job := s.job
	state := State{Task: job.task, Namespace: job.namespace, Job: job.name, Since: job.created, Phase: Queued}
	if job.ended.kind != "" {
		state.Since, state.Reason, state.Message = job.ended.at, job.ended.reason, job.ended.message
	}
	switch {
	case job.ended.kind == batchv1.JobComplete:
		state.Phase = Completed
	case job.ended.reason == batchv1.JobReasonDeadlineExceeded:
		state.Phase, state.Message = Deadline, "it ran longer than its time limit"
	case job.ended.kind != "":
		state.Phase = Failed
	case job.idle:
		state.Phase, state.Message = Stopped, "the launching process ended and took its pods back"
	case job.suspended:
		state.Reason, state.Message = "Suspended", "the job is suspended: a queue of the cluster, or a person, lets it go on"
	default:
		if n := s.last(string(job.uid), "FailedCreate"); n != nil {
			state.Phase, state.Since, state.Reason, state.Message = Refused, n.at, n.reason, plainRefusal(n.message)
		}
	}
	return state
}

func (s seen) podState(pod *podRecord) State {
	state := State{
		Task: pod.task, Namespace: pod.namespace, Job: pod.owner, Pod: pod.name, Node: pod.node, Image: pod.image,
		Request: pod.request, Limit: pod.limit, Peak: pod.used.peak, PeakAt: pod.used.at, Since: pod.created,
	}
	if end := pod.terminated; end != nil {
		state.ExitCode, state.Exited, state.Since = end.code, true, end.at
	}
	switch pod.phase {
	case corev1.PodSucceeded:
		state.Phase = Completed
	case corev1.PodFailed:
		failedPod(pod, &state)
	case corev1.PodRunning:
		runningPod(pod, &state)
	case corev1.PodUnknown:
		state.Phase, state.Reason, state.Message = NodeLost, pod.reason, lost(pod.node)
	default:
		s.pendingPod(pod, &state)
	}
	return state
}

func lost(node string) string { return fmt.Sprintf("the node `%s` does not answer", node) }

// disrupted tells why Kubernetes itself ends a pod.
func disrupted(pod *podRecord, state *State) bool {
	d := pod.disruption
	switch {
	case d.status != corev1.ConditionTrue:
		return false
	case d.reason == corev1.PodReasonPreemptionByScheduler:
		state.Phase, state.Message = Preempted, "it had to make room for a pod of higher priority"
	case d.reason == "DeletionByTaintManager", d.reason == "DeletionByPodGC":
		state.Phase, state.Message = NodeLost, fmt.Sprintf("the node `%s` was lost or takes no more pods", pod.node)
	case d.reason == corev1.PodReasonTerminationByKubelet, d.reason == "EvictionByEvictionAPI":
		state.Phase, state.Message = Evicted, cmp.Or(pod.message, d.message)
	default:
		return false
	}
	state.Reason, state.Since = d.reason, d.at
	return true
}

func failedPod(pod *podRecord, state *State) {
	end := pod.terminated
	switch {
	case disrupted(pod, state):
	case pod.reason == "Evicted":
		state.Phase, state.Reason, state.Message = Evicted, pod.reason, pod.message
	case pod.reason == "NodeLost":
		state.Phase, state.Reason, state.Message = NodeLost, pod.reason, lost(pod.node)
	case pod.reason == "DeadlineExceeded":
		state.Phase, state.Reason, state.Message = Deadline, pod.reason, "it ran longer than its time limit"
	case end == nil:
		// The node took it and then would not: it lacks what the scheduler thought it had.
		state.Phase, state.Reason, state.Message = Failed, pod.reason, pod.message
	case end.reason == "OOMKilled":
		state.Phase, state.Reason, state.Message = OutOfMemory, end.reason, "it used more memory than it may"
		if pod.limit > 0 {
			state.Message = fmt.Sprintf("it used more than the %s of memory that it may", bytes(pod.limit))
		}
	default:
		state.Phase, state.Reason, state.Message = Failed, end.reason, end.message
	}
}

func runningPod(pod *podRecord, state *State) {
	state.Phase = Running
	if !pod.running.IsZero() {
		state.Since = pod.running
	}
	if disrupted(pod, state) {
		return
	}
	if pod.ready.reason == "NodeStatusUnknown" || pod.reason == "NodeLost" || pod.ready.status == corev1.ConditionUnknown {
		state.Phase, state.Reason, state.Message, state.Since = NodeLost, "NodeLost", lost(pod.node), pod.ready.at
	}
}

// The words of a container that waits for its image.
var imageTrouble = map[string]bool{
	"ErrImagePull": true, "ImagePullBackOff": true, "InvalidImageName": true, "ErrImageNeverPull": true,
	"ImageInspectError": true, "RegistryUnavailable": true, "SignatureValidationFailed": true,
}

// Those of one that cannot be made or started.
var containerTrouble = map[string]bool{
	"CreateContainerConfigError": true, "CreateContainerError": true, "RunContainerError": true, "PreCreateHookError": true,
}

func (s seen) pendingPod(pod *podRecord, state *State) {
	waiting := pod.waiting
	switch {
	case disrupted(pod, state):
	case imageTrouble[waiting.reason]:
		state.Phase, state.Reason, state.Message = ImageError, waiting.reason, s.imageAnswer(pod)
	case containerTrouble[waiting.reason] && passing(waiting.message):
		state.Phase, state.Reason, state.Message = Starting, waiting.reason, waiting.message
	case containerTrouble[waiting.reason]:
		state.Phase, state.Reason, state.Message = ConfigError, waiting.reason, waiting.message
	case pod.node == "":
		state.Phase = Queued
		if c := pod.scheduled; c.status == corev1.ConditionFalse && c.reason == corev1.PodReasonUnschedulable {
			state.Phase, state.Reason, state.Message, state.Since = Unschedulable, c.reason, plainScheduling(c.message), c.at
		} else if c.reason == corev1.PodReasonSchedulingGated {
			state.Reason, state.Message = c.reason, "a queue of the cluster holds it back"
		}
	default:
		s.startingPod(pod, state)
	}
}

// startingPod looks at the events: the status of a pod on its way says nothing else.
func (s seen) startingPod(pod *podRecord, state *State) {
	state.Phase = Starting
	state.Since = latest(pod.started, pod.created)
	last := s.last(string(pod.uid), "Pulling", "Pulled", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox")
	switch {
	case last == nil || last.reason == "Pulled":
	case last.reason == "Pulling":
		state.Phase, state.Since, state.Message = Pulling, last.at, fmt.Sprintf("the node `%s` pulls the image `%s`", pod.node, pod.image)
	default:
		state.Reason, state.Message, state.Since = last.reason, last.message, last.at
		if (last.reason != "FailedMount" || passing(last.message)) && last.at.Sub(s.since(last)) < patience {
			return
		}
		state.Phase = ConfigError
	}
}

// patience is how long a node may try to make a volume or a sandbox before its
// trouble counts as one that stays: networks and disks come late, and it tries
// again after half a second, one second, two, and so on.
const patience = 30 * time.Second

// passing reports whether a node merely had no time, as a busy one, or lacks what the
// cluster itself gives to each namespace a moment after it was made: it tries again.
func passing(message string) bool {
	return slices.ContainsFunc([]string{
		"timed out waiting for the condition", "context deadline exceeded", "not registered", `"kube-root-ca.crt"`,
	}, func(said string) bool { return strings.Contains(message, said) })
}

// since is when the trouble that a note tells of began. A message that is another one
// each time makes an event each time.
func (s seen) since(last *note) time.Time {
	began := last.at
	for _, n := range s.notes {
		if n.about == last.about && n.reason == last.reason && !n.first.IsZero() && n.first.Before(began) {
			began = n.first
		}
	}
	return began
}

// imageAnswer is what the registry said. While the node waits before it asks again,
// only the events still hold it.
func (s seen) imageAnswer(pod *podRecord) string {
	answer := pod.waiting.message
	if pod.waiting.reason == "ImagePullBackOff" {
		if n := s.last(string(pod.uid), "Failed"); n != nil {
			// `Failed to pull image "…": ` and the answer.
			_, answer, _ = strings.Cut(n.message, `": `)
			answer = cmp.Or(answer, n.message)
		}
	}
	return answer
}

// last is the newest note about an object with one of the reasons.
func (s seen) last(about string, reasons ...string) *note {
	var found *note
	for _, n := range s.notes {
		if string(n.about) == about && slices.Contains(reasons, n.reason) && (found == nil || !n.at.Before(found.at)) {
			found = n
		}
	}
	return found
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
