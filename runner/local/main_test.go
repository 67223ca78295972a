package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowls/runner/runnertest"
)

// The test binary plays the supervisor, as flowls itself does.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(Supervise(os.Args[2]))
	}
	os.Exit(m.Run())
}

type fixture struct {
	*Registry
	t   *testing.T
	dir string // workspace
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir := t.TempDir()
	return &fixture{&Registry{Dir: filepath.Join(t.TempDir(), "runs")}, t, dir}
}

func (f *fixture) write(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// start starts a script with the system's Python or, if it is a flow, with Metaflow's.
func (f *fixture) start(spec Spec) *Record {
	f.t.Helper()
	if spec.Interpreter == "" {
		spec.Interpreter = runnertest.Python(f.t)
	}
	if spec.Dir == "" {
		spec.Dir = f.dir
	}
	if spec.Kind == "" {
		spec.Kind = Run
	}
	spec.Env = append(spec.Env, runnertest.Env(f.dir)...)
	r, err := f.Start(f.t.Context(), testBinary(f.t), spec)
	if err != nil {
		f.t.Fatal(err)
	}
	// A test that fails must not leave a run behind.
	f.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := f.Stop(ctx, r.ID); err != nil && !errors.Is(err, ErrNotFound) {
			f.t.Errorf("cleanup: %v", err)
		}
	})
	return r
}

func (f *fixture) wait(id string) *Record {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 60*time.Second)
	defer cancel()
	r, err := f.Wait(ctx, id)
	if err != nil {
		f.t.Fatalf("wait: %v (status %s)", err, r.Status)
	}
	return r
}

func testBinary(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// until polls a condition until it holds or the deadline passes.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 2 min: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// noneLeft asserts that nothing of the run's session lives, nor anything that carries its mark.
func noneLeft(t *testing.T, r *Record, mark string) {
	t.Helper()
	until(t, "the supervisor has ended", func() bool { return !r.Supervisor.alive() })
	for _, s := range processes() {
		if s.session == r.Supervisor.PID || s.group == r.Leader.PID {
			t.Errorf("process %d of the run's session is left", s.pid)
		}
		if mark == "" {
			continue
		}
		cmdline, _ := os.ReadFile(filepath.Join("/proc", itoa(s.pid), "cmdline"))
		if strings.Contains(string(cmdline), mark) {
			t.Errorf("process %d is left: %q", s.pid, cmdline)
		}
	}
}

func (f *fixture) mkdir(path string) {
	f.t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		f.t.Fatal(err)
	}
}

// saysRunID is what a script does that stands for a flow which runs.
const saysRunID = `import sys
open(next(a for a in sys.argv if a.startswith("--run-id-file=")).partition("=")[2], "w").write("1")
`

// TestScriptThatStartsNothing: what ends well without running anything has not succeeded.
func TestScriptThatStartsNothing(t *testing.T) {
	f := newFixture(t)
	ended := f.wait(f.start(Spec{Flow: "Idle", Script: f.write("idle.py", "class Idle: pass\n")}).ID)
	if want := "Python ran `idle.py` to its end, but nothing in it starts the flow: write `if __name__ == \"__main__\": Idle()` there, as its last line"; ended.Status != Failed || ended.Reason() != want {
		t.Errorf("%s, %q", ended.Status, ended.Reason())
	}
}
