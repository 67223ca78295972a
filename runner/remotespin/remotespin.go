// Package remotespin runs one step on the cluster with the inputs that it had in
// an earlier run. Metaflow has no command for that: its `spin` runs on this
// machine only, and `resume` goes on to the end. A small Python program, run by
// the user's interpreter, has Metaflow's own `resume` schedule nothing but the step.
package remotespin

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"os"
	"path/filepath"
)

//go:embed remote_spin.py
var program []byte

// Install writes the program below dir and returns its path. The name tells the
// content: runs of another version of flowls go on with theirs.
func Install(dir string) (string, error) {
	sum := sha256.Sum256(program)
	path := filepath.Join(dir, "programs", "remote_spin-"+hex.EncodeToString(sum[:6])+".py")
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, program) {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // it is gone once it has its name
	if _, err := f.Write(program); err != nil {
		f.Close()
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return path, os.Rename(f.Name(), path)
}
