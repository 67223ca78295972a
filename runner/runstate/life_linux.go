package runstate

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var table struct {
	sync.Mutex
	at   time.Time
	rows []process
	ok   bool
}

// snapshot lists the Python processes with arguments, of this user or readable.
func snapshot() ([]process, bool) {
	table.Lock()
	defer table.Unlock()
	if time.Since(table.at) > lookAge {
		table.rows, table.ok = readTable()
		table.at = time.Now()
	}
	return table.rows, table.ok
}

func readTable() ([]process, bool) {
	boot, ok := bootTime()
	if !ok {
		return nil, false
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, false
	}
	var rows []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := readProcess(pid, boot); ok {
			p.dir, _ = os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
			rows = append(rows, p)
		}
	}
	return rows, true
}

// readProcess reads a process that may run a flow.
func readProcess(pid int, boot time.Time) (process, bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	cmdline, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil || len(cmdline) == 0 || !bytes.Contains(cmdline, []byte(".py")) {
		return process{}, false // ended (zombies have no arguments), or no flow
	}
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return process{}, false
	}
	start, ok := startTime(stat, boot)
	return process{pid: pid, argv: strings.Split(strings.TrimRight(string(cmdline), "\x00"), "\x00"), start: start}, ok
}

// stillThere: the process lives, and its id has not gone to another one.
func stillThere(p process) bool {
	boot, ok := bootTime()
	if !ok {
		return false
	}
	now, ok := readProcess(p.pid, boot)
	// The clock may have been set, by little, since the process was seen.
	return ok && slices.Equal(now.argv, p.argv) && now.start.Sub(p.start).Abs() < 2*time.Second
}

// clockTick is USER_HZ, which is 100 on every Linux architecture that Go supports.
const clockTick = 10 * time.Millisecond

func startTime(stat []byte, boot time.Time) (time.Time, bool) {
	i := bytes.LastIndexByte(stat, ')')
	if i < 0 {
		return time.Time{}, false
	}
	fields := strings.Fields(string(stat[i+1:]))
	if len(fields) < 20 {
		return time.Time{}, false
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return boot.Add(time.Duration(ticks) * clockTick), true
}

// bootTime is computed anew each time: the wall clock may be set.
func bootTime() (time.Time, bool) {
	data, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return time.Time{}, false
	}
	fields := strings.Fields(string(data))
	if len(fields) == 0 {
		return time.Time{}, false
	}
	up, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Now().Add(-time.Duration(up * float64(time.Second))), true
}
