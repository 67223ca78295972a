package prooftest

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"flowls/internal/venv"
)

//go:embed testdata/forks.py
var forksSource string

// sameHashes is the seed that Python's hashes have unless a proof asks for others.
const sameHashes = "0"

// forksEnd, once closed, ends what forks starts. The end of this process closes it.
var forksEnd io.Closer

// forks starts a Python that has imported Metaflow and returns the path of a
// program that is executed like Python and has a fork of it run the script (see
// testdata/forks.py). It saves most of what a proof costs: a run starts a process
// for each task. It ends with the test binary.
var forks = sync.OnceValues(func() (string, error) {
	python, err := venv.Python()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "forks") // not that of a test: a socket's path is short
	if err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	// No name of the source is left in the module that flows run in.
	cmd := exec.Command(python, "-c", `exec(__import__("sys").argv.pop(), {})`, dir, forksSource)
	if cmd.Env, err = environment(dir, sameHashes); err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if forksEnd, err = cmd.StdinPipe(); err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		_ = cmd.Wait() // its status says less than its output
		return "", fmt.Errorf("the Python to fork from ended: %w\n%s", err, stderr.Bytes())
	}
	return filepath.Join(dir, "python"), nil
})

// environment is all that a command gets. Python is first in the search path, as in an
// activated environment: local @parallel tasks start `python`. What Metaflow reads
// when it is imported is the same for all.
func environment(home, seed string) ([]string, error) {
	python, err := venv.Python()
	if err != nil {
		return nil, err
	}
	return []string{
		"PATH=" + filepath.Dir(python) + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home,
		"LC_ALL=C.UTF-8", "PYTHONHASHSEED=" + seed, "METAFLOW_USER=tester",
		"METAFLOW_CLIENT_CACHE_PATH=.client", // else /tmp, for all users
	}, nil
}
