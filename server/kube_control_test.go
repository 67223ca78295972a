package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowls/runner/local"
	"flowls/server"

	"go.lsp.dev/protocol"
)

// cluster is as much of an API server as stopping and cleaning up ask for: jobs of
// runs, each with a pod that ends with it.
type cluster struct {
	mu       sync.Mutex
	jobs     map[string]string // name to run
	requests int
	dir      string // of the kubeconfig
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{jobs: map[string]string{}, dir: t.TempDir()}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	config := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "here", "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
"clusters": [{"name": "c", "cluster": {"server": %q}}], "users": [{"name": "u", "user": {}}]}`, server.URL)
	if err := os.WriteFile(filepath.Join(c.dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", filepath.Join(c.dir, "config"))
	t.Setenv("METAFLOW_KUBERNETES_NAMESPACE", "team")
	return c
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	w.Header().Set("Content-Type", "application/json")
	answer := func(code int, v any) {
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(v)
	}
	path, found := strings.CutPrefix(r.URL.Path[strings.Index(r.URL.Path, "/namespaces/"):], "/namespaces/team/")
	kind, name, _ := strings.Cut(path, "/")
	var items []any
	for name, run := range c.jobs {
		items = append(items, map[string]any{"metadata": map[string]any{
			"name": name, "namespace": "team", "uid": "uid-" + name, "creationTimestamp": "2126-01-01T00:00:00Z",
			"annotations": map[string]string{"metaflow/flow_name": "Score", "metaflow/run_id": run, "metaflow/user": "tester", "metaflow/step_name": "fit"},
		}})
	}
	switch {
	case found && r.Method == http.MethodDelete && kind == "jobs":
		delete(c.jobs, name)
		answer(http.StatusOK, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	case found && kind == "jobs":
		answer(http.StatusOK, map[string]any{"kind": "JobList", "apiVersion": "batch/v1", "items": items})
	case found && kind == "pods":
		answer(http.StatusOK, map[string]any{"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "items": items})
	default:
		answer(http.StatusNotFound, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "reason": "NotFound"})
	}
}

func (c *cluster) names() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.jobs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *cluster) set(jobs map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs, c.requests = jobs, 0
}

// Stopping a run that had tasks on a cluster takes what it left there, and only
// that; of other runs no cluster is asked.
func TestStopAndCleanUp(t *testing.T) {
	c := newCluster(t)
	b := newWorkbench(t, "Score", scoreFlow)
	b.open(true)
	launched := b.launch("flowls.run", nil).RunID
	run := b.ended(launched).MetaflowRunID
	stop := func() (result server.StopResult) {
		t.Helper()
		if err := b.execute("flowls.stop", map[string]any{"runId": launched}, &result); err != nil {
			t.Fatal(err)
		}
		return result
	}
	c.set(map[string]string{"mine": run, "other": "8"})
	if result := stop(); result.Kubernetes != nil || c.requests != 0 {
		t.Errorf("a run of this machine: %+v, %d requests", result, c.requests)
	}
	registry, err := local.Default()
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.KeepCluster(launched, local.Cluster{Namespaces: []string{"team"}}); err != nil {
		t.Fatal(err)
	}
	if result := stop(); result.Kubernetes == nil || *result.Kubernetes != (server.KubeStopped{Jobs: 1}) || !slices.Equal(c.names(), []string{"other"}) {
		t.Errorf("%+v, %v", result.Kubernetes, c.names())
	}

	// What has ended is left over; what is not known here may go on elsewhere.
	argument := map[string]any{"uri": b.buffer.URI, "flow": "Score"}
	clean := func(runs ...string) (found server.CleanUpResult, err error) {
		t.Helper()
		whole := map[string]any{"uri": b.buffer.URI, "flow": "Score", "delete": append([]string{}, runs...)}
		var raw json.RawMessage
		if err := b.execute("flowls.cleanUp", whole, &raw); err != nil {
			return found, err
		}
		return found, json.Unmarshal(raw, &found)
	}
	c.set(map[string]string{"mine": run, "mine-2": run, "other": "8"})
	found, err := clean()
	if err != nil || len(found.Leftovers) != 1 || found.Leftovers[0].Jobs != 2 || found.Leftovers[0].Pods != 2 || len(found.Others) != 1 || found.Others[0].Run != "Score/8" || len(c.names()) != 3 {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := clean("Score/9"); err == nil || !strings.Contains(err.Error(), "nothing is left of Score/9, or it goes on") {
		t.Errorf("%v", err)
	}
	if found, err := clean("Score/8"); err != nil || !slices.Equal(found.Deleted, []string{"Score/8"}) || !slices.Equal(c.names(), []string{"mine", "mine-2"}) {
		t.Errorf("%+v, %v, %v", found, err, c.names())
	}

	// In plain LSP the user is asked.
	asked := make(chan protocol.ShowMessageRequestParams, 1)
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		asked <- p
		return &p.Actions[0]
	}
	b.editor.Ignored = append(b.editor.Ignored, "window/showMessageRequest")
	if err := b.execute("flowls.cleanUp", argument, nil); err != nil {
		t.Fatal(err)
	}
	if p := <-asked; p.Message != "Left in namespace team by runs that have ended: Score/"+run+" (2 jobs, 2 pods). Delete it?" || p.Actions[0].Title != "Delete" {
		t.Errorf("%+v", p)
	}
	var said protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &said)
	if said.Message != "Deleted what was left of 1 run." || len(c.names()) != 0 {
		t.Errorf("%q, %v", said.Message, c.names())
	}
	if err := b.execute("flowls.cleanUp", argument, nil); err != nil {
		t.Fatal(err)
	}
	b.editor.Await("window/showMessage", &said)
	if said.Message != "Nothing of runs that have ended is left in namespace team." {
		t.Errorf("%q", said.Message)
	}

	// Nobody's kubeconfig is read for a workspace that is not trusted.
	b.close()
	b.open(false)
	c.set(map[string]string{"mine": run})
	if result := stop(); result.Kubernetes == nil || !strings.Contains(result.Kubernetes.Problem, "not trusted") || c.requests != 0 {
		t.Errorf("%+v, %d requests", result.Kubernetes, c.requests)
	}
	b.editor.Await("window/showMessage", &said)
	if !strings.Contains(said.Message, "in its cluster something may be left: the workspace is not trusted") {
		t.Errorf("%q", said.Message)
	}
	if err := b.execute("flowls.cleanUp", argument, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("%v", err)
	}
	if err := b.execute("flowls.shell", map[string]any{"uri": b.buffer.URI, "flow": "Score", "step": "fit"}, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("%v", err)
	}
}
