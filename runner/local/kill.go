package local

import (
	"os"
	"syscall"
	"time"
)

// DefaultGrace is how long a run has to end after an interrupt: Metaflow itself
// waits 5 s for its tasks.
const DefaultGrace = 8 * time.Second

func (s Spec) grace() time.Duration {
	if s.Grace > 0 {
		return s.Grace
	}
	return DefaultGrace
}

// family finds the living processes of a run, from a snapshot of the process
// table: the members of its session (the leader's group is part of it) and all
// their descendants. The supervisor itself is not among them.
//
// A group or session id is not given to a new process while a member lives, so
// members cannot be strangers unless every member had died and the id was
// taken again: the start time rules that out, nothing of the run is older than
// its supervisor.
func (r *Record) family(all []stat) []stat {
	in := make(map[int]bool)
	member := func(s stat) bool {
		if s.start < r.Supervisor.Start || s.pid == r.Supervisor.PID {
			return false
		}
		return s.session == r.Supervisor.PID
	}
	supervisor := Process{r.Supervisor.PID, r.Supervisor.Start}.alive()
	for _, s := range all {
		if member(s) || supervisor && s.parent == r.Supervisor.PID {
			in[s.pid] = true
		}
	}
	for grew := true; grew; {
		grew = false
		for _, s := range all {
			if !in[s.pid] && in[s.parent] && s.pid != r.Supervisor.PID {
				in[s.pid], grew = true, true
			}
		}
	}
	var found []stat
	for _, s := range all {
		if in[s.pid] {
			found = append(found, s)
		}
	}
	return found
}

// survivors are the processes left of a run whose supervisor is gone.
func (r *Record) survivors() []stat {
	if r.Supervisor.PID == 0 || !r.sameBoot() {
		return nil
	}
	return r.family(processes())
}

// signalProcess sends a signal to exactly this process: the handle that
// os.FindProcess holds cannot move to another process between check and signal.
func signalProcess(p Process, sig syscall.Signal) error {
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return err
	}
	defer handle.Release()
	if !p.alive() {
		return os.ErrProcessDone
	}
	return handle.Signal(sig)
}

// killFamily ends what is left of a run, without mercy, and repeats until
// nothing is: a process may fork between the look and the blow. It gives up
// after limit and returns what it could not end (stuck in the kernel). collect
// takes the ended processes of the table, where that is the caller's task.
func (r *Record) killFamily(limit time.Duration, collect func()) []stat {
	deadline := time.Now().Add(limit)
	for {
		left := r.family(processes())
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		for _, s := range left {
			_ = signalProcess(Process{s.pid, s.start}, syscall.SIGKILL) // gone already is fine
		}
		collect()
		time.Sleep(10 * time.Millisecond)
	}
}
