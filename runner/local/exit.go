package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func exitOf(state *os.ProcessState, stopped bool) *Exit {
	exit := &Exit{Version: recordVersion, Status: Failed, Code: -1, EndedAt: time.Now()}
	if state == nil {
		exit.Error = "the exit status could not be read"
		return exit
	}
	exit.Code = state.ExitCode()
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		exit.Signal = ws.Signal().String()
	}
	switch {
	case exit.Code == 0: // also when the stop came too late to matter
		exit.Status = Succeeded
	case stopped:
		exit.Status = Stopped
	}
	return exit
}

// wroteRunID: whatever Metaflow runs has an id, which it writes before the first task.
func (r *Record) wroteRunID() bool {
	_, err := os.Stat(r.RunIDPath())
	return !errors.Is(err, fs.ErrNotExist) || slices.ContainsFunc(r.Args, func(a string) bool { return strings.HasPrefix(a, "--run-id-file") })
}

// startsNothing is said of a script that Python ran to its end, and Metaflow did not.
func (r *Record) startsNothing() string {
	return fmt.Sprintf("Python ran `%s` to its end, but nothing in it starts the flow: write `if __name__ == \"__main__\": %s()` there, as its last line",
		filepath.Base(r.Script), r.Flow)
}

func notStarted(err error) *Exit {
	return &Exit{Version: recordVersion, Status: Failed, Code: -1, Error: err.Error(), EndedAt: time.Now()}
}

// startError says which of the things that a start needs is not there any more.
func (r *Record) startError(err error) error {
	if info, e := os.Stat(r.Dir); errors.Is(e, fs.ErrNotExist) || e == nil && !info.IsDir() {
		return fmt.Errorf("the working folder %s is gone", r.Dir)
	}
	if _, e := os.Stat(r.Interpreter); errors.Is(e, fs.ErrNotExist) {
		return fmt.Errorf("the interpreter %s is gone: choose another in the setting `flowls.interpreter`", r.Interpreter)
	}
	return fmt.Errorf("cannot start %s: %w", r.Interpreter, err)
}

// childEnv: output must arrive line by line, of the tasks as well.
func (s Spec) childEnv(env []string) []string {
	env = append(env, "PYTHONUNBUFFERED=1")
	if s.Profile != "" {
		env = append(env, "METAFLOW_PROFILE="+s.Profile)
	}
	if s.Kubernetes != nil && s.Kubernetes.Env != "" {
		env = append(env, "KUBECONFIG="+s.Kubernetes.Env)
	}
	return env
}

// exitReserve is the room kept for exit.json.
const exitReserve = 4096

// reserveExit takes the room for exit.json while there is some: a run that
// filled the disk shall still be able to tell how it ended.
func reserveExit(dir string) error {
	return os.WriteFile(filepath.Join(dir, reserveFile), bytes.Repeat([]byte{'\n'}, exitReserve), 0o600)
}

// writeExit records the end: in the room that was kept, else as any record. A
// disk that is full for a moment gets some seconds.
func writeExit(dir string, exit *Exit) error {
	var err error
	for range exitTries {
		if err = useReserve(dir, exit); err == nil {
			return nil
		}
		if err = writeJSON(filepath.Join(dir, exitFile), exit); err == nil {
			return nil
		}
		if _, gone := os.Stat(dir); gone != nil {
			return err
		}
		time.Sleep(exitPause)
	}
	return err
}

const (
	exitTries = 12
	exitPause = 250 * time.Millisecond
)

func useReserve(dir string, exit *Exit) error {
	data, err := json.MarshalIndent(exit, "", "  ")
	if err != nil {
		return err
	}
	if len(data) >= exitReserve {
		return errors.New("the record is longer than the room kept for it")
	}
	data = append(data, bytes.Repeat([]byte{'\n'}, exitReserve-len(data))...)
	path := filepath.Join(dir, reserveFile)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(path, filepath.Join(dir, exitFile))
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}
