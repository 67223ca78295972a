package server_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const causesFlow = `import os
import signal
import time

from metaflow import FlowSpec, Parameter, retry, step


class Causes(FlowSpec):
    why = Parameter("why", default="")

    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.next(self.left, self.right)

    @step
    def left(self):
        self.model = 1
        self.next(self.both)

    @step
    def right(self):
        self.next(self.both)

    @step
    def both(self, inputs):
        self.items = inputs.left.items
        self.next(self.spread)

    @step
    def spread(self):
        self.next(self.work, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        if self.input == "b":
            print("looking at b")
            if self.why == "lost":
                print(self.model)
            if self.why == "module":
                import no_such_module.part
            if self.why == "memory":
                os.kill(os.getpid(), signal.SIGKILL)
        elif self.why:
            time.sleep(60)  # until the scheduler ends it
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Causes()
`

// Each known cause is named at its line, with the item of the foreach and the
// attempt; what was ended with the run counts among no failures.
func TestKnownCauses(t *testing.T) {
	b := newWorkbench(t, "Causes", causesFlow)
	b.open(true)
	for _, c := range []struct {
		why, line string
		says      []string
	}{
		{"lost", "print(self.model)", []string{
			"AttributeError: Flow Causes has no attribute 'model'\nraised in run ", "(index 1: `items=b`), attempt 2",
			"Step `left` set it, and the join `both` does not carry it on", "It printed last:\n  looking at b",
		}},
		{"module", "import no_such_module.part", []string{"ModuleNotFoundError: No module named 'no_such_module'", "The task ran with ", " -m pip install no_such_module`"}},
		{"memory", "work", []string{"The task was killed (SIGKILL)\nin run ", "memory ran out", "(index 1: `items=b`), attempt 2"}},
	} {
		started := b.launch("flowls.run", map[string]any{"parameters": map[string]any{"why": c.why}})
		b.ended(started.RunID)
		id := b.run(started.RunID).MetaflowRunID
		var message string
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("%s was told last with %q", c.why, message)
			}
		})
		// Metaflow stores the last words a moment after the exception: they are told when they are there.
		b.diagnostics(c.why+" is told with "+strings.Join(c.says, ", "), func(all []protocol.Diagnostic) bool {
			for line, d := range b.failures(all) {
				message = string(d.Message.(protocol.String))
				missing := func(says string) bool { return !strings.Contains(message, says) }
				if !missing("in run "+id) && strings.Contains(line, c.line) && !slices.ContainsFunc(c.says, missing) {
					return true
				}
			}
			return false
		})
		if strings.Contains(message, "tasks failed") {
			t.Errorf("%s: siblings that were ended count as failures: %q", c.why, message)
		}
		info := b.run(started.RunID)
		for _, s := range info.Steps {
			if s.Name == "work" && (s.Failed != 1 || s.State != "failed" && s.State != "crashed") {
				t.Errorf("%s: %+v", c.why, s)
			}
		}
	}

	// What it printed is one click away.
	var at server.LogLocation
	show := b.action("Show the log of work/", b.lineOf("def work"))
	if err := b.execute(show.Command, decoded(t, show.Arguments[0]), &at); err != nil {
		t.Fatal(err)
	}
	b.editor.Discard(protocol.MethodWindowShowDocument)
	if text, err := os.ReadFile(at.URI.Path()); err != nil || !strings.Contains(string(text), "looking at b") {
		t.Errorf("the log: %q, %v", text, err)
	}

	// The user has seen it.
	action := b.action("Clear the failures of this run", b.lineOf("def work"))
	if err := b.execute(action.Command, decoded(t, action.Arguments[0]), nil); err != nil {
		t.Fatal(err)
	}
	b.diagnostics("no failure any more", func(all []protocol.Diagnostic) bool { return len(b.failures(all)) == 0 })
	if got := b.lensOf("def work"); !strings.Contains(got, "✗ crashed") {
		t.Errorf("the lens: %q", got)
	}
}

const splitsFlow = `from metaflow import FlowSpec, step


class Splits(FlowSpec):
    @step
    def start(self):
        self.items = list(range(101))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Splits()
`

// The task of the foreach ended well: only the scheduler refused it.
func TestTooManySplits(t *testing.T) {
	b := newWorkbench(t, "Splits", splitsFlow)
	b.open(true)
	b.ended(b.launch("flowls.run", nil).RunID)
	found := b.diagnostics("the foreach", func(all []protocol.Diagnostic) bool { return len(b.failures(all)) > 0 })
	d, ok := b.failures(found)[`self.next(self.work, foreach="items")`]
	if message, _ := d.Message.(protocol.String); !ok || !strings.Contains(string(message), "yielded 101 tasks") || !strings.Contains(string(message), "--max-num-splits 101") {
		t.Errorf("%+v", found)
	}
	b.editor.Discard("window/showMessage") // why the run failed
}

// A file that the tasks cannot import stores no exception: the log tells.
func TestFailureInTheLogOnly(t *testing.T) {
	b := newWorkbench(t, "Fails", strings.Replace(failingFlow, "import helper", "import sys\n\nif 'step' in sys.argv:\n    import helper", 1))
	b.open(true)
	b.ended(b.launch("flowls.run", nil).RunID)
	found := b.diagnostics("the import", func(all []protocol.Diagnostic) bool { return len(b.failures(all)) > 0 })
	d, ok := b.failures(found)["import helper"]
	if message, _ := d.Message.(protocol.String); !ok || !strings.HasPrefix(string(message), "ModuleNotFoundError: No module named 'helper'\nraised in run ") {
		t.Errorf("%+v", found)
	}
}

// action is the command of a code action at a line, by how its title begins.
func (b *workbench) action(title string, line int) protocol.Command {
	b.t.Helper()
	var actions []json.RawMessage
	at := protocol.Position{Line: uint32(line), Character: 9}
	b.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: uri.File(b.path)}, Range: protocol.Range{Start: at, End: at},
	}, &actions)
	for _, raw := range actions {
		var a struct {
			Title   string
			Command protocol.Command
		}
		if err := json.Unmarshal(raw, &a); err != nil {
			b.t.Fatal(err)
		}
		if strings.HasPrefix(a.Title, title) {
			return a.Command
		}
	}
	b.t.Fatalf("no action %q among %s", title, actions)
	return protocol.Command{}
}

func decoded(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
