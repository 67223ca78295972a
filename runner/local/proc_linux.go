package local

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

func readStat(pid int) (stat, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, false
	}
	// The command name stands in parentheses and may hold any byte, ")" too.
	end := bytes.LastIndexByte(data, ')')
	if end < 0 {
		return stat{}, false
	}
	fields := strings.Fields(string(data[end+1:]))
	if len(fields) < 20 {
		return stat{}, false
	}
	s := stat{pid: pid, ended: zombie(fields[0][0])}
	s.parent, _ = strconv.Atoi(fields[1])
	s.group, _ = strconv.Atoi(fields[2])
	s.session, _ = strconv.Atoi(fields[3])
	s.start, err = strconv.ParseUint(fields[19], 10, 64)
	return s, err == nil
}

func zombie(state byte) bool { return state == 'Z' || state == 'X' }

func eachProcess(visit func(stat)) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, ok := readStat(pid); ok {
			visit(s)
		}
	}
}

var bootID = sync.OnceValue(func() string {
	data, err := os.ReadFile(filepath.Clean("/proc/sys/kernel/random/boot_id"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
})

const prSetChildSubreaper = 36

// adoptOrphans makes this process the parent of descendants whose own parent
// has died, also of those that left the session: stopping then finds them.
func adoptOrphans() {
	// Best effort: without it only processes that hide on purpose are missed.
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0, 0, 0, 0)
}

// leaderAttributes: own process group inside the supervisor's session. Should
// the supervisor be killed, the scheduler goes with it, so that no run starts
// further tasks unowned; those under way can still be stopped. Not SIGINT: the
// kernel sends the signal once per dying thread, and Metaflow takes the second
// interrupt as the order to leave its tasks alone. The thread that starts the
// process must live as long as the supervisor.
func leaderAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func supervisorAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}
