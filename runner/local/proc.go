package local

// stat is what the process table of the system tells of a process. What
// differs by system stands in proc_linux.go and proc_darwin.go.
type stat struct {
	pid, parent, group, session int
	// ended: a zombie runs no code; it only waits for its parent to look.
	ended bool
	// start grows with time: clock ticks since boot on Linux, microseconds
	// since 1970 on macOS. With the pid it names one process for ever.
	start uint64
}

// processes are the living processes of the machine.
func processes() []stat {
	var all []stat
	eachProcess(func(s stat) {
		if !s.ended {
			all = append(all, s)
		}
	})
	return all
}

// zombies are the ended, not yet collected children of a process.
func zombies(parent int) []stat {
	var all []stat
	eachProcess(func(s stat) {
		if s.ended && s.parent == parent {
			all = append(all, s)
		}
	})
	return all
}

func identify(pid int) (Process, bool) {
	s, ok := readStat(pid)
	return Process{PID: pid, Start: s.start}, ok
}

func (p Process) alive() bool {
	s, ok := readStat(p.PID)
	return ok && s.start == p.Start && !s.ended
}
