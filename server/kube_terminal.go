package server

import (
	"context"
	"os/exec"
	"strconv"
	"strings"

	"flowls/runner/agent/wire"
	"flowls/runner/local"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// ShellArgument is the argument of flowls.shell.
type ShellArgument struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	RunID  string  `json:"runId,omitempty" doc:"The run; absent means the one that is shown."`
	Step   string  `json:"step" doc:"The step."`
	TaskID string  `json:"taskId,omitempty" doc:"The task; absent means the first one whose pod runs."`
}

// PortForwardArgument is the argument of flowls.portForward.
type PortForwardArgument struct {
	URI    uri.URI `json:"uri" doc:"The flow's document."`
	Flow   string  `json:"flow" doc:"Name of the flow."`
	RunID  string  `json:"runId,omitempty" doc:"The run; absent means the one that is shown."`
	Step   string  `json:"step" doc:"The step."`
	TaskID string  `json:"taskId,omitempty" doc:"The task; absent means the first one whose pod runs."`
	Port   int     `json:"port" doc:"Port on which the task listens in its pod."`
	Local  int     `json:"local,omitempty" doc:"Port on this machine; absent means the same."`
}

// TerminalResult is the answer of flowls.shell and flowls.portForward.
type TerminalResult struct {
	CommandLine string   `json:"commandLine" doc:"For a terminal, or to be copied."`
	Argv        []string `json:"argv" doc:"The words of the command."`
	Pod         string   `json:"pod" doc:"The pod."`
	Found       bool     `json:"found" doc:"Whether kubectl is there to run it."`
}

func init() {
	commandTable = append(commandTable,
		define(commandShell, "Answers the command line that opens a shell in the pod of a task, for a terminal, and shows it unless the client lists `commandLine`. Nothing is executed. The run must be followed.", true, shell),
		define(commandPortForward, "Answers the command line that makes a port of a task's pod reachable on this machine, as `flowls.shell` does.", true, portForward),
	)
}

func shell(_ context.Context, call commandCall, a ShellArgument) (TerminalResult, error) {
	pod, err := call.podOf(a)
	if err != nil {
		return TerminalResult{}, err
	}
	return call.kubectl(pod, "exec", "-it", pod.state.Pod, "-c", containerOf(a.Step), "--", "/bin/sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"), nil
}

func portForward(_ context.Context, call commandCall, a PortForwardArgument) (TerminalResult, error) {
	const maxPort = 1<<16 - 1
	if a.Port < 1 || a.Port > maxPort || a.Local < 0 || a.Local > maxPort {
		return TerminalResult{}, wrongValue("a port is a number from 1 to %d", maxPort)
	}
	pod, err := call.podOf(ShellArgument{a.URI, a.Flow, a.RunID, a.Step, a.TaskID})
	if err != nil {
		return TerminalResult{}, err
	}
	ports := strconv.Itoa(a.Port)
	if a.Local != 0 {
		ports = strconv.Itoa(a.Local) + ":" + ports
	}
	return call.kubectl(pod, "port-forward", pod.state.Pod, ports), nil
}

type foundPod struct {
	access wire.KubeAccess
	state  *wire.KubeState
}

// podOf finds the pod of a task that runs.
func (call commandCall) podOf(a ShellArgument) (foundPod, error) {
	v, err := call.server.runs.named(call.snapshot, a.RunID, a.URI, a.Flow, func(s *flowState) *runView { return s.shown })
	if err != nil {
		return foundPod{}, err
	}
	k := call.server.kube
	if !k.follows(v) {
		return foundPod{}, launchError("the pods of run %s are not known here: follow them first (`%s`)", v.key(), commandWatchKubernetes)
	}
	pods := k.podsOf(v).step(a.Step)
	var found *wire.KubeState
	for _, state := range pods {
		if state.Phase == "running" && (a.TaskID == "" || state.Task == a.TaskID) && (found == nil || earlierTask(state.Task, found.Task)) {
			found = state
		}
	}
	if found == nil {
		if state := pods[a.TaskID]; state != nil {
			return foundPod{}, launchError("task %s of step %s has no pod that runs: it is %s", a.TaskID, a.Step, state.Phase)
		}
		return foundPod{}, launchError("step %s has no pod that runs", a.Step)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return foundPod{k.runs[runName{v.flowName(), v.metaflowID()}].access, found}, nil
}

// earlierTask: Metaflow numbers tasks.
func earlierTask(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

// containerOf is what Metaflow calls the container of a step.
func containerOf(step string) string { return strings.ReplaceAll(step, "_", "-") }

// kubectl is a command line for the cluster of a pod.
func (call commandCall) kubectl(pod foundPod, command string, args ...string) TerminalResult {
	argv := []string{"kubectl"}
	if pod.access.Kubeconfig != "" {
		argv = append(argv, "--kubeconfig", pod.access.Kubeconfig)
	}
	if pod.access.Context != "" {
		argv = append(argv, "--context", pod.access.Context)
	}
	argv = append(append(argv, "--namespace", pod.state.Namespace, command), args...)
	_, err := exec.LookPath(argv[0])
	result := TerminalResult{CommandLine: local.ShellLine(argv), Argv: argv, Pod: pod.state.Pod, Found: err == nil}
	if !call.server.client.can.experimental.CommandLine {
		call.server.client.showMessage(protocol.MessageTypeInfo, result.CommandLine)
	}
	return result
}
