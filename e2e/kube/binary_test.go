//go:build e2ekube

package kube

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var (
	programs string // where they are built
	built    = sync.OnceValues(func() (string, error) {
		// All programs of flowls: one looks for the others beside it.
		out, err := exec.Command("go", "build", "-o", programs+"/", "flowls/cmd/...").CombinedOutput()
		if err != nil {
			return "", errors.New(string(out))
		}
		return filepath.Join(programs, "flowls"), nil
	})
)

// binary builds flowls, once.
func binary(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "flowls-e2e")
	if err != nil {
		panic(err)
	}
	programs = dir
	openNodes()
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
