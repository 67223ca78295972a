package history_test

import (
	"testing"
	"time"

	"flowls/runner/history"
	"flowls/runner/runstate"
)

// run is one in which a step had a status, attempts and a duration in seconds.
func run(id string, status runstate.Status, attempts, seconds int) *runstate.Run {
	start := time.Unix(1_000_000, 0)
	s := &runstate.Step{Name: "fit", Status: status, Started: start, Ended: start.Add(time.Duration(seconds) * time.Second)}
	task := &runstate.Task{ID: "1", Step: "fit", Status: status}
	for n := range attempts {
		task.Attempts = append(task.Attempts, &runstate.Attempt{N: n})
	}
	s.Tasks = []*runstate.Task{task}
	return &runstate.Run{ID: id, Steps: []*runstate.Step{s}}
}

func TestTrend(t *testing.T) {
	same := func(*runstate.Run) string { return "v1" }
	for _, c := range []struct {
		name                  string
		runs                  []*runstate.Run // newest first
		code                  func(*runstate.Run) string
		ran, failed, retried  int
		flaky                 bool
		median, last, samples int
	}{
		{"steady", []*runstate.Run{run("3", runstate.Succeeded, 1, 4), run("2", runstate.Succeeded, 1, 2), run("1", runstate.Succeeded, 1, 3)}, same, 3, 0, 0, false, 3, 4, 3},
		{"failed with the same code", []*runstate.Run{run("2", runstate.Succeeded, 1, 2), run("1", runstate.Failed, 1, 9)}, same, 2, 1, 0, true, 2, 2, 1},
		{"mended", []*runstate.Run{run("2", runstate.Succeeded, 1, 2), run("1", runstate.Failed, 1, 9)}, func(r *runstate.Run) string { return r.ID }, 2, 1, 0, false, 2, 2, 1},
		{"code of a terminal", []*runstate.Run{run("2", runstate.Succeeded, 1, 2), run("1", runstate.Failed, 1, 9)}, func(*runstate.Run) string { return "" }, 2, 1, 0, false, 2, 2, 1},
		{"needed a retry", []*runstate.Run{run("1", runstate.Succeeded, 2, 5)}, same, 1, 0, 1, true, 5, 5, 1},
		{"stopped and cloned say nothing", []*runstate.Run{run("2", runstate.Killed, 1, 5), run("1", runstate.Cloned, 1, 5)}, same, 0, 0, 0, false, 0, 0, 0},
		{"no runs", nil, same, 0, 0, 0, false, 0, 0, 0},
	} {
		got := history.Of(c.runs, "fit", c.code)
		seconds := func(d time.Duration) int { return int(d / time.Second) }
		if got.Runs != c.ran || got.Failed != c.failed || got.Retried != c.retried || got.Flaky != c.flaky ||
			seconds(got.Median()) != c.median || seconds(got.Last()) != c.last || len(got.Took) != c.samples {
			t.Errorf("%s: %+v median %s last %s", c.name, got, got.Median(), got.Last())
		}
	}
}

func TestSparkline(t *testing.T) {
	if got := history.Sparkline([]time.Duration{0, time.Second, 2 * time.Second}); got != "▁▅█" {
		t.Errorf("%q", got)
	}
	if got := history.Sparkline(nil); got != "" {
		t.Errorf("%q", got)
	}
}
