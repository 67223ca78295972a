package server

import (
	"strings"
	"testing"

	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// What the cluster says stands at the argument that asks for it, and a fix
// changes just that. e2e/kube shows the same on a real cluster.
func TestPodTroubles(t *testing.T) {
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
		"exit": {
			"", wire.KubeState{Phase: "failed", Over: true, ExitCode: new(3), Message: "boom\n[save_logs] upload_success"},
			"MF817", "train", "@retry(times=2)", "from metaflow import FlowSpec, kubernetes, resources, step, timeout, retry",
		},
	} {
		t.Run(name, func(t *testing.T) {
			source := troubledSource(c.decorators)
			v := viewOf(t, source)
			flow := v.File.Flows[0]
			var found []string
			c.state.KubeTask = wire.KubeTask{Step: "train", Task: "2"}
			pods := (*kubePods)(nil).with(wire.KubeStatesParams{States: []wire.KubeState{c.state}})
			of := &runView{record: &local.Record{Spec: local.Spec{Flow: "F"}, RunID: "1", Status: local.Running}, pods: pods}
			sv := &stepView{of: of, name: "train", step: &runstate.Step{Name: "train"}}
			for _, s := range flow.Steps {
				if s.Name != "train" {
					continue
				}
				for _, trouble := range sv.podTroubles() {
					d := v.podDiagnostic(flow, s, sv, trouble, nil)
					found = append(found, d.Rule.Code)
					if got := v.doc.Text.Slice(d.Span); got != c.at {
						t.Errorf("it stands at %q", got)
					}
					if strings.Contains(d.Message, "without end") != c.state.Stuck || strings.Contains(d.Message, "save_logs") {
						t.Errorf("it says %s", d.Message)
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
					if len(d.Fixes) > 0 {
						got = edited(got, d.Fixes[0])
					}
					if got != want {
						t.Errorf("fixed:\n%s\nwant:\n%s", got, want)
					}
				}
			}
			if strings.Join(found, " ") != c.code {
				t.Errorf("found %v", found)
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

// A task that ended well in the end, as @catch has it, is in no trouble.
func TestCaughtTasksAreNoTrouble(t *testing.T) {
	var pods *kubePods
	step := &runstate.Step{Name: "train"}
	for id, status := range map[string]runstate.Status{"2": runstate.Caught, "3": runstate.Failed, "4": runstate.Retrying} {
		step.Tasks = append(step.Tasks, &runstate.Task{ID: id, Status: status})
		pods = pods.with(wire.KubeStatesParams{States: []wire.KubeState{{KubeTask: wire.KubeTask{Step: "train", Task: id}, Phase: "failed", Over: true, ExitCode: new(3)}}})
	}
	of := &runView{record: &local.Record{Spec: local.Spec{Flow: "F"}, RunID: "1", Status: local.Running}, pods: pods}
	found := (&stepView{of: of, name: "train", step: step}).podTroubles()
	if len(found) != 1 || found[0].count != 2 || found[0].task == nil || found[0].task.ID == "2" {
		t.Errorf("%+v", found)
	}
}

// What a run found is mended one by one: with each save that mends all, the step
// would ask for twice as much again.
func TestRunsAreNotMendedOnSave(t *testing.T) {
	of := func(r *rule.Rule) rule.Diagnostic {
		return rule.Diagnostic{Rule: r, Fixes: []rule.Fix{{Preferred: true, Edits: []text.Edit{{New: "x"}}}}}
	}
	for _, code := range []string{"", rule.PodOutOfMemory.Code} {
		if found := mendable([]rule.Diagnostic{of(rule.PodOutOfMemory), of(rule.PodOutOfMemory)}, code); len(found) > 0 {
			t.Errorf("%q mends %v", code, found)
		}
	}
	if found := mendable([]rule.Diagnostic{of(rule.NoNodeOpen)}, ""); len(found) != 1 {
		t.Errorf("nothing is mended: %v", found)
	}
}

func troubledSource(decorators string) string {
	if decorators != "" {
		decorators = "    " + decorators + "\n"
	}
	return "from metaflow import FlowSpec, kubernetes, resources, step, timeout\n\n\nclass F(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.train)\n\n" +
		decorators + "    @step\n    def train(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
}

func viewOf(t *testing.T, source string) *view {
	t.Helper()
	session := newSession()
	d := session.open("file:///f.py", 1, source)
	a, err := d.Analysis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &view{doc: d, Document: a, snapshot: session.Snapshot()}
}

// What was told of a task holds until the cluster says better: a task that was
// given up still tells why it never ran, and a second attempt counts.
func TestPodsOverTime(t *testing.T) {
	at := func(attempt int, phase string, over, stuck bool) wire.KubeStatesParams {
		return wire.KubeStatesParams{States: []wire.KubeState{{KubeTask: wire.KubeTask{Step: "train", Task: "2", Attempt: attempt}, Phase: phase, Over: over, Stuck: stuck}}}
	}
	gone := func(attempt int) wire.KubeStatesParams {
		return wire.KubeStatesParams{Gone: []wire.KubeTask{{Step: "train", Task: "2", Attempt: attempt}}}
	}
	for name, c := range map[string]struct {
		news []wire.KubeStatesParams
		want string
	}{
		"given up":       {[]wire.KubeStatesParams{at(0, "unschedulable", false, true), at(0, "stopped", true, false), gone(0)}, "unschedulable"},
		"found a node":   {[]wire.KubeStatesParams{at(0, "unschedulable", false, true), at(0, "running", false, false)}, "running"},
		"tried again":    {[]wire.KubeStatesParams{at(0, "evicted", true, false), at(1, "running", false, false), at(0, "evicted", true, false)}, "running"},
		"cleaned up":     {[]wire.KubeStatesParams{at(0, "out of memory", true, false), gone(0)}, "out of memory"},
		"gone in midway": {[]wire.KubeStatesParams{at(0, "running", false, false), gone(0)}, ""},
		"another's end":  {[]wire.KubeStatesParams{at(1, "running", false, false), gone(0)}, "running"},
	} {
		var pods *kubePods
		var before []*kubePods
		for _, p := range c.news {
			pods = pods.with(p)
			before = append(before, pods)
		}
		got := ""
		if state := pods.stateOf("train", "2"); state != nil {
			got = state.Phase
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if first := before[0].stateOf("train", "2"); first == nil || first.Phase != c.news[0].States[0].Phase {
			t.Errorf("%s: what was known before has changed: %+v", name, first)
		}
	}
}
