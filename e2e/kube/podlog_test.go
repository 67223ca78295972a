//go:build e2ekube

package kube

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"flowls/server"
)

// logReader reads the log of a task as an editor's terminal does.
type logReader struct {
	s            *session
	id, step     string
	cursor, text string
}

func (r *logReader) more() string {
	r.s.t.Helper()
	var piece server.LogResult
	r.s.request("flowls/log", map[string]any{"runId": r.id, "step": r.step, "cursor": r.cursor}, &piece)
	r.cursor = piece.Cursor
	r.text += piece.Text
	return r.text
}

// What a pod prints is shown while it prints, once and in its order, over
// attempts of which Metaflow has told nothing yet.
func TestPodLog(t *testing.T) {
	s := newSession(t, "chatter.py", "ChatterFlow", nil)
	id := s.launch("flowls.launch", nil)
	s.until("the task talks", func() bool {
		pods := s.step(id, "talk").TasksDetail
		return len(pods) == 1 && pods[0].Pod != nil && pods[0].Pod.Phase == "running"
	})
	r := &logReader{s: s, id: id, step: "talk"}
	s.until("the first attempt is awake", func() bool { return strings.Contains(r.more(), "attempt 0 awake") })
	s.until("the second attempt is awake", func() bool { return strings.Contains(r.more(), "attempt 1 awake") })
	for attempt := range 2 {
		// The two streams of a container are written by two hands: each is in order.
		for _, errors := range []bool{true, false} {
			at := 0
			for i := range 300 {
				if (i%3 == 0) != errors {
					continue
				}
				line := fmt.Sprintf("attempt %d line %d\n", attempt, i)
				if n := strings.Count(r.text, "\n"+line); n != 1 {
					t.Fatalf("%d times %q:\n%s", n, line, r.text)
				}
				next := strings.Index(r.text, "\n"+line)
				if next < at {
					t.Fatalf("%q is out of order:\n%s", line, r.text)
				}
				at = next
			}
		}
	}
	for _, want := range []string{"Downloading code package", "ValueError: once", "[flowls: attempt 1]"} {
		if !strings.Contains(r.text, want) {
			t.Errorf("no %q in\n%s", want, r.text)
		}
	}
	for line := range strings.SplitSeq(r.text, "\n") {
		if strings.HasPrefix(line, "[pod ") && !strings.Contains(line, "] Task is starting (") {
			t.Errorf("Metaflow's echo of the pod: %q", line)
		}
	}
	var at server.LogLocation
	if err := s.execute("flowls.showLog", map[string]any{"runId": id, "step": "talk"}, &at); err != nil {
		t.Fatal(err)
	}
	shown, err := os.ReadFile(at.URI.Path())
	if err != nil || !strings.Contains(string(shown), "attempt 1 awake\n") {
		t.Errorf("%v\n%s", err, shown)
	}
	var shell server.TerminalResult
	if err := s.execute("flowls.shell", map[string]any{"step": "talk"}, &shell); err != nil || shell.Pod == "" || !strings.Contains(shell.CommandLine, "exec -it "+shell.Pod+" -c talk -- ") {
		t.Errorf("%+v, %v", shell, err)
	}
	var forward server.TerminalResult
	if err := s.execute("flowls.portForward", map[string]any{"step": "talk", "port": 8888, "local": 18888}, &forward); err != nil || !strings.HasSuffix(forward.CommandLine, "port-forward "+shell.Pod+" 18888:8888") {
		t.Errorf("%+v, %v", forward, err)
	}
}
