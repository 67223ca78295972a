package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowls/internal/cli/beyond"
	"flowls/runner/runnertest"
	"flowls/runner/runstate/service/servicetest"
)

const findFlow = `from metaflow import FlowSpec, step

class Found(FlowSpec):
    @step
    def start(self):
        self.rate = 0.93
        print("it works")
        self.next(self.end)

    @step
    def end(self):
        assert "bad" not in __file__, "bad name"

if __name__ == "__main__":
    Found()
`

// Without a flag, commands find what Metaflow is configured to use: metadata here
// and values in S3, or the metadata service.
func TestFindsWhatMetaflowUses(t *testing.T) {
	python := runnertest.Python(t)
	dir := t.TempDir()
	service := servicetest.Start(t, "")
	for _, v := range append(append(runnertest.StartS3(t).Env, runnertest.Env(dir)...), "XDG_STATE_HOME="+dir, "METAFLOW_DEFAULT_DATASTORE=s3") {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	t.Chdir(dir)
	for _, name := range []string{"flow.py", "bad.py"} {
		if err := os.WriteFile(name, []byte(findFlow), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	launch := func(file string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), python, file, "run", "--run-id-file", "id")
		out, err := cmd.CombinedOutput()
		if (err != nil) != (file == "bad.py") {
			t.Fatalf("%s: %v\n%s", file, err, out)
		}
		id, err := os.ReadFile(filepath.Join(dir, "id"))
		if err != nil {
			t.Fatal(err)
		}
		return "Found/" + string(id)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := Main("", args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, beyond.Beyond{}); code != want {
			t.Fatalf("%q: exit %d\n%s%s", args, code, out.String(), errs.String())
		}
		return out.String() + errs.String()
	}
	contains := func(got string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q is missing in\n%s", w, got)
			}
		}
	}
	local := launch("flow.py")
	failed := launch("bad.py")
	contains(run(0, "show", local), "succeeded", "start  succeeded")
	contains(run(0, "show", local+"/start"), "rate  float", "0.93")
	contains(run(0, "show", local+"/start/1/rate"), "rate  float", "0.93")
	contains(run(0, "show", failed), "failed")
	contains(run(0, "show", failed+"/end"), "AssertionError: bad name")
	contains(run(0, "log", local+"/start"), "it works")
	contains(run(0, "diff", local, failed), "= start", "≠ end")
	contains(run(exitCannotRun, "show", "Found/17"), "no such run", "--datastore s3")

	t.Setenv("METAFLOW_SERVICE_URL", service.URL)
	contains(run(exitCannotRun, "show", "Found/17"), "--metadata service asks the metadata service")
	t.Setenv("METAFLOW_DEFAULT_METADATA", "service")
	served := launch("flow.py")
	contains(run(0, "runs"), served)
	contains(run(0, "runs", "--metadata", "local"), local)
	contains(run(0, "show", served+"/start"), "rate  float", "0.93")
	contains(run(0, "show", local), "succeeded") // what is here is found all the same
	contains(run(0, "log", served+"/start"), "it works")

	// The binary that reaches nothing hands on, and says so where it cannot.
	var out, errs bytes.Buffer
	if code := Main("", []string{"show", local}, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, nil); code == 0 || !strings.Contains(errs.String(), agentBinary) {
		t.Errorf("exit %d, %s%s", code, out.String(), errs.String())
	}
}
