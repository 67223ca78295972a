package server

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"flowls/runner/agent/wire"
	"flowls/server/podtrouble"
)

// kubePods is what the cluster says of the tasks of one run. It never changes:
// news make another one, which shares what did not change.
type kubePods struct {
	version int
	steps   map[string]stepPods
	// problem is why the cluster is not seen at the moment, "" if it is.
	problem string
	// left is how many pods go on although the run has ended.
	left int
}

// stepPods are the latest attempts at the tasks of one step, by task id.
type stepPods map[string]*wire.KubeState

// with adds news. What is over stays when the cluster forgets it, and so does
// what waited in vain: both tell why.
func (p *kubePods) with(news wire.KubeStatesParams) *kubePods {
	next := &kubePods{problem: news.Problem, steps: map[string]stepPods{}}
	if p != nil {
		next.version, next.steps = p.version, maps.Clone(p.steps)
	}
	next.version++
	fresh := map[string]bool{}
	of := func(step string) stepPods {
		if !fresh[step] {
			next.steps[step], fresh[step] = maps.Clone(next.steps[step]), true
			if next.steps[step] == nil {
				next.steps[step] = stepPods{}
			}
		}
		return next.steps[step]
	}
	for _, s := range news.States {
		pods := of(s.Step)
		old := pods[s.Task]
		switch {
		case old != nil && old.Attempt > s.Attempt:
		case old != nil && old.Attempt == s.Attempt && old.Stuck && s.Phase == "stopped":
			// It was given up: why it never ran is what counts.
		default:
			pods[s.Task] = &s
		}
	}
	for _, gone := range news.Gone {
		if old := next.steps[gone.Step][gone.Task]; old != nil && old.Attempt == gone.Attempt && !old.Over && !old.Stuck {
			delete(of(gone.Step), gone.Task)
		}
	}
	return next
}

func (p *kubePods) step(name string) stepPods {
	if p == nil {
		return nil
	}
	return p.steps[name]
}

func (p *kubePods) stateOf(step, task string) *wire.KubeState { return p.step(step)[task] }

// phases counts the tasks of a step by phase.
func (s stepPods) phases() map[string]int {
	counts := map[string]int{}
	for _, state := range s {
		counts[state.Phase]++
	}
	return counts
}

// troubled are the tasks that keep the step from its end, the first one first:
// by time, then by the order in which Metaflow numbers tasks.
func (s stepPods) troubled() []*wire.KubeState {
	var found []*wire.KubeState
	for _, state := range s {
		if podtrouble.RuleOf(state.Phase) != nil {
			found = append(found, state)
		}
	}
	slices.SortFunc(found, func(a, b *wire.KubeState) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(len(a.Task), len(b.Task)), cmp.Compare(a.Task, b.Task))
	})
	return found
}

// fingerprint is equal for two of which the same troubles are told.
func (p *kubePods) fingerprint() string {
	if p == nil {
		return ""
	}
	var all []string
	for name, pods := range p.steps {
		for _, state := range pods {
			if podtrouble.RuleOf(state.Phase) != nil {
				all = append(all, name+" "+state.Task+" "+state.Phase)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// troubles are what runs keep of it once they have ended.
func (p *kubePods) troubles() *kubePods {
	if p == nil {
		return nil
	}
	kept := &kubePods{steps: map[string]stepPods{}}
	const most = 100 // of a step
	for name, pods := range p.steps {
		if bad := pods.troubled(); len(bad) > 0 {
			kept.steps[name] = stepPods{}
			for _, state := range bad[:min(len(bad), most)] {
				kept.steps[name][state.Task] = state
			}
		}
	}
	if len(kept.steps) == 0 {
		return nil
	}
	return kept
}
