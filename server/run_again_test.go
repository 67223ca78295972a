package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
)

const againFlow = `from metaflow import FlowSpec, step
import os, time


class Again(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        if self.input == "b" and not os.path.exists("mended"):
            raise ValueError("b is broken")
        self.done = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.done for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("all", self.all)


if __name__ == "__main__":
    Again()
`

func TestRerunFailed(t *testing.T) {
	b := newWorkbench(t, "Again", againFlow)
	b.open(true)
	if err := b.execute("flowls.rerunFailed", map[string]any{"uri": b.buffer.URI, "flow": "Again"}, nil); err == nil || !strings.Contains(err.Error(), "no run of Again has failed") {
		t.Errorf("no run: %v", err)
	}
	first := b.ended(b.launch("flowls.run", map[string]any{"options": map[string]any{"maxWorkers": 1}}).RunID)
	if first.Status != "failed" || first.Reason != "Metaflow ended with exit code 1" || !strings.HasSuffix(first.CommandLine, " run --max-workers=1") {
		t.Fatalf("%+v", first)
	}
	b.until("the lens offers it", func() bool { return strings.HasSuffix(b.lensOf("class Again"), " | ↻ Re-run failed") })
	if err := os.WriteFile(filepath.Join(b.dir, "mended"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	again := b.ended(b.launch("flowls.rerunFailed", map[string]any{"runId": first.RunID}).RunID)
	if again.Status != "succeeded" || again.Kind != "resume" || again.OriginRunID != first.MetaflowRunID {
		t.Errorf("%+v", again)
	}
	b.until("the lens does not any more", func() bool { return !strings.Contains(b.lensOf("class Again"), "Re-run") })
	for _, c := range []struct{ id, want string }{
		{"", "succeeded: there is nothing to run again"},
		{again.MetaflowRunID, "succeeded: there is nothing to run again"},
		{"17", `Again has no run "17"`},
	} {
		err := b.execute("flowls.rerunFailed", map[string]any{"uri": b.buffer.URI, "flow": "Again", "runId": c.id}, nil)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%q: %v", c.id, err)
		}
	}
}

func TestRunTask(t *testing.T) {
	b := newWorkbench(t, "Again", againFlow)
	b.open(true)
	run := b.ended(b.launch("flowls.run", map[string]any{"options": map[string]any{"maxWorkers": 1}}).RunID)
	b.until("the lens offers it", func() bool { return strings.HasSuffix(b.lensOf("def work"), " | ▶ one task…") })
	var tasks server.TasksResult
	b.request("flowls/tasks", map[string]any{"uri": b.buffer.URI, "flow": "Again", "step": "work"}, &tasks)
	if tasks.RunID != run.MetaflowRunID || tasks.Total < 2 || tasks.Tasks[0].Status != "failed" || tasks.Tasks[0].Value != "items=b" || tasks.Tasks[0].Index != "1" || !strings.HasPrefix(tasks.Tasks[0].Label, "✗ items=b · 1 · task ") {
		t.Fatalf("%+v", tasks)
	}
	var asked protocol.ShowMessageRequestParams
	done := make(chan bool)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked = p
		close(done)
		return &p.Actions[0]
	}
	if err := os.WriteFile(filepath.Join(b.dir, "mended"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := b.launch("flowls.runTask", map[string]any{"step": "work"}); got.Offered != "flowls.runStep" {
		t.Errorf("%+v", got)
	}
	<-done
	if !strings.Contains(asked.Message, "which task of run "+run.MetaflowRunID) || asked.Actions[0].Title != tasks.Tasks[0].Label {
		t.Errorf("asked: %+v", asked)
	}
	b.until("the step runs", func() bool { return len(b.runs()) == 2 })
	spin := b.ended(b.runs()[0].RunID)
	if spin.Kind != "spin" || spin.Status != "succeeded" || !strings.HasSuffix(spin.CommandLine, " spin --persist "+run.MetaflowRunID+"/work/"+tasks.Tasks[0].TaskID) {
		t.Errorf("%+v", spin)
	}
	b.until("its value is there", func() bool { return b.hints()["self.done = self.input"] == "'b'" })
	b.editor.Discard("window/showMessageRequest")
}

func TestStopAll(t *testing.T) {
	b := newWorkbench(t, "Slow", strings.Replace(strings.ReplaceAll(scoreFlow, "Score", "Slow"), "self.score = 0.93", "import time; time.sleep(600)", 1))
	b.open(true)
	var ids []string
	for range 2 {
		ids = append(ids, b.launch("flowls.run", nil).RunID)
	}
	var result server.StopAllResult
	if err := b.execute("flowls.stopAll", map[string]any{"flow": "Other"}, &result); err != nil || len(result.Runs) != 0 {
		t.Errorf("%+v, %v", result, err)
	}
	if err := b.execute("flowls.stopAll", map[string]any{"uri": b.buffer.URI}, &result); err != nil || len(result.Runs) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	for _, id := range ids {
		if info := b.ended(id); info.Status != "stopped" || info.Reason != "it was stopped" {
			t.Errorf("%+v", info)
		}
	}
}
