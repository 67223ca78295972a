package s3

import (
	"context"
	"encoding/json"
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

const flowText = `from metaflow import FlowSpec, step


class StoredFlow(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b"]
        self.rate = 0.93
        self.table = {"x": [1, None]}
        self.rows = list(range(100_000))
        self.text = "it's"
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.upper = self.input.upper()
        print("worked on", self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.upper for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StoredFlow()
`

// asks Metaflow's own client for every artifact and log of the run.
const clientText = `import json
from metaflow import Flow, namespace

namespace(None)
for step in Flow("StoredFlow").latest_run:
    for task in step:
        values = {a.id: {"type": type(a.data).__name__, "repr": repr(a.data), "sha": a.sha} for a in task if a.id != "name"}
        print(json.dumps({"task": task.pathspec, "values": values, "stdout": task.stdout}))
`

// What the real Metaflow puts into S3 reads back as its own client says.
func TestMetaflow(t *testing.T) {
	python := runnertest.Python(t)
	s := open(t)
	dir := t.TempDir()
	env := append(os.Environ(), runnertest.Env(dir)...) // the server's are set by now
	env = append(env, "METAFLOW_DATASTORE_SYSROOT_S3="+s.Location())
	run := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, args...)
		cmd.Dir, cmd.Env = dir, env
		var problems strings.Builder
		cmd.Stderr = &problems
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s%s", args, err, out, problems.String())
		}
		return string(out)
	}
	for name, text := range map[string]string{"flow.py": flowText, "client.py": clientText} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("flow.py", "--datastore", "s3", "run", "--max-workers", "1")
	blobs := store.Blobs{Files: s, Flow: "StoredFlow"}
	tasks := 0
	for line := range strings.Lines(run("client.py")) {
		var said struct {
			Task   string
			Values map[string]struct{ Type, Repr, SHA string }
			Stdout string
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		tasks++
		all, err := runstate.StoredArtifacts(t.Context(), s, said.Task)
		if err != nil {
			t.Errorf("%s: %v", said.Task, err)
			continue
		}
		if len(all) != len(said.Values) {
			t.Errorf("%s: %d artifacts, Metaflow has %d", said.Task, len(all), len(said.Values))
		}
		for _, a := range all {
			want := said.Values[a.Name]
			d, err := runstate.DescribeBlob(t.Context(), blobs, a, runstate.Whole)
			if err != nil {
				t.Errorf("%s/%s: %v", said.Task, a.Name, err)
				continue
			}
			if a.Type != want.Type || a.SHA != want.SHA || d.Value != want.Repr && len(want.Repr) < 1000 || d.Partial {
				t.Errorf("%s/%s: %+v %+v, Metaflow says %+v", said.Task, a.Name, a, d, want)
			}
			if a.Name == "rows" && d.Short() != "[100000 items]" {
				t.Errorf("%s/%s: %s", said.Task, a.Name, d.Short())
			}
		}
		var log string
		for _, source := range []string{"runtime", "task"} {
			raw, err := store.ReadFile(t.Context(), s, said.Task+"/0."+source+"_stdout.log", 1<<20)
			if err == nil {
				log += string(raw)
			}
		}
		for text := range strings.Lines(said.Stdout) {
			if !strings.Contains(log, strings.TrimSpace(text)) {
				t.Errorf("%s: the log lacks %q: %q", said.Task, text, log)
			}
		}
		if strings.Contains(said.Task, "/work/") && !strings.Contains(log, "worked on") {
			t.Errorf("%s: log %q", said.Task, log)
		}
	}
	if tasks != 5 {
		t.Errorf("%d tasks", tasks)
	}
	runs, err := runstate.StoredFolders(t.Context(), s, "StoredFlow")
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %q, %v", runs, err)
	}
	steps, err := runstate.StoredFolders(t.Context(), s, "StoredFlow/"+runs[0])
	if err != nil || !slices.Equal(steps, []string{"end", "join", "start", "work"}) {
		t.Errorf("steps %q, %v", steps, err)
	}
	if _, err := runstate.StoredArtifacts(t.Context(), s, "StoredFlow/"+runs[0]+"/start/99"); err == nil {
		t.Error("a task that is not there has artifacts")
	}
}
