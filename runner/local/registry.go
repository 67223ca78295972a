package local

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Registry is the folder with the runs of this user.
type Registry struct {
	Dir string
	// Keep is how many ended runs are kept per flow and script; 0: DefaultKeep.
	Keep int
	// MaxAge is how long ended runs are kept; 0: DefaultMaxAge.
	MaxAge time.Duration
}

const startTimeout = 10 * time.Second

// ErrNotFound: there is no such run.
var ErrNotFound = errors.New("no such run")

// Default is the registry of the user: $XDG_STATE_HOME/flowls/runs.
func Default() (*Registry, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the base directory specification: relative ones are ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("no place for the state of runs: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return &Registry{Dir: filepath.Join(state, "flowls", "runs")}, nil
}

// NewID makes a run id; later ids sort behind earlier ones.
func NewID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return now.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(b[:])
}

// Start starts exe (the flowls binary) as supervisor of a new run and returns
// once the run's process is up, or with the reason why it is not. The run goes
// on when the calling process ends.
func (g *Registry) Start(ctx context.Context, exe string, spec Spec) (*Record, error) {
	if spec.ID == "" {
		spec.ID = NewID(time.Now())
	}
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(g.Dir, 0o700); err != nil {
		return nil, err
	}
	dir := filepath.Join(g.Dir, spec.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	begun := false
	defer func() {
		if !begun { // nothing was started: there is no run to show
			_ = os.RemoveAll(dir)
		}
	}()
	record := &Record{Spec: spec, Version: recordVersion, StartedAt: time.Now()}
	for _, pair := range spec.Env {
		name, _, _ := strings.Cut(pair, "=")
		record.EnvNames = append(record.EnvNames, name)
	}
	// The supervisor writes it again once the run's process is up, for good: until
	// then the user waits, and after a crash of the machine there is no run.
	if err := placeJSON(filepath.Join(dir, recordFile), record, false); err != nil {
		return nil, err
	}
	if err := copyScript(spec.Script, filepath.Join(dir, scriptFile)); err != nil {
		return nil, err
	}
	begun = true
	if err := startSupervisor(ctx, exe, dir, spec.Env); err != nil {
		return nil, errors.Join(err, recordFailedStart(dir, err))
	}
	started, err := readRecord(dir)
	g.prune(spec, time.Now()) // after the start, which the user waits for
	return started, err
}

// recordFailedStart says why there is no run where the supervisor could not.
func recordFailedStart(dir string, why error) error {
	r, err := readRecord(dir)
	if err != nil || r.Status.Done() || r.Supervisor.PID != 0 {
		return err
	}
	return writeExit(dir, notStarted(why))
}

// maxScript is the size up to which the text of a flow is kept with its run.
const maxScript = 8 << 20

// copyScript keeps the text that is run: lines of a traceback are lines of it,
// whatever becomes of the file.
func copyScript(from, to string) error {
	data, err := readBounded(from, maxScript)
	if err != nil {
		return fmt.Errorf("the flow's file cannot be read: %w", err)
	}
	return os.WriteFile(to, data, 0o600)
}

func startSupervisor(ctx context.Context, exe, dir string, env []string) error {
	log, err := os.OpenFile(filepath.Join(dir, supervisorFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	readyR, readyW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer readyR.Close()
	cmd := exec.Command(exe, "supervise", dir)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{readyW}
	cmd.SysProcAttr = supervisorAttributes()
	err = cmd.Start()
	readyW.Close()
	if err != nil {
		return fmt.Errorf("cannot start the supervisor: %w", err)
	}
	go cmd.Wait() // collect it when it ends before we do

	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(readyR).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case line := <-answer:
		switch line {
		case "ok":
			return nil
		case "":
			return fmt.Errorf("the supervisor ended before the run started; see %s", log.Name())
		}
		return errors.New(line)
	case <-timeout.C:
		err = fmt.Errorf("the run did not start within %v", startTimeout)
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	return err
}

// Get reads one run.
func (g *Registry) Get(id string) (*Record, error) {
	if !idPattern().MatchString(id) {
		return nil, fmt.Errorf("run id %q is not valid", id)
	}
	r, err := readRecord(filepath.Join(g.Dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	return r, err
}

// IDs lists the ids of all runs, in no particular order.
func (g *Registry) IDs() ([]string, error) {
	entries, err := os.ReadDir(g.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && idPattern().MatchString(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// List reads all runs, newest first. Folders that cannot be read as a run are
// left out: one damaged record must not hide the others.
func (g *Registry) List() ([]*Record, error) {
	all, _, err := g.Survey()
	return all, err
}

// Survey is List, and why each of the folders left out is none, by id.
func (g *Registry) Survey() ([]*Record, map[string]error, error) {
	ids, err := g.IDs()
	if err != nil {
		return nil, nil, err
	}
	all, unreadable := g.read(ids)
	return all, unreadable, nil
}

func (g *Registry) read(ids []string) (all []*Record, unreadable map[string]error) {
	unreadable = map[string]error{}
	for _, id := range ids {
		r, err := readRecord(filepath.Join(g.Dir, id))
		switch {
		case err == nil:
			all = append(all, r)
		case !errors.Is(err, fs.ErrNotExist): // removed meanwhile, or being made
			unreadable[id] = err
		}
	}
	slices.SortFunc(all, func(a, b *Record) int {
		if c := b.StartedAt.Compare(a.StartedAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all, unreadable
}

// Wait returns the record of a run once it has ended. It looks less often at a
// run that lasts: a server may wait for days.
func (g *Registry) Wait(ctx context.Context, id string) (*Record, error) {
	began := time.Now()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		r, err := g.Get(id)
		if err != nil || r.Status.Done() {
			return r, err
		}
		pause.Reset(min(max(time.Since(began)/50, 25*time.Millisecond), 250*time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}
