package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// links are the links of a document, as "text -> target".
func links(e *fakeeditor.Editor, u uri.URI, content string) []string {
	var found []protocol.DocumentLink
	e.Call(protocol.MethodTextDocumentDocumentLink, &protocol.DocumentLinkParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}}, &found)
	lines := strings.Split(content, "\n")
	out := []string{}
	for _, l := range found { // ASCII, on one line
		said := lines[l.Range.Start.Line][l.Range.Start.Character:l.Range.End.Character] + " -> " + string(*l.Target)
		if l.Tooltip != nil {
			said += " (" + *l.Tooltip + ")"
		}
		out = append(out, said)
	}
	return out
}

// A traceback in a log leads to the line, as it is today.
func TestLinksInLogs(t *testing.T) {
	b := newWorkbench(t, "Score", strings.Replace(scoreFlow, "self.score = 0.93", "self.score = 1 / 0", 1))
	b.open(true)
	id := b.launch("flowls.run", nil).RunID
	if run := b.ended(id); run.Status != "failed" {
		t.Fatalf("%+v", run)
	}
	line := b.lineOf("1 / 0") + 1
	b.insertBefore("class Score", "# one\n# more\n")
	taskLog := ""
	want := fmt.Sprintf(`%s", line %d -> %s#L%d (Line %d today)`, b.path, line, uri.File(b.path), line+2, line+2)
	for what, argument := range map[string]map[string]any{
		"of the run":  {"runId": id},
		"of the task": {"runId": id, "step": "start"},
	} {
		var at server.LogLocation
		if err := b.execute("flowls.showLog", argument, &at); err != nil {
			t.Fatal(err)
		}
		path := at.URI.FsPath()
		if what == "of the task" {
			taskLog = path
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := links(b.editor, uri.File(path), string(content)); !slices.Contains(got, want) || len(got) != strings.Count(string(content), want[:strings.Index(want, " ->")]) {
			t.Errorf("%s, on disk: %q, want %q", what, got, want)
		}
		// Opened, it is text: what it quotes is no flow, and nothing is found in it.
		opened := "x\n" + string(content)
		b.editor.Open(uri.File(path), opened)
		if got := links(b.editor, uri.File(path), opened); !slices.Contains(got, want) {
			t.Errorf("%s, open: %q, want %q", what, got, want)
		}
	}
	// In a container the file is called otherwise, and so is Metaflow's own.
	inPod := strings.TrimSuffix(taskLog, ".log") + "-pod.log"
	pod := fmt.Sprintf("  File \"/home/u/metaflow/%s\", line %d, in start\n  File \"/home/u/metaflow/.mf_code/metaflow/task.py\", line 9, in run_step\n  File \"/metaflow/../%s\", line 1, in x\n",
		filepath.Base(b.path), line, filepath.Base(b.path))
	b.editor.Open(uri.File(inPod), pod)
	want = strings.Replace(want, b.path, "/home/u/metaflow/"+filepath.Base(b.path), 1)
	if got := links(b.editor, uri.File(inPod), pod); !slices.Equal(got, []string{want}) {
		t.Errorf("of a pod: %q, want %q", got, want)
	}
	// Logs of others are read only when the editor has them open.
	other := filepath.Join(b.dir, "other.log")
	text := fmt.Sprintf("é  File \"%s\", line 3\n  File \"%s\", line 3, in x\n  File \"/no/such.py\", line 1, in x\n", b.path, b.path)
	if err := os.WriteFile(other, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := links(b.editor, uri.File(other), text); len(got) != 0 {
		t.Errorf("a file that is not ours: %q", got)
	}
	b.editor.Open(uri.File(other), text)
	if got := links(b.editor, uri.File(other), text); !slices.Equal(got, []string{fmt.Sprintf(`%s", line 3 -> %s#L3`, b.path, uri.File(b.path))}) {
		t.Errorf("opened: %q", got)
	}
	b.editor.Discard("window/showDocument")
}

// What Metaflow reads by default can be opened, where it is there.
func TestLinksInFlows(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const source = `from metaflow import Config, FlowSpec, IncludeFile, Parameter, step

class F(FlowSpec):
    data = IncludeFile("data", default="data.csv")
    none = IncludeFile("none", default="gone.csv")
    conf = Config("conf", "part/conf.json")
    value = Config("value", default_value="data.csv")
    name = Parameter("name", default="data.csv")
    folder = IncludeFile("folder", default="part")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`
	for _, name := range []string{"data.csv", "part/conf.json"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	u := uri.File(filepath.Join(dir, "flow.py"))
	e.Open(u, source).Diagnostics()
	got := links(e, u, source)
	want := []string{`"data.csv" -> ` + string(uri.File(filepath.Join(dir, "data.csv"))), `"part/conf.json" -> ` + string(uri.File(filepath.Join(dir, "part/conf.json")))}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := links(e, "untitled:1", ""); len(got) != 0 {
		t.Errorf("a document that is not there: %q", got)
	}
}

// A client that can is asked to look for links in logs too.
func TestLogLinksAreRegistered(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{Capabilities: func(c *protocol.ClientCapabilities) {
		c.Workspace.DidChangeWatchedFiles = nil
		c.TextDocument.DocumentLink = &protocol.DocumentLinkClientCapabilities{DynamicRegistration: new(true)}
	}})
	var asked protocol.RegistrationParams
	e.Await(protocol.MethodClientRegisterCapability, &asked)
	var options struct {
		DocumentSelector []struct{ Scheme, Pattern string }
	}
	if len(asked.Registrations) != 1 || asked.Registrations[0].Method != protocol.MethodTextDocumentDocumentLink {
		t.Fatalf("%+v", asked)
	}
	if err := json.Unmarshal(asked.Registrations[0].RegisterOptions, &options); err != nil || len(options.DocumentSelector) != 2 || options.DocumentSelector[0].Pattern != "**/flowls/logs/*.log" {
		t.Errorf("%+v, %v", options, err)
	}
}
