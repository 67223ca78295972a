package difftest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runstate"
)

// Beyond the client, which knows finished and successful: which tasks failed,
// which crashed, which were ended with the run, and which steps never began.
func TestStates(t *testing.T) {
	dir, _ := opened(t)
	r := runstate.NewReader(filepath.Join(dir, ".metaflow"))
	for _, s := range scenarios() {
		if !s.recorded() || s.name == "spin" {
			continue
		}
		id, err := os.ReadFile(filepath.Join(dir, s.idFile()))
		if err != nil {
			t.Fatal(err)
		}
		run, err := r.Run(s.flow, strings.TrimSpace(string(id)))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if run.Status != s.status {
			t.Errorf("%s: run is %s, want %s", s.name, run.Status, s.status)
		}
		if len(run.Steps) != len(s.tasks) {
			t.Errorf("%s: %d steps, want %d", s.name, len(run.Steps), len(s.tasks))
		}
		for step, want := range s.tasks {
			var got []runstate.Status
			if found := run.Step(step); found != nil {
				for _, task := range found.Tasks {
					got = append(got, task.Status)
				}
				if found.Expected > 0 && len(want) > 0 && found.Expected != len(want) {
					t.Errorf("%s: %s expects %d tasks, want %d", s.name, step, found.Expected, len(want))
				}
			}
			slices.Sort(got) // a resume numbers anew
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: tasks of %s are %s, want %s", s.name, step, got, want)
			}
		}
	}
}

// What ended before Metaflow made a run leaves none, and so does not look like one.
func TestNoRun(t *testing.T) {
	dir, _ := opened(t)
	r := runstate.NewReader(filepath.Join(dir, ".metaflow"))
	ids, err := r.RunIDs("Half")
	if err != nil || len(ids) != 0 {
		t.Errorf("runs of a file with a syntax error: %v, %v", ids, err)
	}
	ids, err = r.RunIDs("Fails")
	want := 0
	for _, s := range scenarios() {
		if s.flow == "Fails" && !s.gone {
			want++
		}
	}
	if err != nil || len(ids) != want {
		t.Errorf("%d runs of Fails, %v; want %d", len(ids), err, want)
	}
}
