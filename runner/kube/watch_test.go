package kube

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// faulty is an API server that does what a real one does only on bad days. It
// answers lists from recordings and leaves watches to the test.
type faulty struct {
	mu     sync.Mutex
	lists  map[string]int
	items  map[string][]any // by kind
	watch  http.HandlerFunc // of pods
	denied map[string]bool
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := filepath.Base(r.URL.Path)
	f.mu.Lock()
	denied, items, watch := f.denied[kind], f.items[kind], f.watch
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case denied:
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, kind+" is forbidden")
	case r.URL.Query().Get("sendInitialEvents") == "true":
		// As servers that do not stream lists.
		refuse(w, http.StatusUnprocessableEntity, v1.StatusReasonInvalid, "sendInitialEvents is forbidden")
	case r.URL.Query().Get("watch") == "true" && kind == "pods" && watch != nil:
		watch(w, r)
	case r.URL.Query().Get("watch") == "true":
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	default:
		f.mu.Lock()
		f.lists[kind]++
		f.mu.Unlock()
		group := map[string]string{"jobs": "batch/v1", "pods": "v1", "events": "v1"}
		list := map[string]string{"jobs": "JobList", "pods": "PodList", "events": "EventList"}
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": group[kind], "kind": list[kind], "metadata": map[string]string{"resourceVersion": "7"}, "items": items})
	}
}

func refuse(w http.ResponseWriter, code int, reason v1.StatusReason, message string) {
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status(code, reason, message))
}

func status(code int, reason v1.StatusReason, message string) v1.Status {
	return v1.Status{TypeMeta: v1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: v1.StatusFailure, Code: int32(code), Reason: reason, Message: message}
}

// follows starts a server and a watch on it.
func (f *faulty) follows(t *testing.T) *Watch {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.CloseClientConnections)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	w := client.Watch(t.Context(), "default")
	t.Cleanup(w.Wait) // the context of the test has ended by then
	return w
}

func kubeconfig(t *testing.T, server, user string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	content := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "here",
"contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
"clusters": [{"name": "c", "cluster": {"server": %q}}],
"users": [{"name": "u", "user": {%s}}]}`, server, user)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// until collects changes until enough is true.
func until(t *testing.T, w *Watch, enough func(states map[string]State, gone map[string]bool) bool) {
	t.Helper()
	states, gone := map[string]State{}, map[string]bool{}
	limit := time.After(20 * time.Second)
	for !enough(states, gone) {
		select {
		case <-w.Changed():
		case <-limit:
			t.Fatalf("states %+v, gone %v, problems %v", states, gone, w.Problems())
		}
		changed, dropped := w.Take()
		for _, s := range changed {
			states[s.Task.ID] = s
		}
		for _, task := range dropped {
			gone[task.ID] = true
			delete(states, task.ID)
		}
	}
}

func itemsOf(t *testing.T, names ...string) map[string][]any {
	t.Helper()
	items := map[string][]any{"jobs": {}, "pods": {}, "events": {}}
	for _, name := range names {
		r := readRecording(t, name)
		for i := range r.Jobs {
			items["jobs"] = append(items["jobs"], &r.Jobs[i])
		}
		for i := range r.Pods {
			items["pods"] = append(items["pods"], &r.Pods[i])
		}
		for i := range r.Events {
			items["events"] = append(items["events"], &r.Events[i])
		}
	}
	return items
}

func TestExpiredWatchIsListedAnew(t *testing.T) {
	f := &faulty{lists: map[string]int{}, items: itemsOf(t, "running", "exit-3")}
	expire := make(chan struct{})
	var once sync.Once
	f.watch = func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		select {
		case <-expire:
			once.Do(func() {
				_ = json.NewEncoder(w).Encode(map[string]any{"type": "ERROR", "object": status(http.StatusGone, v1.StatusReasonExpired, "too old resource version")})
				w.(http.Flusher).Flush()
			})
		case <-r.Context().Done():
			return
		}
		<-r.Context().Done()
	}
	w := f.follows(t)
	select {
	case <-w.Synced():
	case <-time.After(20 * time.Second):
		t.Fatal("not synced")
	}
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		return states["running"].Phase == Running && states["exit-3"].Phase == Failed
	})
	// The pod of one task goes, and the watch is too old to tell.
	f.mu.Lock()
	f.items["pods"] = itemsOf(t, "exit-3")["pods"]
	f.mu.Unlock()
	close(expire)
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		return states["running"].Phase == Queued // its job is still there
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lists["pods"] != 2 || f.lists["jobs"] != 1 || f.lists["events"] != 1 {
		t.Errorf("lists: %v", f.lists)
	}
}

// Some users may see jobs and pods, and no events: less is told, and why.
func TestMissingPermissionIsAProblemOfItsKind(t *testing.T) {
	f := &faulty{lists: map[string]int{}, items: itemsOf(t, "running"), denied: map[string]bool{"events": true}}
	w := f.follows(t)
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		problems := w.Problems()
		return states["running"].Phase == Running && len(problems) == 1 && problems["events"] != nil && strings.Contains(problems["events"].Error(), "events is forbidden")
	})
	select {
	case <-w.Synced():
		t.Error("synced, although events were never listed")
	default:
	}
	f.mu.Lock()
	f.denied = nil
	f.mu.Unlock()
	select {
	case <-w.Synced():
	case <-time.After(30 * time.Second):
		t.Fatal("the permission came, and nothing changed")
	}
	if problems := w.Problems(); len(problems) > 0 {
		t.Errorf("problems are left: %v", problems)
	}
}

func TestConnectRunsNothing(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	user := fmt.Sprintf(`"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "touch", "args": [%q]}`, ran)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, "https://127.0.0.1:1", user)})
	if err != nil {
		t.Fatal(err)
	}
	if client.Namespace != "team" {
		t.Errorf("namespace %q", client.Namespace)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the program of the kubeconfig ran")
	}
	if _, err := typed[corev1.Pod, corev1.PodList](client.core, "pods", "team").List(t.Context(), v1.ListOptions{}); err == nil {
		t.Error("a list from nowhere succeeds")
	}
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the program does not run with the first request either: this test sees nothing (%v)", err)
	}
}

func TestConnectSaysWhatIsMissing(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv(clientcmd.RecommendedConfigPathEnvVar, filepath.Join(t.TempDir(), "nothere"))
	broken := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		access Access
		says   string
	}{
		"nothing":         {Access{}, "no kubeconfig was found"},
		"no such file":    {Access{Kubeconfig: "/nothere"}, "no kubeconfig was found"},
		"broken":          {Access{Kubeconfig: broken}, "cannot be used"},
		"no such context": {Access{Kubeconfig: kubeconfig(t, "http://127.0.0.1:1", ""), Context: "there"}, `"there" does not exist`},
	} {
		if _, err := Connect(test.access); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
