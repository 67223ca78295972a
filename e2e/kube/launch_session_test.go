//go:build e2ekube

package kube

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/server"

	"go.lsp.dev/protocol"
	"k8s.io/client-go/tools/clientcmd"
)

// held is what the task of a step alone left, as Metaflow's client has it.
type held struct {
	Successful bool
	End        string
	Steps      []string
	Data       map[string]any
	Origin     string
	Attempts   int
}

func (s *session) alone(id string) (h held) {
	s.t.Helper()
	s.client(fmt.Sprintf(`
run = Run("%s/%s")
task = run.end_task
print("RESULT " + json.dumps({"successful": run.successful, "end": task.pathspec, "steps": [step.id for step in run],
    "data": {a.id: a.data for a in task}, "origin": task.metadata_dict.get("origin-run-id"), "attempts": task.current_attempt + 1}))
`, s.flow, id), &h)
	return h
}

// One session: the whole flow, a part of it, and each kind of step alone.
func TestLaunch(t *testing.T) {
	s := newSession(t, "fan_out.py", "FanOutFlow", nil)
	var line server.CommandLineResult
	if err := s.command("flowls.commandLine", map[string]any{"command": "flowls.launch", "argument": map[string]any{"uri": s.buffer.URI, "flow": s.flow}}, &line); err != nil {
		t.Fatal(err)
	}
	whole := s.succeeded(s.launch("flowls.launch", map[string]any{"parameters": map[string]any{"models": 4}, "options": map[string]any{"tags": []string{"from the editor"}}}))
	if !strings.HasSuffix(line.CommandLine, "run --with=kubernetes") || !whole.Kubernetes || !strings.HasSuffix(whole.CommandLine, "run --with=kubernetes '--tag=from the editor' --models=4") {
		t.Errorf("%s\n%s", line.CommandLine, whole.CommandLine)
	}
	jobs := func() int { return len(s.namespace.jobs()) }
	if n := jobs(); n != 8 { // one of the four is tried twice
		t.Errorf("%d jobs", n)
	}
	var back struct {
		Best   float64
		Scores int
		Tags   []string
		Tasks  map[string]string
	}
	s.client(fmt.Sprintf(`
run = Run("FanOutFlow/%s")
print("RESULT " + json.dumps({"best": round(run.data.best_rate, 6), "scores": len(run["join"].task.data.scores), "tags": list(run.user_tags),
    "tasks": {str(task.index): task.id for task in run["train"]}}))
`, whole.MetaflowRunID), &back)
	if back.Best != 0.2 || back.Scores != 4 || !slices.Equal(back.Tags, []string{"from the editor"}) {
		t.Errorf("%+v", back)
	}
	before := s.tree(whole.MetaflowRunID)

	resumed := s.succeeded(s.launch("flowls.launch", map[string]any{"step": "join", "originRunId": whole.MetaflowRunID}))
	if resumed.Kind != "resume" || resumed.OriginRunID != whole.MetaflowRunID || jobs() != 10 {
		t.Errorf("%d jobs, %+v", jobs(), resumed)
	}

	for _, c := range []struct {
		step, task string
		jobs       int
		holds      func(map[string]any) bool
		attempts   int
	}{
		{"start", "", 1, func(d map[string]any) bool { return len(d["rates"].([]any)) == 4 }, 1},
		// The first model fails at its first attempt: a step alone is retried as in a run.
		{"train", back.Tasks["0"], 2, func(d map[string]any) bool { return d["rate"] == 0.1 }, 2},
		{"train", back.Tasks["3"], 1, func(d map[string]any) bool { return d["rate"] == 0.4 }, 1},
		{"join", "", 1, func(d map[string]any) bool { return len(d["scores"].([]any)) == 4 && d["best_rate"] == 0.2 }, 1},
		{"end", "", 1, func(d map[string]any) bool { return d["best_rate"] == 0.2 }, 1},
	} {
		was := jobs()
		argument := map[string]any{"step": c.step, "alone": true, "originRunId": whole.RunID}
		if c.task != "" {
			argument["taskId"] = c.task
		}
		info := s.succeeded(s.launch("flowls.launch", argument))
		got := s.alone(info.MetaflowRunID)
		if !got.Successful || !slices.Equal(got.Steps, []string{c.step}) || got.Origin != whole.MetaflowRunID || got.Attempts != c.attempts || !c.holds(got.Data) {
			t.Errorf("%s/%s: %+v", c.step, c.task, got)
		}
		if n := jobs() - was; n != c.jobs || info.Kind != "remote-spin" || info.OriginRunID != whole.MetaflowRunID {
			t.Errorf("%s/%s: %d jobs, %+v", c.step, c.task, n, info)
		}
		if tasks := s.step(info.RunID, c.step).TasksDetail; len(tasks) != 1 || tasks[0].Status != "succeeded" {
			t.Errorf("%s/%s: %+v", c.step, c.task, tasks)
		}
	}
	if after := s.tree(whole.MetaflowRunID); !maps.Equal(before, after) {
		t.Error("the run that gave the inputs is not what it was")
	}
}

// tree are the files of a run's metadata.
func (s *session) tree(id string) map[string]string {
	s.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(filepath.Join(s.dir, ".metaflow", s.flow, id), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found[path] = string(data)
		return err
	})
	if err != nil || len(found) == 0 {
		s.t.Fatalf("%d files, %v", len(found), err)
	}
	return found
}

func (s *session) asleep(id, step string) {
	s.t.Helper()
	s.until(step+" sleeps in its pod", func() bool { return strings.Contains(s.logs(), "asleep") })
	if info := s.run(id); info.Status != "running" || !info.Stoppable {
		s.t.Errorf("%+v", info)
	}
}

func (s *session) stop(id string) {
	s.t.Helper()
	if err := s.command("flowls.stop", map[string]any{"runId": id}, nil); err != nil {
		s.t.Fatal(err)
	}
	if info := s.ended(id); info.Status != "stopped" {
		s.t.Errorf("%+v", info)
	}
	s.until("no pod of the run is left", func() bool { return len(s.namespace.live()) == 0 })
	s.until("no process of the run is left", func() bool {
		left, _ := exec.Command("pgrep", "-f", s.path).Output() // fails when there is none
		return len(left) == 0
	})
}

func TestStopALaunch(t *testing.T) {
	s := newSession(t, "nap.py", "NapFlow", nil)
	id := s.launch("flowls.launch", nil)
	s.asleep(id, "nap")
	// The server dies; the run goes on, and the next server finds and stops it.
	s.kill()
	s.open(nil)
	s.until("the new server knows the run", func() bool { return s.run(id).Status == "running" })
	s.stop(id)
	first := s.run(id)
	// What failed there goes on there.
	var line server.CommandLineResult
	again := map[string]any{"command": "flowls.rerunFailed", "argument": map[string]any{"uri": s.buffer.URI, "flow": s.flow}}
	if err := s.command("flowls.commandLine", again, &line); err != nil || !strings.HasSuffix(line.CommandLine, "resume --with=kubernetes --origin-run-id "+first.MetaflowRunID) {
		t.Errorf("%q, %v", line.CommandLine, err)
	}

	short := s.launch("flowls.launch", map[string]any{"parameters": map[string]any{"seconds": 0}})
	s.succeeded(short)
	alone := s.launch("flowls.launch", map[string]any{"step": "nap", "alone": true, "originRunId": first.MetaflowRunID})
	s.until("the step sleeps", func() bool { return strings.Count(s.logs(), "asleep") == 3 })
	if info := s.run(alone); info.Kind != "remote-spin" {
		t.Errorf("%+v", info)
	}
	s.stop(alone)
}

// What no node can take is asked about; nothing is started before the answer.
func TestLaunchAsksFirst(t *testing.T) {
	s := newSession(t, "trouble.py", "TroubleFlow", nil)
	s.preflight() // of the seconds that a launch waits, none goes into the start of the agent
	s.save(troubled(t, trouble{decorator: `@kubernetes(cpu=900)`}))
	asked := make(chan protocol.ShowMessageRequestParams, 1)
	answer := make(chan *protocol.MessageActionItem, 1)
	s.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p
		return <-answer
	}
	launch := func() protocol.ShowMessageRequestParams {
		t.Helper()
		begin := time.Now()
		var result server.LaunchResult
		if err := s.execute("flowls.launch", nil, &result); err != nil || result.Offered != "flowls.launch" || result.RunID != "" {
			t.Fatalf("%+v, %v", result, err)
		}
		t.Logf("asked after %v", time.Since(begin).Round(time.Millisecond))
		p := <-asked
		if !strings.HasPrefix(p.Message, "TroubleFlow cannot run on the cluster as things are: step `start`: No node has 900 CPU: the most that one can give is ") {
			t.Errorf("asked %q", p.Message)
		}
		return p
	}
	launch()
	answer <- nil // dismissed
	if found, said := s.says("MF839"); !said || s.at(found.Range) != "900" {
		t.Errorf("%+v", found)
	}
	p := launch()
	if n := len(s.records()); n != 0 {
		t.Fatalf("%d runs", n)
	}
	answer <- &p.Actions[0]
	s.until("it waits for a node", func() bool { _, said := s.says("MF812"); return said })
	s.save(troubled(t, trouble{decorator: `@kubernetes(cpu=1)`}))
	s.succeeded(s.launch("flowls.launch", nil)) // without a question
	if len(asked) > 0 {
		t.Errorf("asked %+v", <-asked)
	}
}

// The context of the settings decides, whatever the kubeconfig's current one is.
func TestTheContextOfTheSettings(t *testing.T) {
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		t.Fatal(err)
	}
	good := config.Contexts[config.CurrentContext]
	wrong := config.Clusters[good.Cluster].DeepCopy()
	wrong.Server = "https://127.0.0.1:1"
	config.Clusters["wrong"] = wrong
	other := good.DeepCopy()
	other.Cluster = "wrong"
	config.Contexts["good one"], config.Contexts["wrong"], config.CurrentContext = good, other, "wrong"
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, "nap.py", "NapFlow", map[string]any{"kubernetes": map[string]any{"kubeconfig": path, "context": "good one"}})
	info := s.succeeded(s.launch("flowls.launch", map[string]any{"parameters": map[string]any{"seconds": 0}}))
	records, err := s.registry().List()
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	env := records[0].Kubernetes.Env
	if !strings.Contains(info.CommandLine, "KUBECONFIG=") || !strings.Contains(info.CommandLine, env) {
		t.Errorf("%s\n%s", env, info.CommandLine)
	}
	// kubectl reads a merged kubeconfig the other way round.
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(env)}
	if merged, err := rules.Load(); err != nil || merged.CurrentContext != "good one" {
		t.Errorf("%+v, %v", merged, err)
	}
}
