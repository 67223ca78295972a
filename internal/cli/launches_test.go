package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"flowls/runner/local"
	"flowls/runner/runnertest"
)

// command runs a command line and gives its exit code and both outputs.
func command(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main("", args, Streams{In: strings.NewReader(""), Out: &o, Err: &e}, nil)
	return code, o.String(), e.String()
}

// Runs that an editor started are listed and stopped from a terminal, in any folder.
func TestLaunchesAreListedAndStopped(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if code, out, errs := command("runs", "--launched"); code != 0 || out != "" || !strings.HasPrefix(errs, "No runs were started from an editor (") {
		t.Errorf("before: %d %q %q", code, out, errs)
	}
	registry, err := local.Default()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "slow.py")
	if err := os.WriteFile(script, []byte("import time\ntime.sleep(600)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(flow string) *local.Record {
		t.Helper()
		r, err := registry.Start(t.Context(), exe, local.Spec{Kind: local.Run, Flow: flow, Script: script, Interpreter: runnertest.Python(t), Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { command("stop", "--all") })
		return r
	}
	first, second := start("Slow"), start("Other")
	if err := os.WriteFile(first.RunIDPath(), []byte("1795343114304665"), 0o600); err != nil { // Metaflow's part
		t.Fatal(err)
	}
	newer := filepath.Join(registry.Dir, "20990101-000000-newer")
	if err := os.Mkdir(newer, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(newer, "run.json"), []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command("runs", "--launched")
	if code != 0 || !regexp.MustCompile(`(?m)^`+second.ID+`  Other +run  running  .*\n`+first.ID+`  Slow/1795343114304665  run  running  `).MatchString(out) || !strings.Contains(errs, "update flowls to see the run") {
		t.Errorf("list: %d\n%s%s", code, out, errs)
	}
	if err := registry.KeepPods(first.ID, map[string]any{"train": map[string]any{"3": map[string]string{"phase": "out of memory"}, "4": map[string]string{"phase": "out of memory"}}}); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := command("runs", "Slow", "--launched"); !strings.Contains(out, "train: 2 out of memory") {
		t.Errorf("what the cluster said: %q", out)
	}
	if code, _, errs := command("stop"); code != 2 || !strings.Contains(errs, "name the runs to stop, or --all") {
		t.Errorf("stop of nothing: %d %q", code, errs)
	}
	if code, _, errs := command("stop", "17"); code != 2 || !strings.Contains(errs, "no run 17 was started by flowls") {
		t.Errorf("stop of a stranger: %d %q", code, errs)
	}
	if code, out, errs := command("stop", "Slow/1795343114304665"); code != 0 || out != first.ID+"  Slow  stopped\n" {
		t.Errorf("stop: %d %q %q", code, out, errs)
	}
	if code, out, errs := command("stop", "--all"); code != 0 || out != second.ID+"  Other  stopped\n" {
		t.Errorf("stop --all: %d %q %q", code, out, errs)
	}
	code, out, _ = command("runs", "--launched", "--format", "json", "Slow")
	var report struct {
		Version  int
		Launches []launchReport
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || len(report.Launches) != 1 {
		t.Fatalf("json: %d %v\n%s", code, err, out)
	}
	got := report.Launches[0]
	if got.Status != "stopped" || got.Reason != "it was stopped" || got.Stoppable || got.Ended == nil || time.Since(*got.Ended) > time.Minute || !strings.HasSuffix(got.CommandLine, "/slow.py run") {
		t.Errorf("json: %+v", got)
	}
}
