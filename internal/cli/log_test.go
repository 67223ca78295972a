package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowls/runner/local"
	"flowls/runner/runnertest"
)

// The test binary plays the supervisor of the run that a test starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(Main("", os.Args[1:], Streams{os.Stdin, os.Stdout, os.Stderr}, nil))
	}
	os.Exit(m.Run())
}

const waitFlow = `import os
import time

from metaflow import FlowSpec, step


class Wait(FlowSpec):
    @step
    def start(self):
        print("    before")
        while not os.path.exists("gate"):
            time.sleep(0.01)
        print("after")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wait()
`

// A task that runs is followed from the stream to the store, each line once.
func TestLogFollow(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	for _, pair := range runnertest.Env(dir) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	script := filepath.Join(dir, "wait_flow.py")
	if err := os.WriteFile(script, []byte(waitFlow), 0o600); err != nil {
		t.Fatal(err)
	}
	registry, err := local.Default()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	record, err := registry.Start(t.Context(), exe, local.Spec{Kind: local.Run, Flow: "Wait", Script: script, Interpreter: runnertest.Python(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := registry.Stop(ctx, record.ID); err != nil {
			t.Error(err)
		}
	})
	deadline := time.Now().Add(time.Minute)
	for output := ""; !strings.Contains(output, "before"); {
		data, _ := os.ReadFile(record.OutputPath())
		if output = string(data); time.Now().After(deadline) {
			t.Fatalf("the task does not print: %s", output)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if record, err = registry.Get(record.ID); err != nil {
		t.Fatal(err)
	}
	task := "Wait/" + record.RunID + "/start/1"

	now, code := runLog(t, "log", task)
	if now != "before\n" || code != exitOK {
		t.Errorf("without --follow: %q, %d", now, code)
	}
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Main("", []string{"log", task, "--follow"}, Streams{nil, w, io.Discard}, nil)
		w.Close()
	}()
	first := make([]byte, len("before\n"))
	if _, err := io.ReadFull(r, first); err != nil || string(first) != "before\n" {
		t.Fatalf("followed: %q, %v", first, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if err != nil || string(rest) != "after\n" || <-ended != exitOK {
		t.Errorf("followed to the end: %q, %v", rest, err)
	}
	if stored, _ := runLog(t, "log", task); stored != "    before\nafter\n" {
		t.Errorf("stored: %q", stored)
	}
	output, _ := runLog(t, "log", record.ID, "--follow", "--tail", "1")
	if !strings.HasSuffix(output, "Done!\n") {
		t.Errorf("the output of the run: %q", output)
	}
}

func runLog(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := Main("", args, Streams{nil, &out, &errs}, nil)
	if code != exitOK {
		t.Logf("%v: %s", args, errs.String())
	}
	return out.String(), code
}
