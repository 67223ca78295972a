package server_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// apiServer answers as the API server of a small cluster does, and counts. What a
// real one says is tested in e2e/kube.
type apiServer struct {
	*httptest.Server
	mu      sync.Mutex
	asked   []string
	objects map[string][]any // by resource
	changed chan struct{}    // closed when objects are others
	version int              // of the objects
	watched int              // watches that are open
	hang    chan struct{}    // while not nil, nothing is answered
	expired bool             // credentials are not accepted
	refuse  string           // what jobs are refused with
	denied  map[string]bool  // "create jobs"
	jobSets bool             // it serves them
}

func named(names ...string) []any {
	var all []any
	for _, name := range names {
		all = append(all, map[string]any{"metadata": map[string]any{"name": name}})
	}
	return all
}

func node(name string, labels map[string]string, cpu, memory string, taints ...map[string]string) any {
	return map[string]any{
		"metadata": map[string]any{"name": name, "labels": labels}, "spec": map[string]any{"taints": taints},
		"status": map[string]any{"allocatable": map[string]string{"cpu": cpu, "memory": memory, "ephemeral-storage": "500G", "pods": "110"}},
	}
}

func startAPIServer(t *testing.T) *apiServer {
	t.Helper()
	a := &apiServer{denied: map[string]bool{}, changed: make(chan struct{}), version: 1, objects: map[string][]any{
		"nodes": {
			node("node-1", map[string]string{"pool": "small", "zone": "a"}, "8", "30G"), node("node-2", map[string]string{"pool": "large"}, "16", "62G"),
			node("node-3", nil, "64", "512G", map[string]string{"key": "gpu", "value": "true", "effect": "NoSchedule"}),
		},
		"namespaces": named("default", "team"), "serviceaccounts": named("default", "runner"), "secrets": named("s3-access"), "persistentvolumeclaims": named("data"),
	}}
	a.Server = httptest.NewTLSServer(a) // credentials go over nothing else
	t.Cleanup(a.Server.Close)
	t.Cleanup(a.Server.CloseClientConnections)
	return a
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked = append(a.asked, r.Method+" "+r.URL.Path)
	hang, refuse, expired := a.hang, a.refuse, a.expired
	a.mu.Unlock()
	if expired {
		w.WriteHeader(http.StatusUnauthorized)
		a.answer(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401,"message":"Unauthorized"}`)
		return
	}
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	resource := filepath.Base(r.URL.Path)
	body, _ := io.ReadAll(r.Body)
	switch {
	case strings.HasPrefix(r.URL.Path, "/apis/jobset.x-k8s.io/") && !a.jobSets:
		http.NotFound(w, r)
	case resource == "selfsubjectrulesreviews":
		a.mu.Lock()
		rules := `{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}`
		if len(a.denied) > 0 { // then each permission is asked for
			rules = ""
		}
		a.mu.Unlock()
		a.answer(w, `{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","status":{"resourceRules":[`+rules+`],"nonResourceRules":[],"incomplete":true}}`)
	case resource == "selfsubjectaccessreviews":
		var review struct {
			Spec struct {
				ResourceAttributes struct{ Verb, Resource string }
			}
		}
		_ = json.Unmarshal(body, &review)
		at := review.Spec.ResourceAttributes
		a.answer(w, fmt.Sprintf(`{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":%v}}`, !a.isDenied(at.Verb+" "+at.Resource)))
	case r.Method == http.MethodPost && r.URL.Query().Get("dryRun") != "All":
		w.WriteHeader(http.StatusTeapot) // nothing may be made
	case r.Method == http.MethodPost && refuse != "":
		w.WriteHeader(http.StatusForbidden)
		a.answer(w, fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":%q}`, refuse))
	case r.Method == http.MethodPost:
		_, _ = w.Write(body)
	case r.URL.Query().Get("watch") != "":
		a.watch(w, r)
	default:
		kinds := map[string]string{"nodes": "Node", "daemonsets": "DaemonSet", "resourcequotas": "ResourceQuota", "limitranges": "LimitRange"}
		kind, version := kinds[resource], "v1"
		if kind == "" {
			kind, version = "PartialObjectMetadata", "meta.k8s.io/v1"
		} else if kind == "DaemonSet" {
			version = "apps/v1"
		}
		a.mu.Lock()
		items, listed := a.objects[resource], strconv.Itoa(a.version)
		a.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": kind + "List", "apiVersion": version, "metadata": map[string]string{"resourceVersion": listed}, "items": items})
	}
}

// watch says nothing until something changes, and then that it is too old: so that
// all is listed anew. Lists are not streamed.
func (a *apiServer) watch(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("sendInitialEvents") != "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		a.answer(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422,"message":"sendInitialEvents is forbidden"}`)
		return
	}
	a.mu.Lock()
	changed := a.changed
	if r.URL.Query().Get("resourceVersion") != strconv.Itoa(a.version) { // they changed since they were listed
		changed = make(chan struct{})
		close(changed)
	}
	a.watched++
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.watched--
	}()
	w.(http.Flusher).Flush()
	select {
	case <-changed:
		a.answer(w, `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old"}}`+"\n")
	case <-r.Context().Done():
	}
}

// has makes the objects of a kind others.
func (a *apiServer) has(resource string, objects []any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[resource] = objects
	a.version++
	close(a.changed)
	a.changed = make(chan struct{})
}

func (a *apiServer) answer(w io.Writer, body string) { _, _ = io.WriteString(w, body) }

func (a *apiServer) isDenied(what string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.denied[what]
}

// watches is how many are open.
func (a *apiServer) watches() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.watched
}

// requests is how many there were.
func (a *apiServer) requests() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.asked)
}

// posts is how many of them were reviews and dry runs.
func (a *apiServer) posts() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, asked := range a.asked {
		if strings.HasPrefix(asked, http.MethodPost+" ") {
			n++
		}
	}
	return n
}

// kubeconfig names the server, and a program for the credentials, which leaves a
// mark where it ran.
func (a *apiServer) kubeconfig(t *testing.T) (path, mark string) {
	t.Helper()
	dir := t.TempDir()
	path, mark = filepath.Join(dir, "config"), filepath.Join(dir, "ran")
	plugin := filepath.Join(dir, "login")
	script := "#!/bin/sh\ntouch " + mark + "\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'\n"
	authority := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw}))
	config := `apiVersion: v1
kind: Config
current-context: here
clusters: [{name: c, cluster: {server: "` + a.URL + `", certificate-authority-data: "` + authority + `"}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "` + plugin + `", interactiveMode: Never}}}]
`
	for name, content := range map[string]string{path: config, plugin: script} {
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return path, mark
}

// configure sends settings as the user's editor does.
func (b *workbench) configure(settings map[string]any) {
	b.t.Helper()
	raw, err := json.Marshal(map[string]any{"settings": map[string]any{"flowls": settings}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.editor.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(raw))
}

// fromCluster are the findings about the cluster, by the text that they stand at.
func (b *workbench) fromCluster(all []protocol.Diagnostic) map[string]protocol.Diagnostic {
	found := map[string]protocol.Diagnostic{}
	for _, d := range all {
		if source, _ := d.Source.Get(); source == "flowls kubernetes" {
			found[b.buffer.Text()[b.buffer.Offset(d.Range.Start):b.buffer.Offset(d.Range.End)]] = d
		}
	}
	return found
}

func messageOf(d protocol.Diagnostic) string {
	text, _ := d.Message.(protocol.String)
	return string(text)
}
