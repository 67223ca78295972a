//go:build linux

package main

import "testing"

func TestMissingNamesTheCommandThatInstalls(t *testing.T) {
	have := func(absent ...string) func(string) bool {
		return func(name string) bool {
			for _, a := range absent {
				if a == name {
					return false
				}
			}
			return true
		}
	}
	commands := []string{"containerd", "ctr", "runc", "/usr/lib/cni/bridge", "ip"}
	if err := missing(commands, have()); err != nil {
		t.Errorf("nothing is missing, and yet: %v", err)
	}
	err := missing(commands, have("containerd", "ctr", "/usr/lib/cni/bridge"))
	want := "missing on this machine: containerd, ctr, /usr/lib/cni/bridge. Debian, Ubuntu: sudo apt-get install containerd containernetworking-plugins"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, name := range append(commands, "mmdebstrap") {
		if packageOf[name] == "" {
			t.Errorf("no package is known for %s", name)
		}
	}
}
