package runstate

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Of tasks on Kubernetes only the metadata are on this machine: their data, and
// with them the control files, are in S3.
func TestTasksWhoseDataAreElsewhere(t *testing.T) {
	root := filepath.Join(t.TempDir(), ".metaflow")
	write := func(task, field, value string, attempt int, at int64) {
		t.Helper()
		dir := filepath.Join(root, "F/10", task, "_meta")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{"field_name": %q, "value": %q, "tags": ["attempt_id:%d"], "ts_epoch": %d}`, field, value, attempt, at)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("sysmeta_%s_%d.json", field, at)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("_parameters/0", "script-name", "f.py", 0, 1)
	self := filepath.Join(root, "F/10/_meta/_self.json")
	if err := os.MkdirAll(filepath.Dir(self), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(self, []byte(`{"ts_epoch": 500}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ends := range []string{"start_step", "end_step"} {
		write("_parameters/0", ends, "work", 0, 1)
	}
	write("_parameters/0", RemoteSpin, "9/work/3", 0, 1)
	write("work/1", "attempt", "0", 0, 1000)
	write("work/1", "attempt_ok", "False", 0, 3000)
	write("work/1", "attempt", "1", 1, 4000)
	write("work/2", "attempt", "0", 0, 1000)
	write("work/2", "origin-task-id", "7", 0, 1000)
	write("work/2", "attempt_ok", "True", 0, 2000)
	write("work/3", "script-name", "f.py", 0, 1000)
	reader := NewReader(root)
	reader.Life = func(*Run) Life { return Alive }
	run, err := reader.Run("F", "10")
	if err != nil {
		t.Fatal(err)
	}
	if run.Only != "work" || run.Origin != "9" || run.Status != Running {
		t.Errorf("%+v", run)
	}
	tasks := run.Step("work").Tasks
	if len(tasks) != 3 || tasks[0].Status != Running || tasks[1].Status != Cloned || tasks[2].Status != Launched {
		t.Fatalf("%+v", tasks)
	}
	first := tasks[0].Attempts
	if len(first) != 2 || first[0].Status != Failed || first[0].Ended.Sub(first[0].Started) != 2*time.Second || !first[1].Ended.IsZero() {
		t.Errorf("%+v", first)
	}
	write("work/1", "attempt_ok", "True", 1, 5000)
	write("work/3", "attempt_ok", "True", 0, 5000)
	reader = NewReader(root)
	reader.Life = func(*Run) Life { return Dead }
	if run, err = reader.Run("F", "10"); err != nil || run.Status != Succeeded || run.Ended.UnixMilli() != 5000 {
		t.Errorf("%+v, %v", run, err)
	}
}
