package runstate

import (
	"maps"
	"testing"
)

func graphOf(steps ...GraphStep) *Graph { return &Graph{Start: steps[0].Name, Steps: steps} }

func TestInnermostForeach(t *testing.T) {
	for name, c := range map[string]struct {
		graph *Graph
		want  map[string]string
	}{
		"steps between foreach and join": {graphOf(
			GraphStep{Name: "start", Type: "split-foreach", Next: []string{"a"}}, GraphStep{Name: "a", Type: "linear", Next: []string{"b"}},
			GraphStep{Name: "b", Type: "linear", Next: []string{"join"}}, GraphStep{Name: "join", Type: "join", Next: []string{"end"}}, GraphStep{Name: "end", Type: "end"},
		), map[string]string{"a": "start", "b": "start"}},
		"nested": {graphOf(
			GraphStep{Name: "start", Type: "split-foreach", Next: []string{"outer"}}, GraphStep{Name: "outer", Type: "split-foreach", Next: []string{"inner"}},
			GraphStep{Name: "inner", Type: "linear", Next: []string{"gather"}}, GraphStep{Name: "gather", Type: "join", Next: []string{"join"}},
			GraphStep{Name: "join", Type: "join", Next: []string{"end"}}, GraphStep{Name: "end", Type: "end"},
		), map[string]string{"outer": "start", "inner": "outer", "gather": "start"}},
		"branches in a foreach": {graphOf(
			GraphStep{Name: "start", Type: "split-foreach", Next: []string{"a"}}, GraphStep{Name: "a", Type: "split-static", Next: []string{"l", "r"}},
			GraphStep{Name: "l", Type: "linear", Next: []string{"both"}}, GraphStep{Name: "r", Type: "linear", Next: []string{"both"}},
			GraphStep{Name: "both", Type: "join", Next: []string{"join"}}, GraphStep{Name: "join", Type: "join", Next: []string{"end"}}, GraphStep{Name: "end", Type: "end"},
		), map[string]string{"a": "start", "l": "start", "r": "start", "both": "start"}},
		"a switch in a foreach chooses": {graphOf(
			GraphStep{Name: "start", Type: "split-foreach", Next: []string{"a"}}, GraphStep{Name: "a", Type: "split-switch", Next: []string{"l", "r"}},
			GraphStep{Name: "l", Type: "linear", Next: []string{"c"}}, GraphStep{Name: "r", Type: "linear", Next: []string{"c"}},
			GraphStep{Name: "c", Type: "linear", Next: []string{"join"}}, GraphStep{Name: "join", Type: "join", Next: []string{"end"}}, GraphStep{Name: "end", Type: "end"},
		), map[string]string{"a": "start"}},
		"no foreach": {graphOf(GraphStep{Name: "start", Type: "start", Next: []string{"end"}}, GraphStep{Name: "end", Type: "end"}), map[string]string{}},
	} {
		if got := c.graph.innermost(); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestQueued(t *testing.T) {
	tasks := func(all ...Status) []*Task {
		var out []*Task
		for _, s := range all {
			out = append(out, &Task{Status: s, Attempts: []*Attempt{{Status: s}}})
		}
		return out
	}
	for name, c := range map[string]struct {
		tasks  []*Task
		life   Life
		status Status
		queued int
	}{
		"none launched":        {nil, Alive, Pending, 5},
		"some run":             {tasks(Succeeded, Running), Alive, Running, 3},
		"all that there are":   {tasks(Succeeded, Succeeded), Alive, Running, 3},
		"one failed":           {tasks(Succeeded, Failed), Alive, Failed, 0},
		"the scheduler died":   {tasks(Succeeded, Running), Dead, Killed, 0},
		"it died between two":  {tasks(Succeeded, Succeeded), Dead, Killed, 0},
		"it died with no task": {nil, Dead, Pending, 0},
		"complete":             {tasks(Succeeded, Succeeded, Caught, Cloned, Succeeded), Alive, Caught, 0},
	} {
		run := &Run{
			Steps: []*Step{{Name: "start", Tasks: tasks(Succeeded)}, {Name: "work", Tasks: c.tasks}},
			Graph: graphOf(GraphStep{Name: "start", Type: "split-foreach", Next: []string{"work"}}, GraphStep{Name: "work", Type: "linear", Next: []string{"join"}}),
		}
		run.Expect(func(*Step) int { return 5 })
		run.Judge(func(*Run) Life { return c.life })
		work := run.Step("work")
		if work.Status != c.status || work.Queued() != c.queued {
			t.Errorf("%s: %s with %d queued, want %s with %d", name, work.Status, work.Queued(), c.status, c.queued)
		}
	}
}

// Between two attempts nothing on disk tells that another comes.
func TestAwaitedRetry(t *testing.T) {
	code := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		attempt *Attempt
		retries int
		life    Life
		want    Status
	}{
		"another comes":         {&Attempt{Status: Failed}, 1, Alive, Retrying},
		"after a crash as well": {&Attempt{Status: Crashed, ReturnCode: code(-9)}, 1, Alive, Retrying},
		"that was the last":     {&Attempt{N: 1, Status: Failed}, 1, Alive, Failed},
		"not to be retried":     {&Attempt{Status: Failed, ReturnCode: code(202)}, 1, Alive, Failed},
		"no @retry":             {&Attempt{Status: Failed}, 0, Alive, Failed},
		"the scheduler died":    {&Attempt{Status: Failed}, 1, Dead, Failed},
	} {
		run := &Run{
			Steps: []*Step{{Name: "start", Tasks: []*Task{{Status: c.attempt.Status, Attempts: []*Attempt{c.attempt}}}}},
			Graph: graphOf(GraphStep{Name: "start", Type: "start", Next: []string{"end"}, Retries: c.retries}),
		}
		run.Judge(func(*Run) Life { return c.life })
		if got := run.Step("start").Tasks[0].Status; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
