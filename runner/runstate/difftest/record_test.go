package difftest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"flowls/internal/venv"
)

//go:embed scenario_test.go
var scenarioText string

//go:embed record_test.go
var recordText string

// limit is far above what a scenario needs, on a busy machine as well.
const limit = 40 * time.Minute

// recording makes every run once and has the client tell of it. It is kept in
// .cache/runs by the hash of all that it depends on; it stays where it was made,
// because Metaflow writes absolute paths.
var recording = sync.OnceValues(func() (string, error) {
	root, err := venv.Root()
	if err != nil {
		return "", err
	}
	python, err := venv.Python()
	if err != nil {
		return "", err
	}
	key, err := recordingKey(root, python)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".cache", "runs", key)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer lock.Close() // and with it the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	if err := record(dir, python); err != nil {
		return "", err
	}
	return dir, os.WriteFile(complete, nil, 0o644)
})

//go:embed testdata/client.py
var clientScript string

// clientJSON asks the client once per recording and text of the script.
var clientJSON = sync.OnceValues(func() ([]byte, error) {
	dir, err := recording()
	if err != nil {
		return nil, err
	}
	python, err := venv.Python()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(clientScript))
	kept := filepath.Join(dir, "client-"+hex.EncodeToString(sum[:8])+".json")
	if data, err := os.ReadFile(kept); err == nil {
		return data, nil
	}
	out, err := askClient(dir, python, nil, dir)
	if err == nil {
		err = errors.Join(os.WriteFile(kept+".half", out, 0o644), os.Rename(kept+".half", kept))
	}
	return out, err
})

// askClient has Metaflow's client tell what it knows.
func askClient(dir, python string, env []string, args ...string) ([]byte, error) {
	out, err := command(dir, python, env, append([]string{"-c", clientScript}, args...)...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("client.py: %w\n%s", err, exit.Stderr)
	}
	return out, err
}

func recordingKey(root, python string) (string, error) {
	requirements, err := os.ReadFile(filepath.Join(root, "requirements.txt"))
	if err != nil {
		return "", err
	}
	if python, err = filepath.EvalSymlinks(python); err != nil { // its name tells the version
		return "", err
	}
	parts := []string{scenarioText, recordText, string(requirements), python, fmt.Sprint(width())}
	flows, err := filepath.Glob("testdata/flows/*.py")
	if err != nil {
		return "", err
	}
	for _, flow := range flows {
		text, err := os.ReadFile(flow)
		if err != nil {
			return "", err
		}
		parts = append(parts, flow, string(text))
	}
	data, err := json.Marshal(parts)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), err
}

func record(dir, python string) error {
	if err := os.RemoveAll(dir); err != nil { // half of an interrupted recording
		return err
	}
	if err := os.CopyFS(dir, os.DirFS("testdata/flows")); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, ".metaflow"), 0o755); err != nil { // several flows start at once
		return err
	}
	all := scenarios()
	ended := make(map[string]chan struct{})
	for _, s := range all {
		ended[s.name] = make(chan struct{})
	}
	// A little more than there are processors: some scenarios wait for a clock.
	room := make(chan struct{}, runtime.NumCPU()+1)
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() {
			defer close(ended[s.name])
			if s.after != "" {
				<-ended[s.after]
			}
			room <- struct{}{}
			defer func() { <-room }()
			errs[i] = s.run(dir, python)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s scenario) run(dir, python string) error {
	origin := ""
	if s.after != "" {
		id, err := os.ReadFile(filepath.Join(dir, scenario{name: s.after}.idFile()))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		origin = strings.TrimSpace(string(id))
	}
	out, err := command(dir, python, s.env, s.arguments(origin)...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if (err != nil) != s.fails {
		return fmt.Errorf("%s: %v\n%s", s.name, err, out)
	}
	return nil
}

// command is a process group of its own with nothing of this environment but
// the search path; Python comes first there: @parallel tasks start `python`.
func command(dir, python string, env []string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + filepath.Dir(python) + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8",
		"USERNAME=tester", "METAFLOW_USER=tester", "METAFLOW_HOME=" + filepath.Join(dir, "metaflow-home"), "PYTHONDONTWRITEBYTECODE=1",
		"METAFLOW_DATASTORE_SYSROOT_LOCAL=" + dir, "METAFLOW_DATASTORE_SYSROOT_SPIN=" + dir,
		"METAFLOW_CLIENT_CACHE_PATH=" + filepath.Join(dir, "client-cache"), // else /tmp, for all users
	}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { defer cancel(); return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
