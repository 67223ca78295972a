package difftest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flowls/internal/venv"
	"flowls/runner/runstate"
	"flowls/runner/runstate/service"
	"flowls/runner/runstate/service/servicetest"
)

const key = "only-for-this-test"

// The real Metaflow writes into the service and reads from it: what its client
// says of the runs is what we say of them. Where the two mean to differ, see
// TestSameAsClient.
func TestSameAsClientOfService(t *testing.T) {
	server, dir, env := servedRuns(t)
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	out, err := askClient(dir, python, env)
	if err != nil {
		t.Fatal(err)
	}
	var client clientView
	if err := json.Unmarshal(out, &client); err != nil {
		t.Fatal(err)
	}
	source := sourceOf(t, server, dir)
	source.Now = func() time.Time { return time.Now().Add(time.Hour) } // nobody sends heartbeats any more
	compare(t, "service", client.Runs, dumper{source, runstate.NewReader(filepath.Join(dir, ".metaflow"))}.all(t))
}

func sourceOf(t *testing.T, server *servicetest.Server, dir string) *service.Source {
	t.Helper()
	config, err := service.Configured(dir, func(name string) string {
		return map[string]string{"METAFLOW_SERVICE_URL": server.URL, "METAFLOW_SERVICE_AUTH_KEY": key, "METAFLOW_HOME": dir}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return service.New(config)
}

// What the service cannot tell: how a process ended. Its runs end with their heartbeats.
func TestStatesOfService(t *testing.T) {
	server, dir, _ := servedRuns(t)
	source := sourceOf(t, server, dir)
	for name, c := range map[string]struct {
		flow   string
		older  int           // runs of the flow that are newer
		now    time.Duration // after the last heartbeat
		status runstate.Status
		step   string
		tasks  []runstate.Status
	}{
		"handled":                  {"Handled", 1, time.Hour, runstate.Failed, "work", []runstate.Status{ok, ok, caught}},
		"resumed":                  {"Handled", 0, time.Hour, ok, "work", times(3, cloned)},
		"foreach":                  {"Wide", 0, time.Hour, ok, "work", times(3, ok)},
		"killed, and nobody knows": {"Fails", 0, 0, runstate.Running, "start", one(runstate.Running)},
		"killed":                   {"Fails", 0, 2 * time.Minute, runstate.Failed, "start", one(killed)},
	} {
		source.Now = func() time.Time { return time.Now().Add(c.now) }
		if c.now == 0 {
			beat(t, server, c.flow)
		}
		runs, err := source.Runs(t.Context(), c.flow, c.older+1)
		if err != nil || len(runs) != c.older+1 {
			t.Fatalf("%s: %v, %v", name, runs, err)
		}
		run, err := source.Run(t.Context(), c.flow, runs[c.older].ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []runstate.Status
		for _, task := range run.Step(c.step).Tasks {
			got = append(got, task.Status)
		}
		if run.Status != c.status || !slices.Equal(got, c.tasks) {
			t.Errorf("%s: %s with tasks %s, want %s with %s", name, run.Status, got, c.status, c.tasks)
		}
		if c.step == "work" && run.Step("work").Expected != 3 {
			t.Errorf("%s: %d tasks are expected", name, run.Step("work").Expected)
		}
	}
}

// beat is a heartbeat of the newest run of a flow.
func beat(t *testing.T, server *servicetest.Server, flow string) {
	t.Helper()
	if err := server.Beat(flow); err != nil {
		t.Fatal(err)
	}
}

var served struct {
	sync.Mutex
	saved []byte
}

// servedRuns is a service with some runs in it. They are recorded once, and
// kept like the others.
func servedRuns(t *testing.T) (server *servicetest.Server, dir string, env []string) {
	t.Helper()
	kept, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	server = servicetest.Start(t, key)
	dir = kept + "-service"
	env = []string{"METAFLOW_DEFAULT_METADATA=service", "METAFLOW_SERVICE_URL=" + server.URL, "METAFLOW_SERVICE_AUTH_KEY=" + key,
		"METAFLOW_DATASTORE_SYSROOT_LOCAL=" + dir, "HOME=" + dir, "METAFLOW_CLIENT_CACHE_PATH=" + filepath.Join(dir, "client-cache")}
	served.Lock()
	defer served.Unlock()
	saved := filepath.Join(dir, "service.json")
	if data, err := os.ReadFile(saved); err == nil {
		if err := server.Load(data); err != nil {
			t.Fatal(err)
		}
		return server, dir, env
	}
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS("testdata/flows")), os.Mkdir(filepath.Join(dir, ".metaflow"), 0o755)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i, s := range []scenario{
		{name: "handled", file: "handled.py", fails: true}, {name: "three", file: "wide.py", args: []string{"run", "--n", "3", "--tag", "blue"}},
		{name: "linear", file: "linear.py"}, {name: "group", file: "fails.py", env: []string{"WHERE=group"}, fails: true},
	} {
		wg.Go(func() {
			s.env = append(s.env, env...)
			errs[i] = s.run(dir, python)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	id, err := os.ReadFile(filepath.Join(dir, "handled.id"))
	if err != nil {
		t.Fatal(err)
	}
	resumed := scenario{name: "resumed", file: "handled.py", args: []string{"resume", "--origin-run-id", strings.TrimSpace(string(id))}, env: append([]string{"MEND=1"}, env...)}
	if err := resumed.run(dir, python); err != nil {
		t.Fatal(err)
	}
	data, err := server.Save()
	if err == nil {
		err = errors.Join(os.WriteFile(saved+".half", data, 0o644), os.Rename(saved+".half", saved))
	}
	if err != nil {
		t.Fatal(err)
	}
	return server, dir, env
}
