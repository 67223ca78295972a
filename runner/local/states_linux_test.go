package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowls/runner/runnertest"

	"golang.org/x/sys/unix"
)

// A start that cannot be says which thing is not there any more.
func TestWhatIsGoneIsNamed(t *testing.T) {
	f := newFixture(t)
	script := f.write("x.py", "")
	gone := filepath.Join(f.dir, "gone")
	for want, spec := range map[string]Spec{
		"the working folder " + gone + " is gone": {Interpreter: runnertest.Python(t), Dir: gone},
		"the interpreter " + gone + " is gone":    {Interpreter: gone, Dir: f.dir},
	} {
		spec.ID, spec.Kind, spec.Flow, spec.Script = NewID(time.Now()), Run, "X", script
		_, err := f.Start(t.Context(), testBinary(t), spec)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("start: %v, want %s", err, want)
		}
		if r, err := f.Get(spec.ID); err != nil || r.Status != Failed || !strings.Contains(r.Reason(), want) {
			t.Errorf("record: %+v, %v", r, err)
		}
	}
}

// A supervisor that dies before it owns anything leaves a record that says so.
func TestSupervisorThatCannotBegin(t *testing.T) {
	f := newFixture(t)
	spec := Spec{ID: NewID(time.Now()), Kind: Run, Flow: "X", Script: f.write("x.py", ""), Interpreter: runnertest.Python(t), Dir: f.dir}
	if _, err := f.Start(t.Context(), "/bin/false", spec); err == nil || !strings.Contains(err.Error(), "the supervisor ended before the run started") {
		t.Errorf("start: %v", err)
	}
	if r, err := f.Get(spec.ID); err != nil || r.Status != Failed || !strings.Contains(r.Reason(), "the supervisor ended before") {
		t.Errorf("record: %+v, %v", r, err)
	}
}

// waiting is a script that works in rounds: it writes a line whenever a file appears.
const waiting = saysRunID + `import os, sys, time
for i in range(1000000):
    if os.path.exists("go"):
        os.remove("go")
        print("x" * 9999 + " round", i, flush=True)
    if os.path.exists("end"):
        break
    time.sleep(0.002)
`

// rounds lets the script write n lines.
func (f *fixture) rounds(n int) {
	f.t.Helper()
	path := filepath.Join(f.dir, "go")
	for range n {
		f.write("go", "")
		until(f.t, "the script has written a line", func() bool { _, err := os.Stat(path); return err != nil })
	}
}

// A full disk costs output, not the run, and not the record of its end. The
// limit of the size of files of the supervisor stands for the disk: it makes
// each write fail in the same way, and needs no rights.
func TestDiskFull(t *testing.T) {
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting)})
	f.rounds(2)
	f.untilLogged(r.ID, "round")
	limit := func(max uint64) {
		t.Helper()
		if err := unix.Prlimit(r.Supervisor.PID, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: max, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Fatal(err)
		}
	}
	limit(32 << 10)
	f.rounds(8)
	size := func() int64 {
		info, err := os.Stat(r.OutputPath())
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	until(t, "the log is full", func() bool { return size() == 32<<10 })
	limit(unix.RLIM_INFINITY)
	f.rounds(1)
	f.untilLogged(r.ID, "bytes of output were lost here: file too large]\n")
	f.write("end", "")
	ended := f.wait(r.ID)
	if ended.Status != Succeeded {
		t.Errorf("status %s, exit %+v", ended.Status, ended.Exit)
	}
	noneLeft(t, ended, "")
	said, err := os.ReadFile(filepath.Join(r.Folder(), supervisorFile))
	if err != nil || !bytes.Contains(said, []byte("bytes of output were lost: file too large")) {
		t.Errorf("supervisor.log: %q, %v", said, err)
	}
}

// Where not even the end can be recorded the run is lost, with nothing left of it.
func TestNoRoomForTheEnd(t *testing.T) {
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting)})
	if err := unix.Prlimit(r.Supervisor.PID, unix.RLIMIT_FSIZE, &unix.Rlimit{Max: unix.RLIM_INFINITY}, nil); err != nil {
		t.Fatal(err)
	}
	f.write("end", "")
	ended := f.wait(r.ID)
	if ended.Status != Lost || ended.Stoppable() || !strings.Contains(ended.Reason(), "could not record the end") {
		t.Errorf("status %s: %s", ended.Status, ended.Reason())
	}
	noneLeft(t, ended, "")
}

// The room for the end is kept from the start: writing it takes no more.
func TestReserve(t *testing.T) {
	dir := t.TempDir()
	if err := reserveExit(dir); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(dir, reserveFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := useReserve(dir, &Exit{Version: recordVersion, Status: Failed, Code: 3}); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(filepath.Join(dir, exitFile))
	if err != nil || !os.SameFile(before, after) || before.Size() != after.Size() {
		t.Errorf("%v, %v: %v", before, after, err)
	}
	var exit Exit
	if err := readJSON(filepath.Join(dir, exitFile), &exit); err != nil || exit.Code != 3 {
		t.Errorf("%+v, %v", exit, err)
	}
	if err := useReserve(dir, &Exit{Error: strings.Repeat("x", exitReserve)}); err == nil {
		t.Error("a record that does not fit was written")
	}
}

// The folder of the run is removed under it: its processes end all the same.
func TestStateFolderRemoved(t *testing.T) {
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting)})
	// Moved out first: a removal file by file races with what the supervisor writes just then.
	gone := filepath.Join(t.TempDir(), "gone")
	if err := os.Rename(r.Folder(), gone); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	f.write("end", "")
	noneLeft(t, r, "")
	if _, err := f.Get(r.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the run is back: %v", err)
	}
}

// The working folder is removed under a run: it fails or ends, in words.
func TestWorkingFolderRemoved(t *testing.T) {
	f := newFixture(t)
	dir := filepath.Join(f.dir, "work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	script := f.write("cwd.py", `import os, time
print("up", flush=True)
while True:
    os.getcwd()
    time.sleep(0.002)
`)
	r := f.start(Spec{Flow: "W", Script: script, Dir: dir})
	f.untilLogged(r.ID, "up")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	ended := f.wait(r.ID)
	if ended.Status != Failed || ended.Reason() != "Metaflow ended with exit code 1" {
		t.Errorf("status %s: %s", ended.Status, ended.Reason())
	}
}

func TestPythonKilled(t *testing.T) {
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting)})
	if err := syscall.Kill(r.Leader.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ended := f.wait(r.ID)
	if ended.Status != Failed || ended.Exit.Signal != "killed" || !strings.Contains(ended.Reason(), "memory ran out") {
		t.Errorf("status %s, exit %+v: %s", ended.Status, ended.Exit, ended.Reason())
	}
}

// A supervisor that is held does not answer; the stop goes on without it.
func TestStopWithoutAnswer(t *testing.T) {
	old := supervisorMargin
	supervisorMargin = 100 * time.Millisecond
	t.Cleanup(func() { supervisorMargin = old })
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting), Grace: 100 * time.Millisecond})
	if err := syscall.Kill(r.Supervisor.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stopped, err := f.Stop(t.Context(), r.ID)
	if err != nil || stopped.Status != Lost || stopped.Stoppable() {
		t.Errorf("%+v, %v", stopped, err)
	}
	noneLeft(t, r, "")
}

// A held run is let go on, so that it hears the stop.
func TestStopOfAHeldRun(t *testing.T) {
	f := newFixture(t)
	r := f.start(Spec{Flow: "W", Script: f.write("w.py", waiting)})
	f.rounds(1) // Python is up
	if err := syscall.Kill(r.Leader.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stopped, err := f.Stop(t.Context(), r.ID)
	if err != nil || stopped.Status != Stopped || stopped.Exit.Code != 1 && stopped.Exit.Signal != "interrupt" {
		t.Errorf("%+v, %v", stopped.Exit, err)
	}
}

func TestReasonAfterRestart(t *testing.T) {
	f := newFixture(t)
	me, _ := identify(os.Getpid())
	r := f.forge(t, Record{Spec: Spec{ID: "old"}, Version: recordVersion, StartedAt: time.Now(), Supervisor: me, Leader: me, Boot: "another"})
	if r.Status != Lost || r.Reason() != "the machine was restarted while it ran" || r.Stoppable() {
		t.Errorf("%s: %s", r.Status, r.Reason())
	}
}

// forge writes a record and reads it.
func (f *fixture) forge(t *testing.T, record Record) *Record {
	t.Helper()
	dir := filepath.Join(f.Dir, record.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(filepath.Join(dir, recordFile), record); err != nil {
		t.Fatal(err)
	}
	r, err := f.Get(record.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Records of the version before are read, those of a later one refused in words.
func TestVersions(t *testing.T) {
	f := newFixture(t)
	old := filepath.Join(f.Dir, "20260101-000000-abcdef01")
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// As version 1 wrote them.
	write(old, recordFile, `{"id": "20260101-000000-abcdef01", "kind": "run", "flow": "Old", "script": "/w/old.py", "interpreter": "/py",
		"args": ["--alpha=1"], "dir": "/w", "version": 1, "startedAt": "2026-01-01T00:00:00Z", "supervisor": {"pid": 7, "start": 8}, "leader": {"pid": 9, "start": 10}, "boot": "b"}`)
	write(old, exitFile, `{"version": 1, "status": "failed", "code": 1, "endedAt": "2026-01-01T00:01:00Z"}`)
	write(old, outputFile, "[flowls: the first 10 bytes of output were dropped]\nlast\n")
	r, err := f.Get("20260101-000000-abcdef01")
	if err != nil || r.Status != Failed || r.Flow != "Old" || r.CommandLine() != "cd /w && /py /w/old.py run --alpha=1" {
		t.Errorf("%+v, %v", r, err)
	}
	if log, err := f.ReadLog(r.ID, 0); err != nil || log.Text != "[flowls: 10 bytes of output were dropped]\nlast\n" || log.Next != 15 {
		t.Errorf("%+v, %v", log, err)
	}
	write(filepath.Join(f.Dir, "newer"), recordFile, `{"version": 3}`)
	write(filepath.Join(f.Dir, "newend"), recordFile, `{"version": 2, "startedAt": "2026-01-01T00:00:00Z"}`)
	write(filepath.Join(f.Dir, "newend"), exitFile, `{"version": 9, "status": "paused"}`)
	write(filepath.Join(f.Dir, "none"), recordFile, `{}`)
	all, unreadable, err := f.Survey()
	if err != nil || len(all) != 1 || len(unreadable) != 3 {
		t.Fatalf("%v, %v, %v", all, unreadable, err)
	}
	for id, want := range map[string]string{
		"newer":  "was written by a newer flowls (format 3, this one reads up to 2): update flowls to see the run",
		"newend": "was written by a newer flowls (format 9, this one reads up to 2): update flowls to see the run",
		"none":   "is damaged: it has no version",
	} {
		if got := unreadable[id]; got == nil || !strings.HasSuffix(got.Error(), want) {
			t.Errorf("%s: %v", id, got)
		}
	}
}

// What is too old goes, of any flow; what runs or was written by a newer version stays.
func TestPruneByAge(t *testing.T) {
	f := newFixture(t)
	month := time.Now().Add(-31 * 24 * time.Hour)
	me, _ := identify(os.Getpid())
	for id, r := range map[string]Record{
		"ended":   {StartedAt: month, Supervisor: me, Boot: "another"},
		"young":   {StartedAt: time.Now(), Supervisor: me, Boot: "another"},
		"running": {StartedAt: month, Supervisor: me, Leader: me, Boot: bootID()},
	} {
		r.ID, r.Flow, r.Version = id, "Other", recordVersion
		f.forge(t, r)
	}
	for id, text := range map[string]string{"damaged": `{"vers`, "newer": `{"version": 99}`} {
		dir := filepath.Join(f.Dir, id)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, recordFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, month, month); err != nil {
			t.Fatal(err)
		}
	}
	f.prune(Spec{Flow: "Q"}, time.Now())
	ids, err := f.IDs()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(ids, " "); got != "newer running young" {
		t.Errorf("left: %s", got)
	}
}

// The first line of the log is what was executed.
func TestLogBeginsWithTheCommand(t *testing.T) {
	f := newFixture(t)
	script := f.write("it's.py", "print('x')\n")
	r := f.wait(f.start(Spec{Flow: "Q", Script: script, Args: []string{"--a=b c"}, Env: []string{ParameterEnv("api-key", "hunter2-secret")}}).ID)
	log, err := f.ReadLog(r.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := "[flowls: cd " + f.dir + " && METAFLOW_RUN_API_KEY=\"${METAFLOW_RUN_API_KEY:?}\" " + r.Interpreter + " '" + strings.ReplaceAll(script, "'", `'\''`) + "' run '--a=b c']\nx\n"
	if log.Text != want {
		t.Errorf("got  %q\nwant %q", log.Text, want)
	}
}

func TestRecordsKeepWhatTheyHold(t *testing.T) {
	space := "team"
	spec := Spec{
		Kind: Run, Configs: []Config{{Name: "c", Value: `{"a": 1}`}},
		Options: Options{With: []string{"retry"}, Tags: []string{"t"}, MaxWorkers: 2, MaxNumSplits: 3, Environment: "pypi", Profile: "p", Namespace: &space},
	}
	raw, err := json.Marshal(Record{Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	var back Record
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(back.Argv("/r"), " "), strings.Join(spec.Argv("/r"), " "); got != want || !strings.Contains(want, "--namespace=team") {
		t.Errorf("got %s, want %s", got, want)
	}
}
