package difftest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runstate"

	"github.com/aymanbagabas/go-udiff"
)

// What client.py prints.
type (
	clientView struct {
		Runs  map[string]runDump `json:"runs"`
		Spins map[string]runDump `json:"spins"`
	}
	runDump struct {
		Tags       []string                       `json:"tags"`
		Finished   bool                           `json:"finished"`
		Successful bool                           `json:"successful"`
		Steps      map[string]map[string]taskDump `json:"steps"`
	}
	taskDump struct {
		Finished      bool                    `json:"finished"`
		Successful    bool                    `json:"successful"`
		Attempt       int                     `json:"attempt"`
		Exception     *exceptionDump          `json:"exception"`
		ForeachPath   string                  `json:"foreach_path"`
		ForeachValues []string                `json:"foreach_values"`
		OriginRun     string                  `json:"origin_run"`
		OriginTask    string                  `json:"origin_task"`
		Artifacts     map[string]artifactDump `json:"artifacts"`
		Metadata      [][]any                 `json:"metadata"` // name, type, value, milliseconds
	}
	exceptionDump struct {
		Type       string `json:"type"`
		Message    string `json:"message"`
		Stacktrace string `json:"stacktrace"`
	}
	artifactDump struct {
		Type  string  `json:"type"`
		Size  int64   `json:"size"`
		SHA   string  `json:"sha"`
		Value *string `json:"value"`
	}
)

func opened(t *testing.T) (dir string, client clientView) {
	t.Helper()
	dir, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	data, err := clientJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &client); err != nil {
		t.Fatal(err)
	}
	return dir, client
}

// Every run is what Metaflow's own client says that it is: finished, successful,
// exception, foreach, origin, metadata, and of each artifact type, size, hash and
// small value. Where the two mean to differ:
//
//   - Metaflow's own artifacts (`_graph_info`, `name`) are not listed: nobody wrote them.
//   - A cloned task has its own metadata; the client mixes in those of its origin.
//   - A spin is a run that ends with its one step; the client waits for an `end` that never comes.
//   - A run has the time of its id; the client gives the record's, which `tag add` sets anew.
func TestSameAsClient(t *testing.T) {
	dir, client := opened(t)
	for name, c := range map[string]struct {
		root string
		want map[string]runDump
		spin bool
	}{
		"runs":  {".metaflow", client.Runs, false},
		"spins": {".metaflow_spin", client.Spins, true},
	} {
		reader := runstate.NewReader(filepath.Join(dir, c.root))
		got := map[string]runDump{}
		for _, flow := range flowsBelow(t, reader.Root) {
			runs, err := reader.Runs(flow, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, run := range runs {
				got[run.Flow+"/"+run.ID] = dumpRun(t, reader, run)
			}
		}
		if len(c.want) == 0 {
			t.Errorf("%s: the client knows none", name)
		}
		for pathspec, want := range c.want {
			if c.spin {
				want.Finished, want.Successful = true, true
			}
			if diff := udiff.Unified("client", "flowls", text(t, want), text(t, got[pathspec])); diff != "" {
				t.Errorf("%s:\n%s", pathspec, diff)
			}
			delete(got, pathspec)
		}
		for pathspec := range got {
			t.Errorf("%s: the client does not know it", pathspec)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func flowsBelow(t *testing.T, root string) []string {
	t.Helper()
	selfs, err := filepath.Glob(filepath.Join(root, "*", "_meta", "_self.json"))
	if err != nil || len(selfs) == 0 {
		t.Fatalf("flows below %s: %v", root, err)
	}
	var flows []string
	for _, self := range selfs {
		flows = append(flows, filepath.Base(filepath.Dir(filepath.Dir(self))))
	}
	return flows
}

func dumpRun(t *testing.T, r *runstate.Reader, run *runstate.Run) runDump {
	t.Helper()
	d := runDump{Tags: slices.Sorted(slices.Values(run.Tags)), Steps: map[string]map[string]taskDump{}}
	if d.Tags == nil {
		d.Tags = []string{}
	}
	d.Finished = run.Status == runstate.Succeeded
	d.Successful = d.Finished
	for _, s := range run.Steps {
		if len(s.Tasks) == 0 {
			continue // the client knows no step before its first task
		}
		d.Steps[s.Name] = map[string]taskDump{}
		for _, task := range s.Tasks {
			d.Steps[s.Name][task.ID] = dumpTask(t, r, run, task)
		}
	}
	return d
}

func dumpTask(t *testing.T, r *runstate.Reader, run *runstate.Run, task *runstate.Task) taskDump {
	t.Helper()
	d := taskDump{
		ForeachPath: task.ForeachPath, ForeachValues: task.ForeachValues, OriginRun: task.OriginRun, OriginTask: task.OriginTask,
		Artifacts: map[string]artifactDump{}, Metadata: [][]any{},
	}
	if d.ForeachValues == nil {
		d.ForeachValues = []string{}
	}
	for _, a := range task.Attempts {
		if a.HasData {
			d.Finished, d.Successful = a.Status.OK(), a.Status.OK() && !a.Caught
		}
	}
	if a := task.Last(); a != nil {
		d.Attempt = a.N
		if a.Status == runstate.Failed { // a caught one is not what the client calls exception
			e, err := r.Exception(t.Context(), run, task, a)
			if err != nil {
				t.Error(err)
			} else if e != nil {
				d.Exception = &exceptionDump{e.Type, e.Message, e.Stacktrace}
			}
		}
	}
	artifacts, err := r.Artifacts(run, task)
	if err != nil && len(task.Attempts) > 0 && task.Last().HasData {
		t.Error(err)
	}
	for _, a := range artifacts {
		d.Artifacts[a.Name] = artifactDump{a.Type, a.Size, a.SHA, simple(t, r, run, a)}
	}
	metadata, err := r.Metadata(task)
	if err != nil {
		t.Error(err)
	}
	for _, m := range metadata {
		d.Metadata = append(d.Metadata, []any{m.Name, m.Type, m.Value, m.At.UnixMilli()})
	}
	slices.SortFunc(d.Metadata, func(a, b []any) int {
		return strings.Compare(fmt.Sprintf("%s\x00%s\x00%s\x00%d", a...), fmt.Sprintf("%s\x00%s\x00%s\x00%d", b...))
	})
	return d
}

// simple is the value of what has a short repr, as client.py prints it.
func simple(t *testing.T, r *runstate.Reader, run *runstate.Run, a runstate.Artifact) *string {
	t.Helper()
	switch a.Type {
	case "int", "float", "bool", "str", "NoneType":
		d, err := r.Describe(t.Context(), run.Flow, a, runstate.Whole)
		if err != nil {
			t.Error(err)
			return nil
		}
		return &d.Value
	}
	return nil
}
