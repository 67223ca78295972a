package difftest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runstate"
)

// dumper tells in the form of client.py what a source says.
type dumper struct {
	source runstate.Source
	values *runstate.Reader // of the data store
}

func (d dumper) all(t *testing.T) map[string]runDump {
	t.Helper()
	flows, err := d.source.Flows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]runDump{}
	for _, flow := range flows {
		runs, err := d.source.Runs(t.Context(), flow, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, brief := range runs {
			run, err := d.source.Run(t.Context(), flow, brief.ID)
			if err != nil {
				t.Fatal(err)
			}
			if run.Status != brief.Status {
				t.Errorf("%s/%s is %s in the list and %s by itself", flow, run.ID, brief.Status, run.Status)
			}
			all[run.Flow+"/"+run.ID] = d.run(t, run)
		}
	}
	return all
}

func (d dumper) run(t *testing.T, run *runstate.Run) runDump {
	t.Helper()
	out := runDump{Tags: slices.Sorted(slices.Values(run.Tags)), Steps: map[string]map[string]taskDump{}}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	out.Finished = run.Status == runstate.Succeeded
	out.Successful = out.Finished
	for _, s := range run.Steps {
		if len(s.Tasks) == 0 {
			continue // the client knows no step before its first task
		}
		out.Steps[s.Name] = map[string]taskDump{}
		for _, task := range s.Tasks {
			out.Steps[s.Name][task.ID] = d.task(t, run, task)
		}
	}
	return out
}

func (d dumper) task(t *testing.T, run *runstate.Run, task *runstate.Task) taskDump {
	t.Helper()
	out := taskDump{
		ForeachPath: task.ForeachPath, ForeachValues: task.ForeachValues, OriginRun: task.OriginRun, OriginTask: task.OriginTask,
		Artifacts: map[string]artifactDump{}, Metadata: [][]any{},
	}
	if out.ForeachValues == nil {
		out.ForeachValues = []string{}
	}
	for _, a := range task.Attempts {
		if a.HasData {
			out.Finished, out.Successful = a.Status.OK(), a.Status.OK() && !a.Caught
		}
	}
	if a := task.Last(); a != nil {
		out.Attempt = a.N
		if a.Status == runstate.Failed { // a caught one is not what the client calls exception
			e, err := d.source.Exception(t.Context(), run, task, a)
			if err != nil {
				t.Error(err)
			} else if e != nil {
				out.Exception = &exceptionDump{e.Type, e.Message, e.Stacktrace}
			}
		}
	}
	artifacts, err := d.source.Artifacts(t.Context(), run, task)
	if err != nil && len(task.Attempts) > 0 && task.Last().HasData {
		t.Error(err)
	}
	for _, a := range artifacts {
		out.Artifacts[a.Name] = artifactDump{a.Type, a.Size, a.SHA, d.simple(t, run, a)}
	}
	metadata, err := d.source.Metadata(t.Context(), run, task)
	if err != nil {
		t.Error(err)
	}
	for _, m := range metadata {
		out.Metadata = append(out.Metadata, []any{m.Name, m.Type, m.Value, m.At.UnixMilli()})
	}
	slices.SortFunc(out.Metadata, func(a, b []any) int {
		return strings.Compare(fmt.Sprintf("%s\x00%s\x00%s\x00%d", a...), fmt.Sprintf("%s\x00%s\x00%s\x00%d", b...))
	})
	return out
}

// simple is the value of what has a short repr, as client.py prints it.
func (d dumper) simple(t *testing.T, run *runstate.Run, a runstate.Artifact) *string {
	t.Helper()
	switch a.Type {
	case "int", "float", "bool", "str", "NoneType":
		told, err := d.values.Describe(t.Context(), run.Flow, a, runstate.Whole)
		if err != nil {
			t.Error(err)
			return nil
		}
		return &told.Value
	}
	return nil
}
