package runstate

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// follow collects events until the run satisfies the condition.
func follow(t *testing.T, w *Watcher, r *Reader, flow string, holds func(*Run) bool) *Run {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		select {
		case e, ok := <-w.Events():
			if !ok {
				t.Fatal("the watcher ended")
			}
			if e.Root != r.Root || e.Flow != flow {
				t.Errorf("event of something else: %+v", e)
			}
			if e.Run == "" {
				continue
			}
			run, err := r.Run(flow, e.Run)
			if err == nil && holds(run) {
				return run
			}
		case <-deadline:
			t.Fatal("no event led to the expected state within 2 min")
		}
	}
}

// A run from a terminal, in a workspace that has no .metaflow yet, is noticed
// from start to end by events alone.
func TestWatchTerminalRun(t *testing.T) {
	openRecorded(t) // Python exists
	dir := t.TempDir()
	copyFlow(t, dir, "many.py")
	w, err := NewWatcher(0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	root := filepath.Join(dir, rootName)
	w.Add(root, "Many")
	cmd := flowCommand(dir, nil, "many.py", "run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	r := NewReader(root)
	live := follow(t, w, r, "Many", func(run *Run) bool {
		s := run.Step("start")
		return s != nil && len(s.Tasks) > 0 && run.Status == Running
	})
	follow(t, w, r, "Many", func(run *Run) bool { return run.Step("work") != nil && run.Step("work").Expected == 3 })
	run := follow(t, w, r, "Many", func(run *Run) bool { return run.Status == Succeeded })
	if run.ID != live.ID {
		t.Errorf("run %s became run %s", live.ID, run.ID)
	}
	w.Release(root, "Many", run.ID)
	if n := w.Watched(); n > 3 {
		t.Errorf("%d directories are still watched after the run", n)
	}
	w.Remove(root, "Many")
	if n := w.Watched(); n != 0 {
		t.Errorf("%d directories are still watched at the end", n)
	}
}

// With room for almost nothing, the clock replaces the events.
func TestWatchWithoutRoom(t *testing.T) {
	openRecorded(t)
	dir := t.TempDir()
	copyFlow(t, dir, "many.py")
	w, err := NewWatcher(1)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	root := filepath.Join(dir, rootName)
	w.Add(root, "Many")
	cmd := flowCommand(dir, nil, "many.py", "run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	follow(t, w, NewReader(root), "Many", func(run *Run) bool { return run.Status == Succeeded })
	if n := w.Watched(); n > 5 {
		t.Errorf("%d directories watched with a limit of 1", n)
	}
}

// A scheduler that is killed leaves no mark; the run must not run for ever.
func TestKilledRun(t *testing.T) {
	openRecorded(t)
	dir := t.TempDir()
	copyFlow(t, dir, "slow.py")
	cmd := flowCommand(dir, nil, "slow.py", "run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := NewReader(filepath.Join(dir, rootName))
	var run *Run
	until(t, "the task runs", func() bool {
		runs, err := r.Runs("Slow", 1)
		if err != nil || len(runs) == 0 {
			return false
		}
		run = runs[0]
		s := run.Step("start")
		return s != nil && s.Status == Running && s.Tasks[0].Status == Running
	})
	if run.Status != Running {
		t.Errorf("status of the live run: %s", run.Status)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	until(t, "the run counts as failed", func() bool {
		var err error
		run, err = r.Run("Slow", run.ID)
		return err == nil && run.Status == Failed
	})
	if s := run.Step("start"); s.Status != Killed || s.Tasks[0].Status != Killed {
		t.Errorf("step of the killed run: %+v", s)
	}
}

func copyFlow(t *testing.T, dir, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
