package server

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/agent/wire"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
)

// kubeFit is a step of a followed run as the file has it now, beside what its
// cluster has. nil where that is not known.
type kubeFit struct {
	step    *kubestep.Step
	cluster *preflight.Inventory // nil until it was listed, or if it may not be
}

// fitAge is how old an inventory may be that tells what would fit.
const fitAge = 15 * time.Second

// compare lists what the cluster of a run has, once a task finds no node: what
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
		run.compared = false // the next news of a task without a node ask again
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
	return slices.ContainsFunc(states, func(s wire.KubeState) bool { return ruleOfPhase[s.Phase] == rule.PodUnschedulable })
}

// fit is nil where nodes and quotas have no part in a trouble, for a step that
// another file has, and for one that may not be what it looks like.
func (r *runs) fit(v *view, f *flow.Flow, s *flow.Step, of *runView, t podTrouble) *kubeFit {
	if s.File != "" || t.rule != rule.PodUnschedulable && t.rule != rule.PodRefused {
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
	return &kubeFit{step, r.s.kube.clusterOf(of)}
}

func (k *kubeWatch) clusterOf(v *runView) *preflight.Inventory {
	k.mu.Lock()
	defer k.mu.Unlock()
	if run := k.runs[runName{v.flowName(), v.metaflowID()}]; run != nil {
		return run.cluster
	}
	return nil
}

// words are what the cluster would take, in lines.
func (f *kubeFit) words(t podTrouble) (lines []string) {
	if f == nil || f.cluster == nil {
		return nil
	}
	for _, found := range preflight.Check(f.cluster, &f.step.Request) {
		if found.Placing() {
			lines = append(lines, sentence(found.Message)+".")
		}
	}
	full := strings.Contains(t.first.Message, "too little") || strings.Contains(t.first.Message, "as many pods as it may")
	if lines == nil && full && preflight.Room(f.cluster, &f.step.Request) {
		lines = []string{"The cluster has a node that can take it once what runs there has ended."}
	}
	return lines
}

// placeFixes have the step ask for what some node can give, or tolerate what
// keeps it away.
func (v *view) placeFixes(t podTrouble, f *kubeFit) (fixes []rule.Fix) {
	if f == nil {
		return nil
	}
	if f.cluster != nil {
		if less := preflight.Lower(f.cluster, &f.step.Request); less != nil {
			instead, words := map[string]string{}, []string{}
			for _, l := range less {
				instead[l.Argument] = l.Instead
				words = append(words, l.Text)
			}
			fixes = append(fixes, v.changes("Ask for "+strings.Join(words, " and ")+", which a node can give", f.step.Lower(instead))...)
		}
	}
	if taints := f.taints(t); taints != nil {
		var tolerations []preflight.Toleration
		for _, taint := range taints {
			tolerations = append(tolerations, taint.Toleration())
		}
		fixes = append(fixes, v.changes("Tolerate the "+taintWords(taints), f.step.Tolerate(tolerations...))...)
	}
	return fixes
}

// taints keep the step away from nodes that have what it asks for: as the cluster
// lists them, else as the scheduler names it.
func (f *kubeFit) taints(t podTrouble) []preflight.Taint {
	if f.cluster != nil && f.cluster.Nodes != nil {
		return preflight.Tolerable(f.cluster, &f.step.Request)
	}
	named := namedTaint().FindAllStringSubmatch(t.first.Message, -1)
	if len(named) != 1 { // which of them to tolerate is for people to say
		return nil
	}
	key, value, _ := strings.Cut(named[0][1], "=")
	taint := preflight.Taint{Key: key, Value: value, Effect: "NoSchedule"}
	if taint.OfCluster() || f.step.Request.Tolerates(taint) {
		return nil
	}
	return []preflight.Taint{taint}
}

var namedTaint = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("by taint `([^`]+)`") })

func taintWords(taints []preflight.Taint) string {
	var names []string
	for _, t := range taints {
		names = append(names, "`"+t.String()+"`")
	}
	if len(names) == 1 {
		return "taint " + names[0]
	}
	return "taints " + strings.Join(names, ", ")
}

// changes is one fix, none if there is nothing to change. It is for the user to
// decide: less may not be enough for the work.
func (v *view) changes(title string, changes []kubestep.Change) []rule.Fix {
	var edits []text.Edit
	added := map[*flow.Decorator][]string{}
	for _, c := range changes {
		if c.To == nil {
			edits = append(edits, text.Edit{Span: c.Span, New: c.New})
		} else {
			added[c.To] = append(added[c.To], c.New)
		}
	}
	for to, arguments := range added {
		edits = append(edits, v.addArgument(to, strings.Join(arguments, ", "), "").Edits...)
	}
	if edits == nil {
		return nil
	}
	// Edits are applied from the last one to the first.
	slices.SortFunc(edits, func(a, b text.Edit) int { return b.Span.Start - a.Span.Start })
	return []rule.Fix{{Title: title, Edits: edits}}
}
