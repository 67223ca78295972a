//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// What a node with its tests needs beyond what others use, and what the build of
// Kubernetes does before that, in bytes.
const (
	neededMemory = 5 << 30
	nodeDisk     = 4 << 30
	buildDisk    = 8 << 30
)

// probe tries, on a small scale, each thing that a node does to its machine, and
// says why this machine cannot be one. Nothing is left of it.
func probe(p place) error {
	if err := requireMachine(); err != nil {
		return err
	}
	for _, try := range []func(place) error{probeRoom, probeKernelLog, probeGroups, probeBridge, probeNamespaces} {
		if err := try(p); err != nil {
			return fmt.Errorf("this machine cannot be a node: %w", err)
		}
	}
	return nil
}

func probeRoom(p place) error {
	var memory unix.Sysinfo_t
	if err := unix.Sysinfo(&memory); err != nil {
		return err
	}
	if has := uint64(memory.Totalram) * uint64(memory.Unit); has < neededMemory {
		return fmt.Errorf("it has %d MB of memory, and %d are needed", has>>20, neededMemory>>20)
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(p.root, &disk); err != nil {
		return err
	}
	needed := uint64(nodeDisk)
	if _, err := os.Stat(p.stamp("kubernetes")); err != nil {
		needed += buildDisk
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < needed {
		return fmt.Errorf("%d MB of its disk are free, and %d are needed", free>>20, needed>>20)
	}
	return nil
}

// The kubelet reads of out-of-memory kills there.
func probeKernelLog(place) error {
	log, err := os.Open("/dev/kmsg")
	if err != nil {
		return err
	}
	return log.Close()
}

func probeGroups(place) error {
	parents := []string{cgroupRoot} // version 2 has one tree
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err != nil {
		parents = nil
		for _, controller := range []string{"cpu", "cpuset", "memory", "pids"} {
			parents = append(parents, filepath.Join(cgroupRoot, controller))
		}
	} else if err := haveControllers(); err != nil {
		return err
	}
	for _, parent := range parents {
		group, err := os.MkdirTemp(parent, "flowls-probe-")
		if err != nil {
			return fmt.Errorf("control groups: %w", err)
		}
		if err := os.Remove(group); err != nil {
			return fmt.Errorf("control groups: %w", err)
		}
	}
	return nil
}

// haveControllers reads which ones groups below the root can have.
func haveControllers() error {
	content, err := os.ReadFile(filepath.Join(cgroupRoot, "cgroup.controllers"))
	if err != nil {
		return err
	}
	have := " " + strings.Join(strings.Fields(string(content)), " ") + " "
	for _, controller := range []string{"cpu", "cpuset", "memory", "pids"} {
		if !strings.Contains(have, " "+controller+" ") {
			return fmt.Errorf("control groups: there is no controller %s", controller)
		}
	}
	return nil
}

func probeBridge(place) error {
	const name, one, other = "flowls-probe", "flowls-probe-a", "flowls-probe-b"
	if _, err := net.InterfaceByName(name); err == nil {
		return fmt.Errorf("the bridge %s exists: ip link delete %s", name, name)
	}
	run := func(args ...string) error {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	if err := run("link", "add", name, "type", "bridge"); err != nil {
		return err
	}
	err := run("link", "add", one, "type", "veth", "peer", "name", other)
	if err == nil {
		err = errors.Join(run("link", "set", one, "master", name), run("link", "delete", one))
	}
	return errors.Join(err, run("link", "delete", name))
}

// probeNamespaces has a child in the namespaces of a node make the node's mounts.
func probeNamespaces(place) error {
	dir, err := os.MkdirTemp("", "flowls-probe-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "probe-node")
	cmd.Env = append(plainEnvironment("/", os.TempDir()), "FLOWLS_STATE="+dir, "FLOWLS_TOOLS="+dir)
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: unix.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("namespaces and mounts: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// probeNode is that child. Containers lie on an overlay.
func probeNode() error {
	if err := nodeMounts(os.Getenv("FLOWLS_STATE"), os.Getenv("FLOWLS_TOOLS")); err != nil {
		return err
	}
	var dirs []string
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		dir := filepath.Join(nodeState, "overlay", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		dirs = append(dirs, dir)
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", dirs[0], dirs[1], dirs[2])
	if err := unix.Mount("overlay", dirs[3], "overlay", 0, options); err != nil {
		return fmt.Errorf("mount an overlay: %w", err)
	}
	return unix.Unmount(dirs[3], 0)
}
