//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Debian's package of each command and file that comes from the system.
var packageOf = map[string]string{
	"containerd":          "containerd",
	"ctr":                 "containerd",
	"runc":                "runc",
	"/usr/lib/cni/bridge": "containernetworking-plugins",
	"ip":                  "iproute2",
	"mmdebstrap":          "mmdebstrap",
}

// requireMachine fails, in words, on a machine that cannot be a node.
func requireMachine() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("a node needs root (mounts, cgroups, a bridge): sudo make cluster-up")
	}
	return requireCommands("containerd", "ctr", "runc", "/usr/lib/cni/bridge", "ip")
}

func requireCommands(commands ...string) error {
	return missing(commands, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
}

func missing(commands []string, have func(string) bool) error {
	var names, packages []string
	for _, name := range commands {
		if !have(name) {
			names = append(names, name)
			packages = append(packages, packageOf[name])
		}
	}
	if names == nil {
		return nil
	}
	slices.Sort(packages)
	return fmt.Errorf("missing on this machine: %s. Debian, Ubuntu: sudo apt-get install %s",
		strings.Join(names, ", "), strings.Join(slices.Compact(packages), " "))
}
