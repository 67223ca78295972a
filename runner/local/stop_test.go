package local

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const slowFlow = `import subprocess, sys, time
from metaflow import FlowSpec, step

class Slow(FlowSpec):
    @step
    def start(self):
        # a helper in the group, and one that left the session
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "MARK"])
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "MARK"], start_new_session=True)
        print("sleeping", flush=True)
        time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Slow()
`

// startSlow starts a flow that sleeps and returns once its task does.
func (f *fixture) startSlow(text string) (r *Record, mark string) {
	f.t.Helper()
	mark = "mark-" + NewID(time.Now())
	script := f.write("slow.py", strings.ReplaceAll(text, "MARK", mark))
	r = f.start(Spec{Flow: "Slow", Script: script})
	f.untilLogged(r.ID, "sleeping")
	r, err := f.Get(r.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	return r, mark
}

func (f *fixture) untilLogged(id, text string) {
	f.t.Helper()
	until(f.t, "the log says "+text, func() bool {
		c, err := f.ReadLog(id, 0)
		return err == nil && strings.Contains(c.Text, text)
	})
}

func TestStop(t *testing.T) {
	f := newFixture(t)
	r, mark := f.startSlow(slowFlow)
	if r.Status != Running || !r.Stoppable() {
		t.Errorf("status %s, stoppable %v", r.Status, r.Stoppable())
	}
	began := time.Now()
	stopped, err := f.Stop(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if stopped.Status != Stopped || stopped.Stoppable() {
		t.Errorf("status %s, exit %+v", stopped.Status, stopped.Exit)
	}
	if took := time.Since(began); took > DefaultGrace {
		t.Errorf("an orderly stop took %v", took)
	}
	noneLeft(t, r, mark)
	// Metaflow had the time to record the failure.
	found, err := filepath.Glob(filepath.Join(f.dir, ".metaflow", "Slow", stopped.RunID, "start", "*", "_meta", "sysmeta_attempt_ok_*"))
	if err != nil || len(found) == 0 {
		t.Errorf("the task has no verdict on disk: %v %v", found, err)
	}
	again, err := f.Stop(t.Context(), r.ID)
	if err != nil || again.Status != Stopped {
		t.Errorf("second stop: %v, %v", again, err)
	}
}

// A run that ignores the interrupt is killed, all of it.
func TestStopStubborn(t *testing.T) {
	f := newFixture(t)
	mark := "mark-" + NewID(time.Now())
	script := f.write("stubborn.py", `import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "`+mark+`"])
print("deaf", flush=True)
time.sleep(600)
`)
	r := f.start(Spec{Flow: "Stubborn", Script: script, Grace: 300 * time.Millisecond})
	f.untilLogged(r.ID, "deaf")
	stopped, err := f.Stop(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if stopped.Status != Stopped || stopped.Exit.Signal != "killed" {
		t.Errorf("status %s, exit %+v", stopped.Status, stopped.Exit)
	}
	noneLeft(t, r, mark)
}

// The interrupt reaches a run even if its starter ignores interrupts, as a
// shell's background job does.
func TestInterruptIsNotIgnored(t *testing.T) {
	f := newFixture(t)
	script := f.write("disposition.py", `import signal
print("disposition", signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
`)
	r := f.wait(f.start(Spec{Flow: "D", Script: script}).ID)
	log, err := f.ReadLog(r.ID, 0)
	if err != nil || !strings.Contains(log.Text, "disposition True True") {
		t.Errorf("log %q, %v", log.Text, err)
	}
}

// Without its supervisor a run is lost, never "running" for ever: the scheduler
// dies as well, and the tasks left can be stopped from any process.
func TestSupervisorKilled(t *testing.T) {
	f := newFixture(t)
	r, mark := f.startSlow(slowFlow)
	if err := syscall.Kill(r.Supervisor.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var err error
	until(t, "the run counts as lost and its scheduler is dead", func() bool {
		r, err = f.Get(r.ID)
		return err == nil && r.Status == Lost && !r.Leader.alive()
	})
	if !r.Stoppable() {
		t.Error("the tasks that are left cannot be stopped")
	}
	if _, err := f.Stop(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	noneLeft(t, r, mark)
	if r, err = f.Get(r.ID); err != nil || r.Status != Lost || r.Stoppable() {
		t.Errorf("after the stop: %+v, %v", r, err)
	}
}

// Process ids of an earlier boot, or of a process that took the id again, are not ours to kill.
func TestForeignProcessIsLeftAlone(t *testing.T) {
	f := newFixture(t)
	script := f.write("quick.py", "print('x')\n")
	done := f.wait(f.start(Spec{Flow: "Q", Script: script}).ID)
	me, _ := identify(os.Getpid())
	for name, change := range map[string]func(*Record){
		"other start time": func(r *Record) { r.Supervisor = Process{me.PID, me.Start + 1}; r.Leader = r.Supervisor },
		"other boot":       func(r *Record) { r.Supervisor = me; r.Leader = me; r.Boot = "another" },
	} {
		forged := *done
		forged.ID = NewID(time.Now())
		dir := filepath.Join(f.Dir, forged.ID)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		change(&forged)
		if err := writeJSON(filepath.Join(dir, recordFile), forged); err != nil {
			t.Fatal(err)
		}
		r, err := f.Get(forged.ID)
		if err != nil || r.Status != Lost || r.Stoppable() {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, err := f.Stop(ctx, forged.ID); err != nil { // and we live to tell
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// A stop that races with the end, the start or another stop ends the run once
// and for all, and says how.
func TestStopRaces(t *testing.T) {
	f := newFixture(t)
	script := f.write("short.py", saysRunID+`import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.1)"])
time.sleep(0.05)
sys.exit(child.wait())
`)
	const seed = 11
	random := rand.New(rand.NewPCG(seed, 0))
	outcomes := map[Status]int{}
	for range 30 {
		r := f.start(Spec{Flow: "Short", Script: script})
		<-time.After(time.Duration(random.IntN(250)) * time.Millisecond)
		var stops sync.WaitGroup
		for range 2 {
			stops.Go(func() {
				stopped, err := f.Stop(t.Context(), r.ID)
				if err != nil || !stopped.Status.Done() {
					t.Errorf("%+v, %v", stopped, err)
				}
			})
		}
		stops.Wait()
		ended := f.wait(r.ID)
		outcomes[ended.Status]++
		if ended.Status != Stopped && (ended.Status != Succeeded || ended.Exit.Code != 0) || ended.Stoppable() {
			t.Errorf("seed %d: %s, %+v", seed, ended.Status, ended.Exit)
		}
		noneLeft(t, ended, script)
	}
	if outcomes[Stopped] == 0 {
		t.Errorf("no stop came in time: %v", outcomes)
	}
	t.Log(outcomes)
}
