package server

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"flowls/analysis/flow"
	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/preflight"
	"flowls/server/agentlink"
	"flowls/server/stepedit"

	"go.lsp.dev/uri"
)

// kubeWatch follows runs on Kubernetes, through the agent. It follows what the
// user launched or asked to follow since this server started, and nothing else:
// following reads the kubeconfig and opens connections.
type kubeWatch struct {
	NoFeature
	s    *server
	link *agentlink.Link

	mu   sync.Mutex
	runs map[runName]*kubeRun
	kept map[string]*kubePods // what ended runs kept on disk, by launch id; nil if nothing
}

type runName struct{ flow, id string }

// kubeRun is one run that is followed.
type kubeRun struct {
	access     wire.KubeAccess
	namespaces []string
	launchID   string // "" if it was started elsewhere
	pods       *kubePods
	cluster    *preflight.Inventory // what its cluster has, once a task found no node
	fitAfter   time.Time            // that is not asked for again before
	kept       string               // fingerprint of what the record of the run has
	keeping    bool
	asked      bool // the agent has been asked, or is
	ended      bool // the run has ended: news are still taken for a moment
	failures   int
}

// kubeAfterglow is how long an ended run is followed on: the cluster tells some
// things later than Metaflow ends.
const kubeAfterglow = 15 * time.Second

func newKubeWatch(s *server, link *agentlink.Link) *kubeWatch {
	k := &kubeWatch{s: s, link: link, runs: map[runName]*kubeRun{}, kept: map[string]*kubePods{}}
	link.Told, link.Lost = k.told, k.lost
	return k
}

// usesKubernetes: the run has tasks on a cluster.
func usesKubernetes(f *flow.Flow, spec *local.Spec) bool {
	return spec.Kubernetes != nil || slices.ContainsFunc(spec.With, func(with string) bool { return decoratorName(with) == "kubernetes" }) ||
		slices.ContainsFunc(f.Steps, func(s *flow.Step) bool { return stepedit.Decorator(s, "kubernetes") != nil })
}

// launched notes a run that the user has started, to be followed once Metaflow
// has given it an id.
func (k *kubeWatch) launched(call commandCall, t flowTarget, record *local.Record) {
	f := t.view.File.Flows[t.index]
	if !usesKubernetes(f, &record.Spec) {
		return
	}
	run := &kubeRun{access: accessOf(call.snapshot.Settings), namespaces: t.kubeNamespaces(record.Profile, record.With), launchID: record.ID}
	k.keep(record.ID, run)
	k.mu.Lock()
	k.runs[runName{f.Name, "launch " + record.ID}] = run
	k.mu.Unlock()
}

func accessOf(s Settings) wire.KubeAccess {
	return wire.KubeAccess{Kubeconfig: s.Kubernetes.Kubeconfig, Context: s.Kubernetes.Context}
}

// kubeNamespaces are the namespaces in which Metaflow makes the jobs of a flow.
func (t flowTarget) kubeNamespaces(profile string, with []string) []string {
	usual := t.setting(profile, "METAFLOW_KUBERNETES_NAMESPACE")
	if usual == "" {
		usual = "default" // Metaflow does not take that of the context
	}
	for _, w := range with {
		if value := withArgument(w, "kubernetes", "namespace"); value != "" {
			usual = value
		}
	}
	all := map[string]bool{usual: true}
	for _, s := range t.view.File.Flows[t.index].Steps {
		if d := stepedit.Decorator(s, "kubernetes"); d != nil {
			if a := stepedit.Argument(d, "namespace"); a != nil && a.Value.Kind == flow.String {
				all[a.Value.Text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// observe is told each new state of a flow. It must not block.
func (k *kubeWatch) observe(state *flowState) {
	if state == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, v := range state.runs {
		if v.metaflowID() == "" {
			continue
		}
		name := runName{v.flowName(), v.metaflowID()}
		if waiting := (runName{name.flow, "launch " + v.launchID()}); v.launchID() != "" && k.runs[waiting] != nil {
			k.runs[name] = k.runs[waiting]
			delete(k.runs, waiting)
		}
		run := k.runs[name]
		switch {
		case run == nil:
		case v.status().done():
			if !run.ended {
				run.ended = true
				k.s.background("last news of "+name.id, func(ctx context.Context) { k.leave(ctx, name, run) })
			}
		case !run.asked:
			run.asked = true
			k.s.background("follow "+name.id, func(ctx context.Context) { k.ask(ctx, name, run) })
		}
	}
}

// ask has the agent follow a run in all its namespaces.
func (k *kubeWatch) ask(ctx context.Context, name runName, run *kubeRun) {
	for _, namespace := range run.namespaces {
		params := wire.KubeFollowParams{Access: run.access, Namespace: namespace, Flow: name.flow, Run: name.id}
		var reply wire.KubeFollowReply
		if err := k.link.Call(ctx, wire.KubeFollow, params, &reply); err != nil {
			if ctx.Err() == nil {
				k.news(wire.KubeStatesParams{Flow: name.flow, Run: name.id, Problem: err.Error()})
				k.retry(ctx, run)
			}
			return
		}
	}
	k.mu.Lock()
	run.failures = 0
	k.mu.Unlock()
}

// retry has the run asked for again at the next look at it, after a pause that grows.
func (k *kubeWatch) retry(ctx context.Context, run *kubeRun) {
	k.mu.Lock()
	pause := time.Second << min(run.failures, 6)
	run.failures++
	k.mu.Unlock()
	select {
	case <-time.After(pause):
		k.mu.Lock()
		run.asked = false
		k.mu.Unlock()
	case <-ctx.Done():
	}
}

// keepPods writes what went wrong to the record of the run, where it is found again
// when the cluster has forgotten it, and on the command line.
func (k *kubeWatch) keepPods(run *kubeRun) {
	k.mu.Lock()
	registry := k.s.runs.registry
	if run.keeping || run.launchID == "" || registry == nil {
		k.mu.Unlock()
		return
	}
	run.keeping = true
	k.mu.Unlock()
	for {
		k.mu.Lock()
		print := run.pods.fingerprint()
		if print == run.kept {
			run.keeping = false
			k.mu.Unlock()
			return
		}
		run.kept = print
		steps := map[string]stepPods{}
		if bad := run.pods.troubles(); bad != nil {
			steps = bad.steps
		}
		k.mu.Unlock()
		if err := registry.KeepPods(run.launchID, steps); err != nil {
			k.s.log.Warn("what the cluster said of a run is not kept", "run", run.launchID, "error", err)
		}
	}
}

// leave ends following once the cluster had time to tell the rest.
func (k *kubeWatch) leave(ctx context.Context, name runName, run *kubeRun) {
	select {
	case <-time.After(kubeAfterglow):
	case <-ctx.Done():
	}
	k.mu.Lock()
	if run.pods != nil { // what went well is of no interest any more
		version := run.pods.version + 1
		if run.pods = run.pods.troubles(); run.pods == nil {
			run.pods = &kubePods{}
		}
		run.pods.version = version
	}
	k.mu.Unlock()
	k.keepPods(run)
	k.s.runs.restate(name.flow)
	if ctx.Err() != nil {
		return
	}
	for _, namespace := range run.namespaces {
		if !k.link.Running() {
			break
		}
		params := wire.KubeFollowParams{Access: run.access, Namespace: namespace, Flow: name.flow, Run: name.id}
		if err := k.link.Call(ctx, wire.KubeUnfollow, params, new(struct{})); err != nil {
			k.s.log.Debug("a run is still followed", "run", name.id, "error", err)
		}
	}
	k.count(ctx, name, run)
}

// told hears the agent.
func (k *kubeWatch) told(method string, params []byte) {
	switch method {
	case wire.KubeStocked:
		k.s.kubePreflight.kick()
		return
	case wire.KubeStates:
	default:
		return
	}
	var p wire.KubeStatesParams
	if err := json.Unmarshal(params, &p); err != nil {
		k.s.log.Warn("flowls agent says something that is not understood", "method", method, "error", err)
		return
	}
	k.news(p)
}

func (k *kubeWatch) news(p wire.KubeStatesParams) {
	k.mu.Lock()
	run := k.runs[runName{p.Flow, p.Run}]
	ask := false
	if run != nil {
		run.pods = run.pods.with(p)
		ask = run.asksForFit(p.States, time.Now())
	}
	k.mu.Unlock()
	if ask {
		k.s.background("what fits "+p.Run, func(ctx context.Context) { k.compare(ctx, runName{p.Flow, p.Run}, run) })
	}
	if run != nil {
		k.s.runs.restate(p.Flow)
		k.s.background("keep news of "+p.Run, func(context.Context) { k.keepPods(run) })
	}
}

// lost: the agent has ended. Runs that go on are followed again by the next one.
func (k *kubeWatch) lost() {
	k.mu.Lock()
	again := false
	for name, run := range k.runs {
		if run.asked && !run.ended {
			again = true
			k.s.background("follow "+name.id+" again", func(ctx context.Context) { k.retry(ctx, run) })
		}
	}
	k.mu.Unlock()
	k.s.kubePreflight.kick()
	if again {
		k.s.log.Info("flowls agent ended while it followed runs; they are followed again")
	}
}

// podsOf is what is known of the tasks of a run, nil if nothing is.
func (k *kubeWatch) podsOf(v *runView) *kubePods {
	k.mu.Lock()
	defer k.mu.Unlock()
	if run := k.runs[runName{v.flowName(), v.metaflowID()}]; run != nil && run.pods != nil {
		return run.pods
	}
	if v.record == nil || v.record.Kubernetes == nil || !v.status().done() {
		return nil
	}
	kept, read := k.kept[v.record.ID]
	if !read {
		var steps map[string]stepPods
		if err := v.record.Pods(&steps); err != nil {
			k.s.log.Debug("what the cluster said of a run cannot be read", "run", v.record.ID, "error", err)
		} else if len(steps) > 0 {
			kept = &kubePods{steps: steps}
		}
		k.kept[v.record.ID] = kept
	}
	return kept
}

// follows reports whether a run is followed.
func (k *kubeWatch) follows(v *runView) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.runs[runName{v.flowName(), v.metaflowID()}] != nil || k.runs[runName{v.flowName(), "launch " + v.launchID()}] != nil
}

// WatchArgument is the argument of flowls.watchKubernetes.
type WatchArgument struct {
	URI   uri.URI `json:"uri" doc:"The flow's document."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	RunID string  `json:"runId,omitempty" doc:"The run; absent means the newest one that goes on, else the one that is shown."`
}

// WatchResult is the answer of flowls.watchKubernetes.
type WatchResult struct {
	RunID      string   `json:"runId" doc:"Metaflow's id of the run."`
	Namespaces []string `json:"namespaces" doc:"Namespaces in which its tasks are looked for."`
}

func init() {
	commandTable = append(commandTable, define(commandWatchKubernetes,
		"Follows the tasks of a run on Kubernetes, also of one that was started elsewhere or before this server. It starts `flowls agent`, which reads the kubeconfig.",
		true, watchKubernetes))
}

func watchKubernetes(ctx context.Context, call commandCall, a WatchArgument) (WatchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return WatchResult{}, err
	}
	v, err := call.server.runs.named(call.snapshot, a.RunID, a.URI, a.Flow, func(s *flowState) *runView {
		if running := s.running(); running != nil {
			return running
		}
		return s.shown
	})
	if err != nil {
		return WatchResult{}, err
	}
	if v.metaflowID() == "" {
		return WatchResult{}, launchError("the run has no id yet: ask again when its first step has started")
	}
	run := &kubeRun{access: accessOf(call.snapshot.Settings), launchID: v.launchID()}
	if v.record != nil {
		run.namespaces = t.kubeNamespaces(v.record.Profile, v.record.With)
	} else {
		run.namespaces = t.kubeNamespaces("", nil)
	}
	name := runName{a.Flow, v.metaflowID()}
	for _, namespace := range run.namespaces { // here, so that the user hears what is wrong
		params := wire.KubeFollowParams{Access: run.access, Namespace: namespace, Flow: name.flow, Run: name.id}
		if err := call.server.kube.link.Call(ctx, wire.KubeFollow, params, new(wire.KubeFollowReply)); err != nil {
			return WatchResult{}, remoteError(ctx, err)
		}
	}
	k := call.server.kube
	k.mu.Lock()
	if old := k.runs[name]; old != nil {
		run.pods = old.pods
		if old.access == run.access {
			run.cluster, run.fitAfter = old.cluster, old.fitAfter
		}
	}
	run.asked = true
	k.runs[name] = run
	k.mu.Unlock()
	// What the agent said meanwhile found no run: it says it again.
	k.s.background("follow "+name.id, func(ctx context.Context) { k.ask(ctx, name, run) })
	call.server.runs.touch(t.key)
	return WatchResult{RunID: name.id, Namespaces: run.namespaces}, nil
}
