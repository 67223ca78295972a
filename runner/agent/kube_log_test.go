package agent

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowls/runner/agent/wire"
)

// Few logs are followed at the same time; the one that was not read for longest
// makes room.
func TestLogsAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/log") {
			fmt.Fprintln(w, "2026-11-26T03:00:00Z hello from "+r.URL.Path)
			return
		}
		fmt.Fprint(w, `{"kind": "Pod", "apiVersion": "v1", "status": {"containerStatuses": [{"name": "fit", "state": {"terminated": {}}}]}}`)
	}))
	t.Cleanup(server.Close)
	config := filepath.Join(t.TempDir(), "config")
	content := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "here", "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
"clusters": [{"name": "c", "cluster": {"server": %q}}], "users": [{"name": "u", "user": {}}]}`, server.URL)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var logs podLogs
	t.Cleanup(logs.close)
	params := func(pod int) wire.KubeLogParams {
		return wire.KubeLogParams{Access: wire.KubeAccess{Kubeconfig: config}, Namespace: "team", Pod: fmt.Sprintf("t-%d", pod), Container: "fit", Room: 1000}
	}
	for pod := range maxLogs + 4 {
		reply, err := logs.read(t.Context(), params(pod))
		if err != nil || !reply.Ended || len(reply.Lines) != 1 || !strings.Contains(reply.Lines[0].Text, fmt.Sprintf("/team/pods/t-%d/log", pod)) {
			t.Fatalf("%+v, %v", reply, err)
		}
		if _, err := logs.read(t.Context(), params(0)); err != nil { // this one is read all the time
			t.Fatal(err)
		}
		if len(logs.open) > maxLogs {
			t.Fatalf("%d logs are open", len(logs.open))
		}
	}
	open := func(pod int) bool {
		p := params(pod)
		return logs.open[logKey{p.Access, p.Namespace, p.Pod, p.Container}] != nil
	}
	if !open(0) || open(1) || !open(maxLogs+3) {
		t.Errorf("the wrong ones are open: %t %t %t", open(0), open(1), open(maxLogs+3))
	}
}
