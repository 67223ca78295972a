package server

import (
	"context"
	"fmt"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
)

// KubeStopped is what stopping a run did in its cluster.
type KubeStopped struct {
	Jobs    int    `json:"jobs" doc:"Jobs of the run that had not finished, which were deleted with their pods. Those that had stay, with their logs, until the cluster removes them."`
	Pods    int    `json:"pods" doc:"Pods of the run that have not ended yet."`
	Problem string `json:"problem,omitempty" doc:"Why the cluster could not be asked, or did not do it."`
}

// kubeStopWait is how long a stop waits for the end of pods.
const kubeStopWait = 30 // seconds

// place is where the tasks of a run are; nil if it has none on a cluster, or
// nobody knows.
func (k *kubeWatch) place(v *runView) *local.Cluster {
	k.mu.Lock()
	run := k.runs[runName{v.flowName(), v.metaflowID()}]
	k.mu.Unlock()
	if run != nil {
		return &local.Cluster{Kubeconfig: run.access.Kubeconfig, Context: run.access.Context, Namespaces: run.namespaces}
	}
	if v.record == nil {
		return nil
	}
	kept, err := v.record.Cluster()
	if err != nil {
		k.s.log.Warn("where the tasks of a run are cannot be read", "run", v.record.ID, "error", err)
	}
	return kept
}

func accessTo(c *local.Cluster) wire.KubeAccess {
	return wire.KubeAccess{Kubeconfig: c.Kubeconfig, Context: c.Context}
}

// keep notes with a run where its tasks go, for the servers to come.
func (k *kubeWatch) keep(id string, run *kubeRun) {
	place := local.Cluster{Kubeconfig: run.access.Kubeconfig, Context: run.access.Context, Namespaces: run.namespaces}
	if err := k.s.runs.registry.KeepCluster(id, place); err != nil {
		k.s.log.Warn("where the tasks of a run go is not kept", "run", id, "error", err)
	}
}

// take deletes what a run that has ended left in its cluster, and only that; nil
// if it used none. Metaflow's launchers take their jobs back when they can: not
// when they were killed, and not those that never got a pod.
func (k *kubeWatch) take(ctx context.Context, call commandCall, v *runView) *KubeStopped {
	place := k.place(v)
	if place == nil || v.metaflowID() == "" {
		return nil
	}
	if !call.snapshot.Settings.Trusted {
		return &KubeStopped{Problem: "the workspace is not trusted: its cluster was not asked"}
	}
	of := wire.KubeOwner{Flow: v.flowName(), Run: v.metaflowID(), Since: v.startedAt()}
	if v.run != nil {
		of.User = v.run.User
	}
	return k.takeOf(ctx, place, of)
}

func (k *kubeWatch) takeOf(ctx context.Context, place *local.Cluster, of wire.KubeOwner) *KubeStopped {
	var reply wire.KubeTakeReply
	params := wire.KubeTakeParams{Access: accessTo(place), Namespaces: place.Namespaces, Of: of, Wait: kubeStopWait}
	err := k.link.Call(ctx, wire.KubeTake, params, &reply)
	stopped := &KubeStopped{Jobs: reply.Jobs, Pods: reply.Pods}
	if err != nil {
		stopped.Problem = err.Error()
	}
	k.left(runName{of.Flow, of.Run}, reply.Pods)
	return stopped
}

// left notes how many pods an ended run still has.
func (k *kubeWatch) left(name runName, pods int) {
	k.mu.Lock()
	run := k.runs[name]
	changed := run != nil && run.ended && run.pods.leftOver() != pods
	if changed {
		run.pods = run.pods.withLeft(pods)
	}
	k.mu.Unlock()
	if changed {
		k.s.runs.restate(name.flow)
	}
}

// count asks how many pods a run has that has ended.
func (k *kubeWatch) count(ctx context.Context, name runName, run *kubeRun) {
	var reply wire.KubeWorkReply
	params := wire.KubeWorkParams{Access: run.access, Namespaces: run.namespaces, Of: wire.KubeOwner{Flow: name.flow, Run: name.id}}
	if err := k.link.Call(ctx, wire.KubeWork, params, &reply); err != nil {
		k.s.log.Debug("what a run left in its cluster is not known", "run", name.id, "error", err)
		return
	}
	pods := 0
	for _, r := range reply.Runs {
		pods += r.Pods
	}
	k.left(name, pods)
}

func (p *kubePods) leftOver() int {
	if p == nil {
		return 0
	}
	return p.left
}

func (p *kubePods) withLeft(pods int) *kubePods {
	next := &kubePods{}
	if p != nil {
		*next = *p
	}
	next.version++
	next.left = pods
	return next
}

// leftLens tells of pods that go on although their run has ended.
func (v *runView) leftLens() (Lens, bool) {
	n := v.pods.leftOver()
	if n == 0 || v.record == nil || !v.status().done() {
		return Lens{}, false
	}
	return Lens{
		Title:   "⚠ " + count(n, "pod") + " left in the cluster · ■ Stop",
		Tooltip: "The run has ended, but its launcher could not take its pods back: they go on. Delete them, and only what belongs to this run.",
		Command: commandStop, Argument: runArgument{v.record.ID},
	}, true
}

// message says in one line what was done, "" if nothing needs to be said.
func (s *KubeStopped) message(run string) string {
	switch {
	case s == nil:
		return ""
	case s.Problem != "":
		return fmt.Sprintf("Run %s has ended here; in its cluster something may be left: %s.", run, s.Problem)
	case s.Pods > 0:
		return fmt.Sprintf("Run %s has ended; %s of it not yet.", run, count(s.Pods, "pod"))
	}
	return ""
}
