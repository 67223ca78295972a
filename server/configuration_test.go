package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/internal/cli"
	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const wrongFlow = `from metaflow import FlowSpec, step


class F(FlowSpec):
    @step
    def start(self):
        self.next(self.fit)

    @step
    def end(self):
        pass
`

// configured is an editor with one flow open, and a pyproject.toml above it.
type configured struct {
	*testing.T
	editor       *fakeeditor.Editor
	flow         uri.URI
	dir, project string
}

func startConfigured(t *testing.T, options fakeeditor.Options) *configured {
	c := &configured{T: t, dir: t.TempDir()}
	c.project = filepath.Join(c.dir, "pyproject.toml")
	c.flow = uri.File(filepath.Join(c.dir, "flows", "flow.py"))
	for _, d := range []string{".git", "flows"} {
		if err := os.Mkdir(filepath.Join(c.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.editor = fakeeditor.Start(t, options)
	return c
}

// write replaces the project's file at once: the server may be looking at it since
// the document was opened, and what it sees of a file half-written counts as well.
func (c *configured) write(toml string) {
	c.Helper()
	next := c.project + ".next"
	if err := os.WriteFile(next, []byte(toml), 0o644); err != nil {
		c.Fatal(err)
	}
	if err := os.Rename(next, c.project); err != nil {
		c.Fatal(err)
	}
}

// published waits for the findings of a file: code, severity and line of each.
func (c *configured) published(u uri.URI) string {
	c.Helper()
	m := c.editor.AwaitMessage(protocol.MethodTextDocumentPublishDiagnostics, func(m fakeeditor.Message) bool {
		var p protocol.PublishDiagnosticsParams
		return protocol.Unmarshal(m.Params, &p) == nil && p.URI == u
	})
	var p protocol.PublishDiagnosticsParams
	if err := protocol.Unmarshal(m.Params, &p); err != nil {
		c.Fatal(err)
	}
	var list []string
	for _, d := range p.Diagnostics {
		name := d.Code
		if name == nil {
			name = d.Message.(protocol.String)
		}
		list = append(list, fmt.Sprintf("%d:%d %d %s", d.Range.Start.Line, d.Range.Start.Character, d.Severity, name))
	}
	return strings.Join(list, "; ")
}

func (c *configured) expect(u uri.URI, want string) {
	c.Helper()
	if got := c.published(u); got != want {
		c.Errorf("%s: got %q, want %q", filepath.Base(string(u)), got, want)
	}
}

const (
	asError   = "6:23 1 MF107"
	asWarning = "6:23 2 MF107"
)

// A pyproject.toml that changes is read again, when the client says so.
func TestProjectIsWatched(t *testing.T) {
	c := startConfigured(t, fakeeditor.Options{})
	c.write("[tool.flowls.severity]\nMF1 = 'warning'\n")
	var registered protocol.RegistrationParams
	c.editor.Await(protocol.MethodClientRegisterCapability, &registered)
	if r := registered.Registrations; len(r) != 1 || r[0].Method != protocol.MethodWorkspaceDidChangeWatchedFiles ||
		!strings.Contains(string(r[0].RegisterOptions), "**/pyproject.toml") || !strings.Contains(string(r[0].RegisterOptions), "**/*.py") {
		t.Fatalf("registered %+v", r)
	}
	c.editor.Open(c.flow, wrongFlow)
	c.expect(c.flow, asWarning)
	changed := func(toml string) {
		c.write(toml)
		c.editor.Notify(protocol.MethodWorkspaceDidChangeWatchedFiles, &protocol.DidChangeWatchedFilesParams{
			Changes: []protocol.FileEvent{{URI: uri.File(c.project), Type: protocol.FileChangeTypeChanged}},
		})
	}
	changed("[tool.flowls]\n")
	c.expect(c.flow, asError)

	// What is wrong is shown where it stands, and the user hears of it once; the rest counts.
	changed("[tool.flowls]\nignore = ['MF107', 'é', 'MF999']\npython = 'x'\n")
	c.expect(c.flow, "")
	c.expect(uri.File(c.project), "1:19 2 `ignore`: no rule has the code or name `é`.; 1:24 2 `ignore`: no rule has the code or name `MF999`.; "+
		"2:0 2 `python` is refused: no file of a workspace chooses what is executed. Set it in your editor.")
	var shown protocol.ShowMessageParams
	c.editor.Await(protocol.MethodWindowShowMessage, &shown)
	if !strings.Contains(shown.Message, "pyproject.toml: `ignore`: no rule") {
		t.Errorf("shown: %s", shown.Message)
	}
	// Half-written, it says what it said before.
	changed("[tool.flowls]\nignore = ['MF107',\n")
	c.expect(c.flow, "")
	if got := c.published(uri.File(c.project)); !strings.Contains(got, "not valid TOML") {
		t.Errorf("got %s", got)
	}
	changed("[tool.other]\n")
	c.expect(uri.File(c.project), "")
	c.expect(c.flow, asError)
}

// A client that watches nothing saves and opens.
func TestProjectIsReadAgainOnSave(t *testing.T) {
	c := startConfigured(t, fakeeditor.Options{Capabilities: func(caps *protocol.ClientCapabilities) {
		caps.Workspace.DidChangeWatchedFiles = nil
	}})
	b := c.editor.Open(c.flow, wrongFlow)
	c.expect(c.flow, asError)
	c.write("[tool.flowls]\nper-file-ignores = { 'flows' = ['unknown-step'] }\n")
	c.editor.Notify(protocol.MethodTextDocumentDidSave, &protocol.DidSaveTextDocumentParams{TextDocument: protocol.TextDocumentIdentifier{URI: b.URI}})
	c.expect(c.flow, "")
	if err := os.Remove(c.project); err != nil {
		t.Fatal(err)
	}
	other := uri.File(filepath.Join(c.dir, "flows", "other.py"))
	c.editor.Open(other, "")
	c.expect(c.flow, asError)
	c.editor.Ignored = []string{protocol.MethodTextDocumentPublishDiagnostics} // of other.py, once or twice
}

// The editor's settings come before the project's, and change while it runs.
func TestSettingsComeFirst(t *testing.T) {
	c := startConfigured(t, fakeeditor.Options{InitializationOptions: map[string]any{"severity": map[string]string{"MF107": "hint"}}})
	c.editor.Ignored = []string{protocol.MethodWorkspaceCodeLensRefresh, protocol.MethodWorkspaceInlayHintRefresh}
	c.write("[tool.flowls]\nselect = ['MF0']\nseverity = { MF1 = 'warning' }\n")
	c.editor.Open(c.flow, wrongFlow)
	c.expect(c.flow, "")
	configure := func(settings string) {
		c.editor.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(`{"settings":{"flowls":`+settings+`}}`))
	}
	configure(`{"select": ["MF1"]}`)
	c.expect(c.flow, "6:23 4 MF107")
	configure(`{"severity": []}`) // an empty table of Lua
	c.expect(c.flow, asWarning)
	configure(`{"ignore": ["unknown-step"]}`)
	c.expect(c.flow, "")
	configure(`{"select": ["MF9x"], "severity": {"MF1": "bad"}}`)
	var shown protocol.ShowMessageParams
	c.editor.Await(protocol.MethodWindowShowMessage, &shown)
	if want := "flowls: the setting `select`: no rule has the code or name `MF9x`. `severity`: `bad` is no severity."; !strings.HasPrefix(shown.Message, want) {
		t.Errorf("shown: %s", shown.Message)
	}
	c.expect(c.flow, "")
	configure(`{"ignore": []}`)
	c.expect(c.flow, "") // the project still selects MF0 alone
}

// The command line and the editor say the same about the same files.
func TestCommandLineAndEditorAgree(t *testing.T) {
	dir := t.TempDir()
	flow := func(edit ...string) string { return strings.NewReplacer(edit...).Replace(wrongFlow) }
	for path, content := range map[string]string{
		"repo/.git/HEAD":                 "",
		"repo/pyproject.toml":            "[tool.flowls]\nignore = ['MF002']\nseverity = { unused-ignore = 'warning', unknown-step = 'info' }\n[tool.flowls.per-file-ignores]\n'tests/*' = ['MF107']\n'*_old.py' = ['MF']\n",
		"repo/flow.py":                   wrongFlow,
		"repo/silent.py":                 flow("self.fit)", "self.fit)  # flowls: ignore[MF107, MF999]"),
		"repo/unused.py":                 flow("self.fit)", "self.end)  # flowls: ignore"),
		"repo/broken.py":                 flow("self.fit)", "self.fit  # flowls: ignore[MF001]"),
		"repo/all.py":                    "# flowls: ignore-file\n" + wrongFlow,
		"repo/flow_old.py":               wrongFlow,
		"repo/tests/deep/flow.py":        wrongFlow,
		"repo/team/pyproject.toml":       "[tool.flowls]\nselect = ['MF0', 'MF1']\nignore = ['MF10']\n",
		"repo/team/flow.py":              flow("def end", "def End"),
		"repo/team/sub/pyproject.toml":   "[tool.ruff]\n",
		"repo/team/sub/flow.py":          wrongFlow,
		"repo/module/.git":               "gitdir: x\n",
		"repo/module/flow.py":            wrongFlow,
		"repo/wrong/pyproject.toml":      "[tool.flowls]\nselect = ['MF107', 'nothing']\nseverity = 'error'\n",
		"repo/wrong/flow.py":             flow("pass", "self.next(self.start)"),
		"repo/unreadable/pyproject.toml": "[tool.flowls]\nselect = [\n",
		"repo/unreadable/flow.py":        wrongFlow,
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, complaints bytes.Buffer
	code := cli.Main("", []string{"check", "--format", "json", filepath.Join(dir, "repo")}, cli.Streams{Out: &out, Err: &complaints}, nil)
	if code != 2 || strings.Count(complaints.String(), "\n") != 3 {
		t.Errorf("flowls check ended with %d and said\n%s", code, &complaints)
	}
	var report struct {
		Files []struct {
			Path        string
			Diagnostics []struct {
				Code, Severity, Message string
				Range                   struct{ Start, End struct{ Line, Column int } }
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	e := fakeeditor.Start(t, fakeeditor.Options{})
	words := map[protocol.DiagnosticSeverity]string{1: "error", 2: "warning", 3: "info", 4: "hint"}
	codes := map[string]int{}
	for _, f := range report.Files {
		source, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, d := range f.Diagnostics {
			codes[d.Code+" "+d.Severity]++
			want = append(want, fmt.Sprint(d.Code, d.Severity, d.Message, d.Range.Start.Line-1, d.Range.Start.Column-1, d.Range.End.Line-1, d.Range.End.Column-1))
		}
		for _, d := range e.Open(uri.File(f.Path), string(source)).Diagnostics() {
			got = append(got, fmt.Sprint(d.Code, words[d.Severity], d.Message, d.Range.Start.Line, d.Range.Start.Character, d.Range.End.Line, d.Range.End.Character))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the editor shows\n%q\nthe command line\n%q", f.Path, got, want)
		}
	}
	if len(report.Files) != 12 || codes["MF107 info"] == 0 || codes["MF107 error"] == 0 || codes["MF003 warning"] == 0 {
		t.Errorf("%d files, %v: the test has lost its subject", len(report.Files), codes)
	}
	e.Ignored = []string{protocol.MethodTextDocumentPublishDiagnostics, protocol.MethodWindowShowMessage} // of the wrong projects
}
