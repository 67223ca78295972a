package server

import (
	"strings"
	"testing"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// What a cluster measures is told of running tasks, first of all where it is
// nearly too much, and of those that ran out of it.
func TestMemoryOfPods(t *testing.T) {
	const mb = 1_000_000
	end := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	for name, c := range map[string]struct {
		state               wire.KubeState
		lens, tooltip, says string
	}{
		"nobody measures": {wire.KubeState{Phase: "running", Limit: 200 * mb}, "on n", "task 2: running · p on n", ""},
		"enough":          {wire.KubeState{Phase: "running", Limit: 200 * mb, Peak: 150 * mb}, "on n", "· memory up to 150 MB of 200 MB", ""},
		"nearly too much": {wire.KubeState{Phase: "running", Limit: 200 * mb, Peak: 185 * mb}, "on n · memory up to 185 MB of 200 MB", "· memory up to 185 MB of 200 MB", ""},
		"no limit":        {wire.KubeState{Phase: "running", Request: 200 * mb, Peak: 12_340 * mb}, "on n", "· memory up to 12.3 GB, 200 MB requested", ""},
		"out of it": {
			wire.KubeState{Phase: "out of memory", Over: true, Limit: 200 * mb, Peak: 171 * mb, PeakAt: end.Add(-8 * time.Second), Since: end}, "",
			"task 2: out of memory", "\nThe most that was measured is 171 MB, 8s before its end.\nAsk for more memory",
		},
		"out of it at once": {wire.KubeState{Phase: "out of memory", Over: true, Limit: 200 * mb}, "", "task 2: out of memory", "limit of 200 MB\nin run 1, step `train`, task 2, pod p on n\nAsk for more"},
	} {
		c.state.KubeTask, c.state.Pod, c.state.Node = wire.KubeTask{Step: "train", Task: "2"}, "p", "n"
		of := &runView{record: &local.Record{Spec: local.Spec{Flow: "F"}, RunID: "1", Status: local.Running}}
		of.pods = of.pods.with(wire.KubeStatesParams{States: []wire.KubeState{c.state}})
		sv := &stepView{of: of, name: "train", step: &runstate.Step{Name: "train"}}
		if got := sv.podsTitle(); got != c.lens {
			t.Errorf("%s: the lens %q", name, got)
		}
		if got := sv.podsTooltip(); !strings.Contains(got, c.tooltip) || strings.Contains(got, "memory up to") && c.state.Peak == 0 {
			t.Errorf("%s: the tooltip %q", name, got)
		}
		if info := podInfo(&c.state); info.Peak != c.state.Peak || info.Limit != c.state.Limit {
			t.Errorf("%s: %+v", name, info)
		}
		for _, trouble := range sv.podTroubles() {
			if got := trouble.message(sv); !strings.Contains(got, c.says) {
				t.Errorf("%s: it says %s", name, got)
			}
		}
	}
}
