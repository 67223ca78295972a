package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"flowls/internal/venv"
	"flowls/runner/runstate"
)

const artifactFlow = `from metaflow import FlowSpec, step


class ArtifactFlow(FlowSpec):
    @step
    def start(self):
        self.score = 0.93
        self.rows = list(range(3_000_000))
        self.blob = bytes(400_000_000)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ArtifactFlow()
`

// artifactClient asks Metaflow's client the same, in a process that has it imported already.
const artifactClient = `import json, time
from metaflow import Task, namespace
namespace(None)
import sys

def took(ask):
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin

task = lambda: Task(sys.argv[1])
print(json.dumps({"identity": took(lambda: [(a.id, a.sha, a.size) for a in task()]),
                  "score": took(lambda: repr(task()["score"].data)),
                  "rows": took(lambda: repr(task()["rows"].data[:10])),
                  "blob": took(lambda: repr(task()["blob"].data[:10]))}))
`

// artifacts measures what it costs to know what a task stored.
func artifacts(ctx context.Context, e *env) ([]row, error) {
	python := e.python
	if python == "" {
		var err error
		if python, err = venv.Python(); err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(e.dir, "artifacts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"flow.py": artifactFlow, "client.py": artifactClient} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	say := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, python, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "METAFLOW_USER=bench", "METAFLOW_HOME="+dir, "METAFLOW_DATASTORE_SYSROOT_LOCAL="+dir, "METAFLOW_CLIENT_CACHE_PATH="+filepath.Join(dir, "cache"))
		var problems bytes.Buffer
		cmd.Stderr = &problems
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%v: %w\n%s", args, err, problems.Bytes())
		}
		return out, nil
	}
	if _, err := say("flow.py", "run"); err != nil {
		return nil, err
	}
	reader := runstate.NewReader(filepath.Join(dir, ".metaflow"))
	runs, err := reader.Runs("ArtifactFlow", 1)
	if err != nil || len(runs) != 1 {
		return nil, fmt.Errorf("the run is not there: %w", err)
	}
	run := runs[0]
	task := run.Step("start").Tasks[0]
	out, err := say("client.py", strings.Join([]string{run.Flow, run.ID, task.Step, task.ID}, "/"))
	if err != nil {
		return nil, err
	}
	theirs := map[string]float64{}
	if err := json.Unmarshal(out, &theirs); err != nil {
		return nil, err
	}
	beside := func(name string) string {
		return ms(time.Duration(theirs[name] * float64(time.Second)))
	}

	identity, err := samples(20, func() error {
		_, err := reader.Artifacts(ctx, run, task)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows := []row{
		{what: "type, size and hash of all artifacts of a task", measured: ms(median(identity)), goal: "≤ 5 ms", ok: median(identity) <= 5*time.Millisecond},
		{what: "… by Metaflow's client", measured: beside("identity")},
	}
	all, err := reader.Artifacts(ctx, run, task)
	if err != nil {
		return nil, err
	}
	huge, err := hugeArray(filepath.Join(dir, ".metaflow", run.Flow, "data"))
	if err != nil {
		return nil, err
	}
	all = append(all, huge)
	for _, what := range []struct{ name, label string }{
		{"score", "a float"}, {"rows", "a list of 3,000,000 (beginning)"}, {"blob", "400 MB of bytes, compressed (beginning)"}, {"huge", "shape and rows of an array of 4 GB, stored as it is"},
	} {
		for _, a := range all {
			if a.Name != what.name {
				continue
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			const n = 10
			took, err := samples(n, func() error {
				_, err := reader.Describe(ctx, run.Flow, a, runstate.Quick)
				return err
			})
			if err != nil {
				return nil, err
			}
			runtime.ReadMemStats(&after)
			got, worst := median(took), quantile(took, 1)
			rows = append(rows, row{
				what:     what.label + ", median / worst · allocated",
				measured: fmt.Sprintf("%s / %s · %.1f MB", ms(got), ms(worst), float64(after.TotalAlloc-before.TotalAlloc)/n/1e6),
				goal:     "≤ 50 ms", ok: got <= 50*time.Millisecond,
			})
			if _, ok := theirs[a.Name]; ok {
				rows = append(rows, row{what: "… by Metaflow's client", measured: beside(a.Name)})
			}
		}
	}
	return rows, nil
}

// samples measures a function some times, after one that warms the caches.
func samples(n int, do func() error) ([]time.Duration, error) {
	var took []time.Duration
	for i := range n + 1 {
		begin := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		if i > 0 {
			took = append(took, time.Since(begin))
		}
	}
	return took, nil
}

// hugeArray writes the pickle of a numpy array of 4 GB; the file has holes.
func hugeArray(data string) (a runstate.Artifact, err error) {
	const rows, columns = 1 << 20, 1 << 9
	number := func(n uint32) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, n)) }
	head := "\x80\x04cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01" + number(rows) + number(columns) + "\x86" +
		"cnumpy\ndtype\n\x8c\x02f8\x89\x88\x87R(K\x03\x8c\x01<NNN" + number(math.MaxUint32) + number(math.MaxUint32) + "K\x00tb\x89\x8e" +
		string(binary.LittleEndian.AppendUint64(nil, rows*columns*8))
	a = runstate.Artifact{Name: "huge", Type: "numpy.ndarray", SHA: strings.Repeat("4", 40), Size: int64(len(head)) + rows*columns*8 + 3}
	path := filepath.Join(data, a.SHA[:2], a.SHA)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return a, err
	}
	f, err := os.Create(path)
	if err != nil {
		return a, err
	}
	_, err1 := f.WriteString(head)
	_, err2 := f.WriteAt([]byte("tb."), a.Size-3)
	return a, errors.Join(err1, err2, f.Close(), os.WriteFile(path+"_meta", []byte(`{"cas_raw": true, "cas_version": 1}`), 0o644))
}
