//go:build e2ekube

package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// launcher is a folder from which Metaflow launches, with metadata of its own.
type launcher struct{ dir, python string }

func newLauncher(t *testing.T) launcher {
	t.Helper()
	python := os.Getenv("FLOWLS_E2E_PYTHON")
	if python == "" {
		t.Fatal("FLOWLS_E2E_PYTHON is not set: run make e2e-kube")
	}
	return launcher{t.TempDir(), python}
}

func (l launcher) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	// A job that cannot start is waited for without end.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, l.python, args...)
	command.Dir = l.dir
	command.Env = append(os.Environ(), "METAFLOW_HOME="+filepath.Join(l.dir, "home"), "METAFLOW_DATASTORE_SYSROOT_LOCAL="+l.dir, "METAFLOW_USER=tester", "PYTHONUNBUFFERED=1")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	// Asked to end, it takes its jobs along.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 20 * time.Second
	err := command.Run()
	return out.String(), err
}

func flow(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("flows", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const readBack = `
import json
from metaflow import Flow
run = Flow("FanOutFlow").latest_run
print("RESULT " + json.dumps({
    "successful": run.successful, "pathspec": run.pathspec,
    "rate": round(run.data.best_rate, 6), "score": round(run.data.best_score, 6),
    "scores": len(run["join"].task.data.scores),
    "attempts": sorted(task.current_attempt for task in run["train"]),
}))
`

func TestFanOutRunsOnTheCluster(t *testing.T) {
	l := newLauncher(t)
	out, err := l.run(t, flow(t, "fan_out.py"), "run", "--with", "kubernetes")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "[pod t-") {
		t.Errorf("no task says that it ran in a pod:\n%s", out)
	}
	back, err := l.run(t, "-c", readBack)
	if err != nil {
		t.Fatalf("reading back: %v\n%s", err, back)
	}
	_, answer, _ := strings.Cut(back, "RESULT ")
	var got struct {
		Successful  bool
		Rate, Score float64
		Scores      int
		Attempts    []int
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatalf("%v\n%s", err, back)
	}
	if !got.Successful || got.Rate != 0.2 || got.Score != 1 || got.Scores != 3 {
		t.Errorf("read back from S3: %+v", got)
	}
	// The first model fails once, on purpose.
	if want := []int{0, 0, 1}; !slices.Equal(got.Attempts, want) {
		t.Errorf("attempts %v, want %v", got.Attempts, want)
	}
}
