package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Search says where to look for a Python interpreter. Finding executes nothing.
type Search struct {
	// Setting is the user's choice (machine level); it wins and is not second-guessed.
	Setting string
	// Script is the flow's file; .venv and venv are looked for from its folder upward.
	Script string
	// Root is the workspace folder at which that ends. Empty: the workspace is not
	// trusted or unknown, and folders of the workspace are not looked at, because
	// files in them must not choose what is executed.
	Root string
	// Getenv is os.Getenv, or a test's.
	Getenv func(string) string
}

// Interpreter is a Python executable and how it was found.
type Interpreter struct {
	Path   string
	Source string // "setting", "VIRTUAL_ENV", "CONDA_PREFIX", ".venv", "venv" or "PATH"
}

// FindInterpreter looks in the order: setting, the activated environment of
// this process, .venv or venv in or above the script's folder, python3 on PATH.
func FindInterpreter(s Search) (Interpreter, error) {
	getenv := s.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if s.Setting != "" {
		path := s.Setting
		if !filepath.IsAbs(path) {
			found, err := lookPath(path, getenv("PATH"))
			if err != nil {
				return Interpreter{}, fmt.Errorf("the interpreter %q of the settings was not found", s.Setting)
			}
			path = found
		} else if !executable(path) {
			return Interpreter{}, fmt.Errorf("the interpreter %q of the settings is not an executable file", s.Setting)
		}
		return Interpreter{path, "setting"}, nil
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := getenv(name); filepath.IsAbs(dir) {
			if path, ok := pythonIn(dir); ok {
				return Interpreter{path, name}, nil
			}
		}
	}
	if s.Root != "" && within(s.Root, s.Script) {
		root := filepath.Clean(s.Root)
		for dir := filepath.Dir(filepath.Clean(s.Script)); ; dir = filepath.Dir(dir) {
			for _, name := range []string{".venv", "venv"} {
				if path, ok := pythonIn(filepath.Join(dir, name)); ok {
					return Interpreter{path, name}, nil
				}
			}
			if dir == root || dir == filepath.Dir(dir) {
				break
			}
		}
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := lookPath(name, getenv("PATH")); err == nil {
			return Interpreter{path, "PATH"}, nil
		}
	}
	return Interpreter{}, errors.New("no Python interpreter was found: install Python 3, or name the interpreter in the setting `flowls.interpreter`")
}

func pythonIn(env string) (string, bool) {
	for _, name := range []string{"python", "python3"} {
		path := filepath.Join(env, "bin", name)
		if executable(path) {
			return path, true
		}
	}
	return "", false
}

// lookPath is exec.LookPath over absolute entries only: a relative entry of
// PATH would let the current folder choose the executable.
func lookPath(name, path string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return "", exec.ErrNotFound
	}
	for _, dir := range filepath.SplitList(path) {
		if filepath.IsAbs(dir) && executable(filepath.Join(dir, name)) {
			return filepath.Join(dir, name), nil
		}
	}
	return "", exec.ErrNotFound
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// NoMetaflowError: the interpreter works and has no Metaflow.
type NoMetaflowError struct {
	Interpreter string
	Reason      string // last line of what Python said
}

// Install is the command that installs Metaflow.
func (e *NoMetaflowError) Install() []string {
	return []string{e.Interpreter, "-m", "pip", "install", "metaflow"}
}

func (e *NoMetaflowError) Error() string {
	return fmt.Sprintf("%s has no Metaflow (%s). Install it with: %s",
		e.Interpreter, e.Reason, ShellLine(e.Install()))
}

const probeTimeout = 30 * time.Second // a cold import from a network drive is slow

// the metadata tells the version without importing: about 50 ms instead of
// more than a second, and no code of Metaflow's extensions runs.
const probeProgram = `import sys
from importlib import util, metadata
if util.find_spec("metaflow") is None:
    sys.exit("No module named 'metaflow'")
try:
    print(metadata.version("metaflow"))
except metadata.PackageNotFoundError:
    import metaflow
    print(metaflow.__version__)
`

// MetaflowVersion is the version of the interpreter's Metaflow. It may execute
// Python: call it only when the user asked to run something.
func MetaflowVersion(ctx context.Context, interpreter string) (string, error) {
	if version := installedMetaflow(interpreter); version != "" {
		return version, nil
	}
	return askMetaflowVersion(ctx, interpreter)
}

func askMetaflowVersion(ctx context.Context, interpreter string) (string, error) {
	version, reason, err := askPython(ctx, interpreter, filepath.Dir(interpreter), nil, probeProgram)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return version, nil
	case errors.As(err, &exit) && strings.Contains(reason, "metaflow"):
		return "", &NoMetaflowError{interpreter, reason}
	case errors.As(err, &exit):
		return "", fmt.Errorf("%s does not work: %v: %s", interpreter, err, reason)
	}
	return "", err
}

// askPython runs a small program and returns what it printed, and the last line
// of what it printed as an error.
func askPython(ctx context.Context, interpreter, dir string, env []string, program string) (answer, reason string, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, "-c", program)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var stdout, stderr limited
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return "", "", fmt.Errorf("%s did not answer within %v: %w", interpreter, probeTimeout, ctx.Err())
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	reason = lines[len(lines)-1]
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		err = fmt.Errorf("%s cannot be started: %w", interpreter, err)
	}
	return strings.TrimSpace(stdout.String()), reason, err
}

// limited keeps the first maxAnswer bytes written to it and swallows the rest.
// The buffer is not embedded: io.Copy would find its ReadFrom and read it all.
type limited struct{ kept bytes.Buffer }

const maxAnswer = 64 << 10

func (l *limited) Write(p []byte) (int, error) {
	if room := maxAnswer - l.kept.Len(); room > 0 {
		l.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (l *limited) String() string { return l.kept.String() }
