package runstate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tree writes files below a new .metaflow directory and makes a reader for it.
func tree(t *testing.T, life Life, files ...string) *Reader {
	t.Helper()
	r := NewReader(filepath.Join(t.TempDir(), rootName))
	r.Life = func(*Run) Life { return life }
	grow(t, r, files...)
	return r
}

// grow adds files, each written as "path content".
func grow(t *testing.T, r *Reader, files ...string) {
	t.Helper()
	for _, f := range files {
		name, content, _ := strings.Cut(f, " ")
		path := filepath.Join(r.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		// As Metaflow does: beside its place, then renamed.
		if err := os.WriteFile(path+"~", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+"~", path); err != nil {
			t.Fatal(err)
		}
	}
}

const self = "F/10/_meta/_self.json {\"run_number\": \"10\", \"user_name\": \"u\", \"ts_epoch\": 1000}"

func ok(attempt int, value string) string {
	return fmt.Sprintf(`F/10/s/1/_meta/sysmeta_attempt_ok_%d.json {"field_name": "attempt_ok", "value": %q, "tags": ["attempt_id:%d"], "ts_epoch": %d}`,
		5000+attempt, value, attempt, 5000+attempt)
}

func TestAttemptStates(t *testing.T) {
	const task = "F/10/s/1/"
	begun := []string{self, task + "0.attempt.json {}", task + "0.task_begin {}"}
	for name, c := range map[string]struct {
		files []string
		life  Life
		task  Status
		run   Status
	}{
		"launched":                {[]string{self, task + "0.attempt.json {}"}, Alive, Launched, Running},
		"user code":               {begun, Alive, Running, Running},
		"scheduler gone":          {begun, Dead, Killed, Failed},
		"nobody knows":            {begun, LifeUnknown, Running, Unknown},
		"succeeded":               {append(begun, ok(0, "True"), task+"0.data.json {}", task+"0.DONE.lock x"), Alive, Succeeded, Running},
		"failed":                  {append(begun, ok(0, "False")), Alive, Failed, Running},
		"failed, the run with it": {append(begun, ok(0, "False")), Dead, Failed, Failed},
		"failed, nobody knows":    {append(begun, ok(0, "False")), LifeUnknown, Failed, Failed},
		"killed by the scheduler": {append(begun, task+`0.runtime {"return_code": -9, "killed": true, "success": false}`), Dead, Killed, Failed},
		"crashed":                 {append(begun, task+`0.runtime {"return_code": -11, "killed": false, "success": false}`), Dead, Crashed, Failed},
		"failed without a word":   {append(begun, task+`0.runtime {"return_code": 1, "killed": false, "success": false}`), Dead, Failed, Failed},
		"retrying":                {append(begun, ok(0, "False"), task+"1.attempt.json {}"), Alive, Retrying, Running},
		"retry runs":              {append(begun, ok(0, "False"), task+"1.attempt.json {}", task+"1.task_begin {}"), Alive, Running, Running},
		"retry succeeded":         {append(begun, ok(0, "False"), task+"1.attempt.json {}", ok(1, "True")), Alive, Succeeded, Running},
		"retry never began":       {append(begun, ok(0, "False"), task+"1.attempt.json {}"), Dead, Failed, Failed},
		"damaged records":         {append(begun, task+"0.runtime {", task+"_meta/sysmeta_attempt_ok_1.json nonsense", task+"_meta/_self.json [", task+"99999999999.attempt.json {}"), Alive, Failed, Running},
	} {
		r := tree(t, c.life, c.files...)
		run, err := r.Run("F", "10")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := run.Step("s").Tasks[0]
		if name == "damaged records" { // a half record decides nothing
			c.task = Running
		}
		if got.Status != c.task || run.Status != c.run {
			t.Errorf("%s: task %s, run %s; want %s, %s", name, got.Status, run.Status, c.task, c.run)
		}
	}
}

func TestRunThatNeverStarted(t *testing.T) {
	r := NewReader(filepath.Join(t.TempDir(), rootName))
	grow(t, r, self)
	run, err := r.Run("F", "10") // with the real look at the process table
	if err != nil || run.Status != Failed || len(run.Steps) != 0 || run.Graph != nil {
		t.Errorf("%+v, %v", run, err)
	}
	_, _, err = r.RunWithStep("F", "s", "", nil)
	if !errors.Is(err, ErrNoRun) {
		t.Errorf("inputs from a run that never started: %v", err)
	}
}

func TestOrderOfRuns(t *testing.T) {
	r := tree(t, Dead)
	for _, id := range []string{"9", "10", "1795343114304665", "argo-abc", "argo-x"} {
		grow(t, r, "F/"+id+"/_meta/_self.json {}")
	}
	grow(t, r, "F/data/aa/x {}", "F/_meta/_self.json {}", "F/latest_run 9", "F/.hidden/x {}", "F/a b/x {}")
	ids, err := r.RunIDs("F")
	if want := []string{"1795343114304665", "10", "9", "argo-x", "argo-abc"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%v, %v; want %v", ids, err, want)
	}
	runs, err := r.Runs("F", 2)
	if err != nil || len(runs) != 2 || runs[0].ID != "1795343114304665" {
		t.Errorf("%v, %v", runs, err)
	}
	if want := time.UnixMicro(1795343114304665); !runs[0].Created.Equal(want) {
		t.Errorf("created %v, want %v", runs[0].Created, want)
	}
	if ids, err := r.RunIDs("Other"); len(ids) != 0 || err != nil {
		t.Errorf("a flow without runs: %v, %v", ids, err)
	}
}

// What a client names must not lead out of the data store.
func TestNamesAreNotPaths(t *testing.T) {
	r := tree(t, Dead, self)
	for _, c := range [][2]string{{"..", "10"}, {"F", ".."}, {"F/10", "s"}, {"F", "../F/10"}, {"", "10"}, {"F", ""}} {
		if run, err := r.Run(c[0], c[1]); err == nil {
			t.Errorf("Run(%q, %q) = %+v", c[0], c[1], run)
		}
	}
	if _, err := r.Run("F", "11"); !errors.Is(err, ErrNoRun) {
		t.Errorf("no such run: %v", err)
	}
}

// Files that are not what Metaflow writes neither block nor fill the memory.
func TestHostileFiles(t *testing.T) {
	r := tree(t, Dead, self, "F/10/s/1/0.attempt.json {}", ok(0, "True"), "F/10/s/1/0.DONE.lock x")
	dir := filepath.Join(r.Root, "F/10/s/1")
	if err := syscall.Mkfifo(filepath.Join(dir, "0.data.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "_meta", "sysmeta_attempt_ok_9.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "0.runtime")); err != nil {
		t.Fatal(err)
	}
	run, err := r.Run("F", "10")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Artifacts(t.Context(), run, run.Step("s").Tasks[0]); err == nil {
		t.Error("a FIFO was read as artifacts")
	}
	large, err := os.Create(filepath.Join(r.Root, "F", "10", "_meta", "_self.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer large.Close()
	if err := large.Truncate(1 << 40); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run("F", "10"); err == nil {
		t.Error("a record of a terabyte was read")
	}
}

// The cache never shows an old state.
func TestChangesAreSeen(t *testing.T) {
	r := tree(t, Alive, self, "F/10/s/1/0.attempt.json {}")
	status := func() Status {
		t.Helper()
		run, err := r.Run("F", "10")
		if err != nil {
			t.Fatal(err)
		}
		return run.Step("s").Tasks[0].Status
	}
	for _, c := range []struct {
		file string
		want Status
	}{
		{"F/10/s/1/0.task_begin {}", Running},
		{ok(0, "False"), Failed},
		{"F/10/s/1/1.attempt.json {}", Retrying},
		{"F/10/s/1/1.task_begin {}", Running},
		{ok(1, "True"), Succeeded},
	} {
		status() // fills the cache
		grow(t, r, c.file)
		if got := status(); got != c.want {
			t.Errorf("after %s: %s, want %s", c.file, got, c.want)
		}
	}
	// Once settled, a task that has ended is not read again.
	old := time.Now().Add(-time.Minute)
	dir := filepath.Join(r.Root, "F/10/s/1")
	if err := errors.Join(os.Chtimes(dir, old, old), os.Chtimes(filepath.Join(dir, "_meta"), old, old)); err != nil {
		t.Fatal(err)
	}
	first, err := r.cache.read(filepath.Dir(dir), "1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.cache.read(filepath.Dir(dir), "1"); err != nil || again != first {
		t.Errorf("read again: %v", err)
	}
	grow(t, r, "F/10/s/1/1.data.json {}", "F/10/s/1/1.DONE.lock x", `F/10/s/1/1.runtime {"return_code": 0, "success": true}`)
	older := old.Add(-time.Second)
	if err := errors.Join(os.Chtimes(dir, older, older), os.Chtimes(filepath.Join(dir, "_meta"), older, older)); err != nil {
		t.Fatal(err)
	}
	ended, err := r.cache.read(filepath.Dir(dir), "1")
	if err != nil || ended == first || ended.Status != Succeeded || !final(ended) {
		t.Fatalf("%+v, %v", ended, err)
	}
	if err := os.Chtimes(dir, time.Now(), time.Now()); err != nil { // logs were scrubbed
		t.Fatal(err)
	}
	if again, err := r.cache.read(filepath.Dir(dir), "1"); err != nil || again != ended {
		t.Errorf("what has ended is read again: %v", err)
	}
}

func TestFindRoot(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	none := func(string) string { return "" }
	// Nothing there: it would be made in the folder itself. The machine may have one further up.
	if got, want := FindRoot(deep, none), filepath.Join(deep, ".metaflow"); got != want && strings.HasPrefix(got, dir) {
		t.Errorf("nothing there: %s, want %s", got, want)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".metaflow"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, want := FindRoot(deep, none), filepath.Join(dir, ".metaflow"); got != want {
		t.Errorf("above: %s, want %s", got, want)
	}
	if err := os.Symlink(deep, filepath.Join(t.TempDir(), "link")); err != nil {
		t.Fatal(err)
	}
	named := func(name string) string {
		return map[string]string{"METAFLOW_DATASTORE_SYSROOT_LOCAL": "/x", "METAFLOW_DATASTORE_SYSROOT_SPIN": "rel"}[name]
	}
	if got := FindRoot(deep, named); got != "/x/.metaflow" {
		t.Errorf("named by the environment: %s", got)
	}
	if got, want := FindSpinRoot(deep, named), filepath.Join(deep, "rel", ".metaflow_spin"); got != want {
		t.Errorf("named by a relative path: %s, want %s", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, ".metaflow", "config.json"), []byte(`{"METAFLOW_DATASTORE_SYSROOT_LOCAL": "/y"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := FindRoot(deep, none); got != "/y/.metaflow" {
		t.Errorf("named by a configuration: %s", got)
	}
}

// A clock that was set back leaves runs that begin in the future: they are not
// alive for that.
func TestRunFromTheFuture(t *testing.T) {
	id := fmt.Sprint(time.Now().Add(time.Hour).UnixMicro())
	r := NewReader(filepath.Join(t.TempDir(), rootName))
	grow(t, r, "F/"+id+"/_meta/_self.json {}",
		"F/"+id+`/_parameters/0/_meta/sysmeta_script-name_1.json {"field_name": "script-name", "value": "no-such-flow.py"}`)
	run, err := r.Run("F", id) // with the real look at the process table
	if err != nil || run.Script != "no-such-flow.py" || run.Status != Failed {
		t.Errorf("%+v, %v", run, err)
	}
}

// A deep recursion is cut to the frames that tell what failed.
func TestFramesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("Traceback (most recent call last):\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "  File \"/w/flow.py\", line %d, in f\n    f()\n", i+1)
	}
	frames := parseFrames(b.String())
	if len(frames) != maxFrames || frames[len(frames)-1].Line != 5000 || frames[len(frames)-1].Text != "f()" {
		t.Errorf("%d frames, the last: %+v", len(frames), frames[len(frames)-1])
	}
}
