// Package venv finds the Python interpreter with the pinned Metaflow that
// generators and differential tests run. The product never uses it.
package venv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Root is the folder that holds the module's go.mod, found from the working folder upward.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod in this folder or above it")
		}
		dir = up
	}
}

// Python is the interpreter to use: $FLOWLS_PYTHON if set, else .venv of the
// module. The error says how to make one.
func Python() (string, error) {
	if p := os.Getenv("FLOWLS_PYTHON"); p != "" {
		if _, err := os.Stat(p); err != nil {
			return "", fmt.Errorf("FLOWLS_PYTHON: %w", err)
		}
		return p, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	p := filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(p); err != nil {
		return "", errors.New("no Python environment with Metaflow here: run `make venv` (or set FLOWLS_PYTHON)")
	}
	return p, nil
}

// Output runs a Python script and returns what it prints. The error carries
// what it printed to standard error.
func Output(script string, args ...string) ([]byte, error) {
	python, err := Python()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(python, append([]string{script}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(script), err, stderr.Bytes())
	}
	return out, nil
}
