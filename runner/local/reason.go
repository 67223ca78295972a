package local

import (
	"fmt"
	"syscall"
)

// Reason says in words why a run is not running any more; "" where it is, or
// ended well.
func (r *Record) Reason() string {
	switch {
	case r.Status == Stopped:
		return "it was stopped"
	case r.Status == Lost:
		return r.lostReason()
	case r.Status != Failed || r.Exit == nil:
		return ""
	case r.Exit.Error != "":
		return r.Exit.Error
	case r.Exit.Signal == syscall.SIGKILL.String():
		return "its Python process was killed: by someone, or by the system because memory ran out"
	case r.Exit.Signal != "":
		return fmt.Sprintf("its Python process was ended by a signal (%s)", r.Exit.Signal)
	}
	return fmt.Sprintf("Metaflow ended with exit code %d", r.Exit.Code)
}

func (r *Record) lostReason() string {
	if r.Supervisor.PID == 0 {
		return "its start was cut off, so nothing of it runs"
	}
	if !r.sameBoot() {
		return "the machine was restarted while it ran"
	}
	if n := len(r.survivors()); n > 0 {
		return fmt.Sprintf("its supervisor was killed; %s left: stop the run to end %s", processesAre(n), them(n))
	}
	return "its supervisor was killed or could not record the end, and nothing of it runs any more"
}

func processesAre(n int) string {
	if n == 1 {
		return "1 process is"
	}
	return fmt.Sprintf("%d processes are", n)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// CommandLine is what a user would type for this run. Values that were passed
// in the environment are not known, and not shown.
func (r *Record) CommandLine() string {
	spec := r.Spec
	spec.Env = nil
	for _, name := range r.EnvNames {
		spec.Env = append(spec.Env, name+"=")
	}
	return spec.CommandLine()
}
