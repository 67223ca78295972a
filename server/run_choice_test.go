package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// A folder that joins the workspace moves the place of the runs to it.
func TestRunsFollowTheWorkspaceFolder(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_LOCAL", "") // it would decide
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_SPIN", "")
	whole := b.dir
	b.dir = filepath.Join(whole, "part")
	b.path = filepath.Join(b.dir, "flow.py")
	if err := os.Mkdir(b.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b.save(scoreFlow)
	b.open(false)
	if runs := b.runs(); len(runs) != 0 {
		t.Fatalf("%+v", runs)
	}
	folder := func(dir string) protocol.WorkspaceFolder {
		return protocol.WorkspaceFolder{URI: uri.File(dir), Name: filepath.Base(dir)}
	}
	b.editor.Notify(protocol.MethodWorkspaceDidChangeWorkspaceFolders, &protocol.DidChangeWorkspaceFoldersParams{
		Event: protocol.WorkspaceFoldersChangeEvent{Added: []protocol.WorkspaceFolder{folder(whole)}, Removed: []protocol.WorkspaceFolder{folder(b.dir)}},
	})
	for name, text := range map[string]string{
		"_parameters/0/_meta/sysmeta_script-name_1.json": `{"field_name": "script-name", "value": "flow.py"}`,
		"_meta/_self.json": `{"ts_epoch": 1000}`,
	} {
		path := filepath.Join(whole, ".metaflow/Score/10", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.until("the run in the new folder shows up", func() bool { r := b.runs(); return len(r) == 1 && r[0].MetaflowRunID == "10" })
}

func TestSelectRun(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	first := b.ended(b.launch("flowls.run", nil).RunID)
	b.save(strings.Replace(scoreFlow, "0.93", "0.5", 1))
	b.buffer.Replace(strings.Replace(scoreFlow, "0.93", "0.5", 1))
	second := b.ended(b.launch("flowls.run", nil).RunID)
	if first.Status != "succeeded" || second.Status != "succeeded" {
		t.Fatalf("%+v\n%+v", first, second)
	}
	b.until("the newer run is shown", func() bool { return b.hints()["self.score = 0.5"] == "0.5" })
	for _, id := range []string{first.RunID, first.MetaflowRunID} {
		if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Score", "runId": id}, nil); err != nil {
			t.Fatal(err)
		}
		b.until("the chosen run is shown", func() bool { return b.hints()["self.score = 0.5"] == "0.93" })
		if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Score"}, nil); err != nil {
			t.Fatal(err)
		}
		b.until("the latest run is shown", func() bool { return b.hints()["self.score = 0.5"] == "0.5" })
	}
	if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Score", "runId": "none"}, nil); err == nil {
		t.Error("a run that does not exist was chosen")
	}
	var log server.LogLocation
	if err := b.execute("flowls.showLog", map[string]any{"runId": first.RunID}, &log); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(log.URI.FsPath()); err != nil || !strings.Contains(string(text), "Done!") {
		t.Errorf("%s: %q, %v", log.URI, text, err)
	}
	var shown protocol.ShowDocumentParams
	b.editor.Await("window/showDocument", &shown)
	if shown.URI != log.URI {
		t.Errorf("shown: %+v", shown)
	}
}
