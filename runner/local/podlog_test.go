package local

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flowls/runner/runstate"
)

// printed plays a cluster: the lines of each attempt's pod, one a second.
type printed struct {
	pods    [][]string
	ended   []bool
	problem string
	gone    bool
	room    int // lines of one answer, 0: all
}

var podTime = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func (p *printed) Attempt() int { return len(p.pods) - 1 }

func (p *printed) Read(attempt int, after PodMark, _ int) (PodPiece, bool) {
	if attempt >= len(p.pods) {
		return PodPiece{}, false
	}
	piece := PodPiece{After: after, Problem: p.problem, Ended: p.gone}
	if p.problem != "" {
		return piece, true
	}
	for i, text := range p.pods[attempt] {
		at := podTime.Add(time.Duration(i) * time.Second)
		if !at.After(after.At) {
			continue
		}
		if p.room > 0 && len(piece.Lines) == p.room {
			return piece, true
		}
		piece.Lines, piece.After = append(piece.Lines, runstate.LogLine{Time: at, Text: text}), PodMark{at, 1}
	}
	piece.Ended = p.ended[attempt]
	return piece, true
}

func podLine(pod, text string) string {
	return line("start/1", 4, strings.TrimSpace("[pod "+pod+"] "+text))
}

// The launcher's words come first and last, what the pod prints between them,
// from the pod: Metaflow's echo of it is left out.
func TestPodBetweenTheWordsOfTheLauncher(t *testing.T) {
	starting := line("start/1", 4, "[job t-1] Task is starting (Job is active)...")
	l := streamed(t, starting)
	l.Over = false
	lines, _, p := all(t, l, "")
	if !slices.Equal(lines, []string{"[job t-1] Task is starting (Job is active)..."}) || p.Done {
		t.Fatalf("%q", lines)
	}
	pods := &printed{pods: [][]string{{"one", "[save_logs] upload_start datastore=s3", "two"}}, ended: []bool{false}}
	l.Pods = pods
	lines, _, p = all(t, l, p.Cursor)
	if !slices.Equal(lines, []string{"one", "two"}) || p.Done {
		t.Fatalf("%q", lines)
	}
	write(t, l, starting+podLine("t-1-x", "one")+podLine("t-1-x", "")+podLine("t-1-x", "two")+
		line("start/1", 4, "Kubernetes error:")+line("start/1", 4, "Task ran out of memory.")+podLine("t-1-x", ""))
	pods.pods[0] = append(pods.pods[0], "three")
	pods.ended[0], l.Over = true, true
	lines, _, p = all(t, l, p.Cursor)
	if !slices.Equal(lines, []string{"three", "Kubernetes error:", "Task ran out of memory."}) || !p.Done {
		t.Fatalf("%q, done %t", lines, p.Done)
	}
	for room := range 3 {
		pods.room = room
		lines, _, p = all(t, l, "")
		if !slices.Equal(lines, []string{"one", "two", "three", "Kubernetes error:", "Task ran out of memory."}) || !p.Done {
			t.Fatalf("from the start, %d lines at a time: %q", room, lines)
		}
	}
}

// The echo was shown before the run was followed.
func TestPodAfterItsEcho(t *testing.T) {
	l := streamed(t, podLine("t-1-x", "one")+podLine("t-1-x", "two"))
	l.Over = false
	_, _, p := all(t, l, "")
	l.Pods = &printed{pods: [][]string{{"one", "two", "three"}}, ended: []bool{false}}
	if lines, _, _ := all(t, l, p.Cursor); !slices.Equal(lines, []string{"three"}) {
		t.Errorf("%q", lines)
	}
}

// An attempt that only its pod tells of.
func TestNextAttemptOfAPod(t *testing.T) {
	l := streamed(t, line("start/1", 4, "Task failed.")+line("start/1", 9, "Sleeping 0 minutes before the next retry"))
	l.Over = false
	l.Pods = &printed{pods: [][]string{{"one"}, {"two"}}, ended: []bool{true, false}}
	lines, _, p := all(t, l, "")
	if !slices.Equal(lines, []string{"one", "Task failed.", "two"}) || p.Done {
		t.Errorf("%q, done %t", lines, p.Done)
	}
	l.Attempt = 1
	if lines, _, _ := all(t, l, ""); !slices.Equal(lines, []string{"two"}) {
		t.Errorf("the second attempt: %q", lines)
	}
}

// A cluster that does not answer hides nothing that is here.
func TestPodThatCannotBeRead(t *testing.T) {
	for _, gone := range []bool{false, true} {
		l := streamed(t, podLine("t-1-x", "one"))
		l.Pods = &printed{pods: [][]string{{"one"}}, ended: []bool{true}, problem: "pods is forbidden", gone: gone}
		lines, _, p := all(t, l, "")
		if !slices.Equal(lines, []string{"[pod t-1-x] one"}) || !p.Done {
			t.Errorf("gone %t: %q, done %t", gone, lines, p.Done)
		}
	}
	// Halfway: it is waited for, until the pod is gone.
	l := streamed(t, podLine("t-1-x", "one")+line("start/1", 4, "Task failed."))
	pods := &printed{pods: [][]string{{"one"}}, ended: []bool{false}}
	l.Pods = pods
	_, _, p := all(t, l, "")
	pods.problem = "connection refused"
	lines, _, p := all(t, l, p.Cursor)
	if len(lines) > 0 || p.Done || !strings.Contains(p.Waiting, "connection refused") {
		t.Errorf("%q, %+v", lines, p)
	}
	pods.gone = true
	lines, notes, p := all(t, l, p.Cursor)
	if !slices.Equal(lines, []string{"Task failed."}) || !p.Done || !strings.Contains(fmt.Sprint(notes), "the pod is gone") {
		t.Errorf("%q, %q, %+v", lines, notes, p)
	}
}

// A run of somebody else's terminal that is followed.
func TestPodOfARunFromATerminal(t *testing.T) {
	l := streamed(t, "")
	l.Record, l.Over = nil, false
	pods := &printed{pods: [][]string{{"one"}}, ended: []bool{false}}
	l.Pods = pods
	lines, _, p := all(t, l, "")
	if !slices.Equal(lines, []string{"one"}) || p.Done || p.Waiting != "" {
		t.Errorf("%q, %+v", lines, p)
	}
	pods.ended[0], l.Over = true, true
	if _, _, p = all(t, l, p.Cursor); !p.Done {
		t.Errorf("%+v", p)
	}
}

func write(t *testing.T, l *TaskLog, output string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.Record.folder, outputFile), []byte(output), 0o600); err != nil {
		t.Fatal(err)
	}
}
