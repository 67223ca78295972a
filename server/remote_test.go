package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"flowls/runner/runstate/service/servicetest"
	"flowls/server"

	"go.lsp.dev/protocol"
)

const servedRuns = `{"flows": [{"flow_id": "Score"}], "runs": [
	{"flow_id": "Score", "run_number": 1, "user_name": "u", "tags": ["t"], "ts_epoch": 1795650000000, "last_heartbeat_ts": 1795650060},
	{"flow_id": "Score", "run_number": 2, "user_name": "u", "tags": [], "ts_epoch": 1795660000000, "last_heartbeat_ts": null}],
	"steps": [{"flow_id": "Score", "run_number": 1, "step_name": "end", "ts_epoch": 1795650050000}],
	"tasks": [{"flow_id": "Score", "run_number": 1, "step_name": "end", "task_id": 7, "ts_epoch": 1795650050000}],
	"metadata": [{"flow_id": "Score", "run_number": 1, "step_name": "end", "task_id": 7, "field_name": "attempt_ok", "type": "internal_attempt_status",
		"value": "True", "tags": ["attempt_id:0"], "ts_epoch": 1795650060000}]}`

// The agent is started by the command, in a trusted workspace, and by nothing else.
func TestShowRemoteRuns(t *testing.T) {
	service := servicetest.Start(t, "the-key")
	if err := service.Load([]byte(servedRuns)); err != nil {
		t.Fatal(err)
	}
	b := newWorkbench(t, "Score", scoreFlow)
	t.Setenv("METAFLOW_SERVICE_URL", service.URL)
	t.Setenv("METAFLOW_SERVICE_AUTH_KEY", "the-key")
	b.open(false)
	argument := map[string]any{"uri": b.buffer.URI, "flow": "Score"}
	if err := b.execute("flowls.showRemoteRuns", argument, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("untrusted: %v", err)
	}
	b.close()
	if n := service.Requests.Load(); n != 0 {
		t.Errorf("%d requests in an untrusted workspace", n)
	}
	b.open(true)
	b.runs()
	if n := service.Requests.Load(); n != 0 {
		t.Errorf("%d requests that nobody asked for", n)
	}
	ask := func(argument map[string]any) (found server.RemoteRuns, err error) {
		t.Helper()
		var raw json.RawMessage
		if err := b.execute("flowls.showRemoteRuns", argument, &raw); err != nil {
			return found, err
		}
		return found, json.Unmarshal(raw, &found)
	}
	found, err := ask(argument)
	if err != nil || len(found.Runs) != 2 || found.Source != service.URL {
		t.Fatalf("%+v, %v", found, err)
	}
	if a, old := found.Runs[0], found.Runs[1]; a.MetaflowRunID != "2" || a.Status != "unknown" || old.Status != "succeeded" || old.Stoppable {
		t.Errorf("%+v", found.Runs)
	}
	var said protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &said)
	if want := "Score/2 unknown, Score/1 succeeded (" + service.URL + ")"; said.Message != want {
		t.Errorf("message %q, want %q", said.Message, want)
	}
	argument["runId"] = "1"
	found, err = ask(argument)
	if err != nil || len(found.Runs) != 1 || len(found.Runs[0].Steps) != 1 || found.Runs[0].Steps[0].TasksDetail[0].TaskID != "7" {
		t.Errorf("%+v, %v", found, err)
	}
	service.Fault(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusForbidden); return true })
	if _, err := ask(argument); err == nil || !strings.Contains(err.Error(), "METAFLOW_SERVICE_AUTH_KEY") || strings.Contains(err.Error(), "the-key") {
		t.Errorf("forbidden: %v", err)
	}
}
