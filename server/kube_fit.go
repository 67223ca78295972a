package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
	"flowls/runner/preflight"
	"flowls/server/podtrouble"
)

const (
	// fitAge is how old an inventory may be that tells what would fit.
	fitAge = 15 * time.Second
	// fitPause is how long it counts while tasks find no node: clusters grow and shrink.
	fitPause = time.Minute
)

// asksForFit reports whether news of a run have the cluster listed, and notes it.
func (r *kubeRun) asksForFit(news []wire.KubeState, now time.Time) bool {
	if now.Before(r.fitAfter) || !findsNoNode(news) {
		return false
	}
	r.fitAfter = now.Add(fitPause)
	return true
}

// compare lists what the cluster of a run has, when a task finds no node: what
// would fit is said when it has come.
func (k *kubeWatch) compare(ctx context.Context, name runName, run *kubeRun) {
	p := k.s.kubePreflight
	namespaces := map[string]bool{}
	for _, n := range append(p.needed(), run.namespaces...) {
		namespaces[n] = true
	}
	if err := p.look(ctx, run.access, slices.Sorted(maps.Keys(namespaces)), wire.KubeInventoryParams{MaxAge: int(fitAge.Milliseconds())}); err != nil {
		if ctx.Err() == nil {
			k.s.log.Warn("what would fit on the cluster cannot be told", "run", name.id, "error", err)
		}
		k.mu.Lock()
		run.fitAfter = time.Time{} // the next news ask again
		k.mu.Unlock()
		return
	}
	if seen := p.cluster(run.access); seen != nil {
		k.mu.Lock()
		run.cluster = seen.inventory
		k.mu.Unlock()
		k.s.wakeAll()
	}
}

// findsNoNode: a task waits for one that may never come.
func findsNoNode(states []wire.KubeState) bool {
	return slices.ContainsFunc(states, func(s wire.KubeState) bool { return podtrouble.RuleOf(s.Phase) == rule.PodUnschedulable })
}

// fit is nil where nodes and quotas have no part in a trouble, for a step that
// another file has, and for one that may not be what it looks like.
func (r *runs) fit(v *view, f *flow.Flow, s *flow.Step, of *runView, t podTrouble) *podtrouble.Fit {
	if s.File != "" || t.Rule != rule.PodUnschedulable && t.Rule != rule.PodRefused {
		return nil
	}
	var with []string
	profile := ""
	if of.record != nil {
		with, profile = of.record.With, of.record.Profile
		if of.record.Kubernetes != nil {
			with = withKubernetes(with)
		}
	}
	settings := r.s.kubePreflight.settingsOf(workingFolder(v), profile)
	step := stepOf(f, s, with, settings)
	if step == nil {
		return nil
	}
	return &podtrouble.Fit{Step: step, Cluster: r.s.kube.clusterOf(of)}
}

func (k *kubeWatch) clusterOf(v *runView) *preflight.Inventory {
	k.mu.Lock()
	defer k.mu.Unlock()
	if run := k.runs[runName{v.flowName(), v.metaflowID()}]; run != nil {
		return run.cluster
	}
	return nil
}
