package prooftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Far above what is needed, on a busy machine as well.
const (
	exampleLimit = 2 * time.Minute
	flowLimit    = 10 * time.Minute // some flows of the corpus have dozens of tasks
)

// command is a flow in a folder, and what Metaflow is told to do with it.
type command struct {
	flow  string // the file's path
	args  []string
	limit time.Duration
	seed  string // PYTHONHASHSEED
}

// result is how a command ended.
type result struct {
	Exit   int    `json:"exit"`
	Output string `json:"output"` // standard output and error, as they came
}

// run executes a command in a world of its own: an empty home, a datastore beside
// the flow, and nothing of the environment but the search path.
func (c command) run(t *testing.T) (result, error) {
	t.Helper()
	python, err := forks()
	if err != nil {
		return result{}, err
	}
	dir, home := filepath.Dir(c.flow), t.TempDir()
	// Metaflow looks for it in the folders above as well.
	if err := os.Mkdir(filepath.Join(dir, ".metaflow"), 0o755); err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(t.Context(), c.limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{filepath.Base(c.flow)}, c.args...)...)
	cmd.Dir = dir
	if cmd.Env, err = environment(home, c.seed); err != nil {
		return result{}, err
	}
	// Metaflow's tasks are processes too: the whole group ends with the command.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	if cmd.Process != nil {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return result{}, err
		}
	}
	if ctx.Err() != nil {
		return result{}, fmt.Errorf("%v did not end within %v:\n%s", c.args, c.limit, output)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result{}, err
	}
	return result{cmd.ProcessState.ExitCode(), string(output)}, nil
}
