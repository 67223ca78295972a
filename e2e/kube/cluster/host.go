//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const cgroupRoot = "/sys/fs/cgroup"

// requireFree fails when somebody else's cluster holds what this one needs.
func requireFree(p place) error {
	ports := []int{p.port(etcdPort), p.port(etcdPort) + 1, p.port(apiPort), p.port(managerPort), p.port(schedulerPort)}
	if !p.simulated {
		ports = append(ports, 16248, s3Port)
	}
	for _, port := range ports {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return fmt.Errorf("port %d of 127.0.0.1 is taken: does another checkout run a test cluster? `make cluster-down` there (%w)", port, err)
		}
		listener.Close()
	}
	if p.simulated {
		return nil
	}
	if _, err := net.InterfaceByName(bridge); err == nil {
		return fmt.Errorf("the bridge %s exists: ip link delete %s", bridge, bridge)
	}
	if used := podGroups(); len(used) > 0 {
		return fmt.Errorf("another kubelet has pods on this machine (%s): stop it first", used[0])
	}
	return nil
}

func makeBridge() error {
	for _, args := range [][]string{
		{"link", "add", bridge, "type", "bridge"},
		{"address", "add", nodeIP + "/24", "dev", bridge},
		{"link", "set", bridge, "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// clean removes what a cluster leaves on the host once its processes are gone:
// the bridge, the pods' cgroups and its state. The logs stay.
func clean(p place) error {
	if p.simulated {
		return removeState(p)
	}
	var errs []error
	if _, err := net.InterfaceByName(bridge); err == nil {
		if out, err := exec.Command("ip", "link", "delete", bridge).CombinedOutput(); err != nil {
			errs = append(errs, fmt.Errorf("bridge %s: %w: %s", bridge, err, out))
		}
	}
	errs = append(errs, removeGroups(), removeState(p))
	return errors.Join(errs...)
}

func podGroups() []string {
	var found []string
	for _, pattern := range []string{"kubepods", "*/kubepods", "k8s.io", "*/k8s.io"} {
		groups, _ := filepath.Glob(filepath.Join(cgroupRoot, pattern)) // the patterns are well formed
		found = append(found, groups...)
	}
	return found
}

// removeGroups waits for the kernel, which takes a moment to empty the groups of
// killed processes.
func removeGroups() error {
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		err = nil
		for _, group := range podGroups() {
			err = errors.Join(err, removeGroup(group))
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("control groups of pods are left: %w", err)
}

func removeGroup(path string) error {
	var dirs []string
	if err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil // gone in between
	}); err != nil {
		return err
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := os.Remove(dirs[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func removeState(p place) error {
	entries, err := os.ReadDir(p.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // there was never one
	} else if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != "logs" {
			err = errors.Join(err, os.RemoveAll(p.at(entry.Name())))
		}
	}
	return err
}
