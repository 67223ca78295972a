package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"flowls/internal/cli/beyond"
	"flowls/runner/runstate/service/servicetest"
)

const served = `{"flows": [{"flow_id": "F"}], "runs": [
	{"flow_id": "F", "run_number": 1, "user_name": "u", "tags": ["t"], "ts_epoch": 1795650000000, "last_heartbeat_ts": 1795650060},
	{"flow_id": "F", "run_number": 2, "user_name": "u", "tags": [], "ts_epoch": 1795660000000, "last_heartbeat_ts": null}],
	"tasks": [{"flow_id": "F", "run_number": 1, "step_name": "end", "task_id": 7, "ts_epoch": 1795650050000}],
	"metadata": [{"flow_id": "F", "run_number": 1, "step_name": "end", "task_id": 7, "field_name": "attempt_ok", "type": "internal_attempt_status",
		"value": "True", "tags": ["attempt_id:0"], "ts_epoch": 1795650060000}]}`

func TestRunsOfService(t *testing.T) {
	server := servicetest.Start(t, "the-key")
	if err := server.Load([]byte(served)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("METAFLOW_HOME", t.TempDir())
	t.Setenv("METAFLOW_SERVICE_URL", server.URL)
	t.Setenv("METAFLOW_SERVICE_AUTH_KEY", "the-key")
	run := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := Main("", args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, beyond.Beyond{})
		return code, out.String(), errs.String()
	}
	code, out, errs := run("runs", "--metadata", "service", "--format", "json")
	var report struct{ Runs []runReport }
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || len(report.Runs) != 2 {
		t.Fatalf("%d %s %s %v", code, out, errs, err)
	}
	if a, b := report.Runs[0], report.Runs[1]; a.Run != "2" || a.Status != "unknown" || b.Run != "1" || b.Status != "succeeded" || b.Ended == nil {
		t.Errorf("%+v", report.Runs)
	}
	if code, out, _ := run("runs", "F", "--metadata", "service", "--limit", "1"); code != 0 || !strings.HasPrefix(out, "F/2") || strings.Contains(out, "F/1") {
		t.Errorf("%d %q", code, out)
	}
	t.Setenv("METAFLOW_SERVICE_AUTH_KEY", "another-key")
	if code, _, errs := run("runs", "--metadata", "service"); code != exitCannotRun || !strings.Contains(errs, "METAFLOW_SERVICE_AUTH_KEY") || strings.Contains(errs, "another-key") {
		t.Errorf("%d %q", code, errs)
	}
	t.Setenv("METAFLOW_SERVICE_URL", "")
	if code, _, errs := run("runs", "--metadata", "service"); code != exitCannotRun || !strings.Contains(errs, "METAFLOW_SERVICE_URL") {
		t.Errorf("%d %q", code, errs)
	}
	if code, _, errs := run("runs", "--metadata", "elsewhere"); code != exitCannotRun || !strings.Contains(errs, "local") {
		t.Errorf("%d %q", code, errs)
	}
}
