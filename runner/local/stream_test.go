package local

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runstate"
)

// streamed is the log of start/1 in a run with the given output, of which the store has nothing.
func streamed(t *testing.T, output string) *TaskLog {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, ".metaflow")
	task := filepath.Join(root, "F", "7", "start", "1")
	if err := os.MkdirAll(task, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{filepath.Join(task, "0.attempt.json"): `{"time": 1}`, filepath.Join(dir, outputFile): output} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &TaskLog{
		Reader: runstate.NewReader(root), Flow: "F", Run: "7", Step: "start", Task: "1", Attempt: AllAttempts,
		Record: &Record{folder: dir}, Over: true,
	}
}

func line(task string, pid int, text string) string {
	return fmt.Sprintf("2026-11-22 10:25:14.348 [7/%s (pid %d)] %s\n", task, pid, text)
}

func TestStreamOfManyTasks(t *testing.T) {
	others := strings.Repeat(line("fit/2", 5, strings.Repeat("x", 200)), 40<<20/256)
	l := streamed(t, line("start/1", 4, "Task is starting.")+line("start/1", 4, "first")+others+
		line("start/1", 4, strings.Repeat("y", maxScan+5))+line("start/10", 6, "not mine")+line("start/1", 4, "last")+"2026-11-22 10:25:14.348 [7/start/1 (pid 4)] half")
	lines, _, last := all(t, l, "")
	if !slices.Equal(lines, []string{"first", "last"}) || !last.Done {
		t.Errorf("done %t: %.200q", last.Done, lines)
	}
}

func TestStreamThatLostItsBeginning(t *testing.T) {
	head := fmt.Sprintf(beforeFormat, 1000, "output.1.log")
	l := streamed(t, head+line("start/1", 4, "of the first attempt")+line("start/1", 9, "Task is starting (retry).")+line("start/1", 9, "of the second"))
	if err := os.WriteFile(filepath.Join(l.Reader.Root, "F", "7", "start", "1", "1.attempt.json"), []byte(`{"time": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for attempt, want := range []string{"of the first attempt", "of the second"} {
		l.Attempt = attempt
		if lines, _, last := all(t, l, ""); !slices.Equal(lines, []string{want}) || !last.Done {
			t.Errorf("attempt %d: %q, done %t", attempt, lines, last.Done)
		}
	}
}

func TestStreamLineIsLimited(t *testing.T) {
	l := streamed(t, line("start/1", 4, "Task is starting.")+line("start/1", 4, strings.Repeat("z", 3<<20))+line("start/1", 4, "next"))
	lines, _, _ := all(t, l, "")
	if len(lines) != 2 || len(lines[0]) < maxStreamLine-100 || len(lines[0]) > maxStreamLine+(64<<10) || lines[1] != "next" {
		t.Errorf("%d lines", len(lines))
	}
}
