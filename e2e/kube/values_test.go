//go:build e2ekube

package kube

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/server"

	"go.lsp.dev/protocol"
)

// hints are the inlay hints by the text of their line.
func (s *session) hints() map[string]string {
	s.t.Helper()
	var list []struct {
		Position protocol.Position
		Label    string
	}
	var raw json.RawMessage
	s.editor.Call(protocol.MethodTextDocumentInlayHint, &protocol.InlayHintParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: s.buffer.URI},
		Range:        protocol.Range{End: protocol.Position{Line: 10_000}},
	}, &raw)
	if err := json.Unmarshal(raw, &list); err != nil {
		s.t.Fatalf("%s: %v", raw, err)
	}
	lines := strings.Split(s.buffer.Text(), "\n")
	found := map[string]string{}
	for _, h := range list {
		found[strings.TrimSpace(lines[h.Position.Line])] += h.Label + " "
	}
	return found
}

// agents is how many processes the server has as agents.
func (s *session) agents() int {
	s.t.Helper()
	out, err := exec.Command("ps", "-o", "args=", "--ppid", fmt.Sprint(s.server.Process.Pid)).Output()
	if _, none := err.(*exec.ExitError); err != nil && !none {
		s.t.Fatal(err)
	}
	return strings.Count(string(out), " agent\n")
}

// What a run on the cluster stored stands beside the code as that of a run on
// this machine does: after the launch at once, for another server when the user asks.
func TestValuesOfTheCluster(t *testing.T) {
	s := newSession(t, "fan_out.py", "FanOutFlow", nil)
	here := exec.Command(s.python, s.path, "--datastore", "local", "run")
	here.Dir = s.dir
	if out, err := here.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var values map[string]string
	s.until("the values of the local run", func() bool { values = s.hints(); return len(values) == 5 })
	if s.agents() != 0 {
		t.Fatal("an agent runs before anyone needed it")
	}
	far := s.succeeded(s.launch("flowls.launch", nil))
	s.until("the values of the run on the cluster", func() bool { return s.shown() == far.MetaflowRunID && maps.Equal(values, s.hints()) })
	var end server.RunStepInfo
	s.until("the artifacts of the end", func() bool {
		end = s.step(far.RunID, "end")
		return len(end.TasksDetail) == 1 && len(end.TasksDetail[0].Artifacts) > 0
	})
	s.until("the log of the end", func() bool {
		var log server.LogResult
		s.request("flowls/log", map[string]any{"runId": far.RunID, "step": "end"}, &log)
		return strings.Contains(log.Text, "best rate 0.2")
	})
	task := end.TasksDetail[0].TaskID
	var value server.ArtifactInfo
	pathspec := "FanOutFlow/" + far.MetaflowRunID + "/end/" + task + "/best_rate"
	s.request("flowls/artifact", map[string]any{"pathspec": pathspec}, &value)
	if value.Preview != "0.2" || value.Type != "float" {
		t.Errorf("%+v", value)
	}

	// A server that launched nothing reads nothing until it is told to.
	s.kill()
	s.open(nil)
	s.until("the lens offers them", func() bool {
		return s.shown() == far.MetaflowRunID && strings.Contains(s.lenses(), "values in S3: show")
	})
	if hints := s.hints(); len(hints) != 0 || s.agents() != 0 {
		t.Errorf("%d agents, hints %q", s.agents(), hints)
	}
	var shown server.RemoteValues
	if err := s.execute("flowls.showRemoteValues", nil, &shown); err != nil || len(shown.Stores) != 1 || shown.Stores[0] != os.Getenv("METAFLOW_DATASTORE_SYSROOT_S3") {
		t.Errorf("%+v, %v", shown, err)
	}
	s.until("the values once more", func() bool { return maps.Equal(values, s.hints()) })

	// The command line needs no telling: the question is enough.
	show := exec.Command(binary(t), "show", pathspec)
	show.Dir = s.dir
	if out, err := show.CombinedOutput(); err != nil || !regexp.MustCompile(`best_rate\s+float\s+\d+ B\s+0\.2`).Match(out) {
		t.Errorf("flowls show %s: %v\n%s", pathspec, err, out)
	}
}

// A hundred models, each a pod: the values of every one of them come back from S3
// and stand in the code as those of a run on this machine.
func TestAHundredParameters(t *testing.T) {
	const models = 100
	s := newSession(t, "fan_out.py", "FanOutFlow", nil)
	s.patience = 20 * time.Minute // a pod is some ten seconds of processor time
	here := exec.Command(s.python, s.path, "--datastore", "local", "run", fmt.Sprint("--models=", models))
	here.Dir = s.dir
	if out, err := here.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var local string
	s.until("the local run is shown", func() bool { local = s.shown(); return local != "" && len(s.hints()) == 5 })
	far := s.succeeded(s.launch("flowls.launch", map[string]any{"parameters": map[string]any{"models": models}}))

	tasks := func(run string) map[string]server.TaskInfo {
		found := map[string]server.TaskInfo{}
		for _, task := range s.step(run, "train").TasksDetail {
			found[task.Foreach] = task
		}
		return found
	}
	var ours, theirs map[string]server.TaskInfo
	s.until("the values of all tasks", func() bool {
		ours, theirs = tasks(local), tasks(far.MetaflowRunID)
		return !slices.ContainsFunc(slices.Collect(maps.Values(theirs)), func(task server.TaskInfo) bool { return valueOf(task, "score").Preview == "" })
	})
	if len(ours) != models || len(theirs) != models {
		t.Fatalf("%d tasks here, %d on the cluster", len(ours), len(theirs))
	}
	for item, task := range ours {
		there := theirs[item]
		if task.Status != "succeeded" || there.Status != "succeeded" {
			t.Errorf("%s: %s here, %s on the cluster", item, task.Status, there.Status)
		}
		for _, name := range []string{"rate", "score"} {
			if a, b := valueOf(task, name), valueOf(there, name); a.Preview == "" || a.Type != "float" || !reflect.DeepEqual(a, b) {
				t.Errorf("%s, %s: %+v here, %+v on the cluster", item, name, a, b)
			}
		}
	}
	items := slices.Sorted(maps.Keys(ours))
	for _, item := range []string{items[0], items[models/2], items[models-1]} {
		inline := func(run string, task server.TaskInfo) (hints map[string]string) {
			if err := s.execute("flowls.selectRun", map[string]any{"runId": run, "step": "train", "taskId": task.TaskID}, nil); err != nil {
				t.Fatal(err)
			}
			rate := valueOf(task, "rate").Preview
			s.until("the values of "+item+" of run "+run, func() bool {
				hints = s.hints()
				shown := hints["self.rate = self.input"] // the first item's is there before it is chosen
				return s.shown() == run && len(hints) == 5 && strings.Contains(shown, rate) && strings.Contains(shown, item)
			})
			return hints
		}
		if here, there := inline(local, ours[item]), inline(far.MetaflowRunID, theirs[item]); !maps.Equal(here, there) {
			t.Errorf("%s: %q here, %q on the cluster", item, here, there)
		}
	}
}

func valueOf(task server.TaskInfo, name string) server.ArtifactInfo {
	for _, a := range task.Artifacts {
		if a.Name == name {
			return a
		}
	}
	return server.ArtifactInfo{}
}

// shown is Metaflow's id of the run that the code shows.
func (s *session) shown() string {
	s.t.Helper()
	var all server.RunsResult
	s.request("flowls/runs", nil, &all)
	for _, r := range all.Runs {
		if r.Shown {
			return r.MetaflowRunID
		}
	}
	return ""
}
