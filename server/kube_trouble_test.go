package server

import (
	"slices"
	"strings"
	"testing"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// What the cluster says of a task is told with where it happened, and what to do.
// e2e/kube shows the same on a real cluster.
func TestPodDiagnostics(t *testing.T) {
	for name, c := range map[string]struct {
		decorators string
		state      wire.KubeState
		code, at   string
		says       string
		fixes      string // the ends of their titles
	}{
		"waits": {
			`@kubernetes(cpu=2, image="a:1")`, wire.KubeState{Phase: "image error", Stuck: true, Image: "a:1", Reason: "ErrImagePull", Pod: "p", Node: "n"}, "MF811", `image="a:1"`,
			"The image `a:1` cannot be had: ErrImagePull\nin run 1, step `train`, task 2, pod p on n\nMetaflow waits for it without end: stop the run, or have the cluster changed.\nName an image",
			"Remove the image: Metaflow takes its own",
		},
		"has ended": {
			"@timeout(minutes=5)", wire.KubeState{Phase: "deadline exceeded", Over: true, KubeTask: wire.KubeTask{Attempt: 1}}, "MF815", "minutes=5",
			"in run 1, step `train`, task 2, attempt 2\nGive the step more time", "Allow 10 minutes",
		},
		"left": {
			"", wire.KubeState{Phase: "failed", Over: true, ExitCode: new(3), Message: "boom\n[save_logs] upload_success"}, "MF817", "train",
			"The container of the task ended with exit code 3: boom\nin run 1, step `train`, task 2", "@retry(times=2) @catch(var=\"train_failed\")",
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := viewOf(t, troubledSource(c.decorators))
			f := v.File.Flows[0]
			c.state.Step, c.state.Task = "train", "2"
			pods := (*kubePods)(nil).with(wire.KubeStatesParams{States: []wire.KubeState{c.state}})
			of := &runView{record: &local.Record{Spec: local.Spec{Flow: "F"}, RunID: "1", Status: local.Running}, pods: pods}
			sv := &stepView{of: of, name: "train", step: &runstate.Step{Name: "train"}}
			found := sv.podTroubles()
			if len(found) != 1 {
				t.Fatalf("%+v", found)
			}
			d := v.podDiagnostic(f, f.Steps[slices.IndexFunc(f.Steps, func(s *flow.Step) bool { return s.Name == "train" })], sv, found[0], nil)
			if got := v.doc.Text.Slice(d.Span); d.Rule.Code != c.code || got != c.at || !strings.Contains(d.Message, c.says) {
				t.Errorf("%s at %q says %s", d.Rule.Code, got, d.Message)
			}
			var titles []string
			for _, fix := range d.Fixes {
				titles = append(titles, fix.Title[strings.LastIndex(fix.Title, ": add ")+1:])
			}
			if got := strings.ReplaceAll(strings.Join(titles, ""), " add ", " "); strings.TrimSpace(got) != c.fixes {
				t.Errorf("fixes %q", got)
			}
		})
	}
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
