package podtrouble

import (
	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
)

// Trouble is one kind of trouble that tasks of a step have.
type Trouble struct {
	Rule  *rule.Rule
	First *wire.KubeState
}

// rules says which phases of runner/kube are trouble.
var rules = map[string]*rule.Rule{
	"out of memory":     rule.PodOutOfMemory,
	"image error":       rule.PodImage,
	"unschedulable":     rule.PodUnschedulable,
	"refused":           rule.PodRefused,
	"config error":      rule.PodConfig,
	"deadline exceeded": rule.PodDeadline,
	"evicted":           rule.PodLost,
	"preempted":         rule.PodLost,
	"node lost":         rule.PodLost,
	"failed":            rule.PodFailed,
}

// RuleOf is the rule that tells of a phase, nil for one that is no trouble.
func RuleOf(phase string) *rule.Rule { return rules[phase] }
