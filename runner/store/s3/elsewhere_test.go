package s3

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/runner/runnertest"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

const fatesText = `import os

from metaflow import FlowSpec, Parameter, catch, current, retry, step


class Fates(FlowSpec):
    end_how = Parameter("how", default="well")

    @step
    def start(self):
        self.items = ["a", "b"]
        self.next(self.work, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        self.upper = self.input.upper()
        print("worked on", self.input)
        if self.input == "b" and current.retry_count == 0:
            raise ValueError("at first")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.upper for i in inputs]
        self.next(self.caught)

    @catch(var="what")
    @step
    def caught(self):
        {}["missing"]
        self.next(self.last)

    @step
    def last(self):
        if self.end_how == "raises":
            raise RuntimeError("in the end")
        if self.end_how == "crashes":
            os.kill(os.getpid(), 11)
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    Fates()
`

// A run that keeps its data in S3 looks as one that keeps them beside its
// metadata: states, attempts, exceptions, keys, types and sizes, logs.
func TestRunsOfS3LookAsLocalOnes(t *testing.T) {
	python := runnertest.Python(t)
	s := open(t)
	dir := t.TempDir()
	env := append(os.Environ(), append(runnertest.Env(dir), "METAFLOW_DATASTORE_SYSROOT_S3="+s.Location())...)
	if err := os.WriteFile(filepath.Join(dir, "flow.py"), []byte(fatesText), 0o600); err != nil {
		t.Fatal(err)
	}
	launch := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, append([]string{"flow.py"}, append(args, "--run-id-file", "id")...)...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%q did not fail\n%s", args, out)
		}
		id, err := os.ReadFile(filepath.Join(dir, "id"))
		if err != nil {
			t.Fatal(err)
		}
		return string(id)
	}
	reader := runstate.NewReader(filepath.Join(dir, ".metaflow"))
	reader.Life = func(*runstate.Run) runstate.Life { return runstate.Dead }
	reader.Open = func(at runstate.Place) (store.Files, error) {
		if at != (runstate.Place{Kind: "s3", Root: s.Location()}) {
			t.Errorf("the store at %+v is asked for", at)
		}
		return s, nil
	}
	blind := runstate.NewReader(reader.Root)
	blind.Life = reader.Life
	compare := func(what, here, there string) {
		t.Helper()
		a, b := describe(t, reader, here), describe(t, reader, there)
		if a != b {
			t.Errorf("%s: here\n%s\nin S3\n%s", what, a, b)
		}
		run, err := blind.Run("Fates", there)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range run.Steps { // what .metaflow knows suffices to tell how they stand
			for _, task := range step.Tasks {
				if want := mustRun(t, reader, there).Task(step.Name, task.ID).Status; task.Status != want && want != runstate.Failed && want != runstate.Crashed {
					t.Errorf("%s: %s/%s is %s without the data, %s with them", what, step.Name, task.ID, task.Status, want)
				}
			}
		}
	}
	far := func(args ...string) string {
		return launch(append([]string{"--datastore", "s3", "--metadata", "local"}, args...)...)
	}
	compare("crashed", launch("run", "--how", "crashes"), far("run", "--how", "crashes"))
	here, there := launch("run", "--how", "raises"), far("run", "--how", "raises")
	compare("failed", here, there)
	compare("resumed", launch("resume", "--origin-run-id", here), far("resume", "--origin-run-id", there))
}

func mustRun(t *testing.T, r *runstate.Reader, id string) *runstate.Run {
	t.Helper()
	run, err := r.Run("Fates", id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// describe is all that a reader tells of a run, but times, ids and keys of runs.
func describe(t *testing.T, r *runstate.Reader, id string) string {
	t.Helper()
	run := mustRun(t, r, id)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s origin %t, incomplete %t\n", run.Status, run.Script, run.Origin != "", run.Incomplete)
	for _, step := range run.Steps {
		fmt.Fprintf(&b, "%s %s %d\n", step.Name, step.Status, step.Expected)
		tasks := slices.Clone(step.Tasks) // a resume takes them over in no certain order
		slices.SortFunc(tasks, func(x, y *runstate.Task) int { return strings.Compare(x.ForeachPath, y.ForeachPath) })
		for _, task := range tasks {
			fmt.Fprintf(&b, "  %s %q", task.Status, task.ForeachValues)
			for _, a := range task.Attempts {
				fmt.Fprintf(&b, " [%d %s data %t caught %t]", a.N, a.Status, a.HasData, a.Caught)
				if e, err := r.Exception(t.Context(), run, task, a); err != nil {
					t.Error(err)
				} else if e != nil {
					fmt.Fprintf(&b, " %s: %s, %d frames", e.Type, e.Message, len(e.Frames))
				}
				if log, err := r.StoredLog(t.Context(), run, task, a.N); err == nil {
					for _, line := range log.Lines {
						if strings.Contains(line.Text, "worked on") {
							fmt.Fprintf(&b, " %q", line.Text)
						}
					}
				} else {
					fmt.Fprintf(&b, " log: %v", err)
				}
			}
			b.WriteByte('\n')
			all, err := r.Artifacts(t.Context(), run, task)
			fmt.Fprintf(&b, "    %v", err)
			for _, a := range all {
				d, err := r.Describe(t.Context(), run.Flow, a, runstate.Whole)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, " %s=%s %s %d %t", a.Name, d.Short(), a.Type, a.Size, a.Changed)
				if a.Name != "what" { // the exception names its process
					b.WriteString(" " + a.SHA)
				}
			}
			b.WriteByte('\n')
		}
		if f, err := r.Failure(t.Context(), run, step); err != nil || f != nil {
			fmt.Fprintf(&b, "  failure %v %v", err, f != nil && f.Exception != nil)
			if f != nil && f.Attempt.ReturnCode != nil && f.Exception == nil {
				fmt.Fprintf(&b, " exit %d", *f.Attempt.ReturnCode)
			}
			b.WriteByte('\n')
		}
	}
	parameters, err := r.Parameters(t.Context(), run)
	fmt.Fprintf(&b, "%v", err)
	for _, p := range parameters {
		fmt.Fprintf(&b, " %s %s %s", p.Name, p.Type, p.SHA)
	}
	return b.String()
}
