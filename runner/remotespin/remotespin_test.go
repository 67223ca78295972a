package remotespin

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runnertest"
	"flowls/runner/runstate"
)

// folder is one with a flow in it. The program is the same for any data store;
// here it is the local one, and steps run on this machine.
type folder struct {
	t                  *testing.T
	dir, flow, program string
}

func newFolder(t *testing.T, file, flow string) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir(), flow: flow}
	for _, name := range []string{file, "compare.py"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(f.dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if f.program, err = Install(filepath.Join(f.dir, "state")); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *folder) python(env []string, args ...string) (string, error) {
	command := exec.CommandContext(f.t.Context(), runnertest.Python(f.t), args...)
	command.Dir = f.dir
	command.Env = append(append(os.Environ(), runnertest.Env(f.dir)...), env...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	return out.String() + errs.String(), err
}

// run runs the flow and answers Metaflow's id.
func (f *folder) run(script string, args ...string) string {
	f.t.Helper()
	if out, err := f.python(nil, append([]string{script, "run", "--run-id-file=id"}, args...)...); err != nil {
		f.t.Fatalf("%v\n%s", err, out)
	}
	return f.id()
}

func (f *folder) id() string {
	f.t.Helper()
	id, err := os.ReadFile(filepath.Join(f.dir, "id"))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(id)
}

// alone runs RUN/STEP[/TASK].
func (f *folder) alone(script, origin string, env ...string) (id, out string, err error) {
	f.t.Helper()
	os.Remove(filepath.Join(f.dir, "id"))
	part := strings.Split(origin, "/")
	out, err = f.python(env, "-u", f.program, origin, script, "resume", "--run-id-file=id", "--origin-run-id", part[0], part[1])
	if _, gone := os.Stat(filepath.Join(f.dir, "id")); gone == nil {
		id = f.id()
	}
	return id, out, err
}

type client struct {
	Successful, Finished bool
	End                  string
	Tasks                map[string]struct {
		ID, Origin string
		Data       map[string]any
		Attempts   int
	}
}

func (f *folder) client(id string) (c client) {
	f.t.Helper()
	out, err := f.python(nil, "compare.py", f.flow+"/"+id)
	if err == nil {
		err = json.NewDecoder(bufio.NewReader(strings.NewReader(out))).Decode(&c)
	}
	if err != nil {
		f.t.Fatalf("%v\n%s", err, out)
	}
	return c
}

// state of the run as flowls reads it.
func (f *folder) state(id string) *runstate.Run {
	f.t.Helper()
	reader := runstate.NewReader(filepath.Join(f.dir, ".metaflow"))
	reader.Life = func(*runstate.Run) runstate.Life { return runstate.Dead } // all have ended
	run, err := reader.Run(f.flow, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return run
}

// tree is a hash of all that a run has on disk.
func (f *folder) tree(id string) string {
	f.t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(filepath.Join(f.dir, ".metaflow", f.flow, id), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum.Write([]byte(path))
		sum.Write(data)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Each task of a flow run alone makes what it made in the run.
func TestEachTaskAlone(t *testing.T) {
	f := newFolder(t, "nested.py", "NestedFlow")
	origin := f.run("nested.py", "--scale=7")
	before, latest := f.tree(origin), read(t, filepath.Join(f.dir, ".metaflow/NestedFlow/latest_run"))
	whole := f.client(origin)
	if len(whole.Tasks) != 23 {
		t.Fatalf("%d tasks", len(whole.Tasks))
	}
	for _, name := range []string{
		"start/", "left/", "both/", "fan/fan:1", "work/fan:1,work:2", "after/fan:0,work:1", "inside/fan:1", "outside/", "end/",
	} {
		task, there := whole.Tasks[name]
		step, _, _ := strings.Cut(name, "/")
		if !there {
			t.Fatalf("no %s among %v", name, slices.Sorted(maps.Keys(whole.Tasks)))
		}
		id, out, err := f.alone("nested.py", origin+"/"+step+"/"+task.ID)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		got := f.client(id)
		made, there := got.Tasks[name]
		if len(got.Tasks) != 1 || !there || !reflect.DeepEqual(made.Data, task.Data) {
			t.Errorf("%s alone: %+v\nin the run: %+v", name, got.Tasks, task)
		}
		if !got.Successful || !got.Finished || got.End != "NestedFlow/"+id+"/"+step+"/"+made.ID || made.Origin != origin {
			t.Errorf("%s: %+v", name, got)
		}
		run := f.state(id)
		if run.Only != step || run.Origin != origin || run.Status != runstate.Succeeded {
			t.Errorf("%s: %s of %s %s", name, run.Only, run.Origin, run.Status)
		}
	}
	if f.tree(origin) != before || read(t, filepath.Join(f.dir, ".metaflow/NestedFlow/latest_run")) != latest {
		t.Error("the run that gave the inputs is not what it was")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A task that died left nothing: its place is the one that is missing.
func TestTheInputsOfATaskThatDied(t *testing.T) {
	f := newFolder(t, "nested.py", "NestedFlow")
	origin := f.run("nested.py")
	whole := f.client(origin)
	forget := func(name string) string {
		step, _, _ := strings.Cut(name, "/")
		task := filepath.Join(f.dir, ".metaflow/NestedFlow", origin, step, whole.Tasks[name].ID)
		for _, file := range []string{"0.data.json", "0.DONE.lock"} {
			if err := os.Remove(filepath.Join(task, file)); err != nil {
				t.Fatal(err)
			}
		}
		return origin + "/" + step + "/" + whole.Tasks[name].ID
	}
	first := forget("work/fan:0,work:1")
	id, out, err := f.alone("nested.py", first)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := f.client(id); got.Tasks["work/fan:0,work:1"].Data["made"] != "b10" {
		t.Errorf("%+v", got)
	}
	forget("work/fan:1,work:2")
	if id, out, err = f.alone("nested.py", first); err == nil || id != "" || !strings.Contains(out, "left no trace of its place in the flow: choose another one") {
		t.Errorf("run %q, %v\n%s", id, err, out)
	}
	if id, out, err = f.alone("nested.py", "1/after"); err == nil || id != "" || !strings.Contains(out, "No task of run 1 that succeeded leads to step after") {
		t.Errorf("run %q, %v\n%s", id, err, out)
	}
	// A join does not make do with less.
	forget("after/fan:0,work:2")
	id, out, err = f.alone("nested.py", origin+"/inside/"+whole.Tasks["inside/fan:0"].ID)
	if err == nil || !strings.Contains(out, "expected 3 splits but only 2 inputs") || f.state(id).Status != runstate.Failed {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLoopsConfigsAndFailures(t *testing.T) {
	f := newFolder(t, "odd.py", "OddFlow")
	if out, err := f.python(nil, "odd.py", "--config-value", "depth", `{"rounds": 2}`, "run", "--run-id-file=id"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	origin := f.id()
	tasks := f.state(origin).Step("loop").Tasks
	if len(tasks) != 2 {
		t.Fatalf("%d rounds", len(tasks))
	}
	f.run("odd.py") // the latest run has another Config
	for task, want := range map[string]float64{"loop/" + tasks[0].ID: 1, "loop/" + tasks[1].ID: 2, "after": 2} {
		id, out, err := f.alone("odd.py", origin+"/"+task)
		if err != nil {
			t.Fatalf("%s: %v\n%s", task, err, out)
		}
		step, _, _ := strings.Cut(task, "/")
		made := f.client(id).Tasks[step+"/"]
		if made.Data["rounds"] != want || step == "loop" && made.Data["more"] != map[float64]string{1: "again", 2: "done"}[want] {
			t.Errorf("%s: %+v", task, made)
		}
	}
	id, out, err := f.alone("odd.py", origin+"/breaks", "BREAK=1")
	if err == nil || !strings.Contains(out, "Step breaks (task-id 1) failed.") {
		t.Errorf("%v\n%s", err, out)
	}
	got := f.client(id)
	if got.Successful || got.Tasks["breaks/"].Attempts != 3 || f.state(id).Status != runstate.Failed {
		t.Errorf("%+v, %s", got, f.state(id).Status)
	}
	if id, out, err := f.alone("odd.py", origin+"/nothere"); err == nil || id != "" || !strings.Contains(out, "invalid step name nothere") {
		t.Errorf("run %q, %v\n%s", id, err, out)
	}
}
