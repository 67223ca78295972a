// Package export writes the value of an artifact to a file, as npy, csv, json or
// png. That needs the libraries which made the value, so the user's Python loads
// it through Metaflow: unlike everything else that shows artifacts, this runs
// code, and only a user's command may start it.
package export

import (
	"context"
	_ "embed"
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

//go:embed export.py
var program string

// Formats are the endings that a file may have.
var Formats = []string{"npy", "csv", "json", "png"}

// Request says what to write where.
type Request struct {
	Interpreter string // absolute path of a Python that has Metaflow
	Root        string // the .metaflow or .metaflow_spin folder of the run, or the address of its metadata service
	Dir         string // folder of the flow: its modules may be needed
	Pathspec    string // Flow/run/step/task/artifact
	File        string // absolute path; its ending is the format
	Overwrite   bool
}

// ErrExists: the file is there, and replacing it was not asked for.
var ErrExists = errors.New("the file exists already")

// limit is how long Python may take.
const limit = 10 * time.Minute

// Export writes the file in one go: it is there whole, or not at all.
func Export(ctx context.Context, r Request) error {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(r.File), "."))
	switch {
	case !slices.Contains(Formats, format):
		return fmt.Errorf("%q: the ending says the format, one of %s", filepath.Base(r.File), strings.Join(Formats, ", "))
	case !filepath.IsAbs(r.File) || !filepath.IsAbs(r.Interpreter):
		return fmt.Errorf("%q is not an absolute path", r.File)
	}
	if _, err := os.Lstat(r.File); err == nil && !r.Overwrite {
		return fmt.Errorf("%s: %w", r.File, ErrExists)
	}
	scratch, err := os.MkdirTemp(filepath.Dir(r.File), ".flowls-export-*")
	if err != nil {
		return err
	}
	made := filepath.Join(scratch, "value."+format)
	err = r.load(ctx, made, format)
	if err == nil {
		err = r.place(made)
	}
	return errors.Join(err, os.RemoveAll(scratch))
}

// load has Python write the value.
func (r Request) load(ctx context.Context, file, format string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.Interpreter, "-c", program, r.Root, r.Pathspec, file, format)
	cmd.Dir = r.Dir
	if cmd.Dir == "" {
		cmd.Dir = filepath.Dir(r.File)
	}
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	if filepath.IsAbs(r.Root) {
		// The folder stands in the environment as Metaflow reads it; without a .metaflow at the end.
		above := filepath.Dir(r.Root)
		cmd.Env = append(cmd.Env, "METAFLOW_DATASTORE_SYSROOT_LOCAL="+above, "METAFLOW_DATASTORE_SYSROOT_SPIN="+above, "METAFLOW_DEFAULT_METADATA=local")
	} else {
		cmd.Env = append(cmd.Env, "METAFLOW_DEFAULT_METADATA=service")
	}
	said := &tail{max: 16 << 10}
	cmd.Stdout, cmd.Stderr = said, said
	// What Python starts ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		text := strings.TrimSpace(said.String())
		lines := strings.Split(text, "\n")
		return fmt.Errorf("%s cannot be written as %s: %s", r.Pathspec, format, strings.TrimSpace(lines[len(lines)-1]))
	}
	return nil
}

// place puts the file where it belongs. Without leave to overwrite, a file that
// has come there meanwhile stays.
func (r Request) place(made string) error {
	if r.Overwrite {
		return os.Rename(made, r.File)
	}
	err := os.Link(made, r.File)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: %w", r.File, ErrExists)
	case err == nil:
		return nil
	}
	// A file system without links.
	if _, err := os.Lstat(r.File); err == nil {
		return fmt.Errorf("%s: %w", r.File, ErrExists)
	}
	return os.Rename(made, r.File)
}

// tail keeps the end of an output.
type tail struct {
	max  int
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - t.max; over > 0 {
		t.text = slices.Delete(t.text, 0, over)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
