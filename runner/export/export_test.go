package export

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/runnertest"
)

const flow = `import base64
import datetime
from metaflow import FlowSpec, step
import helper


class Exported(FlowSpec):
    @step
    def start(self):
        self.rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "é,"}]
        self.columns = {"n": [1, 2], "s": ["u", "v"]}
        self.when = {"at": datetime.datetime(2026, 1, 2), "raw": b"ab", "set": {1}}
        self.point = helper.Point()
        self.picture = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Exported()
`

// record runs the flow once and answers the pathspec of its first task.
func record(t *testing.T) (r Request) {
	t.Helper()
	python := runnertest.Python(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"flow.py": flow, "helper.py": "class Point:\n    def __init__(self):\n        self.x = 5\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range runnertest.Env(dir) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	cmd := exec.CommandContext(t.Context(), python, "flow.py", "run", "--run-id-file", "id")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	if err != nil {
		t.Fatal(err)
	}
	return Request{Interpreter: python, Root: filepath.Join(dir, ".metaflow"), Dir: dir, Pathspec: "Exported/" + string(id) + "/start/1/"}
}

func TestExport(t *testing.T) {
	r := record(t)
	task, out := r.Pathspec, t.TempDir()
	write := func(name, file string, overwrite bool) (string, error) {
		r.Pathspec, r.File, r.Overwrite = task+name, filepath.Join(out, file), overwrite
		err := Export(t.Context(), r)
		data, _ := os.ReadFile(r.File)
		return string(data), err
	}
	for _, c := range []struct{ name, file, want string }{
		{"rows", "rows.csv", "a,b\r\n1,x\r\n2,\"é,\"\r\n"},
		{"columns", "columns.csv", "n,s\r\n1,u\r\n2,v\r\n"},
		{"rows", "rows.json", `[{"a":1,"b":"x"},{"a":2,"b":"é,"}]`},
		{"when", "when.json", `{"at":"2026-01-02T00:00:00","raw":"YWI=","set":[1]}`},
		{"point", "point.json", `{"x":5}`},
		{"picture", "picture.PNG", "\x89PNG\r\n\x1a\n"},
	} {
		got, err := write(c.name, c.file, false)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if strings.HasSuffix(c.file, ".json") {
			var a, b any
			if err := errors.Join(json.Unmarshal([]byte(got), &a), json.Unmarshal([]byte(c.want), &b)); err != nil {
				t.Errorf("%s: %v", c.file, err)
			}
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			got, c.want = string(x), string(y)
		}
		if !strings.HasPrefix(got, c.want) || !strings.HasSuffix(c.file, ".PNG") && got != c.want {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
	// A file that is there stays, unless its replacement is asked for.
	if got, err := write("columns", "rows.csv", false); !errors.Is(err, ErrExists) || !strings.HasPrefix(got, "a,b") {
		t.Errorf("over a file: %q, %v", got, err)
	}
	if got, err := write("columns", "rows.csv", true); err != nil || !strings.HasPrefix(got, "n,s") {
		t.Errorf("over a file, on demand: %q, %v", got, err)
	}
	// What fails leaves nothing behind, and says why.
	for _, c := range []struct{ name, file, want string }{
		{"point", "point.csv", "a Point is no table"}, {"rows", "rows.txt", "one of npy, csv, json, png"}, {"none", "none.json", "none"},
		{"rows", "missing/rows.json", "no such file"}, {"rows", "rows.npy", "numpy"},
	} {
		if got, err := write(c.name, c.file, false); err == nil || !strings.Contains(err.Error(), c.want) || got != "" {
			t.Errorf("%s: %q, %v", c.file, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Pathspec, r.File = task+"rows", filepath.Join(out, "cancelled.json")
	if err := Export(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(out, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	if _, err := os.Stat(r.File); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a cancelled export left its file: %v", err)
	}
}
