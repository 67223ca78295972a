package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/server"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const talkFlow = `import os
import sys
import time

from metaflow import FlowSpec, retry, step


class Talk(FlowSpec):
    @step
    def start(self):
        print("before")
        while not os.path.exists("gate"):
            time.sleep(0.01)
        print("grüße", file=sys.stderr)
        print("\r10%\r\x1b[31mdone\x1b[0m")
        self.items = [1, 0]
        self.next(self.fit, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def fit(self):
        print("item", self.items[self.index])
        self.y = 1 / self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Talk()
`

func (b *workbench) log(params map[string]any) server.LogResult {
	b.t.Helper()
	var result server.LogResult
	b.request("flowls/log", params, &result)
	return result
}

// logToEnd follows a log from a cursor until it is done.
func (b *workbench) logToEnd(params map[string]any, from string) (text string, frames []server.LogFrame) {
	b.t.Helper()
	params["cursor"] = from
	b.until("the log has ended", func() bool {
		r := b.log(params)
		text, frames = text+r.Text, append(frames, r.Frames...)
		params["cursor"] = r.Cursor
		return r.Done
	})
	return text, frames
}

// lensArgument is the argument of the lens of a title above the line with some text.
func (b *workbench) lensArgument(text, title string) (command string, argument map[string]any) {
	b.t.Helper()
	var list []protocol.CodeLens
	b.editor.Call(protocol.MethodTextDocumentCodeLens, &protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: b.buffer.URI}}, &list)
	for _, l := range list {
		if int(l.Range.Start.Line) == b.lineOf(text) && strings.Contains(l.Command.Title, title) && len(l.Command.Arguments) == 1 {
			if err := json.Unmarshal(l.Command.Arguments[0], &argument); err != nil {
				b.t.Fatal(err)
			}
			return l.Command.Command, argument
		}
	}
	b.t.Fatalf("no lens %q above %q: %v", title, text, b.lenses())
	return "", nil
}

func (b *workbench) shownLog(argument map[string]any) string {
	b.t.Helper()
	var at server.LogLocation
	if err := b.execute("flowls.showLog", argument, &at); err != nil {
		b.t.Fatal(err)
	}
	var shown protocol.ShowDocumentParams
	b.editor.Await(protocol.MethodWindowShowDocument, &shown)
	if shown.URI != at.URI {
		b.t.Errorf("%s is shown, %s answered", shown.URI, at.URI)
	}
	data, err := os.ReadFile(strings.TrimPrefix(string(at.URI), "file://"))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}

func TestTaskLog(t *testing.T) {
	b := newWorkbench(t, "Talk", talkFlow)
	b.open(true)
	id := b.launch("flowls.run", nil).RunID
	start := map[string]any{"runId": id, "step": "start"}
	var first server.LogResult
	b.until("the first line is there", func() bool {
		info := b.run(id)
		if len(info.Steps) == 0 || len(info.Steps[0].TasksDetail) == 0 {
			return false
		}
		first = b.log(start)
		return first.Text != ""
	})
	if first.Text != "before\n" || first.Done || first.TaskID != "1" {
		t.Errorf("while it runs: %+v", first)
	}
	if shown := b.shownLog(map[string]any{"runId": id, "step": "start"}); !strings.HasPrefix(shown, "before\n[flowls: the task goes on") {
		t.Errorf("shown while it runs: %q", shown)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rest, _ := b.logToEnd(start, first.Cursor)
	if got := first.Text + rest; strings.Count(got, "before") != 1 || strings.Count(got, "grüße") != 1 || strings.Count(got, "done") != 1 || strings.Contains(got, "pid") {
		t.Errorf("followed: %q", got)
	}
	b.ended(id)

	// The lens of the failed step leads to the task that failed.
	var command string
	var argument map[string]any
	b.until("the lens tells the failure", func() bool { return strings.Contains(b.lensOf("def fit"), "ZeroDivisionError") })
	command, argument = b.lensArgument("def fit", "ZeroDivisionError")
	if command != "flowls.showLog" || argument["step"] != "fit" || argument["taskId"] != "3" {
		t.Errorf("the lens of the failed step: %s %v", command, argument)
	}
	shown := b.shownLog(argument)
	if strings.Count(shown, "item 0\n") != 2 || strings.Contains(shown, "item 1") || strings.Count(shown, "ZeroDivisionError: division by zero\n") != 2 || !strings.Contains(shown, "\n[flowls: attempt 1]\n") {
		t.Errorf("log of the failed task: %s", shown)
	}
	if shown := b.shownLog(map[string]any{"runId": id, "step": "start"}); shown != "before\ngrüße\ndone\n" && shown != "before\ndone\ngrüße\n" {
		t.Errorf("shown at the end: %q", shown)
	}

	// Lines of a traceback are lines of the text that was run.
	b.insertBefore("import os", "\n\n")
	text, frames := b.logToEnd(map[string]any{"runId": id, "step": "fit", "attempt": 1}, "")
	if strings.Count(text, "Traceback") != 1 || len(frames) != 1 || frames[0].Line != 23 || frames[0].Now != 25 || frames[0].Function != "fit" ||
		frames[0].Text != "self.y = 1 / self.input" || frames[0].URI != uri.File(b.path) {
		t.Errorf("frames: %+v\n%s", frames, text)
	}
	var line server.SourceLineResult
	b.request("flowls/sourceLine", map[string]any{"runId": id, "file": b.path, "line": 23}, &line)
	if line.Now != 25 || line.URI != uri.File(b.path) {
		t.Errorf("source line: %+v", line)
	}
	output := b.log(map[string]any{"runId": id})
	if len(output.Frames) != 2 || output.Frames[1].Now != 25 {
		t.Errorf("frames of the run's output: %+v", output.Frames)
	}

	for _, method := range []string{"flowls/log", "flowls/cards"} {
		raw, err := json.Marshal(map[string]any{"uri": b.buffer.URI, "flow": "Talk", "step": "fit"})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.editor.TryCall(method, json.RawMessage(raw), nil); err == nil || !strings.Contains(err.Error(), "runId is missing") {
			t.Errorf("%s without a run: %v", method, err)
		}
	}

	// Copies do not pile up.
	copies := filepath.Join(os.Getenv("XDG_STATE_HOME"), "flowls", "logs")
	for i := range 60 {
		old := filepath.Join(copies, fmt.Sprintf("old-%d.log", i))
		if err := os.WriteFile(old, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(old, time.Unix(int64(i), 0), time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
	}
	b.shownLog(map[string]any{"runId": id, "step": "start"})
	if left, err := filepath.Glob(filepath.Join(copies, "*")); err != nil || len(left) != 40 || !slices.Contains(left, filepath.Join(copies, "old-59.log")) {
		t.Errorf("%d copies are left, %v", len(left), err)
	}

	for want, argument := range map[string]map[string]any{
		"step fit of run":          {"runId": id, "step": "fit", "taskId": "9"},
		"step join has not run":    {"runId": id, "step": "join"},
		"has no attempt 7":         {"runId": id, "step": "fit", "taskId": "3", "attempt": 7},
		"they are counted from 0":  {"runId": id, "step": "fit", "attempt": -1},
		"there is no run \"none\"": {"runId": "none", "step": "fit"},
		"step none has not run":    {"uri": b.buffer.URI, "flow": "Talk", "step": "none"},
	} {
		if err := b.execute("flowls.showLog", argument, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", argument, err)
		}
	}
}

func TestTaskLogOfTerminalRun(t *testing.T) {
	b := newWorkbench(t, "Talk", talkFlow)
	b.open(true)
	cmd := b.terminal("run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var id string
	b.until("a task runs", func() bool {
		runs := b.runs()
		if len(runs) == 0 {
			return false
		}
		id = runs[0].MetaflowRunID
		return strings.Contains(b.lensOf("def start"), "running")
	})
	params := map[string]any{"uri": b.buffer.URI, "flow": "Talk", "runId": id, "step": "start"}
	if r := b.log(params); r.Text != "" || r.Done || !strings.Contains(r.Waiting, "goes to the terminal until the task has ended") {
		t.Errorf("while it runs: %+v", r)
	}
	if shown := b.shownLog(params); !strings.Contains(shown, "goes to the terminal") {
		t.Errorf("shown: %s", shown)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	text, _ := b.logToEnd(params, "")
	if !strings.Contains(text, "before\n") || !strings.Contains(text, "grüße\n") {
		t.Errorf("stored: %q", text)
	}
	b.until("the lens tells the failure", func() bool { return strings.Contains(b.lensOf("def fit"), "ZeroDivisionError") })
	_, argument := b.lensArgument("def fit", "ZeroDivisionError")
	b.until("the output of the failed task is stored", func() bool {
		return strings.Contains(b.shownLog(argument), "ZeroDivisionError: division by zero\n")
	})
	if argument["runId"] != id {
		t.Errorf("the lens names %v", argument)
	}
}
