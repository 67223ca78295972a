package runstate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowls/runner/runnertest"
)

// mergePy prints what Metaflow's own merge makes of the log files of an attempt.
const mergePy = `
import json, sys
from metaflow.mflog import mflog
blobs = [open(path, "rb").read() for path in sys.argv[1:]]
lines = [[line.utc_tstamp_str.decode(), line.msg.decode("utf-8", "replace").rstrip("\n")] for line in mflog.merge_logs(blobs)]
json.dump(lines, sys.stdout)
`

func TestStoredLogIsMetaflows(t *testing.T) {
	_, r := openRecorded(t)
	seen := 0
	for _, flow := range []string{"Many", "Broken", "Crash"} {
		for _, step := range newest(t, r, flow).Steps {
			for _, task := range step.Tasks {
				for _, a := range task.Attempts {
					log, err := r.StoredLog(t.Context(), &Run{Flow: flow}, task, a.N)
					if a.Status == Cloned {
						if !errors.Is(err, ErrNoLog) {
							t.Errorf("%s/%s is cloned: %v", task.Step, task.ID, err)
						}
						continue
					}
					if err != nil {
						t.Fatalf("%s/%s attempt %d: %v", task.Step, task.ID, a.N, err)
					}
					seen += len(log.Lines)
					compareWithMetaflow(t, task, a.N, log)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d lines compared", seen)
	}
}

func compareWithMetaflow(t *testing.T, task *Task, attempt int, log *StoredLog) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(escape(task.dir), fmt.Sprintf("%d.*_std*.log", attempt)))
	if err != nil || len(paths) != 2 {
		t.Fatalf("log files: %v, %v", paths, err)
	}
	out, err := exec.Command(runnertest.Python(t), append([]string{"-c", mergePy}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]string
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	// Where the last thing printed has no line end, Metaflow runs two lines together.
	var theirs, ours strings.Builder
	for _, l := range want {
		text := l[1]
		if i := strings.Index(text, mflogStart); i >= 0 {
			_, last, _ := parseMflog(text[i:])
			text = text[:i] + last
		}
		theirs.WriteString(text)
	}
	for _, l := range log.Lines {
		ours.WriteString(l.Text)
	}
	if ours.String() != theirs.String() {
		t.Errorf("%s/%s attempt %d:\n%.500q\nMetaflow:\n%.500q", task.Step, task.ID, attempt, ours.String(), theirs.String())
	}
}

func escape(path string) string {
	return strings.NewReplacer("[", `\[`, "*", `\*`, "?", `\?`).Replace(path)
}

// fakeTask is a task with the given files.
func fakeTask(t *testing.T, files map[string]string) (*Reader, *Task) {
	t.Helper()
	r := NewReader(filepath.Join(t.TempDir(), rootName))
	dir := filepath.Join(r.Root, "Flow", "1", "start", "1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	task, err := r.Task("Flow", "1", "start", "1")
	if err != nil {
		t.Fatal(err)
	}
	return r, task
}

func TestStoredLogHalfWritten(t *testing.T) {
	r, task := fakeTask(t, map[string]string{"0.runtime_stdout.log": "[MFLOG|0|2026-11-22T10:25:15.1Z|runtime|x]a\n"})
	if _, err := r.StoredLog(t.Context(), &Run{}, task, 0); !errors.Is(err, ErrNoLog) {
		t.Errorf("one of two files: %v", err)
	}
	if _, err := r.StoredLog(t.Context(), &Run{}, task, 1); !errors.Is(err, ErrNoLog) {
		t.Errorf("no file: %v", err)
	}
	if _, err := r.Task("Flow", "1", "start", "2"); !errors.Is(err, ErrNoTask) {
		t.Errorf("no task: %v", err)
	}
	if _, err := r.Task("Flow", "..", "start", "2"); err == nil {
		t.Error("a path as run id")
	}
}

func TestStoredLogTellsWhatIsMissing(t *testing.T) {
	r, task := fakeTask(t, map[string]string{
		"0.runtime_stdout.log": "[MFLOG|0|2026-11-22T10:25:15.1Z|runtime|x]a\n[MFLOG|0|2026-11-22T10:25:15.2Z|runtime|x]" + cutMark + "\n",
		"0.runtime_stderr.log": "[REDACTED runtime stderr]",
	})
	log, err := r.StoredLog(t.Context(), &Run{}, task, 0)
	if err != nil {
		t.Fatal(err)
	}
	if printed(log.Lines) != "15.100000 a" || !slices.Equal(log.Cut, []string{"stdout"}) || !slices.Equal(log.Redacted, []string{"stderr"}) {
		t.Errorf("%+v", log)
	}
	if notes := strings.Join(log.Notes(), "\n"); !strings.Contains(notes, "did not store all of stdout") || !strings.Contains(notes, "stderr was removed") {
		t.Errorf("notes: %s", notes)
	}
}

func TestStoredLogOfOldMetaflow(t *testing.T) {
	r, task := fakeTask(t, map[string]string{"0.stdout.log": "a\nb\n", "0.stderr.log": "c\n"})
	log, err := r.StoredLog(t.Context(), &Run{}, task, 0)
	if err != nil || printed(log.Lines) != "? a\n? b\n? c" {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestStoredLogOfRemoteTask(t *testing.T) {
	r, task := fakeTask(t, map[string]string{
		"0.runtime_stdout.log": "[MFLOG|0|2026-11-22T10:25:14.1Z|runtime|x]pod starts\n", "0.runtime_stderr.log": "",
		"0.task_stdout.log": "[MFLOG|0|2026-11-22T10:25:15.1Z|task|x]out\n", "0.task_stderr.log": "[MFLOG|0|2026-11-22T10:25:15.0Z|task|x]err\n",
	})
	log, err := r.StoredLog(t.Context(), &Run{}, task, 0)
	if err != nil || printed(log.Lines) != "14.100000 pod starts\n15.000000 err\n15.100000 out" {
		t.Errorf("%+v, %v", log, err)
	}
}

// The end of a log of 1 GB is read in bounded memory.
func TestStoredLogHuge(t *testing.T) {
	r, task := fakeTask(t, map[string]string{"0.runtime_stderr.log": ""})
	f, err := os.Create(filepath.Join(task.dir, "0.runtime_stdout.log"))
	if err != nil {
		t.Fatal(err)
	}
	line := "[MFLOG|0|2026-11-22T10:25:15.1Z|runtime|0ed8c2c5-df49-4ecc-a264-e6d497512aa1]" + strings.Repeat("x", 80) + "\n"
	end := strings.Repeat(line, maxLogFile/len(line)+1) + "[MFLOG|0|2026-11-22T10:25:16.1Z|runtime|x]last\n"
	const size = 1 << 30
	if err := f.Truncate(size - int64(len(end))); err != nil { // a hole: no space on disk
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(end), size-int64(len(end))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	end = ""
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	log, err := r.StoredLog(t.Context(), &Run{}, task, 0)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := len(log.Lines); log.Lines[n-1].Text != "last" || log.Lines[0].Text != strings.Repeat("x", 80) || log.Before < size-maxLogFile-1 {
		t.Errorf("%d lines, first %q, %d before", n, log.Lines[0].Text, log.Before)
	}
	if notes := log.Notes(); len(notes) != 1 || !strings.HasPrefix(notes[0], "… 1061.") {
		t.Errorf("notes %q", notes)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%d MB were allocated", used>>20)
	}
}

func TestStoredLogStaysInTheStore(t *testing.T) {
	r, task := fakeTask(t, map[string]string{"0.runtime_stderr.log": ""})
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(task.dir, "0.runtime_stdout.log")); err != nil {
		t.Fatal(err)
	}
	if log, err := r.StoredLog(t.Context(), &Run{}, task, 0); err == nil {
		t.Errorf("a link out of the store was followed: %+v", log)
	}
}
