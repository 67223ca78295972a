package podtrouble_test

import (
	"slices"
	"strings"
	"testing"

	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
	"flowls/server/podtrouble"
)

// What the scheduler or a quota refuses is mended in the argument that asks for
// it, as far as the cluster, or what it said, shows what would do.
func TestFits(t *testing.T) {
	office := &preflight.Inventory{Nodes: []preflight.Node{
		{Name: "node-1", Free: preflight.Amounts{preflight.CPU: 8000, preflight.Memory: preflight.Units(30e9), preflight.Disk: preflight.Units(500e9)}},
		{
			Name: "node-2", Free: preflight.Amounts{preflight.CPU: 64000, preflight.Memory: preflight.Units(512e9), preflight.Disk: preflight.Units(500e9)},
			Taints: []preflight.Taint{{Key: "team", Value: "vision", Effect: "NoSchedule"}},
		},
	}}
	const (
		nothing   = "(nothing)"
		tooLittle = "none of the 2 nodes can take it: 1 has too little CPU left; 1 refuses by taints"
		refused   = "none of the 2 nodes can take it: 1 refuses by taint `memory=much`; 1 has too little CPU left"
		quota     = "the quota `low` of the namespace does not allow it: it asks for requests.memory=300M, requests.memory=0 is used, requests.memory=100Mi is allowed"
	)
	unschedulable := func(message string) wire.KubeState {
		return wire.KubeState{Phase: "unschedulable", Stuck: true, Message: message}
	}
	over := func(message string) wire.KubeState {
		return wire.KubeState{Phase: "refused", Stuck: true, Message: message, Namespace: "team"}
	}
	for name, c := range map[string]struct {
		decorators string
		state      wire.KubeState
		cluster    *preflight.Inventory
		at         string
		fixes      string // titles, and the decorators afterwards
		says       string
	}{
		"absurd": {
			"@kubernetes(cpu=900)", unschedulable(tooLittle), office, "cpu=900",
			"Ask for 7 CPU, which a node can give: @kubernetes(cpu=7)", "No node has 900 CPU: the most that one can give is 8 CPU (`node-1`); 1 node refuses by taint `team`.",
		},
		"absurd, of @resources": {
			"@resources(cpu=900)", unschedulable(tooLittle), office, "cpu=900",
			"Ask for 7 CPU, which a node can give: @resources(cpu=7)", "No node has 900 CPU",
		},
		"the cluster is not known": {"@kubernetes(cpu=900)", unschedulable(tooLittle), nil, "cpu=900", "", nothing},
		"one that has it refuses": {
			"@kubernetes(cpu=32)", unschedulable(tooLittle), office, "cpu=32",
			"Ask for 7 CPU, which a node can give: @kubernetes(cpu=7)\n" +
				"Tolerate the taint `team=vision`: " + `@kubernetes(tolerations=[{"key": "team", "operator": "Equal", "value": "vision"}], cpu=32)`, "refuses by taint `team`",
		},
		"tolerations are kept": {
			`@kubernetes(cpu=32, tolerations=[{"key": "a"}])`, unschedulable("none of the 2 nodes can take it: 2 refuse by taints"), office, `tolerations=[{"key": "a"}]`,
			"Ask for 7 CPU, which a node can give: " + `@kubernetes(cpu=7, tolerations=[{"key": "a"}])` + "\n" +
				"Tolerate the taint `team=vision`: " + `@kubernetes(cpu=32, tolerations=[{"key": "a"}, {"key": "team", "operator": "Equal", "value": "vision"}])`, "",
		},
		"two sizes and a default": {
			"@kubernetes(cpu=900)\n    @resources(memory=600_000)", unschedulable(tooLittle), office, "cpu=900",
			"Ask for 7 CPU and 26 GB of memory, which a node can give: @kubernetes(cpu=7)\n    @resources(memory=26000)", "No node has 600 GB",
		},
		"busy":           {"@kubernetes(cpu=2)", unschedulable(tooLittle), office, "cpu=2", "", "The cluster has a node that can take it once what runs there has ended."},
		"another reason": {"@kubernetes(cpu=2)", unschedulable("none of the 2 nodes can take it: 2 cannot reach the volume"), office, "kubernetes", "", nothing},
		"the scheduler names the taint": {
			"@kubernetes", unschedulable(refused), nil, "kubernetes",
			"Tolerate the taint `memory=much`: " + `@kubernetes(tolerations=[{"key": "memory", "operator": "Equal", "value": "much"}])`, "",
		},
		"a taint is called as an argument": {
			"@kubernetes(memory=800)", unschedulable(refused[:strings.Index(refused, ";")]), nil, "kubernetes",
			"Tolerate the taint `memory=much`: " + `@kubernetes(tolerations=[{"key": "memory", "operator": "Equal", "value": "much"}], memory=800)`, "",
		},
		"the cluster's own taint": {"@kubernetes", unschedulable("the only node cannot take it: 1 refuses by taint `node.kubernetes.io/disk-pressure`"), nil, "kubernetes", "", ""},
		"quota": {
			"@kubernetes(memory=300)", over(quota), nil, "memory=300",
			"Ask for 104 MB of memory, which the quota `low` leaves: @kubernetes(memory=104)", "Ask for less, or launch into another namespace",
		},
		"quota, a default": {
			"@kubernetes(cpu=1)", over(quota), nil, "kubernetes",
			"Ask for 104 MB of memory, which the quota `low` leaves: @kubernetes(memory=104, cpu=1)", "",
		},
		"quota, used up": {
			"@kubernetes(memory=300)", over(strings.Replace(quota, "memory=0 ", "memory=100Mi ", 1)), nil, "memory=300", "",
			"Nothing is left of `requests.memory`: wait until what runs in the namespace `team` has ended or stop it, or launch into another one (`namespace=`).",
		},
		"quota, next to nothing left":                {"@kubernetes(memory=300)", over(strings.Replace(quota, "memory=0 ", "memory=90Mi ", 1)), nil, "memory=300", "", "Ask for less"},
		"quota of limits that the step does not set": {"@kubernetes(memory=300)", over(strings.ReplaceAll(quota, "requests.", "limits.")), nil, "memory=300", "", "Ask for less"},
		"quota of limits": {
			`@kubernetes(memory=300, qos="guaranteed")`, over(strings.ReplaceAll(quota, "requests.", "limits.")), nil, "memory=300",
			"Ask for 104 MB of memory, which the quota `low` leaves: " + `@kubernetes(memory=104, qos="guaranteed")`, "",
		},
		"quota of pods": {
			"@kubernetes(memory=300)", over("the quota `few` of the namespace does not allow it: it asks for pods=1, pods=5 is used, pods=5 is allowed"), nil, "kubernetes", "", "Nothing is left of `pods`",
		},
		"quota, asked for less by now": {"@kubernetes(memory=90)", over(quota), nil, "memory=90", "", "Ask for less"},
	} {
		t.Run(name, func(t *testing.T) {
			source := troubledSource(c.decorators)
			d, s := train(source)
			c.state.KubeTask = wire.KubeTask{Step: "train", Task: "2"}
			trouble := podtrouble.Trouble{Rule: podtrouble.RuleOf(c.state.Phase), First: &c.state}
			fit := &podtrouble.Fit{Step: kubestep.Of(d.File.Flows[0], s, []string{"kubernetes"}, unset), Cluster: c.cluster}
			if got := d.Text.Slice(trouble.Place(s)); got != c.at {
				t.Errorf("it stands at %q", got)
			}
			if said := strings.Join(append(fit.Words(trouble), trouble.Advice()), "\n"); c.says == nothing && said != "" || c.says != nothing && !strings.Contains(said, c.says) {
				t.Errorf("it says %s", said)
			}
			if got := fixed(source, trouble.Fixes(d.Text, s, fit)); got != c.fixes {
				t.Errorf("fixes:\n%s\nwant:\n%s", got, c.fixes)
			}
		})
	}
}

func unset(string) (any, bool) { return nil, false }

// fixed are the titles of fixes, and the decorators after each.
func fixed(source string, fixes []rule.Fix) string {
	var all []string
	for _, fix := range fixes {
		got := source
		edits := slices.Clone(fix.Edits)
		for _, e := range edits {
			got = got[:e.Span.Start] + e.New + got[e.Span.End:]
		}
		_, got, _ = strings.Cut(got, "self.next(self.train)\n\n    ")
		got, _, _ = strings.Cut(got, "\n    @step\n    def train")
		all = append(all, fix.Title+": "+got)
	}
	return strings.Join(all, "\n")
}
