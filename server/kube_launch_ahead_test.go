package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/runner/runnertest"
	"flowls/server"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// launchingPython is the Python of the tests in an environment that seems to have
// the package with which Metaflow launches.
func launchingPython(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "bin", "python")
	for name, content := range map[string]string{
		path: "#!/bin/sh\nexec " + runnertest.Python(t) + " \"$@\"\n",
		filepath.Join(dir, "lib", "python3.0", "site-packages", "kubernetes", "__init__.py"): "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// canLaunch gives the workbench what a launch needs.
func (b *workbench) canLaunch() {
	b.t.Helper()
	python := launchingPython(b.t)
	b.configure(map[string]any{"interpreter": python})
	b.until("the interpreter has arrived", func() bool {
		line, err := b.line("flowls.run", nil)
		return err == nil && strings.Contains(line.CommandLine, python)
	})
	b.editor.Ignored = append(slices.Clone(noise), protocol.MethodWindowShowMessage, protocol.MethodWindowShowMessageRequest, protocol.MethodWindowShowDocument)
}

// launches gives the command; what is launched fails soon, without the package.
func (b *workbench) launches(argument map[string]any) (result server.LaunchResult) {
	b.t.Helper()
	whole := map[string]any{"uri": b.buffer.URI, "flow": b.flow}
	for name, value := range argument {
		whole[name] = value
	}
	if err := b.execute("flowls.launch", whole, &result); err != nil {
		b.t.Fatal(err)
	}
	return result
}

// A launch is compared with the cluster: what cannot run is asked about, and what
// the answer is counts.
func TestLaunchAsksAboutWhatCannotRun(t *testing.T) {
	b, a, _ := onCluster(t, nil)
	b.canLaunch()
	asked := make(chan protocol.ShowMessageRequestParams, 1)
	answer := make(chan string, 1)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p
		title := <-answer
		if title == "" {
			return nil
		}
		return &protocol.MessageActionItem{Title: title}
	}
	ask := func(reply string) {
		t.Helper()
		if result := b.launches(nil); result.Offered != "flowls.launch" || result.RunID != "" {
			t.Fatalf("%+v", result)
		}
		p := <-asked
		want := "Train cannot run on the cluster as things are: step `fit`: The namespace `default` has no secret `s3-acces`; did you mean `s3-access`? (and 1 more)"
		if p.Message != want || p.Type != protocol.MessageTypeWarning || len(p.Actions) != 2 || p.Actions[0].Title != "Launch anyway" || p.Actions[1].Title != "Show problems" {
			t.Errorf("%+v", p)
		}
		answer <- reply
	}
	ask("")
	b.diagnostics("the findings", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 2 })
	ask("Show problems")
	var shown protocol.ShowDocumentParams
	b.editor.Await(protocol.MethodWindowShowDocument, &shown)
	if shown.URI != b.buffer.URI || shown.Selection == nil || b.buffer.Text()[b.buffer.Offset(shown.Selection.Start):b.buffer.Offset(shown.Selection.End)] != `"s3-acces"` {
		t.Errorf("%+v", shown)
	}
	if runs := b.runs(); len(runs) != 0 {
		t.Fatalf("started: %+v", runs)
	}
	ask("Launch anyway")
	b.until("it is launched", func() bool { return len(b.runs()) == 1 })

	// One that gave up asking has no answer; one that cannot ask gets what the user
	// wanted, and what is in the way.
	refusals := make(chan error, 2)
	b.editor.Refuse = func() error { return <-refusals }
	b.editor.Discard(protocol.MethodWindowShowMessage)
	for _, refusal := range []error{protocol.ErrRequestCancelled, jsonrpc2.ErrMethodNotFound} {
		b.launches(nil)
		refusals <- refusal
	}
	b.until("it is launched", func() bool { return len(b.runs()) == 2 })
	b.editor.Refuse = nil

	// What the user silenced is not asked about, nor what is mended.
	b.buffer.Replace(strings.Replace(clusterFlow, "128_000)", "128_000)  # flowls: ignore[MF839]", 1))
	b.buffer.Replace(strings.Replace(b.buffer.Text(), "s3-acces\"", "s3-access\"", 1))
	last := b.launches(nil)
	if last.RunID == "" {
		t.Errorf("%+v", last)
	}
	b.until("it is launched", func() bool {
		return slices.ContainsFunc(b.runs(), func(r server.RunInfo) bool { return r.RunID == last.RunID })
	})
	if runs := b.runs(); len(runs) != 3 {
		t.Errorf("%d runs: %+v", len(runs), runs)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.asked, "POST /apis/batch/v1/namespaces/default/jobs") {
		t.Errorf("no dry run: %q", a.asked)
	}
}

// What comes before the step of a resume is cloned, and has no task; of a step
// alone nothing else counts.
func TestLaunchComparesWhatItRuns(t *testing.T) {
	b := newWorkbench(t, "Again", againFlow)
	for _, pair := range append(runnertest.StartS3(t).Env, "METAFLOW_DEFAULT_DATASTORE=s3") {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	path, _ := startAPIServer(t).kubeconfig(t)
	t.Setenv("KUBECONFIG", path)
	if err := os.WriteFile(filepath.Join(b.dir, "mended"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(true)
	b.ended(b.launch("flowls.run", nil).RunID)
	b.canLaunch()
	b.buffer.Replace(strings.NewReplacer("import FlowSpec, step", "import FlowSpec, kubernetes, step",
		"    @step\n    def work", "    @kubernetes(secrets=[\"nothere\"])\n    @step\n    def work").Replace(againFlow))
	for _, c := range []struct {
		argument map[string]any
		offered  bool
	}{
		{nil, true},
		{map[string]any{"step": "start"}, true},
		{map[string]any{"step": "join"}, false},
		{map[string]any{"step": "start", "alone": true}, false},
		{map[string]any{"step": "work", "alone": true}, true},
	} {
		if result := b.launches(c.argument); (result.Offered != "") != c.offered {
			t.Errorf("%v: %+v", c.argument, result)
		}
	}
}

// A cluster that does not answer keeps nobody from launching.
func TestLaunchDoesNotWaitForTheCluster(t *testing.T) {
	b, a, _ := onCluster(t, nil)
	b.canLaunch()
	a.mu.Lock()
	a.hang = make(chan struct{})
	a.mu.Unlock()
	defer close(a.hang)
	begin := time.Now()
	result := b.launches(nil)
	if took := time.Since(begin); result.RunID == "" || took > 20*time.Second {
		t.Errorf("%+v after %v", result, took)
	}
	if found := b.fromCluster(b.buffer.Diagnostics()); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// Nor does a check that waits for it already.
func TestLaunchDoesNotWaitForAnotherCheck(t *testing.T) {
	b, a, _ := onCluster(t, map[string]any{"preflight": true})
	b.canLaunch()
	b.diagnostics("the findings", func(d []protocol.Diagnostic) bool { return len(b.fromCluster(d)) == 2 })
	a.mu.Lock()
	a.hang = make(chan struct{})
	a.mu.Unlock()
	checked := make(chan error, 1)
	go func() {
		checked <- b.execute("flowls.preflight", map[string]any{"uri": b.buffer.URI, "flow": b.flow}, nil)
	}()
	b.until("the check waits", func() bool { return a.posts() > 0 })
	b.launches(nil)
	select {
	case err := <-checked:
		t.Errorf("the launch came after the check: %v", err)
	default:
	}
	close(a.hang)
	<-checked
}

// Who has so many steps that not all can be tried in time is told.
func TestLaunchSaysWhatIsNotChecked(t *testing.T) {
	var steps strings.Builder
	const many = 40
	for i := range many {
		fmt.Fprintf(&steps, "    @kubernetes(disk=%d)\n    @step\n    def s%d(self):\n        self.next(self.s%d)\n\n", 1000+i, i, i+1)
	}
	b, _, _ := onCluster(t, nil)
	b.canLaunch()
	b.buffer.Replace(strings.NewReplacer(
		"self.next(self.fit)", "self.next(self.s0)", "def fit", fmt.Sprintf("def s%d", many), "s3-acces\"", "s3-access\"", "128_000", "1000",
		"    @kubernetes", steps.String()+"    @kubernetes").Replace(clusterFlow))
	if result := b.launches(nil); result.RunID == "" {
		t.Fatalf("%+v", result)
	}
	for {
		begin, end := b.progress()
		if begin == "Check Train against the cluster" {
			if end != "not all was checked against the cluster within 3s" {
				t.Errorf("it ends with %q", end)
			}
			return
		}
	}
}

// An agent that falls over is no fault of the cluster, and keeps nobody from launching.
func TestLaunchWhenTheAgentFalls(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "falls")
	t.Setenv(agentFalls, mark)
	b, _, _ := onCluster(t, nil)
	b.canLaunch()
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if result := b.launches(nil); result.RunID == "" {
		t.Errorf("%+v", result)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("no agent was asked")
	}
	if found := b.fromCluster(b.buffer.Diagnostics()); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	if result := b.launches(nil); result.Offered == "" { // the next one stands
		t.Errorf("%+v", result)
	}
}
