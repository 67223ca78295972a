package server

import (
	"context"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// taskPods reads what the pods of one task print, through the agent. It exists
// for runs that are followed only: asking reads the kubeconfig.
type taskPods struct {
	ctx        context.Context
	k          *kubeWatch
	v          *runView
	access     wire.KubeAccess
	step, task string
}

// podLogPatience bounds how long one look at a log waits for the cluster.
const podLogPatience = 10 * time.Second

// logOf is nil for a task that is not followed.
func (k *kubeWatch) logOf(ctx context.Context, v *runView, step, task string) local.Pods {
	k.mu.Lock()
	defer k.mu.Unlock()
	run := k.runs[runName{v.flowName(), v.metaflowID()}]
	if run == nil || run.pods.stateOf(step, task) == nil {
		return nil
	}
	return &taskPods{ctx, k, v, run.access, step, task}
}

func (p *taskPods) state() *wire.KubeState { return p.k.podsOf(p.v).stateOf(p.step, p.task) }

func (p *taskPods) Attempt() int {
	if state := p.state(); state != nil && state.Pod != "" {
		return state.Attempt
	}
	return -1
}

func (p *taskPods) Read(attempt int, after local.PodMark, room int) (local.PodPiece, bool) {
	state := p.state()
	if state == nil || state.Attempt != attempt || !prints(state) {
		return local.PodPiece{}, false
	}
	ctx, cancel := context.WithTimeout(p.ctx, podLogPatience)
	defer cancel()
	var reply wire.KubeLogReply
	params := wire.KubeLogParams{
		Access: p.access, Namespace: state.Namespace, Pod: state.Pod, Container: containerOf(p.step), After: wire.KubeMark(after), Room: room,
	}
	if err := p.k.link.Call(ctx, wire.KubeLog, params, &reply); err != nil {
		return local.PodPiece{After: after, Problem: err.Error()}, true
	}
	piece := local.PodPiece{After: local.PodMark(reply.After), Skipped: reply.Skipped, Ended: reply.Ended, Problem: reply.Problem}
	for _, line := range reply.Lines {
		piece.Lines = append(piece.Lines, runstate.LogLine{Time: line.At, Text: line.Text})
	}
	return piece, true
}

// prints: the container has begun.
func prints(state *wire.KubeState) bool {
	return state.Pod != "" && (state.Phase == "running" || state.Phase == "node lost" || state.Over && state.Phase != "stopped")
}
