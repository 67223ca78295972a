package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/local"
	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// exports writes an artifact to a file, once.
func (b *workbench) exports(pathspec string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "names.json")
	argument := map[string]any{"uri": b.buffer.URI, "pathspec": pathspec, "file": uri.File(file)}
	var result server.ExportResult
	if err := b.execute("flowls.exportArtifact", argument, &result); err != nil || result.File != uri.File(file) {
		b.t.Errorf("export of %s: %+v, %v", pathspec, result, err)
	}
	if data, err := os.ReadFile(file); err != nil || strings.Join(strings.Fields(string(data)), "") != `["a","b"]` {
		b.t.Errorf("exported %q, %v", data, err)
	}
	if err := b.execute("flowls.exportArtifact", argument, &result); err == nil || !strings.Contains(err.Error(), "exists already") {
		b.t.Errorf("over a file: %v", err)
	}
}

func TestRunFlow(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	if got := b.lensOf("class Score"); got != "▶ Run flow | ☁ Launch on Kubernetes" {
		t.Errorf("lenses before: %q", got)
	}
	if runs := b.runs(); len(runs) != 0 {
		t.Errorf("runs before: %+v", runs)
	}
	started := b.launch("flowls.run", nil)
	b.until("the run can be stopped by its lens", func() bool {
		return strings.HasPrefix(b.lensOf("class Score"), "■ Stop | ☁ Launch on Kubernetes | ●")
	})
	info := b.ended(started.RunID)
	if info.Status != "succeeded" || info.Kind != "run" || info.MetaflowRunID == "" || info.Stoppable || len(info.Steps) != 3 {
		t.Errorf("%+v", info)
	}
	b.until("the lenses tell", func() bool {
		return strings.HasPrefix(b.lensOf("class Score"), "▶ Run flow | ☁ Launch on Kubernetes | ✓ ") &&
			strings.HasPrefix(b.lensOf("def fit"), "▶ Run step | ↻ Resume from here | ☁ Launch on Kubernetes | ✓ ")
	})
	hints := b.hints()
	want := map[string]string{"self.score = 0.93": "0.93", "self.rows = list(range(1000))": "[1000 items] · 2.76 kB", `self.names = ["a", "b"]`: "['a', 'b']", "self.low, self.all = 1, list(range(500))": "low: 1|all: [500 items]"}
	for line, label := range want {
		if hints[line] != label {
			t.Errorf("hint of %s: %q, want %q", line, hints[line], label)
		}
	}
	if len(hints) != len(want) {
		t.Errorf("hints: %q", hints)
	}
	// What was typed since has not run: no value stands beside it.
	b.insertBefore("self.score = 0.93", "y = 1\n        ")
	b.insertBefore("list(range", "[] or ")
	b.insertBefore(`self.names`, "z = 1\n        ")
	if got := b.hints(); len(got) != 3 || got["self.score = 0.93"] != "0.93" || got[`self.names = ["a", "b"]`] == "" {
		t.Errorf("hints after edits: %q", got)
	}
	detail := b.run(started.RunID)
	fit := detail.Steps[1].TasksDetail[0]
	if fit.Status != "succeeded" || len(fit.Artifacts) != 5 {
		t.Errorf("%+v", fit)
	}
	var artifact server.ArtifactInfo
	b.request("flowls/artifact", map[string]any{"uri": b.buffer.URI, "pathspec": "Score/" + info.MetaflowRunID + "/start/" + detail.Steps[0].TasksDetail[0].TaskID + "/rows"}, &artifact)
	if !strings.HasPrefix(artifact.Preview, "[0, 1, 2, 3, ") && artifact.Preview != "[1000 items]" || artifact.Type != "list" {
		t.Errorf("%+v", artifact)
	}
	if d := artifact.Description; d == nil || d.Kind != "list" || d.Length == nil || *d.Length != 1000 || len(d.Parts) != 50 || d.More != 950 || len(artifact.SHA) != 40 {
		t.Errorf("description %+v", d)
	}
	var hover protocol.Hover
	at := b.buffer.At(strings.Index(b.buffer.Text(), "self.score") + 5)
	b.editor.Call(protocol.MethodTextDocumentHover, &at, &hover)
	if said := fmt.Sprintf("%+v", hover.Contents); !strings.Contains(said, "**value** `0.93` · ") || !strings.Contains(said, info.MetaflowRunID) {
		t.Errorf("hover %s", said)
	}
	var log server.LogResult
	b.request("flowls/log", map[string]any{"runId": started.RunID}, &log)
	if !log.Done || !strings.Contains(log.Text, "Done!") {
		t.Errorf("%+v", log)
	}
	begin, end := b.progress()
	if begin != "Run Score" || !strings.HasPrefix(end, "succeeded in ") {
		t.Errorf("progress %q … %q", begin, end)
	}
	b.exports("Score/" + info.MetaflowRunID + "/fit/" + fit.TaskID + "/names")
	if begin, end = b.progress(); begin != "Export names" || end != "wrote names.json" {
		t.Errorf("progress of the export %q … %q", begin, end)
	}
	var changed server.RunChanged
	b.editor.Await("flowls/runChanged", &changed)
	if changed.RunID != started.RunID || changed.Flow != "Score" {
		t.Errorf("%+v", changed)
	}
}

// progress takes the progress of one run: its title and its last message.
func (b *workbench) progress() (begin, end string) {
	b.t.Helper()
	for {
		var p struct {
			Value struct{ Kind, Title, Message string }
		}
		m := b.editor.AwaitMessage("$/progress", func(fakeeditor.Message) bool { return true })
		if err := json.Unmarshal(m.Params, &p); err != nil {
			b.t.Fatal(err)
		}
		switch p.Value.Kind {
		case "begin":
			begin = p.Value.Title
		case "end":
			return begin, p.Value.Message
		}
	}
}

func TestUntrustedWorkspaceRunsNothing(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(false)
	for _, name := range []string{"flowls.run", "flowls.runStep", "flowls.resume"} {
		err := b.execute(name, map[string]any{"uri": b.buffer.URI, "flow": "Score", "step": "fit"}, nil)
		if name == "flowls.run" {
			err = b.execute(name, map[string]any{"uri": b.buffer.URI, "flow": "Score"}, nil)
		}
		if err == nil || !strings.Contains(err.Error(), "not trusted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	registry, err := local.Default()
	if err != nil {
		t.Fatal(err)
	}
	if all, err := registry.List(); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

const failingFlow = `from metaflow import FlowSpec, step

import helper


class Fails(FlowSpec):
    @step
    def start(self):
        self.x = 2
        self.next(self.fit)

    @step
    def fit(self):
        helper.check(self.x)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Fails()
`

func TestFailureInTheCode(t *testing.T) {
	b := newWorkbench(t, "Fails", failingFlow)
	helper := filepath.Join(b.dir, "helper.py")
	if err := os.WriteFile(helper, []byte("def check(x):\n    if x == 2:\n        raise ValueError('two is too many')\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(true)
	started := b.launch("flowls.run", nil)
	found := b.diagnostics("the exception", func(d []protocol.Diagnostic) bool { return len(b.failures(d)) > 0 })
	d, ok := b.failures(found)["helper.check(self.x)"]
	if !ok || !strings.HasPrefix(string(d.Message.(protocol.String)), "ValueError: two is too many\nraised in run ") {
		t.Fatalf("%+v", found)
	}
	if len(d.RelatedInformation) != 1 || d.RelatedInformation[0].Location.URI.FsPath() != helper || d.RelatedInformation[0].Location.Range.Start.Line != 2 {
		t.Errorf("related: %+v", d.RelatedInformation)
	}
	if info := b.ended(started.RunID); info.Status != "failed" {
		t.Errorf("%+v", info)
	}
	b.until("the lenses tell", func() bool {
		return strings.Contains(b.lensOf("class Fails"), "▶ Run flow | ☁ Launch on Kubernetes | ✗ failed after ") && strings.HasSuffix(b.lensOf("def fit"), "| ✗ failed · ValueError")
	})
	if got := b.lensOf("def end"); strings.Contains(got, "✗") || strings.Contains(got, "waiting") {
		t.Errorf("lens of the step that never ran: %q", got)
	}

	// Edits move it, and it survives the findings of the rules.
	b.insertBefore("import helper", "import os\n\n")
	b.insertBefore("        helper.check", "        y = 1  # new\n")
	b.insertBefore("self.next(self.end)", "")
	moved := b.diagnostics("the exception after edits", func(d []protocol.Diagnostic) bool {
		f, ok := b.failures(d)["helper.check(self.x)"]
		return ok && int(f.Range.Start.Line) == b.lineOf("helper.check(self.x)")
	})
	if len(moved) != 1 {
		t.Errorf("%+v", moved)
	}

	// A later run in which the step succeeds takes it away: here a spin.
	b.save(strings.Replace(b.buffer.Text(), "helper.check(self.x)", "helper.check(1)", 1))
	spin := b.launch("flowls.runStep", map[string]any{"step": "fit"})
	b.diagnostics("no exception any more", func(d []protocol.Diagnostic) bool { return len(b.failures(d)) == 0 })
	if info := b.ended(spin.RunID); info.Kind != "spin" || info.Status != "succeeded" {
		t.Errorf("%+v", info)
	}
	b.until("the lens tells", func() bool { return strings.Contains(b.lensOf("def fit"), "| ✓ ") })
	b.editor.Discard("window/showMessage") // the file has unsaved changes
}

func TestStepThatNeverRanIsOffered(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	asked := make(chan string, 4)
	accept := make(chan bool, 4)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p.Message
		if <-accept {
			return &p.Actions[0]
		}
		return nil
	}
	accept <- false
	if got := b.launch("flowls.runStep", map[string]any{"step": "fit"}); got.RunID != "" || got.Offered != "flowls.run" {
		t.Errorf("%+v", got)
	}
	if m := <-asked; !strings.Contains(m, "no run of Score yet") {
		t.Errorf("asked %q", m)
	}
	if runs := b.runs(); len(runs) != 0 {
		t.Errorf("dismissed, and yet: %+v", runs)
	}
	accept <- true
	b.launch("flowls.resume", map[string]any{"step": "fit"})
	<-asked
	b.until("the flow runs", func() bool { r := b.runs(); return len(r) == 1 && r[0].Kind == "run" })
	first := b.ended(b.runs()[0].RunID)
	if first.Status != "succeeded" {
		t.Fatalf("%+v", first)
	}
	// Now there are inputs.
	resumed := b.launch("flowls.resume", map[string]any{"step": "fit"})
	info := b.ended(resumed.RunID)
	if info.Kind != "resume" || info.Status != "succeeded" || info.OriginRunID != first.MetaflowRunID {
		t.Errorf("%+v", info)
	}
	b.until("the lens tells", func() bool { return strings.HasSuffix(b.lensOf("def start"), "| ✓ cloned") })
	b.editor.Discard("window/showMessageRequest")
}

func TestRunFromTerminal(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(false) // looking needs no trust
	cmd := b.terminal("run")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.until("the run shows up", func() bool {
		return strings.Contains(b.lensOf("def fit"), "✓ ") && b.hints()["self.score = 0.93"] == "0.93"
	})
	runs := b.runs()
	if len(runs) != 1 || runs[0].RunID != "" || runs[0].Status != "succeeded" || runs[0].Stoppable {
		t.Errorf("%+v", runs)
	}
}

// A system without file events: the clock finds the run.
func TestRunWithoutFileEvents(t *testing.T) {
	server.WithoutFileEvents(t)
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(false)
	if runs := b.runs(); len(runs) != 0 {
		t.Errorf("runs before: %+v", runs)
	}
	if out, err := b.terminal("run").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.until("the run shows up", func() bool { return strings.Contains(b.lensOf("def fit"), "✓ ") })
	b.buffer.Close() // forgets the flow
}

const sleepingFlow = `from metaflow import FlowSpec, step
import time


class Sleeps(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.nap)

    @step
    def nap(self):
        time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Sleeps()
`

// A run survives the server that started it; the next one finds it and can stop it.
func TestRunSurvivesTheServer(t *testing.T) {
	b := newWorkbench(t, "Sleeps", sleepingFlow)
	b.open(true)
	started := b.launch("flowls.run", nil)
	b.until("the step runs", func() bool { return strings.HasSuffix(b.lensOf("def nap"), "| ● running") })
	if got := b.lensOf("def end"); !strings.HasSuffix(got, "| ○ waiting") {
		t.Errorf("lens of the step to come: %q", got)
	}
	if h := b.hints()["self.x = 1"]; h != "1" {
		t.Errorf("hint while the flow runs: %q", h)
	}
	b.close()
	b.open(true)
	b.until("the new server shows it", func() bool { return strings.HasSuffix(b.lensOf("def nap"), "| ● running") })
	if r := b.run(started.RunID); r.Status != "running" || !r.Stoppable {
		t.Errorf("%+v", r)
	}
	var result server.StopResult
	if err := b.execute("flowls.stop", map[string]any{"uri": b.buffer.URI, "flow": "Sleeps"}, &result); err != nil {
		t.Fatal(err)
	}
	if result.RunID != started.RunID || result.Status != "stopped" {
		t.Errorf("%+v", result)
	}
	b.until("the lenses tell", func() bool {
		return strings.HasPrefix(b.lensOf("class Sleeps"), "▶ Run flow | ☁ Launch on Kubernetes | ■ stopped after ") && strings.HasSuffix(b.lensOf("def nap"), "| ■ stopped")
	})
}

// Cancelling the progress stops the run.
func TestCancelProgressStops(t *testing.T) {
	b := newWorkbench(t, "Sleeps", sleepingFlow)
	b.open(true)
	started := b.launch("flowls.run", nil)
	b.until("the step runs", func() bool { return strings.HasSuffix(b.lensOf("def nap"), "| ● running") })
	m := b.editor.AwaitMessage("$/progress", func(m fakeeditor.Message) bool { return strings.Contains(string(m.Params), "begin") })
	var p struct{ Token string }
	if err := json.Unmarshal(m.Params, &p); err != nil {
		t.Fatal(err)
	}
	b.editor.Notify(protocol.MethodWindowWorkDoneProgressCancel, &protocol.WorkDoneProgressCancelParams{Token: protocol.String(p.Token)})
	if info := b.ended(started.RunID); info.Status != "stopped" {
		t.Errorf("%+v", info)
	}
	if _, end := b.progress(); !strings.HasPrefix(end, "stopped after ") {
		t.Errorf("end of the progress: %q", end)
	}

	// A single step is stopped by its own lens; the run before shows through again as it was.
	spin := b.launch("flowls.runStep", map[string]any{"step": "nap"})
	b.until("the spin runs", func() bool {
		return strings.Contains(b.lensOf("def nap"), "■ Stop | ↻ Resume from here | ☁ Launch on Kubernetes | ● ")
	})
	if err := b.execute("flowls.stop", map[string]any{"runId": spin.RunID}, nil); err != nil {
		t.Error(err)
	}
	if info := b.ended(spin.RunID); info.Kind != "spin" || info.Status != "stopped" {
		t.Errorf("%+v", info)
	}
}

func TestNoMetaflow(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	bare := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(bare, []byte("#!/bin/sh\nexec /usr/bin/env python3 -S -I \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.open(true)
	b.editor.Notify(protocol.MethodWorkspaceDidChangeConfiguration, &protocol.DidChangeConfigurationParams{
		Settings: protocol.LSPAny(`{"flowls": {"interpreter": ` + string(mustJSON(t, bare)) + `}}`),
	})
	b.editor.Configuration["flowls"] = map[string]any{"interpreter": bare}
	err := b.execute("flowls.run", map[string]any{"uri": b.buffer.URI, "flow": "Score"}, nil)
	var e *jsonrpc2.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, bare+" -m pip install metaflow") {
		t.Errorf("%v", err)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
