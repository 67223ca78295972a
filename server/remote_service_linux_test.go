package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runnertest"
	"flowls/runner/runstate/service/servicetest"
	"flowls/server"

	"go.lsp.dev/protocol"
)

// Runs of the metadata service stand beside local ones once they were asked for,
// and one of them, once chosen, in the code, with the values it keeps in S3.
func TestServiceRunsInTheCode(t *testing.T) {
	b := newWorkbench(t, "Far", remoteFlow)
	service := servicetest.Start(t, "the-key")
	env := append(runnertest.StartS3(t).Env, "METAFLOW_SERVICE_URL="+service.URL, "METAFLOW_SERVICE_AUTH_KEY=the-key")
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if out, err := b.inTerminal(nil, "run"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	remotely := []string{"--datastore", "s3", "--metadata", "service", "run"}
	if out, err := b.inTerminal(nil, remotely...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := b.inTerminal(nil, append(remotely, "--fail", "True")...); err == nil {
		t.Fatalf("it did not fail\n%s", out)
	}
	asked := service.Requests.Load()
	b.open(true)
	b.until("values of the local run", func() bool { return len(b.hints()) == 8 })
	local := b.hints()
	here := b.newestRun()
	if n := len(b.runs()); n != 1 {
		t.Errorf("%d runs before they were asked for", n)
	}
	if n := service.Requests.Load() - asked; n != 0 || len(agents(t)) != 0 {
		t.Fatalf("%d requests, agents %v before anyone asked", n, agents(t))
	}
	var raw json.RawMessage
	if err := b.execute("flowls.showRemoteRuns", map[string]any{"uri": b.buffer.URI, "flow": "Far"}, &raw); err != nil {
		t.Fatal(err)
	}
	b.editor.Discard("window/showMessage")
	b.until("the runs of the service are listed", func() bool { return len(b.runs()) == 3 })
	var failed, succeeded string
	for _, run := range b.runs() {
		switch {
		case run.MetaflowRunID == here:
			if !run.Shown {
				t.Error("another run is shown than the local one, and nobody chose it")
			}
		case run.Status == "failed" || run.Status == "running": // its last heartbeat may be a moment ago
			failed = run.MetaflowRunID
		case run.Status == "succeeded":
			succeeded = run.MetaflowRunID
		}
	}
	if failed == "" || succeeded == "" {
		t.Fatalf("%+v", b.runs())
	}
	if lens := b.lensOf("class Far"); !strings.Contains(lens, "↕ 3 runs") {
		t.Errorf("lens %q", lens)
	}
	choose := func(id string) {
		t.Helper()
		if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Far", "runId": id}, nil); err != nil {
			t.Fatal(err)
		}
	}
	choose(succeeded)
	shown := func(id string) bool {
		i := slices.IndexFunc(b.runs(), func(r server.RunInfo) bool { return r.MetaflowRunID == id })
		return b.runs()[i].Shown
	}
	b.until("values as of the local run", func() bool { return shown(succeeded) && fmt.Sprint(b.hints()) == fmt.Sprint(local) })
	b.until("the steps tell", func() bool {
		return strings.Contains(b.lensOf("def work"), "✓") && strings.Contains(b.lensOf("def start"), "▤ Card")
	})
	if said := b.hover("self.rate"); !strings.Contains(said, "**value** `0.465`") || !strings.Contains(said, "Far/"+succeeded+"/start/") {
		t.Errorf("hover %q", said)
	}
	detail := b.run(succeeded)
	if len(detail.Steps) != 4 || len(detail.Steps[1].TasksDetail) != 2 || len(detail.Steps[1].TasksDetail[0].Artifacts) != 8 {
		t.Fatalf("%+v", detail)
	}
	if log := b.log(map[string]any{"runId": succeeded, "step": "work", "uri": b.buffer.URI, "flow": "Far"}); !strings.Contains(log.Text, "worked on a") || !log.Done {
		t.Errorf("log %+v", log)
	}
	b.exports("Far/" + succeeded + "/start/" + detail.Steps[0].TasksDetail[0].TaskID + "/items")
	var diff server.DiffResult
	b.request("flowls/diff", map[string]any{"uri": b.buffer.URI, "flow": "Far", "runId": succeeded, "otherId": here}, &diff)
	if !strings.Contains(diff.Text, "## Artifacts\n\n  no difference") || !strings.Contains(diff.Text, "## Parameters\n\n  no difference") {
		t.Errorf("difference to the local run:\n%s", diff.Text)
	}
	// A run that has ended is not asked for again.
	done := service.Requests.Load()
	choose("")
	b.until("the local run is shown again", func() bool { return shown(here) })
	choose(succeeded)
	b.until("the run of the service is shown again", func() bool { return shown(succeeded) && fmt.Sprint(b.hints()) == fmt.Sprint(local) })
	if n := service.Requests.Load() - done; n != 0 {
		t.Errorf("%d requests for a run that had ended", n)
	}
	choose(failed)
	b.diagnostics("the exception stands at its line", func(all []protocol.Diagnostic) bool {
		d, ok := b.failures(all)["raise ValueError(\"bad input \" + self.input)"]
		return ok && strings.HasPrefix(string(d.Message.(protocol.String)), "ValueError: bad input b\n")
	})
}
