package server

import (
	"testing"
	"time"

	"flowls/runner/agent/wire"
)

// A cluster grows and shrinks while a run goes on: each of many tasks without a node
// is no reason to list it, but one that comes later is.
func TestFitIsAskedForAgain(t *testing.T) {
	waits, runs := []wire.KubeState{{Phase: "unschedulable"}}, []wire.KubeState{{Phase: "running"}}
	var run kubeRun
	now := time.Now()
	for i, c := range []struct {
		after time.Duration
		news  []wire.KubeState
		want  bool
	}{{0, runs, false}, {0, waits, true}, {time.Second, waits, false}, {fitPause, runs, false}, {fitPause, waits, true}, {fitPause + time.Second, waits, false}} {
		if got := run.asksForFit(c.news, now.Add(c.after)); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}
