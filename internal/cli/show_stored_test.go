package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/runnertest"
)

// What Metaflow stored in S3 is shown without its metadata.
func TestShowStored(t *testing.T) {
	python := runnertest.Python(t)
	for _, v := range runnertest.StartS3(t).Env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	flow := `from metaflow import FlowSpec, step

class InBucket(FlowSpec):
    @step
    def start(self):
        self.rate = 0.93
        self.rows = [{"a": i} for i in range(20000)]
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    InBucket()
`
	if err := os.WriteFile(filepath.Join(dir, "flow.py"), []byte(flow), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "flow.py", "--datastore", "s3", "run", "--run-id-file", "id")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), runnertest.Env(dir)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	show := func(pathspec string, more ...string) string {
		t.Helper()
		out, errs, code := runCLI(t, "", append([]string{"show", "--datastore", "s3", "InBucket/" + pathspec}, more...)...)
		if code != 0 {
			t.Fatalf("show %s: exit %d, %s", pathspec, code, errs)
		}
		return out
	}
	run := string(id)
	if got := show(run); got != "InBucket/"+run+"/end\nInBucket/"+run+"/start\n" {
		t.Errorf("run: %s", got)
	}
	task := strings.TrimPrefix(strings.TrimSpace(show(run+"/start")), "InBucket/")
	if got := show(task); !strings.Contains(got, "rate  float") || !strings.Contains(got, "0.93") || !strings.Contains(got, "[20000 items]") {
		t.Errorf("task: %s", got)
	}
	if got := show(task + "/rows"); !strings.Contains(got, "rows  list") || !strings.Contains(got, "  {'a': 0}\n") || !strings.Contains(got, "and 19950 more") {
		t.Errorf("artifact: %s", got)
	}
	var said struct {
		Name, Type  string
		Size        int64
		SHA         string
		Changed     *bool
		Description struct{ Kind, Value string }
	}
	if err := json.Unmarshal([]byte(show(task+"/rate", "--format", "json")), &said); err != nil {
		t.Fatal(err)
	}
	if said.Name != "rate" || said.Type != "float" || said.Description.Kind != "value" || said.Description.Value != "0.93" || len(said.SHA) != 40 || said.Changed != nil {
		t.Errorf("%+v", said)
	}
	if _, errs, code := runCLI(t, "", "show", "--datastore", "s3", "InBucket/"+task+"/rat"); code == 0 || !strings.Contains(errs, "rate") {
		t.Errorf("no such artifact: %d, %s", code, errs)
	}
	t.Setenv("METAFLOW_DATASTORE_SYSROOT_S3", "")
	if _, errs, code := runCLI(t, "", "show", "--datastore", "s3", "InBucket/1"); code == 0 || !strings.Contains(errs, "METAFLOW_DATASTORE_SYSROOT_S3") {
		t.Errorf("without a bucket: %d, %s", code, errs)
	}
}
