package difftest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"flowls/internal/venv"
)

// fileLimit is the time that Metaflow may take for one file. Its acyclicity
// check walks every path, so that a graph of the wrong shape never ends.
const fileLimit = 30 * time.Second

// verdict is what Metaflow says about one file (see testdata/verdict.py).
type verdict struct {
	File  string        `json:"file"`
	Error string        `json:"error"` // the file cannot be imported, or the linter did not end in time
	Flows []flowVerdict `json:"flows"`
}

type flowVerdict struct {
	Flow    string   `json:"flow"`
	Bases   []string `json:"bases"` // flow classes of the same file that it builds on
	Run     bool     `json:"run"`   // the file runs it when executed
	OK      bool     `json:"ok"`
	Check   string   `json:"check"`
	Line    int      `json:"line"`
	Source  string   `json:"source"` // file of the line
	Message string   `json:"message"`
	Crash   string   `json:"crash"`
}

type check struct {
	Name string `json:"name"`
	On   bool   `json:"on"` // runs with Metaflow's default settings
}

// worker is a Python process that answers for one file after the other.
type worker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	checks []check
}

func startWorker(root string) (*worker, error) {
	python, err := venv.Python()
	if err != nil {
		return nil, err
	}
	w := &worker{}
	w.cmd = exec.Command(python, filepath.Join(root, "analysis/difftest/testdata/verdict.py"), filepath.Join(root, "testdata/flows/stubs"))
	w.cmd.Env = append(os.Environ(), "PYTHONHASHSEED=0")
	w.cmd.Dir = os.TempDir()
	w.cmd.Stderr = &w.stderr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReader(out)
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	var hello struct{ Checks []check }
	if err := w.read(&hello); err != nil {
		return nil, err
	}
	w.checks = hello.Checks
	return w, nil
}

func (w *worker) read(v any) error {
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		w.stop()
		return fmt.Errorf("the worker ended: %w\n%s", err, w.stderr.Bytes())
	}
	return json.Unmarshal(line, v)
}

// stop ends the worker; asking it again is not possible.
func (w *worker) stop() {
	w.in.Close()
	w.cmd.Process.Kill()
	w.cmd.Wait() // the exit status of a killed process says nothing
}

// ask returns Metaflow's verdict; timeout means that the worker had to be killed.
func (w *worker) ask(file string, roots []string) (v verdict, timeout bool, err error) {
	line, err := json.Marshal(map[string]any{"file": file, "roots": append([]string{}, roots...)})
	if err != nil {
		return v, false, err
	}
	killed := make(chan struct{})
	timer := time.AfterFunc(fileLimit, func() { close(killed); w.cmd.Process.Kill() })
	_, err = w.in.Write(append(line, '\n'))
	if err == nil {
		err = w.read(&v)
	}
	if !timer.Stop() {
		<-killed
		return verdict{File: file, Error: "timeout"}, true, nil
	}
	return v, false, err
}

// metaflow asks Metaflow about all files, with two workers at a time. The
// verdicts come in the order of the files; roots are on the Python path.
func metaflow(t testing.TB, files []string, roots ...string) ([]verdict, []check) {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	verdicts := make([]verdict, len(files))
	jobs := make(chan int, len(files))
	for i := range files {
		jobs <- i
	}
	close(jobs)
	var group sync.WaitGroup
	var checks []check
	var once sync.Once
	for range 2 {
		group.Go(func() {
			w, err := startWorker(root)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { w.stop() }()
			once.Do(func() { checks = w.checks })
			for i := range jobs {
				v, timeout, err := w.ask(files[i], roots)
				if err != nil {
					t.Errorf("%s: %v", files[i], err)
					return
				}
				verdicts[i] = v
				if !timeout {
					continue
				}
				w.stop()
				if w, err = startWorker(root); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return verdicts, checks
}
