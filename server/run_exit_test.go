package server_test

import (
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
)

const leavingFlow = `import os
import signal

from metaflow import FlowSpec, current, step


class Leaves(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        LEAVES
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Leaves()
`

// A process that ends by itself has no line to blame: what is offered makes the
// next run good, at once or after what fails now and then.
func TestProcessEndIsMended(t *testing.T) {
	for name, c := range map[string]struct{ leaves, says, fix, lens string }{
		"always":       {"os._exit(3)", "ended with exit code 3", `add @catch(var="work_failed")`, "exception caught"},
		"now and then": {"current.retry_count or os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault", "Run the step again when it fails: add @retry(times=2)", "✓"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newWorkbench(t, "Leaves", strings.Replace(leavingFlow, "LEAVES", c.leaves, 1))
			b.open(true)
			b.ended(b.launch("flowls.run", nil).RunID)
			found := b.diagnostics("the end", func(all []protocol.Diagnostic) bool { return len(b.failures(all)) > 0 })
			d, ok := b.failures(found)["def work(self):"]
			if message, _ := d.Message.(protocol.String); !ok || !strings.Contains(string(message), c.says) {
				t.Fatalf("%+v", found)
			}
			b.fixEnding(c.fix, d)
			b.save(b.buffer.Text())
			started := b.launch("flowls.run", nil)
			if run := b.ended(started.RunID); run.Status != "succeeded" {
				t.Errorf("%+v\n%s", run, b.buffer.Text())
			}
			b.diagnostics("all is well", func(all []protocol.Diagnostic) bool { return len(all) == 0 })
			if got := b.lensOf("def work"); !strings.Contains(got, c.lens) {
				t.Errorf("the lens: %q", got)
			}
		})
	}
}

// fixEnding applies the quick fix whose title ends so, which nobody has applied unasked.
func (b *workbench) fixEnding(title string, d protocol.Diagnostic) {
	b.t.Helper()
	var actions []protocol.CodeAction
	b.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI}, Range: d.Range,
		Context: protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{d}},
	}, &actions)
	i := slices.IndexFunc(actions, func(a protocol.CodeAction) bool { return strings.HasSuffix(a.Title, title) })
	if i < 0 || actions[i].IsPreferred != nil {
		b.t.Fatalf("%q is not there, or preferred: %+v", title, actions)
	}
	b.editor.Apply(actions[i].Edit)
}
