package server_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowls/analysis/text"
	"flowls/runner/local"
	"flowls/runner/runnertest"
	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// bench is a workspace with one flow, and an editor with the flow open.
type workbench struct {
	t      *testing.T
	dir    string
	path   string
	flow   string
	editor *fakeeditor.Editor
	buffer *fakeeditor.Buffer
	shows  []string // commands of the client, for the next open
}

const scoreFlow = `from metaflow import FlowSpec, step


class Score(FlowSpec):
    @step
    def start(self):
        self.score = 0.93
        self.rows = list(range(1000))
        self.next(self.fit)

    @step
    def fit(self):
        self.names = ["a", "b"]
        self.low, self.all = 1, list(range(500))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Score()
`

// newWorkbench needs the real Metaflow. State of runs goes to a folder of the test.
func newWorkbench(t *testing.T, flow, source string) *workbench {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(t.TempDir(), "state"))
	for _, pair := range runnertest.Env(dir) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	b := &workbench{t: t, dir: dir, flow: flow, path: filepath.Join(dir, "flow.py")}
	b.save(source)
	t.Cleanup(b.stopAll)
	return b
}

func (b *workbench) save(source string) {
	b.t.Helper()
	if err := os.WriteFile(b.path, []byte(source), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// stopAll leaves no run behind, whatever the test did.
func (b *workbench) stopAll() {
	registry, err := local.Default()
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := registry.List()
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own has ended
	defer cancel()
	for _, r := range all {
		if _, err := registry.Stop(ctx, r.ID); err != nil {
			b.t.Error(err)
		}
	}
}

// open starts a server and an editor.
func (b *workbench) open(trusted bool) {
	b.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	b.editor = fakeeditor.Start(b.t, fakeeditor.Options{
		Server:  server.Options{Executable: exe},
		Folders: []string{b.dir},
		Capabilities: func(c *protocol.ClientCapabilities) {
			if len(b.shows) == 0 {
				return
			}
			raw, err := json.Marshal(map[string]any{"flowls": map[string]any{"runChanged": true, "commands": b.shows}})
			if err != nil {
				b.t.Fatal(err)
			}
			c.Experimental = raw
		},
		InitializationOptions: map[string]any{"trusted": trusted, "interpreter": runnertest.Python(b.t)},
	})
	source, err := os.ReadFile(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.buffer = b.editor.Open(uri.File(b.path), string(source))
	b.editor.Ignored = noise
}

// noise is what comes at any time.
var noise = []string{
	"flowls/runChanged", "flowls/graphChanged", "flowls/serverStatus", "$/progress", "window/logMessage",
	protocol.MethodTextDocumentPublishDiagnostics, protocol.MethodWorkspaceCodeLensRefresh, protocol.MethodWorkspaceInlayHintRefresh,
}

// close ends server and editor; the workbench can be opened again.
func (b *workbench) close() {
	b.t.Helper()
	if err := b.editor.Shutdown(); err != nil {
		b.t.Error(err)
	}
}

func (b *workbench) execute(name string, argument map[string]any, result any) error {
	raw, err := json.Marshal(argument)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.editor.TryCall(protocol.MethodWorkspaceExecuteCommand, &protocol.ExecuteCommandParams{
		Command: name, Arguments: []protocol.LSPAny{raw},
	}, result)
}

func (b *workbench) launch(name string, argument map[string]any) server.LaunchResult {
	b.t.Helper()
	if argument == nil {
		argument = map[string]any{}
	}
	argument["uri"], argument["flow"] = b.buffer.URI, b.flow
	return b.started(name, argument)
}

// started is the answer of a command that starts a run, or offers to.
func (b *workbench) started(name string, argument map[string]any) server.LaunchResult {
	b.t.Helper()
	var raw json.RawMessage
	if err := b.execute(name, argument, &raw); err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	var result struct {
		RunID, Offered string
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		b.t.Fatal(err)
	}
	return server.LaunchResult{RunID: result.RunID, Offered: result.Offered}
}

func (b *workbench) request(method string, params map[string]any, result any) {
	b.t.Helper()
	raw, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	var answer json.RawMessage
	b.editor.Call(method, json.RawMessage(raw), &answer)
	if err := json.Unmarshal(answer, result); err != nil {
		b.t.Fatalf("%s: %v", answer, err)
	}
}

func (b *workbench) runs() []server.RunInfo {
	b.t.Helper()
	var result server.RunsResult
	b.request("flowls/runs", map[string]any{"uri": b.buffer.URI, "flow": b.flow}, &result)
	return result.Runs
}

func (b *workbench) run(id string) server.RunInfo {
	b.t.Helper()
	var result server.RunInfo
	b.request("flowls/run", map[string]any{"uri": b.buffer.URI, "flow": b.flow, "runId": id}, &result)
	return result
}

// until polls what the server answers.
func (b *workbench) until(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			b.t.Fatalf("not within 2 min: %s\nruns: %+v\nlenses: %v\nhints: %v", what, b.runs(), b.lenses(), b.hints())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// ended waits until the server knows that a run has ended, and how.
func (b *workbench) ended(id string) server.RunInfo {
	b.t.Helper()
	var info server.RunInfo
	b.until("run "+id+" has ended", func() bool {
		for _, r := range b.runs() {
			if r.RunID == id || r.MetaflowRunID == id {
				info = r
			}
		}
		return info.EndedAt != ""
	})
	return info
}

// lenses are the titles, by line (from 0), joined by " | ".
func (b *workbench) lenses() map[int]string {
	b.t.Helper()
	var list []protocol.CodeLens
	b.editor.Call(protocol.MethodTextDocumentCodeLens, &protocol.CodeLensParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI},
	}, &list)
	m := map[int]string{}
	for _, l := range list {
		line := int(l.Range.Start.Line)
		if m[line] != "" {
			m[line] += " | "
		}
		m[line] += l.Command.Title
	}
	return m
}

// lensOf is the lens line above the first line that contains some text.
func (b *workbench) lensOf(text string) string {
	b.t.Helper()
	return b.lenses()[b.lineOf(text)]
}

func (b *workbench) lineOf(text string) int {
	b.t.Helper()
	before, _, found := strings.Cut(b.buffer.Text(), text)
	if !found {
		b.t.Fatalf("%q is not in the text", text)
	}
	return strings.Count(before, "\n")
}

// hints are the labels by the text of their line.
func (b *workbench) hints() map[string]string {
	b.t.Helper()
	var list []struct {
		Position protocol.Position
		Label    string
	}
	var raw json.RawMessage
	b.editor.Call(protocol.MethodTextDocumentInlayHint, &protocol.InlayHintParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI},
		Range:        protocol.Range{End: protocol.Position{Line: 10000}},
	}, &raw)
	if err := json.Unmarshal(raw, &list); err != nil {
		b.t.Fatal(err)
	}
	lines := strings.Split(b.buffer.Text(), "\n")
	m := map[string]string{}
	for _, h := range list {
		line := lines[h.Position.Line]
		if int(h.Position.Character) != len(line) {
			b.t.Errorf("hint %q stands at column %d of %q", h.Label, h.Position.Character, line)
		}
		if text := strings.TrimSpace(line); m[text] != "" {
			m[text] += "|" + h.Label
		} else {
			m[text] = h.Label
		}
	}
	return m
}

// failures are the diagnostics of runs, by the text of their line.
func (b *workbench) failures(d []protocol.Diagnostic) map[string]protocol.Diagnostic {
	lines := strings.Split(b.buffer.Text(), "\n")
	m := map[string]protocol.Diagnostic{}
	for _, d := range d {
		if source, _ := d.Source.Get(); source == "flowls run" {
			m[strings.TrimSpace(lines[d.Range.Start.Line])] = d
		}
	}
	return m
}

// diagnostics are the newest that were published and satisfy the condition.
func (b *workbench) diagnostics(what string, fits func([]protocol.Diagnostic) bool) []protocol.Diagnostic {
	b.t.Helper()
	var p protocol.PublishDiagnosticsParams
	for {
		b.editor.Await(protocol.MethodTextDocumentPublishDiagnostics, &p)
		if p.URI == b.buffer.URI && fits(p.Diagnostics) {
			return p.Diagnostics
		}
	}
}

// insertBefore puts text before some other text.
func (b *workbench) insertBefore(what, insert string) {
	b.t.Helper()
	at := strings.Index(b.buffer.Text(), what)
	if at < 0 {
		b.t.Fatalf("%q is not in the text", what)
	}
	b.buffer.Edit(text.Edit{Span: text.Span{Start: at, End: at}, New: insert})
}

// terminal runs Metaflow as a user in a terminal would.
func (b *workbench) terminal(args ...string) *exec.Cmd {
	b.t.Helper()
	cmd := exec.Command(runnertest.Python(b.t), append([]string{b.path}, args...)...)
	cmd.Dir = b.dir
	return cmd
}
