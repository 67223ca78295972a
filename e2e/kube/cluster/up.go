//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// up starts the parent in a session of its own and passes on what it reports.
func up(p place) error {
	if !p.simulated {
		if err := requireMachine(); err != nil {
			return err
		}
	}
	if pid := running(p); pid != 0 {
		return fmt.Errorf("the cluster runs already (process %d): %s", pid, strings.Join(append([]string{p.tool("cluster")}, p.command("down")...), " "))
	}
	if err := build(p); err != nil {
		return err
	}
	if err := requireFree(p); err != nil {
		return err
	}
	if err := os.RemoveAll(p.state); err != nil {
		return err
	}
	if err := os.MkdirAll(p.at("logs"), 0o755); err != nil {
		return err
	}
	log, err := os.Create(p.log("cluster"))
	if err != nil {
		return err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, p.command("run")...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = p.root, log, log, []*os.File{write}
	cmd.Env = plainEnvironment("/", os.TempDir())
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	write.Close()
	if err := remember(p, cmd.Process.Pid); err != nil {
		return errors.Join(err, cmd.Process.Signal(unix.SIGTERM))
	}
	if err := follow(read); err != nil {
		_ = cmd.Wait() // it said already why
		return err
	}
	fmt.Printf("  the cluster runs. To use it in this shell: eval \"$(%s %s)\"\n", self, strings.Join(p.command("env"), " "))
	return nil
}

func follow(report io.Reader) error {
	last := "it died without a word: see the logs"
	for lines := bufio.NewScanner(report); lines.Scan(); {
		if lines.Text() == "ready" {
			return nil
		}
		if last = lines.Text(); strings.HasPrefix(last, " ") {
			fmt.Println(last)
		}
	}
	return fmt.Errorf("the cluster did not start: %s", last)
}

// command is what this program is told for a cluster of this kind.
func (p place) command(name string) []string {
	if p.simulated {
		return []string{name, simulated}
	}
	return []string{name}
}

// tell signals the parent of a simulated cluster, which does it when it can.
func tell(p place, signal unix.Signal) error {
	pid := running(p)
	if pid == 0 || !p.simulated {
		return errors.New("no simulated cluster runs")
	}
	return unix.Kill(pid, signal)
}

// The parent is known by its process id and the time it started: the id alone may
// be somebody else's by now.
func remember(p place, pid int) error {
	started := startTime(pid)
	return os.WriteFile(p.at("cluster.pid"), fmt.Appendf(nil, "%d %s\n", pid, started), 0o644)
}

func running(p place) int {
	content, err := os.ReadFile(p.at("cluster.pid"))
	if err != nil {
		return 0
	}
	number, started, _ := strings.Cut(strings.TrimSpace(string(content)), " ")
	pid, err := strconv.Atoi(number)
	if err != nil || started == "" || startTime(pid) != started {
		return 0
	}
	return pid
}

// startTime is empty for a process that is gone or only waits to be collected.
func startTime(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}

func down(p place) error {
	if pid := running(p); pid != 0 {
		if err := unix.Kill(pid, unix.SIGTERM); err != nil {
			return err
		}
		for deadline := time.Now().Add(30 * time.Second); running(p) != 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				// Its children die with it; what they left on the host is cleaned below.
				if err := unix.Kill(pid, unix.SIGKILL); err != nil {
					return err
				}
				deadline = deadline.Add(time.Hour)
			}
		}
	}
	if os.Geteuid() != 0 && !p.simulated {
		return nil // there was never one: it needs root
	}
	return clean(p)
}

func status(p place, out io.Writer) error {
	pid := running(p)
	if pid == 0 {
		fmt.Fprintln(out, "no cluster runs")
		return nil
	}
	total := 0
	for _, name := range []string{"cluster", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", filepath.Base(p.s3Server()), "containerd", "kubelet", "kwok"} {
		for _, process := range descendants(pid) {
			if process.name == truncate(name) {
				total += process.kilobytes
				fmt.Fprintf(out, "%-24s process %-8d %6d MB\n", name, process.pid, process.kilobytes>>10)
			}
		}
	}
	fmt.Fprintf(out, "%-24s %23d MB\n", "together", total>>10)
	return nil
}

// truncate cuts a name as the kernel does.
func truncate(name string) string { return name[:min(len(name), 15)] }

type processInfo struct {
	pid, parent, kilobytes int
	name                   string
}

// descendants lists a process and all below it.
func descendants(root int) []processInfo {
	entries, err := fs.ReadDir(os.DirFS("/proc"), ".")
	if err != nil {
		return nil
	}
	all := map[int]processInfo{}
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			if info, ok := readProcess(pid); ok {
				all[pid] = info
			}
		}
	}
	var found []processInfo
	for pid, info := range all {
		for above, steps := pid, 0; above > 1 && steps < 64; above, steps = all[above].parent, steps+1 {
			if above == root {
				found = append(found, info)
				break
			}
		}
	}
	return found
}

func readProcess(pid int) (info processInfo, ok bool) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return info, false
	}
	info.pid = pid
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch key {
		case "Name":
			info.name = value
		case "PPid":
			info.parent, _ = strconv.Atoi(value)
		case "VmRSS":
			info.kilobytes, _ = strconv.Atoi(strings.TrimSuffix(value, " kB"))
		}
	}
	return info, true
}
