package local

import (
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const zombieState = 5 // SZOMB of <sys/proc.h>

func newStat(p *unix.KinfoProc) stat {
	s := stat{
		pid:    int(p.Proc.P_pid),
		parent: int(p.Eproc.Ppid),
		group:  int(p.Eproc.Pgid),
		ended:  p.Proc.P_stat == zombieState,
		start:  uint64(p.Proc.P_starttime.Sec)*1_000_000 + uint64(p.Proc.P_starttime.Usec),
	}
	if session, err := unix.Getsid(s.pid); err == nil {
		s.session = session
	}
	return s
}

func readStat(pid int) (stat, bool) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(p.Proc.P_pid) != pid {
		return stat{}, false
	}
	return newStat(p), true
}

func eachProcess(visit func(stat)) {
	table, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return
	}
	for i := range table {
		visit(newStat(&table[i]))
	}
}

// bootID is the time of the boot: macOS gives a boot no name.
var bootID = sync.OnceValue(func() string {
	at, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return ""
	}
	return strconv.FormatInt(at.Sec, 10)
})

// adoptOrphans: macOS knows no child subreaper. Stopping finds descendants by
// their session and their parents; only those that left both are missed.
func adoptOrphans() {}

// leaderAttributes: own process group inside the supervisor's session. macOS
// has no signal for the death of a parent: after a killed supervisor the
// scheduler goes on until it ends or is stopped.
func leaderAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func supervisorAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
