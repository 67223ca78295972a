package history_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/graph"
	"flowls/runner/history"
	"flowls/runner/runnertest"
	"flowls/runner/runstate"
)

// metaflow runs the flow of testdata in a folder of its own and gives the newest run.
func metaflow(t *testing.T, dir string, env []string, args ...string) *runstate.Run {
	t.Helper()
	script, err := filepath.Abs("testdata/plan.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), runnertest.Python(t), append([]string{script}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), runnertest.Env(dir)...), env...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	runs, err := reader(dir).Runs("Plan", 1)
	if err != nil || len(runs) != 1 {
		t.Fatalf("%v %v\n%s", runs, err, out)
	}
	return runs[0]
}

func reader(dir string) *runstate.Reader {
	r := runstate.NewReader(filepath.Join(dir, ".metaflow"))
	r.Life = func(*runstate.Run) runstate.Life { return runstate.Dead } // it has ended
	return r
}

func transitions(t *testing.T) history.Steps {
	t.Helper()
	source, err := os.ReadFile("testdata/plan.py")
	if err != nil {
		t.Fatal(err)
	}
	g := graph.Build(analysis.Model(source).Flows[0])
	steps := history.Steps{Order: g.Sorted, Next: map[string][]string{}, Switch: map[string]bool{}}
	for _, n := range g.List {
		steps.Next[n.Step.Name], steps.Switch[n.Step.Name] = n.Out, n.Type == graph.Switch
	}
	return steps
}

// What the plan says is what Metaflow then does, task by task.
func TestResumeIsWhatMetaflowDoes(t *testing.T) {
	steps := transitions(t)
	for _, c := range []struct{ name, broken, from, want string }{
		{"a failed task of a foreach", "item", "", "start clone, left clone, right maybe, fan clone, work partly 2/3, join run, risky run, last run, end run"},
		{"a failed step behind @catch", "", "", "start clone, left clone, right maybe, fan clone, work clone, join clone, risky clone, last run, end run"},
		{"a step before the failure", "", "join", "start clone, left clone, right maybe, fan clone, work clone, join run, risky run, last run, end run"},
		{"the foreach itself", "item", "fan", "start clone, left clone, right maybe, fan run, work run, join run, risky run, last run, end run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			origin := metaflow(t, dir, nil, "run", "--broken="+c.broken)
			plan := history.Resume(steps, origin, c.from)
			var said []string
			for _, p := range plan {
				text := p.Step + " " + string(p.Action)
				if p.Action == history.Partly {
					text += fmt.Sprintf(" %d/%d", p.Cloned, p.Tasks)
				}
				said = append(said, text)
			}
			if got := strings.Join(said, ", "); got != c.want {
				t.Fatalf("plan: %s\nwant: %s", got, c.want)
			}
			args := []string{"resume", "--origin-run-id=" + origin.ID}
			if c.from != "" {
				args = append(args, c.from)
			}
			resumed := metaflow(t, dir, []string{"MEND=1"}, args...)
			if resumed.Status != runstate.Succeeded {
				t.Fatalf("the resumed run %s", resumed.Status)
			}
			for _, p := range plan {
				var tasks []*runstate.Task
				if s := resumed.Step(p.Step); s != nil {
					tasks = s.Tasks
				}
				cloned := 0
				for _, task := range tasks {
					if task.Status == runstate.Cloned {
						cloned++
					}
				}
				if cloned != p.Cloned {
					t.Errorf("%s: %d tasks were cloned, the plan said %d", p.Step, cloned, p.Cloned)
				}
				if p.Action == history.Clone && cloned != len(tasks) {
					t.Errorf("%s: %d of %d tasks were cloned, the plan said all", p.Step, cloned, len(tasks))
				}
			}
		})
	}
}
