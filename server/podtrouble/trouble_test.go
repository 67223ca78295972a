package podtrouble_test

import (
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
	"flowls/server/podtrouble"
)

// What the cluster says stands at the argument that asks for it, and a fix
// changes just that. e2e/kube shows the same on a real cluster.
func TestTroubles(t *testing.T) {
	const mb = 1_000_000
	for name, c := range map[string]struct {
		decorators string
		state      wire.KubeState
		code, at   string
		fixed      string // the decorators after the first fix, "" if there is none
		imports    string // the line of imports afterwards, if it changes
	}{
		"memory of @resources": {
			"@resources(memory=800)", wire.KubeState{Phase: "out of memory", Over: true, Limit: 800 * mb},
			"MF810", "memory=800", "@resources(memory=1600)", "",
		},
		"memory as text": {
			`@kubernetes(memory="800")`, wire.KubeState{Phase: "out of memory", Over: true, Request: 800 * mb},
			"MF810", `memory="800"`, `@kubernetes(memory="1600")`, "",
		},
		"memory of the one that has it": {
			"@kubernetes(cpu=2)\n    @resources(memory=800)", wire.KubeState{Phase: "out of memory", Over: true, Limit: 800 * mb},
			"MF810", "memory=800", "@kubernetes(cpu=2)\n    @resources(memory=1600)", "",
		},
		"memory is computed": {
			"@resources(memory=1 + 2)", wire.KubeState{Phase: "out of memory", Over: true}, "MF810", "memory=1 + 2", "", "",
		},
		"memory of a bare decorator": {
			"@kubernetes", wire.KubeState{Phase: "out of memory", Over: true, Request: 4096 * mb},
			"MF810", "kubernetes", "@kubernetes(memory=8192)", "",
		},
		"memory beside others": {
			"@kubernetes(cpu=2)", wire.KubeState{Phase: "out of memory", Over: true, Request: 4096 * mb},
			"MF810", "kubernetes", "@kubernetes(memory=8192, cpu=2)", "",
		},
		"memory of no decorator": {
			"", wire.KubeState{Phase: "out of memory", Over: true, Request: 4096 * mb},
			"MF810", "train", "@resources(memory=8192)", "",
		},
		"image": {
			`@kubernetes(cpu=2, image="a:1")`, wire.KubeState{Phase: "image error", Stuck: true, Image: "a:1", Reason: "ErrImagePull"},
			"MF811", `image="a:1"`, "@kubernetes(cpu=2)", "",
		},
		"first of two arguments": {
			`@kubernetes(image="a:1", cpu=2)`, wire.KubeState{Phase: "image error", Stuck: true, Image: "a:1", Reason: "ErrImagePull"},
			"MF811", `image="a:1"`, "@kubernetes(cpu=2)", "",
		},
		"gpu": {
			"@kubernetes(gpu=3, cpu=2)", wire.KubeState{Phase: "unschedulable", Stuck: true, Message: "the only node cannot take it: 1 has too little `nvidia.com/gpu` left"},
			"MF812", "gpu=3", "", "",
		},
		"node selector": {
			`@kubernetes(node_selector={"pool": "big"})`, wire.KubeState{Phase: "unschedulable", Stuck: true, Message: "none of the 2 nodes can take it: 2 have not the labels that the node selector asks for"},
			"MF812", `node_selector={"pool": "big"}`, "@kubernetes()", "",
		},
		"quota": {
			"@kubernetes(cpu=2, memory=900)", wire.KubeState{Phase: "refused", Stuck: true, Message: "the quota `q` of the namespace does not allow it: it asks for requests.memory=900M, requests.memory=0 is used, requests.memory=1Mi is allowed"},
			"MF813", "memory=900", "", "",
		},
		"one secret of two": {
			`@kubernetes(secrets=["a", "b"])`, wire.KubeState{Phase: "config error", Stuck: true, Message: `secret "a" not found`},
			"MF814", `secrets=["a", "b"]`, `@kubernetes(secrets=["b"])`, "",
		},
		"deadline": {
			"@timeout(minutes=5)", wire.KubeState{Phase: "deadline exceeded", Over: true},
			"MF815", "minutes=5", "@timeout(minutes=10)", "",
		},
		"evicted": {
			"@kubernetes", wire.KubeState{Phase: "evicted", Over: true, Message: "The node was low on resource: memory."},
			"MF816", "kubernetes", "@retry\n    @kubernetes", "from metaflow import FlowSpec, kubernetes, resources, step, timeout, retry",
		},
	} {
		t.Run(name, func(t *testing.T) {
			source := troubledSource(c.decorators)
			d, s := train(source)
			c.state.KubeTask = wire.KubeTask{Step: "train", Task: "2"}
			trouble := podtrouble.Trouble{Rule: podtrouble.RuleOf(c.state.Phase), First: &c.state}
			if trouble.Rule.Code != c.code {
				t.Errorf("it is %s", trouble.Rule.Code)
			}
			if got := d.Text.Slice(trouble.Place(s)); got != c.at {
				t.Errorf("it stands at %q", got)
			}
			want := source
			if c.fixed != "" {
				want = troubledSource(c.fixed)
				if c.imports != "" {
					_, rest, _ := strings.Cut(want, "\n")
					want = c.imports + "\n" + rest
				}
			}
			got := source
			if fixes := trouble.Fixes(d.Text, s, nil); len(fixes) > 0 {
				got = edited(source, fixes[0])
			}
			if got != want {
				t.Errorf("fixed:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func edited(source string, fix rule.Fix) string {
	for _, e := range fix.Edits {
		source = source[:e.Span.Start] + e.New + source[e.Span.End:]
	}
	return source
}

// train is the step of troubledSource that has the decorators.
func train(source string) (*analysis.Document, *flow.Step) {
	d := analysis.New([]byte(source))
	steps := d.File.Flows[0].Steps
	return d, steps[slices.IndexFunc(steps, func(s *flow.Step) bool { return s.Name == "train" })]
}

func troubledSource(decorators string) string {
	if decorators != "" {
		decorators = "    " + decorators + "\n"
	}
	return "from metaflow import FlowSpec, kubernetes, resources, step, timeout\n\n\nclass F(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.train)\n\n" +
		decorators + "    @step\n    def train(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
}
