//go:build linux && e2ekube

package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests start and end a cluster of their own; scripts/e2e-kube runs them
// while no other one runs.

func TestNothingIsLeftAfterDown(t *testing.T) {
	p, before := started(t)
	tool(t, p, "down")
	nothingLeft(t, p, before)
	if _, err := os.Stat(p.log("kubelet")); err != nil {
		t.Errorf("the logs are gone: %v", err)
	}
}

func TestNothingIsLeftWhenTheParentIsKilled(t *testing.T) {
	p, before := started(t)
	if err := unix.Kill(running(p), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	before.wait(t, "processes", before.livingProcesses)
	tool(t, p, "down")
	nothingLeft(t, p, before)
}

func TestOneClusterAtATime(t *testing.T) {
	p, _ := started(t)
	second := exec.Command(p.tool("cluster"), "up")
	second.Dir = p.root
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "runs already") {
		t.Errorf("a second `up`: %v: %s", err, out)
	}
}

// The machine that runs these tests is a node, and another look finds it as it was.
func TestProbeLeavesNothing(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	left := func() (found []string) {
		for _, pattern := range []string{filepath.Join(os.TempDir(), "flowls-probe-*"), cgroupRoot + "/flowls-probe-*", cgroupRoot + "/*/flowls-probe-*", "/sys/class/net/flowls-probe*"} {
			more, err := filepath.Glob(pattern)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, more...)
		}
		return found
	}
	for range 2 {
		probe := exec.Command(filepath.Join(root, ".tools/kube/cluster"), "probe")
		probe.Dir = root
		if out, err := probe.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if found := left(); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
	}
}

// trace is what the host can be asked for after the cluster is gone.
type trace struct {
	processes  map[int]string  // by start time
	namespaces map[string]bool // of the node and its pods, not of the host
	settings   map[string]string
}

// started brings a cluster up, runs a pod in it, and records what belongs to it.
func started(t *testing.T) (place, trace) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(root)
	settings := hostSettings(t)
	tool(t, p, "up")
	t.Cleanup(func() { tool(t, p, "down") })
	kubectl(t, p, "run", "sleeper", "--image="+taskImage, "--restart=Never", "--", "sleep", "600")
	kubectl(t, p, "wait", "--for=condition=Ready", "--timeout=60s", "pod/sleeper")
	return p, record(t, running(p), settings)
}

func record(t *testing.T, parent int, settings map[string]string) trace {
	t.Helper()
	found := trace{processes: map[int]string{}, namespaces: map[string]bool{}, settings: settings}
	ours := namespacesOf(os.Getpid())
	for _, process := range descendants(parent) {
		found.processes[process.pid] = startTime(process.pid)
		for name := range namespacesOf(process.pid) {
			if !ours[name] {
				found.namespaces[name] = true
			}
		}
	}
	// The parent, the node, five programs, containerd, kubelet, a shim, pause, sleep.
	if len(found.processes) < 12 || len(found.namespaces) < 4 {
		t.Fatalf("only %d processes and %d namespaces recorded: the test looks in the wrong place", len(found.processes), len(found.namespaces))
	}
	return found
}

func nothingLeft(t *testing.T, p place, before trace) {
	t.Helper()
	before.wait(t, "processes", before.livingProcesses)
	before.wait(t, "namespaces", before.livingNamespaces)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, p.state) || strings.Contains(line, nodeHome) || strings.Contains(line, "/run/netns") {
			t.Errorf("a mount is left: %s", line)
		}
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		if i.Name == bridge || strings.HasPrefix(i.Name, "veth") {
			t.Errorf("the interface %s is left", i.Name)
		}
	}
	if groups := podGroups(); len(groups) > 0 {
		t.Errorf("control groups are left: %q", groups)
	}
	entries, err := os.ReadDir(p.state)
	if err != nil || len(entries) != 1 || entries[0].Name() != "logs" {
		t.Errorf("state is left: %v, %v", entries, err)
	}
	for name, value := range hostSettings(t) {
		if before.settings[name] != value {
			t.Errorf("%s of the host was %q and is %q", name, before.settings[name], value)
		}
	}
}

func (before trace) livingProcesses() (left []string) {
	for pid, started := range before.processes {
		if now := startTime(pid); now != "" && now == started {
			info, _ := readProcess(pid)
			left = append(left, fmt.Sprintf("%d %s", pid, info.name))
		}
	}
	return left
}

func (before trace) livingNamespaces() (left []string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []string{err.Error()}
	}
	for _, entry := range entries {
		var pid int
		if _, err := fmt.Sscan(entry.Name(), &pid); err != nil {
			continue
		}
		for name := range namespacesOf(pid) {
			if before.namespaces[name] {
				left = append(left, fmt.Sprintf("%s of process %d", name, pid))
			}
		}
		mounts, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "mountinfo")) // it may be gone
		for name := range before.namespaces {
			if strings.Contains(string(mounts), " "+name+" ") {
				left = append(left, fmt.Sprintf("%s mounted by process %d", name, pid))
			}
		}
	}
	return left
}

// wait gives the kernel the moment that it takes to end what was killed.
func (before trace) wait(t *testing.T, what string, living func() []string) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = living(); len(left) == 0 {
			return
		}
	}
	t.Errorf("%s are left: %s", what, strings.Join(left, ", "))
}

func namespacesOf(pid int) map[string]bool {
	found := map[string]bool{}
	for _, kind := range []string{"mnt", "net", "pid", "ipc", "uts"} {
		if name, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind)); err == nil {
			found[name] = true
		}
	}
	return found
}

// hostSettings reads what a node likes to change.
func hostSettings(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	names := append(slices.Collect(maps.Keys(kernelSettings)), "net/ipv4/ip_forward")
	for _, name := range names {
		value, err := os.ReadFile("/proc/sys/" + name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		found[name] = string(value)
	}
	return found
}

func tool(t *testing.T, p place, command string) {
	t.Helper()
	run := exec.Command(p.tool("cluster"), command)
	run.Dir = p.root
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("cluster %s: %v\n%s", command, err, out)
	}
}

func kubectl(t *testing.T, p place, args ...string) {
	t.Helper()
	if out, err := exec.Command(p.tool("kubectl"), append([]string{"--kubeconfig", p.kubeconfig()}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
