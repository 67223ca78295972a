package runstate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowls/runner/runnertest"
)

// recorded is a workspace in which the real Metaflow ran every kind of run once.
type recorded struct {
	dir    string
	spinID string
	err    error
}

var workspace = sync.OnceValue(record)

func TestMain(m *testing.M) {
	code := m.Run()
	if recordedDir != "" {
		os.RemoveAll(recordedDir)
	}
	os.Exit(code)
}

var recordedDir string

func record() (w recorded) {
	python, ok := runnertest.FindPython()
	if !ok {
		return recorded{err: fmt.Errorf("no Python with Metaflow at %s: run `make venv`, or set FLOWLS_PYTHON", python)}
	}
	dir, err := os.MkdirTemp("", "flowls-recorded-")
	if err != nil {
		return recorded{err: err}
	}
	recordedDir = dir
	w.dir = dir
	entries, err := filepath.Glob("testdata/*.py")
	if err != nil || len(entries) == 0 {
		return recorded{err: errors.Join(errors.New("no flows in testdata"), err)}
	}
	for _, path := range entries {
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o600)
		}
		if err != nil {
			return recorded{err: err}
		}
	}
	if w.err = os.Mkdir(filepath.Join(dir, rootName), 0o700); w.err != nil { // several flows start at once
		return w
	}
	var wg sync.WaitGroup
	var errs [3]error
	wg.Go(func() { _, errs[0] = flowRun(dir, nil, "many.py", "run") })
	wg.Go(func() {
		_, errs[1] = flowRun(dir, nil, "broken.py", "run")
		if errs[1] == nil {
			errs[1] = errors.New("broken.py succeeded")
			return
		}
		ids, err := NewReader(filepath.Join(dir, rootName)).RunIDs("Broken")
		if err != nil || len(ids) != 1 {
			errs[1] = fmt.Errorf("runs of Broken: %v %v", ids, err)
			return
		}
		if _, errs[1] = flowRun(dir, nil, "broken.py", "spin", "--persist", "--run-id-file=spin_id", "first"); errs[1] != nil {
			return
		}
		_, errs[1] = flowRun(dir, []string{"MEND=1"}, "broken.py", "resume", "--origin-run-id="+ids[0])
	})
	wg.Go(func() { _, errs[2] = flowRun(dir, nil, "crash.py", "run"); errs[2] = nil })
	wg.Wait()
	if w.err = errors.Join(errs[:]...); w.err != nil {
		return w
	}
	id, err := os.ReadFile(filepath.Join(dir, "spin_id"))
	w.spinID, w.err = strings.TrimSpace(string(id)), err
	return w
}

// flowRun runs a flow as a user in a terminal would, and returns its output.
func flowRun(dir string, env []string, args ...string) (string, error) {
	cmd := flowCommand(dir, env, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return string(out), err
}

func flowCommand(dir string, env []string, args ...string) *exec.Cmd {
	python, _ := runnertest.FindPython()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), runnertest.Env(dir)...), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { defer cancel(); return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

func openRecorded(t *testing.T) (recorded, *Reader) {
	t.Helper()
	w := workspace()
	if w.err != nil {
		t.Fatal(w.err)
	}
	return w, NewReader(filepath.Join(w.dir, rootName))
}

// newest is the newest run of a flow.
func newest(t *testing.T, r *Reader, flow string) *Run {
	t.Helper()
	runs, err := r.Runs(flow, 1)
	if err != nil || len(runs) == 0 {
		t.Fatalf("runs of %s: %v, %v", flow, runs, err)
	}
	return runs[0]
}

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
