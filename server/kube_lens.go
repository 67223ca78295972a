package server

import (
	"fmt"
	"slices"
	"strings"

	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/server/podtrouble"
)

// phaseOrder is the order in which a lens tells phases: what needs somebody first.
var phaseOrder = []string{
	"unschedulable", "refused", "image error", "config error", "node lost",
	"queued", "starting", "pulling",
}

// phaseText are phases in a lens; the others are told as they are called.
var phaseText = map[string]string{"queued": "waiting for a node", "pulling": "pulling the image", "refused": "refused by the cluster"}

// podsTitle says where the tasks of a step that goes on stand in the cluster, ""
// if that adds nothing.
func (s *stepView) podsTitle() string {
	if s.of.status().done() {
		return ""
	}
	pods := s.of.pods.step(s.name)
	if len(pods) == 0 {
		return ""
	}
	if len(pods) == 1 {
		for _, state := range pods {
			return podTitle(state)
		}
	}
	counts := pods.phases()
	var parts []string
	for _, phase := range phaseOrder {
		if n := counts[phase]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, phaseName(phase)))
		}
	}
	if n := counts["running"]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d in %s", n, nodes(pods)))
	}
	return strings.Join(parts, " · ")
}

// podsStatus is the title of a step that goes on in the cluster.
func (s *stepView) podsStatus(total int, pods string) string {
	sign := "●"
	if s.stuck() {
		sign = "⚠"
	}
	if total > 1 {
		return fmt.Sprintf("%s running %d/%d · %s", sign, s.step.Count(runstate.Status.OK), total, pods)
	}
	return sign + " " + pods
}

func phaseName(phase string) string {
	if text := phaseText[phase]; text != "" {
		return text
	}
	return phase
}

func podTitle(state *wire.KubeState) string {
	switch {
	case state.Over:
		return ""
	case state.Phase == "running" && podtrouble.ShortOfMemory(state):
		return "on " + state.Node + " · " + podtrouble.MemoryUsed(state)
	case state.Phase == "running":
		return "on " + state.Node
	}
	return phaseName(state.Phase)
}

// nodes says on how many nodes tasks run.
func nodes(pods stepPods) string {
	seen := map[string]bool{}
	for _, state := range pods {
		if state.Phase == "running" {
			seen[state.Node] = true
		}
	}
	if len(seen) == 1 {
		return "pods on 1 node"
	}
	return fmt.Sprintf("pods on %d nodes", len(seen))
}

// stuck: a task waits for what only people can change.
func (s *stepView) stuck() bool {
	if s.of.status().done() {
		return false
	}
	for _, state := range s.of.pods.step(s.name) {
		if state.Stuck {
			return true
		}
	}
	return false
}

// podsTooltip tells of each task, the troubled ones first.
func (s *stepView) podsTooltip() string {
	pods := s.of.pods.step(s.name)
	if len(pods) == 0 {
		return ""
	}
	const most = 10
	list := pods.troubled()
	for _, state := range pods {
		if !slices.Contains(list, state) {
			list = append(list, state)
		}
		if len(list) > most {
			break
		}
	}
	var b strings.Builder
	for _, state := range list[:min(len(list), most)] {
		fmt.Fprintf(&b, "\ntask %s: %s", state.Task, state.Phase)
		if state.Pod != "" {
			b.WriteString(" · " + state.Pod)
		}
		if state.Node != "" {
			b.WriteString(" on " + state.Node)
		}
		if used := podtrouble.MemoryUsed(state); used != "" {
			b.WriteString(" · " + used)
		}
		if state.Message != "" && state.Phase != "running" {
			b.WriteString(" · " + podtrouble.LastLine(state.Message))
		}
	}
	if more := len(pods) - most; more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	if s.of.pods.problem != "" {
		b.WriteString("\nThe cluster is not seen at the moment: " + s.of.pods.problem)
	}
	return b.String()
}

// watchLens offers to follow a run on Kubernetes that this server did not start.
func (k *kubeWatch) watchLens(key flowKey, v *runView) (Lens, bool) {
	if v.record == nil || v.record.Kubernetes == nil || v.status().done() || k.follows(v) {
		return Lens{}, false
	}
	return Lens{
		Title: "☁ follow its pods", Tooltip: "Ask the cluster how the tasks of this run stand: it reads the kubeconfig and opens a connection",
		Command: commandWatchKubernetes, Argument: WatchArgument{URI: key.uri, Flow: key.name, RunID: v.anyID()},
	}, true
}

// PodInfo is what the cluster says of a task.
type PodInfo struct {
	Phase     string `json:"phase" doc:"queued, unschedulable, refused, starting, pulling, image error, config error, running, completed, failed, out of memory, evicted, deadline exceeded, node lost, preempted or stopped."`
	Stuck     bool   `json:"stuck,omitempty" doc:"Whether it waits for what only people can change."`
	Since     string `json:"since,omitempty" doc:"When this phase began, RFC 3339."`
	Reason    string `json:"reason,omitempty" doc:"Kubernetes' word for it."`
	Message   string `json:"message,omitempty" doc:"A sentence about it."`
	Namespace string `json:"namespace,omitempty"`
	Job       string `json:"job,omitempty"`
	Pod       string `json:"pod,omitempty"`
	Node      string `json:"node,omitempty"`
	Peak      int64  `json:"peakMemory,omitempty" doc:"Bytes of memory that it was seen to use at most, where the cluster serves the metrics API. Samples are some 20 seconds apart."`
	Limit     int64  `json:"memoryLimit,omitempty" doc:"Bytes of memory with more of which it is ended."`
}

func podInfo(state *wire.KubeState) *PodInfo {
	if state == nil {
		return nil
	}
	info := &PodInfo{
		Phase: state.Phase, Stuck: state.Stuck, Reason: state.Reason, Message: state.Message,
		Namespace: state.Namespace, Job: state.Job, Pod: state.Pod, Node: state.Node, Peak: state.Peak, Limit: state.Limit,
	}
	if !state.Since.IsZero() {
		info.Since = state.Since.UTC().Format("2006-01-02T15:04:05Z07:00")
	}
	return info
}
