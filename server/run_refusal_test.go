package server_test

import (
	"strings"
	"testing"

	"go.lsp.dev/protocol"
)

// refused awaits the message about a run that did not start.
func (b *workbench) refused() string {
	b.t.Helper()
	var shown protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &shown)
	if shown.Type != protocol.MessageTypeError {
		b.t.Errorf("%+v", shown)
	}
	return shown.Message
}

func TestRunThatDoesNotStart(t *testing.T) {
	broken := strings.Replace(scoreFlow, "import FlowSpec, step\n", "import FlowSpec, step\nimport nosuchmodule\n", 1)
	b := newWorkbench(t, "Score", broken)
	b.open(true)
	started := b.launch("flowls.run", nil)
	if got := b.refused(); got != "Score did not start. ModuleNotFoundError: No module named 'nosuchmodule'" {
		t.Errorf("%q", got)
	}
	found := b.diagnostics("the reason on its line", func(d []protocol.Diagnostic) bool { return len(d) > 0 })
	if len(found) != 1 || found[0].Code != protocol.String("MF802") || int(found[0].Range.Start.Line) != b.lineOf("import nosuchmodule") ||
		!strings.HasPrefix(string(found[0].Message.(protocol.String)), "ModuleNotFoundError: No module named 'nosuchmodule'\n") {
		t.Errorf("%+v", found)
	}
	if info := b.ended(started.RunID); info.Status != "failed" {
		t.Errorf("%+v", info)
	}
	b.until("the lens tells", func() bool {
		return b.lensOf("class Score") == "▶ Run flow | ☁ Launch on Kubernetes | ✗ failed to start · ModuleNotFoundError"
	})
	if begin, end := b.progress(); begin != "Run Score" || end != "failed: ModuleNotFoundError: No module named 'nosuchmodule'" {
		t.Errorf("progress %q … %q", begin, end)
	}

	// It moves with edits above, and goes with its line.
	b.insertBefore("from metaflow", "# new\n")
	b.diagnostics("the reason after an edit", func(d []protocol.Diagnostic) bool {
		return len(d) == 1 && int(d[0].Range.Start.Line) == b.lineOf("import nosuchmodule")
	})
	b.buffer.Replace(scoreFlow)
	b.diagnostics("nothing any more", func(d []protocol.Diagnostic) bool { return len(d) == 0 })
}

// A file that only defines its flow runs nothing, which Python takes for success.
func TestRunOfAFileThatStartsNothing(t *testing.T) {
	defined, _, _ := strings.Cut(scoreFlow, "\n\nif __name__")
	b := newWorkbench(t, "Score", defined)
	b.open(true)
	started := b.launch("flowls.run", nil)
	if got := b.refused(); !strings.HasPrefix(got, "Score did not start. Python ran `flow.py` to its end, but nothing in it starts the flow: write `if __name__ == \"__main__\": Score()`") {
		t.Errorf("%q", got)
	}
	if info := b.ended(started.RunID); info.Status != "failed" || !strings.Contains(info.Reason, "nothing in it starts the flow") {
		t.Errorf("%+v", info)
	}
	b.until("the lens tells", func() bool { return strings.Contains(b.lensOf("class Score"), "✗ failed to start") })
}

// What Metaflow's command line refuses is told in its own words. Here the
// parameter is in the editor and not yet in the file.
func TestWrongParameter(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	b.insertBefore("FlowSpec, step", "Parameter, ")
	b.insertBefore("    @step\n    def start", "    nope = Parameter(\"nope\")\n")
	b.ended(b.launch("flowls.run", map[string]any{"parameters": map[string]any{"nope": "3"}}).RunID)
	var warned protocol.ShowMessageParams
	if b.editor.Await("window/showMessage", &warned); warned.Type != protocol.MessageTypeWarning {
		t.Errorf("%+v", warned)
	}
	if got := b.refused(); !strings.HasPrefix(got, "Score did not start. ") || !strings.Contains(strings.ToLower(got), "no such option") || !strings.Contains(got, "--nope") {
		t.Errorf("%q", got)
	}
}

// Metaflow runs for nobody who is root or has no name.
func TestUnknownUser(t *testing.T) {
	b := newWorkbench(t, "Score", scoreFlow)
	for _, name := range []string{"METAFLOW_USER", "SUDO_USER", "USERNAME"} {
		t.Setenv(name, "")
	}
	t.Setenv("USER", "root")
	b.open(true)
	b.ended(b.launch("flowls.run", nil).RunID)
	got := b.refused()
	if !strings.HasPrefix(got, "Score did not start. Unknown user: Metaflow could not determine your user name") || !strings.Contains(got, "set METAFLOW_USER") {
		t.Errorf("%q", got)
	}
	b.until("the lens tells", func() bool {
		return b.lensOf("class Score") == "▶ Run flow | ☁ Launch on Kubernetes | ✗ failed to start · Unknown user"
	})
}
