package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"flowls/internal/venv"
)

// template is a run that the real Metaflow made: a foreach of 1,000 tasks that
// was ended after its first one. Generated runs and tasks are copies of it with
// other ids, file by file in the order in which Metaflow wrote them.
type template struct {
	dir  string // working directory, holds flow.py and .metaflow
	run  string
	task string // of the step work
}

const (
	templateFlow  = "Wide"
	templateTasks = 1000
	templateText  = `from metaflow import FlowSpec, Parameter, step


class Wide(FlowSpec):
    n = Parameter("n", default=1000)

    @step
    def start(self):
        self.items = list(range(self.n))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.square = self.input ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wide()
`
)

// needPython finds the interpreter, if none was named.
func (e *env) needPython() (err error) {
	if e.python == "" {
		e.python, err = venv.Python()
	}
	return err
}

// metaflow is a command of the template's flow.
func (e *env) metaflow(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, e.python, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "METAFLOW_USER=bench", "USERNAME=bench", "METAFLOW_HOME="+dir, "METAFLOW_DATASTORE_SYSROOT_LOCAL="+dir,
		"METAFLOW_CLIENT_CACHE_PATH="+filepath.Join(dir, "client-cache"), "METAFLOW_DEFAULT_METADATA=local")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// recordTemplate runs the flow up to the end of its first foreach task.
func recordTemplate(ctx context.Context, e *env, dir string) (*template, error) {
	if err := os.MkdirAll(filepath.Join(dir, ".metaflow"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "flow.py"), []byte(templateText), 0o644); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := e.metaflow(ctx, dir, "flow.py", "--no-pylint", "run", "--max-workers=1", "--max-num-splits="+strconv.Itoa(templateTasks), "--run-id-file=id")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// The second task exists: the first one has ended, to its last file.
	ended := func() ([]string, error) {
		return filepath.Glob(filepath.Join(dir, ".metaflow", templateFlow, "*", "work", "3", "0.attempt.json"))
	}
	found, err := ended()
	for err == nil && len(found) == 0 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		found, err = ended()
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait() // killed
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("the template's run: %w", err)
	}
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	if err != nil {
		return nil, err
	}
	t := &template{dir: dir, run: strings.TrimSpace(string(id)), task: "2"}
	return t, os.RemoveAll(filepath.Join(t.path(t.run), "work", "3"))
}

func (t *template) path(run string) string {
	return filepath.Join(t.dir, ".metaflow", templateFlow, run)
}

// file is one of the template's files.
type file struct {
	name string // below the folder that is copied
	text []byte
	at   time.Time
}

// files are those below a folder, in the order in which they were written.
func files(root string) ([]file, error) {
	var all []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(root, path)
		all = append(all, file{name, text, info.ModTime()})
		return cmp.Or(err, relErr)
	})
	slices.SortStableFunc(all, func(a, b file) int { return a.at.Compare(b.at) })
	return all, err
}

// write puts a copy into its place as Metaflow does: beside it, then renamed.
func (f file) write(root string, replace ...string) error {
	path := filepath.Join(root, f.name)
	text := f.text
	for i := 0; i < len(replace); i += 2 {
		text = bytes.ReplaceAll(text, []byte(replace[i]), []byte(replace[i+1]))
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "tmp")
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			tmp, err = os.CreateTemp(filepath.Dir(path), "tmp")
		}
	}
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	return cmp.Or(err, tmp.Close(), os.Rename(tmp.Name(), path))
}

// copyRun makes a whole run of another id; brief ones have only the run's own
// record and its steps, which is all that anybody reads of runs that are not shown.
func (t *template) copyRun(all []file, run string, brief bool) error {
	for _, f := range all {
		if brief && f.name != filepath.Join("_meta", "_self.json") && f.name != filepath.Join("start", "_meta", "_self.json") {
			continue
		}
		if err := f.write(t.path(run), t.run, run); err != nil {
			return err
		}
	}
	return nil
}

// copyTask makes another task of the foreach; each is called with every file's name once it is there.
func (t *template) copyTask(all []file, index int, each func(name string)) error {
	id := strconv.Itoa(index + 2)
	root := filepath.Join(t.path(t.run), "work", id)
	for _, f := range all {
		if err := f.write(root, `"task_id": "`+t.task+`"`, `"task_id": "`+id+`"`, "work:0", "work:"+strconv.Itoa(index), "items=0", "items="+strconv.Itoa(index)); err != nil {
			return err
		}
		each(f.name)
	}
	return nil
}
