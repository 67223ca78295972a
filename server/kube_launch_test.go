package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/runnertest"
	"flowls/server"

	"go.lsp.dev/protocol"
)

// The pinned Metaflow is there without the package `kubernetes`: nothing is
// launched here. What is launched on a cluster, e2e/kube tests.

const parallelFlow = `from metaflow import FlowSpec, batch, parallel, step


class Spread(FlowSpec):
    @step
    def start(self):
        self.next(self.work, num_parallel=2)

    @parallel
    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


class Batched(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @batch(cpu=2)
    @step
    def end(self):
        pass


if __name__ == "__main__":
    Spread()
`

// refusal is what a launch says that cannot work.
func (b *workbench) refusal(argument map[string]any) string {
	b.t.Helper()
	whole := map[string]any{"uri": b.buffer.URI, "flow": b.flow}
	for name, value := range argument {
		whole[name] = value
	}
	var result server.LaunchResult
	if err := b.execute("flowls.launch", whole, &result); err != nil {
		return err.Error()
	}
	b.t.Fatalf("%v was launched: %+v", argument, result)
	return ""
}

func says(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q does not say %q", got, w)
		}
	}
}

func TestLaunchIsRefusedBeforeAnythingStarts(t *testing.T) {
	b := newWorkbench(t, "Spread", parallelFlow)
	home := os.Getenv("METAFLOW_HOME")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	configure := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(home, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.open(true)
	type m = map[string]any
	says(t, b.refusal(nil), "Kubernetes needs a data store that its pods reach", "`METAFLOW_DEFAULT_DATASTORE=s3`", "`METAFLOW_DATASTORE_SYSROOT_S3=s3://bucket/folder`", "`metaflow configure aws`")
	configure("config_staging.json", `{"METAFLOW_DEFAULT_DATASTORE": "gs"}`)
	says(t, b.refusal(m{"options": m{"profile": "staging"}}), "the data store of Metaflow is gs, and nothing says where: set `METAFLOW_DATASTORE_SYSROOT_GS=gs://bucket/folder`")
	says(t, b.refusal(m{"options": m{"profile": "stagng"}}), "Metaflow has no profile `stagng` on this machine; did you mean `staging`?")
	configure("config.json", `{"METAFLOW_DEFAULT_DATASTORE": "s3", "METAFLOW_DATASTORE_SYSROOT_S3": "s3://b/x"}`)
	python := runnertest.Python(t)
	says(t, b.refusal(nil), python+" has no package `kubernetes`", python+" -m pip install kubernetes")
	says(t, b.refusal(m{"options": m{"profile": "staging"}}), "is gs")

	says(t, b.refusal(m{"options": m{"with": []string{"batch:cpu=2"}}}), "`--with batch:cpu=2` and Kubernetes exclude each other")
	says(t, b.refusal(m{"flow": "Batched"}), "step `end` has `@batch`")
	says(t, b.refusal(m{"step": "work", "alone": true}), "step `work` runs in parallel on several nodes")
	says(t, b.refusal(m{"step": "join", "alone": true}), "There is no run of Spread yet, so step join has no inputs: launch the whole flow first")
	says(t, b.refusal(m{"step": "join", "originRunId": "17"}), `Spread has no run "17" to take over from`)
	says(t, b.refusal(m{"step": "nothere"}), "no step")
	says(t, b.refusal(m{"alone": true}), "need a step")
	says(t, b.refusal(m{"step": "join", "taskId": "3"}), "taskId needs alone")
	says(t, b.refusal(m{"step": "join", "parameters": m{"a": 1}}), "are those of the other run")
	configure("config_served.json", `{"METAFLOW_DEFAULT_METADATA": "service"}`)
	says(t, b.refusal(m{"step": "join", "options": m{"profile": "served"}}), "recorded by the metadata service: name the run")
	if runs := b.runs(); len(runs) != 0 {
		t.Errorf("started: %+v", runs)
	}
}

func TestLaunchNeedsTrust(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(false)
	for _, name := range []string{"flowls.launch", "flowls.chooseLaunch"} {
		if err := b.execute(name, map[string]any{"uri": b.buffer.URI, "flow": "Score"}, nil); err == nil || !strings.Contains(err.Error(), "trust") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nor is a file of the settings named to somebody who does not trust.
	if _, err := b.line("flowls.launch", nil); err == nil || !strings.Contains(err.Error(), "trust") {
		t.Errorf("%v", err)
	}
}

// A run on this machine whose data are in S3 can be taken up on the cluster.
func TestLaunchCommandLines(t *testing.T) {
	b := newWorkbench(t, "Again", againFlow)
	b.open(true)
	kept := b.ended(b.launch("flowls.run", nil).RunID)
	says(t, b.refusal(map[string]any{"step": "work", "alone": true}), "run "+kept.MetaflowRunID+" keeps its data in a local folder, which pods do not reach")

	for _, pair := range append(runnertest.StartS3(t).Env, "METAFLOW_DEFAULT_DATASTORE=s3") {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "mended"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.ended(b.launch("flowls.run", nil).RunID)
	if run.Status != "succeeded" {
		t.Fatalf("%+v", run)
	}
	id := run.MetaflowRunID
	type m = map[string]any
	for _, c := range []struct {
		argument m
		want     string
	}{
		{nil, " flow.py run --with=kubernetes"},
		{m{"options": m{"with": []string{"retry:times=2", "kubernetes:memory=8000"}, "tags": []string{"x"}, "namespace": "", "maxWorkers": 3}},
			" flow.py run --with=retry:times=2 --with=kubernetes:memory=8000 --tag=x --max-workers=3 --namespace="},
		{m{"options": m{"with": []string{"retry"}}}, " flow.py run --with=retry --with=kubernetes"},
		{m{"step": "join"}, " flow.py resume --with=kubernetes --origin-run-id " + id + " join"},
		{m{"step": "join", "originRunId": run.RunID, "options": m{"tags": []string{"x"}}}, " flow.py resume --with=kubernetes --tag=x --origin-run-id " + id + " join"},
		{m{"step": "work", "alone": true, "taskId": "3"}, ".py " + id + "/work/3 flow.py resume --with=kubernetes --origin-run-id " + id + " work"},
		{m{"step": "start", "alone": true}, ".py " + id + "/start/1 flow.py resume --with=kubernetes --origin-run-id " + id + " start"},
	} {
		got, err := b.line("flowls.launch", c.argument)
		if line := strings.ReplaceAll(got.CommandLine, b.path, "flow.py"); err != nil || !strings.HasSuffix(line, c.want) {
			t.Errorf("%v: %v\ngot  %s\nwant … %s", c.argument, err, line, c.want)
		}
		if alone, _ := c.argument["alone"].(bool); alone {
			if _, err := os.Stat(got.Argv[1]); err != nil { // the program is there: the line can be pasted
				t.Error(err)
			}
		}
	}
	says(t, b.refusal(m{"step": "work", "alone": true, "taskId": "99"}), `step work of run `+id+` has no task "99"`)
	says(t, b.refusal(m{"step": "join", "options": m{"namespace": "x"}}), "does not take namespace")
}

func TestTheClusterOfTheSettings(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	config := filepath.Join(b.dir, "kubeconfig")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	set := func(kubeconfig, context string) (server.CommandLineResult, error) {
		b.configure(map[string]any{"kubernetes": map[string]any{"kubeconfig": kubeconfig, "context": context}})
		var line server.CommandLineResult
		var err error
		b.until("the settings have arrived", func() bool {
			line, err = b.line("flowls.launch", nil)
			return err != nil || strings.Contains(line.CommandLine, "KUBECONFIG") == (kubeconfig+context != "") && strings.Contains(line.CommandLine, "/contexts/") == (context != "")
		})
		return line, err
	}
	if line, err := set(config, ""); err != nil || !strings.Contains(line.CommandLine, " && KUBECONFIG="+config+" ") {
		t.Errorf("%+v, %v", line, err)
	}
	t.Setenv("KUBECONFIG", "/the/users:/own")
	line, err := set("", "it's \"mine\"")
	_, value, _ := strings.Cut(line.CommandLine, "KUBECONFIG=")
	value, _, _ = strings.Cut(value, " ")
	files := filepath.SplitList(value)
	if err != nil || len(files) != 4 || files[0] != files[3] || files[1] != "/the/users" || files[2] != "/own" {
		t.Fatalf("%q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	info, staterr := os.Stat(files[0])
	if err != nil || staterr != nil || string(text) != "apiVersion: v1\nkind: Config\ncurrent-context: \"it's \\\"mine\\\"\"\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("%s, %v, %v", text, info.Mode(), err)
	}
	if _, err := set(filepath.Join(b.dir, "none"), ""); err == nil || !strings.Contains(err.Error(), "the kubeconfig of the settings cannot be used") {
		t.Errorf("%v", err)
	}
}

// The dialogs of an editor that knows LSP and nothing else.
func TestChooseLaunchInPlainLSP(t *testing.T) {
	b := newWorkbench(t, "Again", againFlow)
	for _, pair := range append(runnertest.StartS3(t).Env, "METAFLOW_DEFAULT_DATASTORE=s3") {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "mended"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(true)
	asked := make(chan protocol.ShowMessageRequestParams, 1)
	answer := make(chan string, 1)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p
		return &protocol.MessageActionItem{Title: <-answer}
	}
	b.editor.Ignored = append(b.editor.Ignored, "window/showMessageRequest")
	question := func(message, reply string) (titles []string) {
		t.Helper()
		p := <-asked
		if p.Message != message {
			t.Errorf("asked %q, want %q", p.Message, message)
		}
		for _, a := range p.Actions {
			titles = append(titles, a.Title)
		}
		answer <- reply
		return titles
	}
	choose := func(step string) {
		t.Helper()
		argument := map[string]any{"uri": b.buffer.URI, "flow": b.flow}
		if step != "" {
			argument["step"] = step
		}
		var result server.LaunchResult
		if err := b.execute("flowls.chooseLaunch", argument, &result); err != nil || result.Offered != "flowls.launch" {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	refused := func() {
		t.Helper()
		var shown protocol.ShowMessageParams
		b.editor.Await("window/showMessage", &shown)
		says(t, shown.Message, "has no package `kubernetes`")
	}
	choose("")
	if got := question("Launch Again on Kubernetes: with which values?", "Launch with defaults"); strings.Join(got, "|") != "Edit values|Launch with defaults" {
		t.Errorf("%q", got)
	}
	refused()
	run := b.ended(b.launch("flowls.run", nil).RunID)
	id := run.MetaflowRunID
	choose("join")
	if got := question("Launch step join of Again on Kubernetes with what run "+id+" made before it?", "From here to the end"); strings.Join(got, "|") != "This step alone|From here to the end" {
		t.Errorf("%q", got)
	}
	refused()
	choose("work")
	question("Launch step work of Again on Kubernetes with what run "+id+" made before it?", "This step alone")
	if got := question("Launch step work with the inputs of which task of run "+id+"?", "items=b · 1 · task 3"); len(got) != 3 {
		t.Errorf("%q", got)
	}
	refused()
	choose("work")
	question("Launch step work of Again on Kubernetes with what run "+id+" made before it?", "")
	if runs := b.runs(); len(runs) != 1 {
		t.Errorf("%+v", runs)
	}
}
