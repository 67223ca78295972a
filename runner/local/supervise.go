package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// readyFD is where the supervisor reports to Start: one line, "ok" or an error.
const readyFD = 3

// Supervise is the supervisor's main: it starts the run recorded in dir, owns
// it until it has ended, and returns the exit code of the process. It expects
// to be leader of its own session.
func Supervise(dir string) int {
	// The run's parent-death signal follows this thread, not the process.
	runtime.LockOSThread()
	// The run must not inherit it: Start waits until every writer is gone.
	syscall.CloseOnExec(readyFD)
	ready := os.NewFile(readyFD, "ready")
	if err := supervise(dir, ready); err != nil {
		fmt.Fprintln(os.Stderr, "flowls supervise:", err)
		return 2
	}
	return 0
}

func supervise(dir string, ready *os.File) (err error) {
	report := func(text string) {
		if ready != nil {
			_, _ = ready.WriteString(text + "\n") // nobody listens any more: fine
			_ = ready.Close()
			ready = nil
		}
	}
	defer func() {
		if err != nil {
			report(err.Error())
		}
	}()
	r, err := readRecord(dir)
	if err != nil {
		return err
	}
	// Caught signals go back to their default in the child, ignored ones would
	// stay ignored: a child that ignores SIGINT cannot be stopped in an orderly way.
	requests := make(chan os.Signal, 8)
	signal.Notify(requests, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	// At a limit of file size a write fails, and is dealt with like a full disk.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ)
	adoptOrphans()

	self, _ := identify(os.Getpid())
	r.Supervisor, r.Boot = self, bootID()
	if err := placeJSON(filepath.Join(dir, recordFile), r, false); err != nil {
		return err
	}
	out, err := openOutput(dir)
	if err != nil {
		return err
	}
	defer out.close()
	out.say(r.CommandLine())

	streams, err := openStreams(out)
	if err != nil {
		return err
	}
	argv := r.Argv(filepath.Join(dir, runIDFile))
	cmd := &exec.Cmd{
		Path: argv[0], Args: argv, Dir: r.Dir, Env: r.childEnv(os.Environ()), SysProcAttr: leaderAttributes(),
		Stdout: streams.write[0], Stderr: streams.write[1],
	}
	if err := cmd.Start(); err != nil {
		err = r.startError(err)
		return errors.Join(err, writeExit(dir, notStarted(err)))
	}
	streams.started()
	r.Leader, _ = identify(cmd.Process.Pid)
	if err := writeJSON(filepath.Join(dir, recordFile), r); err != nil {
		return errors.Join(err, killUnrecorded(r, cmd))
	}
	report("ok")
	if err := reserveExit(dir); err != nil { // the end finds room or it does not
		fmt.Fprintln(os.Stderr, "flowls supervise:", err)
	}

	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		streams.drain()
		ended <- err
	}()
	over := make(chan struct{})
	go collectOrphans(r.Leader.PID, children, over)
	stopped := own(r, requests, ended)
	close(over)
	exit := exitOf(cmd.ProcessState, stopped)
	if exit.Status == Succeeded && !r.wroteRunID() {
		exit.Status, exit.Error = Failed, r.startsNothing()
	}
	// Whatever is left of the run in its session would go on unseen.
	if stopped {
		r.killFamily(5*time.Second, func() { reap(0) })
	} else {
		r.endSession()
	}
	if err := out.close(); err != nil {
		fmt.Fprintln(os.Stderr, "flowls supervise:", err)
	}
	return writeExit(dir, exit)
}

// own waits for the end of the run and stops it on request: interrupt to the
// group, which lets Metaflow record the failure, then the axe. It reports
// whether a stop was asked for.
func own(r *Record, requests <-chan os.Signal, ended <-chan error) (stopped bool) {
	var axe <-chan time.Time
	for {
		select {
		case <-ended:
			return stopped
		case sig := <-requests:
			if sig == syscall.SIGHUP || stopped { // a terminal that closes does not end a run
				continue
			}
			stopped = true
			_ = syscall.Kill(-r.Leader.PID, syscall.SIGINT)
			_ = syscall.Kill(-r.Leader.PID, syscall.SIGCONT) // a stopped process hears nothing
			axe = time.After(r.grace())
		case <-axe:
			_ = syscall.Kill(-r.Leader.PID, syscall.SIGKILL)
		}
	}
}

// reapPause is how long an ended orphan may wait to be collected.
const reapPause = 50 * time.Millisecond

// collectOrphans reaps them when some child has ended, until the run is over.
// To find them takes a look at all processes of the machine: when it is the
// run that has ended, nobody looks, and nobody waits for it.
func collectOrphans(leader int, children <-chan os.Signal, over <-chan struct{}) {
	pause := time.NewTimer(0)
	for {
		select {
		case <-children:
		case <-over:
			return
		}
		pause.Reset(reapPause)
		select {
		case <-pause.C:
			reap(leader)
		case <-over:
			return
		}
	}
}

// endSession ends the processes that the run left in its session, tasks whose
// scheduler crashed among them. Those that moved to a session of their own were
// meant to stay.
func (r *Record) endSession() {
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		left := 0
		for _, s := range processes() {
			if s.session == r.Supervisor.PID && s.pid != r.Supervisor.PID && s.start >= r.Supervisor.Start {
				left++
				_ = signalProcess(Process{s.pid, s.start}, syscall.SIGKILL)
			}
		}
		if left == 0 {
			return
		}
		reap(0)
		time.Sleep(10 * time.Millisecond)
	}
}

func killUnrecorded(r *Record, cmd *exec.Cmd) error {
	r.killFamily(5*time.Second, func() { reap(0) })
	_ = cmd.Wait()
	return nil
}

// reap collects adopted orphans that have ended, else they would stay in the
// process table for as long as the run lasts. The leader is left to cmd.Wait.
func reap(leader int) {
	for _, s := range zombies(os.Getpid()) {
		if s.pid != leader {
			_, _ = syscall.Wait4(s.pid, nil, syscall.WNOHANG, nil)
		}
	}
}
