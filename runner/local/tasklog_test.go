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

// talk runs testdata/talk.py; the last step waits for a file.
type talk struct {
	*fixture
	record *Record
	reader *runstate.Reader
	gate   string
}

func startTalk(t *testing.T) *talk {
	f := newFixture(t)
	text, err := os.ReadFile("testdata/talk.py")
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{fixture: f, gate: filepath.Join(f.dir, "gate"), reader: runstate.NewReader(filepath.Join(f.dir, ".metaflow"))}
	k.record = f.start(Spec{Flow: "Talk", Script: f.write("talk.py", string(text)), Env: []string{"GATE=" + k.gate}, Args: []string{"--max-log-size=1"}})
	return k
}

func (k *talk) open() { k.write("gate", "") }

func (k *talk) log(step, task string, attempt int) *TaskLog {
	k.t.Helper()
	until(k.t, "the run has an id", func() bool {
		r, err := k.Get(k.record.ID)
		if err != nil {
			k.t.Fatal(err)
		}
		k.record = r
		if r.Status.Done() && r.RunID == "" {
			output, err := os.ReadFile(r.OutputPath())
			k.t.Fatalf("the run did not start: %v\n%s", err, output)
		}
		return r.RunID != ""
	})
	return &TaskLog{Reader: k.reader, Flow: "Talk", Run: k.record.RunID, Step: step, Task: task, Attempt: attempt, Record: k.record}
}

// tasks are the ids of a step's tasks.
func (k *talk) tasks(step string) []string {
	k.t.Helper()
	run, err := k.reader.Run("Talk", k.record.RunID)
	if err != nil {
		k.t.Fatal(err)
	}
	var ids []string
	for _, task := range run.Step(step).Tasks {
		ids = append(ids, task.ID)
	}
	return ids
}

// all reads a log from a cursor to its end or, while it has none, to what there is now.
func all(t *testing.T, l *TaskLog, cursor string) (lines []string, notes []string, last LogPiece) {
	t.Helper()
	for {
		p, err := l.Read(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range p.Lines {
			lines = append(lines, line.Text)
		}
		notes = append(notes, p.Notes...)
		if p.Done || p.Cursor == cursor {
			return lines, notes, p
		}
		cursor = p.Cursor
	}
}

// bare is a line as the stream and the store both have it.
func bare(lines []string) []string {
	var out []string
	for _, l := range lines {
		l = strings.ReplaceAll(strings.ToValidUTF8(colour().ReplaceAllString(l, ""), ""), "\uFFFD", "")
		out = append(out, strings.Trim(l, " \t\n\r\v\f"))
	}
	return out
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = bare(got), bare(want)
	if slices.Equal(got, want) {
		return
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%s: %d lines, want %d; first difference at %d:\n%.300q\n%.300q", what, len(got), len(want), i, got[min(i, len(got)):min(i+3, len(got))], want[min(i, len(want)):min(i+3, len(want))])
		}
	}
}

// withoutLogs is a copy of the store in which no task has stored its output.
func (k *talk) withoutLogs() *runstate.Reader {
	k.t.Helper()
	dir := filepath.Join(k.t.TempDir(), ".metaflow")
	if err := os.CopyFS(dir, os.DirFS(k.reader.Root)); err != nil {
		k.t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "Talk", "*", "*", "*", "*.log"))
	if err != nil || len(logs) == 0 {
		k.t.Fatalf("logs: %v, %v", logs, err)
	}
	for _, path := range logs {
		if err := os.Remove(path); err != nil {
			k.t.Fatal(err)
		}
	}
	return runstate.NewReader(dir)
}

func TestTaskLogOfEndedRun(t *testing.T) {
	k := startTalk(t)
	k.open()
	k.log("start", "1", AllAttempts) // waits for Metaflow's id
	k.record = k.wait(k.record.ID)
	for name, test := range map[string]func(*testing.T, *talk){"switch": streamToStore, "attempts": attempts, "cut": cutByMetaflow} {
		t.Run(name, func(t *testing.T) { test(t, k) })
	}
}

// A reader may change from the stream to the store behind any line, and nothing is lost or doubled.
func streamToStore(t *testing.T, k *talk) {
	live := k.log("start", "1", AllAttempts)
	live.Reader, live.Room = k.withoutLogs(), 1
	stored := k.log("start", "1", AllAttempts)
	stored.Over = true

	for _, task := range append([]string{"start/1"}, "work/"+k.tasks("work")[0], "work/"+k.tasks("work")[1], "caught/"+k.tasks("caught")[0], "end/"+k.tasks("end")[0], "quiet/"+k.tasks("quiet")[0]) {
		step, id, _ := strings.Cut(task, "/")
		live.Step, live.Task, stored.Step, stored.Task = step, id, step, id
		want, notes, last := all(t, stored, "")
		if !last.Done || len(notes) != 0 || (len(want) == 0) != (step == "quiet") {
			t.Fatalf("%s: %d lines, notes %q, done %t", task, len(want), notes, last.Done)
		}
		var before []string
		cursor := ""
		for {
			p, err := live.Read(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range p.Lines {
				before = append(before, line.Text)
			}
			rest, _, _ := all(t, stored, p.Cursor)
			same(t, fmt.Sprintf("%s after %d lines", task, len(before)), append(slices.Clone(before), rest...), want)
			if p.Cursor == cursor {
				break
			}
			cursor = p.Cursor
		}
		// The scheduler's last words may be the task's own: they wait for the store.
		if len(before)+2 < len(want) {
			t.Errorf("%s: the stream gave %d of %d lines", task, len(before), len(want))
		}
	}

	live.Step, live.Task, live.Over = "start", "1", true
	lines, _, last := all(t, live, "")
	if !last.Done || !slices.Contains(lines, "no line end") || !slices.Contains(lines, "Task is starting.") || lines[0] == "Task is starting." {
		t.Errorf("done %t, %d lines, first %.100q", last.Done, len(lines), lines[0])
	}
}

func attempts(t *testing.T, k *talk) {
	l := k.log("work", "2", 1)
	l.Over = true
	lines, _, last := all(t, l, "")
	if text := strings.Join(lines, "\n"); !last.Done || last.Attempt != 1 || !strings.Contains(text, "    err of a attempt 1 0\n") ||
		!strings.Contains(text, "\nValueError: not\nyet\n") || !strings.Contains(text, `  File "`+l.Record.Script+`", line 42, in work`) || strings.Contains(text, "attempt 0") {
		t.Errorf("attempt 1: %s", text)
	}
	l.Attempt = AllAttempts
	lines, _, _ = all(t, l, "")
	if text := strings.Join(lines, "\n"); strings.Count(text, "ValueError: not") != 2 || strings.Count(text, "attempt 2 ") != 6 {
		t.Errorf("all attempts: %s", text)
	}
	l.Attempt = 3
	if _, err := l.Read(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "work/2 has no attempt 3") {
		t.Errorf("attempt 3: %v", err)
	}
	l.Attempt = 0
	for _, cursor := range []string{"x", "0.0.0.0.0.0", "-1.0.0.0.0.0.true.true", "0.0.0.0.0.-5.true.true", "0.1.2.3.4.5.true.true0", "99999999999999999999.0.0.0.0.0.true.true"} {
		if p, err := l.Read(t.Context(), cursor); err == nil {
			t.Errorf("cursor %q: %+v", cursor, p)
		}
	}
}

// The store has 1 MB of what a task printed; who followed it from the start gets all.
func cutByMetaflow(t *testing.T, k *talk) {
	l := k.log("much", k.tasks("much")[0], AllAttempts)
	l.Over = true
	lines, notes, _ := all(t, l, "")
	if len(notes) != 1 || !strings.Contains(notes[0], "did not store all of stdout") || len(lines) > 10000 || slices.Contains(lines, cutText) {
		t.Errorf("%d lines, notes %q", len(lines), notes)
	}
	live := *l
	live.Reader, live.Over = k.withoutLogs(), false
	first, err := live.Read(t.Context(), "")
	if err != nil || len(first.Lines) == 0 {
		t.Fatal(err, first)
	}
	rest, _, last := all(t, l, first.Cursor)
	if !last.Done || len(first.Lines)+len(rest) != 15001 || rest[len(rest)-1] != "last" {
		t.Errorf("followed: %d and %d lines, done %t", len(first.Lines), len(rest), last.Done)
	}
}

const cutText = "[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]"

func TestTaskLogFollowed(t *testing.T) {
	k := startTalk(t)
	var lines []string
	l := k.log("end", "", AllAttempts)
	until(t, "the last task prints", func() bool {
		run, err := k.reader.Run("Talk", l.Run)
		if err != nil || run.Step("end") == nil || len(run.Step("end").Tasks) == 0 {
			return false
		}
		l.Task = run.Step("end").Tasks[0].ID
		var p LogPiece
		lines, _, p = all(t, l, "")
		if p.Done {
			t.Fatalf("done while it runs: %q", lines)
		}
		return len(lines) > 0
	})
	_, _, now := all(t, l, "")
	if !slices.Equal(lines, []string{"waiting"}) {
		t.Errorf("while it runs: %q", lines)
	}
	elsewhere := *l
	elsewhere.Record = nil
	if _, _, p := all(t, &elsewhere, ""); p.Done || !strings.Contains(p.Waiting, "goes to the terminal") {
		t.Errorf("as if started in a terminal: %+v", p)
	}
	k.open()
	cursor := now.Cursor
	until(t, "the log ends", func() bool {
		r, err := k.Get(k.record.ID)
		if err != nil {
			t.Fatal(err)
		}
		l.Over = r.Status.Done()
		more, _, p := all(t, l, cursor)
		lines, cursor = append(lines, more...), p.Cursor
		return p.Done
	})
	want, _, _ := all(t, l, "")
	same(t, "followed", lines, want)
	if want[len(want)-1] != "Task failed." || want[len(want)-3] != "RuntimeError: boom" {
		t.Errorf("the end: %q", want[len(want)-3:])
	}
}

func TestTaskLogOfKilledRun(t *testing.T) {
	k := startTalk(t)
	l := k.log("end", "", AllAttempts)
	until(t, "the last task prints", func() bool {
		run, err := k.reader.Run("Talk", l.Run)
		if err != nil || run.Step("end") == nil || len(run.Step("end").Tasks) == 0 {
			return false
		}
		l.Task = run.Step("end").Tasks[0].ID
		lines, _, _ := all(t, l, "")
		return len(lines) > 0
	})
	left := k.record.killFamily(time.Minute, func() {})
	if len(left) != 0 {
		t.Fatalf("still there: %v", left)
	}
	k.record = k.wait(k.record.ID)
	l.Record, l.Over = k.record, true
	lines, _, last := all(t, l, "")
	if !last.Done || !slices.Equal(lines, []string{"waiting"}) {
		t.Errorf("done %t: %q", last.Done, lines)
	}
	l.Record = nil
	if _, _, p := all(t, l, ""); !p.Done || !strings.Contains(p.Waiting, "nothing is stored") {
		t.Errorf("without the stream: %+v", p)
	}
}
