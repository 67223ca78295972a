package server_test

import (
	"os"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
)

const fanFlow = `from metaflow import FlowSpec, Parameter, step

FACTOR = 2


def scaled(n):
    return n * FACTOR


class Fan(FlowSpec):
    alpha = Parameter("alpha", default=1)

    @step
    def start(self):
        self.base = 10
        self.items = ["a", "b", "c"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.word = self.input * self.base
        self.next(self.after)

    @step
    def after(self):
        self.size = scaled(len(self.word))
        self.next(self.join)

    @step
    def join(self, inputs):
        self.sizes = [i.size for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.sizes)


if __name__ == "__main__":
    Fan()
`

func (b *workbench) hover(text string) string {
	b.t.Helper()
	line := b.lineOf(text)
	var h struct {
		Contents struct {
			Value string `json:"value"`
		} `json:"contents"`
	}
	b.editor.Call(protocol.MethodTextDocumentHover, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI},
		Position:     protocol.Position{Line: uint32(line), Character: uint32(strings.Index(strings.Split(b.buffer.Text(), "\n")[line], text) + len(text) - 1)},
	}}, &h)
	return h.Contents.Value
}

func (b *workbench) replace(old, new string) {
	b.t.Helper()
	text := b.buffer.Text()
	if !strings.Contains(text, old) {
		b.t.Fatalf("%q is not in the text", old)
	}
	b.buffer.Replace(strings.Replace(text, old, new, 1))
}

// Chosen tasks, marks of change, the plan of a resume and the difference of two
// runs, on the real Metaflow.
func TestHistory(t *testing.T) {
	b := newWorkbench(t, "Fan", fanFlow)
	b.open(true)
	first := b.ended(b.launch("flowls.run", nil).RunID)
	if first.Status != "succeeded" {
		t.Fatalf("%+v", first)
	}
	b.until("the first task is shown", func() bool {
		return strings.HasPrefix(b.hints()["self.word = self.input * self.base"], `'aaaaaaaaaa' · 1 of 3`)
	})

	// The item of a foreach, and everything in it, follows the choice.
	var run server.RunInfo
	b.request("flowls/run", map[string]any{"uri": b.buffer.URI, "flow": "Fan", "runId": first.RunID}, &run)
	var task string
	for _, s := range run.Steps {
		for _, tk := range s.TasksDetail {
			if s.Name == "after" && tk.Foreach == "items=c" {
				task = tk.TaskID
			}
		}
	}
	if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Fan", "step": "after", "taskId": task}, nil); err != nil {
		t.Fatal(err)
	}
	b.until("the chosen task is shown", func() bool {
		return b.hints()["self.word = self.input * self.base"] == `'cccccccccc' · items=c` && strings.Contains(b.lensOf("def work"), "↕ items=c · ")
	})
	if got := b.hints()["self.base = 10"]; got != "10" {
		t.Errorf("the step before the foreach shows %q", got)
	}
	// Asked by the server, for editors that have no picker of their own.
	var asked protocol.ShowMessageRequestParams
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked = p
		return &p.Actions[1]
	}
	if err := b.execute("flowls.chooseTask", map[string]any{"uri": b.buffer.URI, "flow": "Fan", "step": "work"}, nil); err != nil {
		t.Fatal(err)
	}
	b.until("the answer is shown", func() bool { return b.hints()["self.word = self.input * self.base"] == `'bbbbbbbbbb' · items=b` })
	if len(asked.Actions) != 3 || !strings.HasPrefix(asked.Actions[1].Title, "items=b") {
		t.Errorf("offered: %+v", asked)
	}
	if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Fan", "step": "work", "taskId": "999"}, nil); err == nil {
		t.Error("a task that does not exist was chosen")
	}

	// Code that changed, directly and through a function, and what builds on it.
	b.replace("FACTOR = 2", "FACTOR = 3")
	if err := b.execute("flowls.selectRun", map[string]any{"uri": b.buffer.URI, "flow": "Fan"}, nil); err != nil {
		t.Fatal(err)
	}
	b.until("the step is marked", func() bool {
		return strings.Contains(b.lensOf("def after"), "code changed") && strings.Contains(b.lensOf("def join"), "stale: after changed") &&
			strings.Contains(b.lensOf("def end"), "stale: join changed")
	})
	if l := b.lensOf("def work"); strings.Contains(l, "changed") {
		t.Errorf("a step that uses nothing of what changed is marked: %s", l)
	}
	if h := b.hover("def after"); !strings.Contains(h, "`FACTOR`, which it uses, has changed") {
		t.Errorf("hover:\n%s", h)
	}
	b.replace("FACTOR = 3", "FACTOR = 2")
	b.until("the mark goes with the change", func() bool { return !strings.Contains(b.lensOf("def after"), "changed") })

	// A step that ran again by itself has new values: what was made of the old ones is stale.
	b.replace("self.base = 10", "self.base = 2")
	b.save(b.buffer.Text())
	if spin := b.ended(b.launch("flowls.runStep", map[string]any{"step": "start"}).RunID); spin.Status != "succeeded" {
		t.Fatalf("%+v", spin)
	}
	b.until("the reader is stale", func() bool { return strings.Contains(b.lensOf("def work"), "stale: base changed") })
	if h := b.hover("def work"); !strings.Contains(h, "It read another `base` than `start` has set since.") {
		t.Errorf("hover:\n%s", h)
	}

	// What resuming would do.
	var plan server.ResumePlanResult
	b.request("flowls/resumePlan", map[string]any{"uri": b.buffer.URI, "flow": "Fan", "step": "join"}, &plan)
	var actions []string
	for _, s := range plan.Steps {
		actions = append(actions, s.Step+" "+s.Action)
	}
	if got := strings.Join(actions, ", "); plan.OriginRunID != first.MetaflowRunID || got != "start clone, work clone, after clone, join run, end run" {
		t.Errorf("plan of %s: %s", plan.OriginRunID, got)
	}
	if h := b.hover("def join"); !strings.Contains(h, "takes over `start`, `work`, `after`; runs `join`, `end`. Stale, and taken over all the same: `work`, `after`") {
		t.Errorf("hover:\n%s", h)
	}

	// The difference of two runs.
	second := b.ended(b.launch("flowls.run", map[string]any{"parameters": map[string]any{"alpha": 5}}).RunID)
	if second.Status != "succeeded" {
		t.Fatalf("%+v", second)
	}
	var diff server.DiffResult
	if err := b.execute("flowls.diffRuns", map[string]any{"uri": b.buffer.URI, "flow": "Fan"}, &diff); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"alpha  1  → 5", "base   10  → 2", "word  'aaaaaaaaaa'  → 'aa'  (3 of 3 tasks)", "-        self.base = 10\n+        self.base = 2\n"} {
		if !strings.Contains(strings.Join(strings.Fields(diff.Text), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%q is missing in\n%s", want, diff.Text)
		}
	}
	if data, err := os.ReadFile(diff.URI.FsPath()); err != nil || string(data) != diff.Text {
		t.Errorf("the file: %v", err)
	}
	if h := b.hover("def work"); !strings.Contains(h, "**last 2 runs** ") || !strings.Contains(h, "median") {
		t.Errorf("hover:\n%s", h)
	}
	if l := b.lensOf("class Fan"); !strings.Contains(l, "↕ 2 runs") {
		t.Errorf("lenses of the flow: %s", l)
	}
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem { return &p.Actions[2] }
	if err := b.execute("flowls.chooseRun", map[string]any{"uri": b.buffer.URI, "flow": "Fan"}, nil); err != nil {
		t.Fatal(err)
	}
	b.until("the older run is shown", func() bool {
		return strings.Contains(b.lensOf("class Fan"), "↕ run of ") && b.hints()["self.base = 2"] == "10"
	})
	b.editor.Discard("window/showMessageRequest")
	b.editor.Discard("window/showDocument")
}
