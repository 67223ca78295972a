//go:build linux

package systemtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/text"
	"flowls/runner/runstate/service/servicetest"
	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// TestMain plays the programs of TestTracerNotices.
func TestMain(m *testing.M) {
	switch os.Getenv("SYSTEMTEST_CONTROL") {
	case "":
		os.Exit(m.Run())
	case "nothing":
		done := make(chan bool)
		go func() { fmt.Println("ok"); close(done) }()
		<-done
	case "socket":
		if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
			l.Close()
		}
	case "kubeconfig":
		os.ReadFile("/nothere/kubeconfig")
	case "process":
		exec.Command("/bin/true").Run()
	}
}

// The test below can only mean something if the tracer notices what it is about.
func TestTracerNotices(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for control, want := range map[string]string{"nothing": "", "socket": "socket", "process": "exec", "kubeconfig": "open of /nothere/kubeconfig"} {
		tr, ended, err := trace(self, []string{self}, append(os.Environ(), "SYSTEMTEST_CONTROL="+control), []*os.File{nil, os.Stderr, os.Stderr})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Fatalf("%s: %v", control, err)
		}
		noted, calls := tr.found()
		if got := strings.Join(noted, "; "); (want == "") != (got == "") || !strings.Contains(got, want) || calls == 0 {
			t.Errorf("%s: noted %q in %d calls", control, got, calls)
		}
	}
}

// Security invariant 1: opening, editing, hovering and browsing start no
// process and open no socket, trusted or not.
func TestBrowsingStartsNothing(t *testing.T) {
	binary := build(t)
	for _, trusted := range []bool{false, true} {
		folder := workspace(t)
		tr, e := start(t, binary, folder, trusted)
		e.Ignored = []string{"workspace/codeLens/refresh", "workspace/inlayHint/refresh"} // the run is found
		browse(t, e, folder)
		// Before the end: closing is not what is asserted.
		noted, calls := tr.found()
		if _, err := os.Stat(filepath.Join(folder, "owned")); err == nil {
			t.Error("the command of a value was run")
		}
		if len(noted) > 0 {
			t.Errorf("trusted=%v: %s", trusted, strings.Join(noted, "; "))
		}
		if calls < 100 {
			t.Errorf("trusted=%v: only %d system calls were seen", trusted, calls)
		}
		e.Close()
	}
}

func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("go", "build", "-o", dir+"/", "flowls/cmd/flowls", "flowls/cmd/flowls-agent").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "flowls")
}

// workspace is a folder with everything that could tempt a server: an
// interpreter, runs of the flow, project files.
func workspace(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"flow.py":                       source,
		".venv/bin/python":              "#!/bin/sh\necho tempted\n",
		".venv/pyvenv.cfg":              "version = 3.11.0\n",
		".metaflow/TempFlow/latest_run": "1700000000000000",
		".metaflow/TempFlow/1700000000000000/_meta/_self.json":                               `{"flow_id":"TempFlow","run_number":"1700000000000000","user_name":"u","tags":[],"system_tags":[],"ts_epoch":1700000000000}`,
		".metaflow/TempFlow/1700000000000000/_parameters/1/_meta/sysmeta_script-name_1.json": record(`"step_name":"_parameters","task_id":"1","field_name":"script-name","type":"script-name","value":"flow.py"`),
		task + "_meta/_self.json":                          record(`"step_name":"start","task_id":"1"`),
		task + "_meta/sysmeta_attempt_ok_2.json":           record(`"step_name":"start","task_id":"1","field_name":"attempt_ok","type":"internal_attempt_status","value":"True","tags":["attempt_id:0"]`),
		task + "0.attempt.json":                            `{"time":1700000000.5}`,
		task + "0.task_begin":                              `{"retry_count":0}`,
		task + "0.task_end":                                `{}`,
		task + "0.DONE.lock":                               `""`,
		task + "0.data.json":                               `{"datastore":"local","version":"1.0","attempt":0,"objects":{"x":"` + tempting + `"},"info":{"x":{"size":40,"type":"<class 'flow.Thing'>","encoding":"pickle-v4"}}}`,
		".metaflow/TempFlow/data/ab/" + tempting:           "cos\nsystem\n(S'touch owned'\ntR.",
		".metaflow/TempFlow/data/ab/" + tempting + "_meta": `{"cas_raw":true,"cas_version":1}`,
		"pyproject.toml":                                   "[tool.flowls]\n",
		"kubeconfig":                                       tempter,
		".kube/config":                                     tempter,
		".vscode/settings.json":                            `{"flowls.kubernetes.preflight": true, "flowls.kubernetes.kubeconfig": "kubeconfig"}`,
		"shared/ends.py":                                   "from metaflow import step\n\n\nclass Ends:\n    @step\n    def end(self):\n        pass\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// tempter is a kubeconfig that would run a program.
const tempter = `{"apiVersion": "v1", "kind": "Config", "current-context": "c", "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
"contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "users": [{"name": "u", "user": {"exec": {
"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": ["owned"], "interactiveMode": "Never"}}}]}`

// tempting is a value that would run a command, were it unpickled.
const (
	tempting = "abababababababababababababababababababab"
	task     = ".metaflow/TempFlow/1700000000000000/start/1/"
)

// record is what Metaflow notes, with more about a task.
func record(more string) string {
	return `{"flow_id":"TempFlow","run_number":"1700000000000000","user_name":"u","tags":[],"system_tags":[],"ts_epoch":1700000000000,` + more + `}`
}

// Beyond the machine leads only the command that asks for it, through a process
// of its own.
func TestRemoteOnlyWhenAsked(t *testing.T) {
	service := servicetest.Start(t, "")
	t.Setenv("METAFLOW_SERVICE_URL", service.URL)
	folder := workspace(t)
	tr, e := start(t, build(t), folder, true)
	e.Ignored = []string{"workspace/codeLens/refresh", "workspace/inlayHint/refresh"} // the run is found
	browse(t, e, folder)
	if noted, _ := tr.found(); len(noted) > 0 || service.Requests.Load() > 0 {
		t.Errorf("before the command: %s, %d requests", strings.Join(noted, "; "), service.Requests.Load())
	}
	argument, err := json.Marshal(map[string]any{"uri": uri.File(filepath.Join(folder, "flow.py")), "flow": "TempFlow"})
	if err != nil {
		t.Fatal(err)
	}
	var raw json.RawMessage
	e.Ignored = append(e.Ignored, "window/showMessage")
	if err := e.TryCall(protocol.MethodWorkspaceExecuteCommand, &protocol.ExecuteCommandParams{
		Command: "flowls.showRemoteRuns", Arguments: []protocol.LSPAny{argument},
	}, &raw); err != nil {
		t.Fatal(err)
	}
	noted, _ := tr.found()
	if !slices.Contains(noted, "exec") || service.Requests.Load() == 0 {
		t.Errorf("after the command: %s, %d requests", strings.Join(noted, "; "), service.Requests.Load())
	}
	e.Close()
}

const source = `from metaflow import FlowSpec, kubernetes, retry, step
from shared.ends import Ends


class TempFlow(Ends, FlowSpec):
    @kubernetes(namespace="team", secrets=["s3"])
    @retry(times=2)
    @step
    def start(self):
        self.x = 1
        self.next(self.fitt)

    @step
    def fit(self):
        self.next(self.end)
`

// start runs flowls serve under the tracer, with an editor at its other end.
func start(t *testing.T, binary, folder string, trusted bool) (*tracer, *fakeeditor.Editor) {
	t.Helper()
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "PWD="+folder, "KUBECONFIG="+filepath.Join(folder, "kubeconfig"))
	tr, ended, err := trace(binary, []string{binary, "serve"}, env, []*os.File{inRead, outWrite, os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	inRead.Close()
	outWrite.Close()
	e := fakeeditor.Connect(t, &pipe{outRead, inWrite}, ended, fakeeditor.Options{
		InitializationOptions: map[string]any{"trusted": trusted},
		Folders:               []string{folder},
		ProcessID:             os.Getpid(),
	})
	return tr, e
}

type pipe struct {
	io.ReadCloser
	in io.WriteCloser
}

func (p *pipe) Write(b []byte) (int, error) { return p.in.Write(b) }
func (p *pipe) Close() error                { return errors.Join(p.in.Close(), p.ReadCloser.Close()) }

// browse does everything that an editor does without being told to run something.
func browse(t *testing.T, e *fakeeditor.Editor, folder string) {
	t.Helper()
	b := e.Open(uri.File(filepath.Join(folder, "flow.py")), source)
	if got := b.Diagnostics(); len(got) == 0 {
		t.Error("no diagnostics")
	}
	document := protocol.TextDocumentIdentifier{URI: b.URI}
	for _, word := range []string{"retry(", "team", "s3", "fitt", "start", "self.x", "TempFlow"} {
		at := b.At(strings.Index(b.Text(), word) + 1)
		for _, method := range []string{
			protocol.MethodTextDocumentHover, protocol.MethodTextDocumentDefinition, protocol.MethodTextDocumentDocumentHighlight,
		} {
			e.Call(method, &at, nil)
		}
		var list protocol.CompletionList
		e.Call(protocol.MethodTextDocumentCompletion, &at, &list)
		for _, item := range list.Items {
			e.Call(protocol.MethodCompletionItemResolve, &item, nil)
		}
	}
	everything := b.Range(text.Span{End: len(b.Text())})
	for _, request := range []string{protocol.MethodTextDocumentDocumentSymbol, protocol.MethodTextDocumentCodeLens, protocol.MethodTextDocumentDocumentLink} {
		e.Call(request, &protocol.CodeLensParams{TextDocument: document}, nil)
	}
	e.Call(protocol.MethodTextDocumentInlayHint, &protocol.InlayHintParams{TextDocument: document, Range: everything}, nil)
	e.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: document, Range: everything, Context: protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{}}}, nil)
	e.Call("flowls/flows", nil, nil)
	e.Call(protocol.MethodWorkspaceSymbol, &protocol.WorkspaceSymbolParams{Query: "flow"}, nil)
	e.Call("flowls/graph", jsonrpc2.RawMessage(fmt.Sprintf(`{"uri":%q,"flow":"TempFlow"}`, b.URI)), nil)
	var artifact struct {
		Description struct {
			Summary string `json:"summary"`
		} `json:"description"`
	}
	e.Call("flowls/runs", jsonrpc2.RawMessage(fmt.Sprintf(`{"uri":%q,"flow":"TempFlow"}`, b.URI)), nil)
	e.Call("flowls/artifact", jsonrpc2.RawMessage(`{"pathspec":"TempFlow/1700000000000000/start/1/x","whole":true}`), &artifact)
	if artifact.Description.Summary != "system('touch owned')" {
		t.Errorf("the artifact was not looked at: %+v", artifact)
	}
	var hover protocol.Hover
	assigned := b.At(strings.Index(b.Text(), "self.x") + 5)
	e.Call(protocol.MethodTextDocumentHover, &assigned, &hover)
	if said := fmt.Sprintf("%+v", hover.Contents); !strings.Contains(said, "touch owned") {
		t.Errorf("hover of the artifact: %s", said)
	}
	at := strings.Index(b.Text(), "fitt")
	b.Edit(text.Edit{Span: text.Span{Start: at, End: at + 4}, New: "fit"})
	if got := b.Diagnostics(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	e.Notify(protocol.MethodTextDocumentDidSave, &protocol.DidSaveTextDocumentParams{TextDocument: document})
	e.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(`{"settings":{"flowls":{}}}`))
	b.Close()
	e.Await(protocol.MethodTextDocumentPublishDiagnostics, nil)
}
