package kube

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flowls/runner/preflight"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// warehouse is an API server that lists, watches and streams lists. What a real
// one says is tested in e2e/kube.
type warehouse struct {
	mu       sync.Mutex
	objects  map[string]map[string]map[string]any // by path of the kind, and name
	watchers map[string][]chan []byte
	denied   map[string]bool // "watch secrets"
	expired  map[string]bool // resources about which the credentials count no more
	unnamed  bool            // the same for one namespace
	hangs    string          // path of the kind about which nothing is answered
	asked    []string
	version  int
}

var kindOf = map[string][2]string{"nodes": {"v1", "Node"}, "daemonsets": {"apps/v1", "DaemonSet"}, "resourcequotas": {"v1", "ResourceQuota"}, "limitranges": {"v1", "LimitRange"}}

func (h *warehouse) kind(resource string) [2]string {
	if kind, known := kindOf[resource]; known {
		return kind
	}
	return [2]string{"meta.k8s.io/v1", "PartialObjectMetadata"}
}

// put adds or changes an object; drop takes one away.
func (h *warehouse) put(at, name string, more map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kind := "ADDED"
	if h.objects[at][name] != nil {
		kind = "MODIFIED"
	}
	if h.objects[at] == nil {
		h.objects[at] = map[string]map[string]any{}
	}
	h.version++
	of := h.kind(path.Base(at))
	object := map[string]any{"apiVersion": of[0], "kind": of[1], "metadata": map[string]any{"name": name, "uid": name, "resourceVersion": itoa(h.version)}}
	maps.Copy(object, more)
	h.objects[at][name] = object
	h.send(at, kind, object)
}

func (h *warehouse) drop(at, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.version++
	object := h.objects[at][name]
	delete(h.objects[at], name)
	h.send(at, "DELETED", object)
}

func (h *warehouse) send(at, kind string, object any) {
	for _, w := range h.watchers[at] {
		w <- event(kind, object)
	}
}

func event(kind string, object any) []byte {
	raw, err := json.Marshal(map[string]any{"type": kind, "object": object})
	if err != nil {
		panic(err)
	}
	return append(raw, '\n')
}

func itoa(n int) string { raw, _ := json.Marshal(n); return string(raw) }

func (h *warehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/apis/apps/v1/")
	resource := path.Base(at)
	verb, query := "list", r.URL.Query()
	if query.Get("watch") != "" {
		verb = "watch"
	} else if path.Dir(at) == "namespaces" {
		verb, resource = "get", "namespaces"
	}
	h.mu.Lock()
	h.asked = append(h.asked, verb+" "+at)
	w.Header().Set("Content-Type", "application/json")
	items := []any{}
	for _, name := range slices.Sorted(maps.Keys(h.objects[at])) {
		items = append(items, h.objects[at][name])
	}
	version, of := itoa(h.version), h.kind(resource)
	switch {
	case h.hangs == at:
		h.mu.Unlock()
		<-r.Context().Done()
	case h.expired[resource], h.unnamed && verb == "get":
		h.mu.Unlock()
		refuse(w, http.StatusUnauthorized, v1.StatusReasonUnauthorized, "log in")
	case h.denied[verb+" "+resource]:
		h.mu.Unlock()
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, resource+" is forbidden: nobody may "+verb)
	case verb == "get":
		found := h.objects["namespaces"][path.Base(at)]
		h.mu.Unlock()
		if found == nil {
			refuse(w, http.StatusNotFound, v1.StatusReasonNotFound, "not found")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": found["metadata"]})
	case verb == "list":
		h.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": of[0], "kind": of[1] + "List", "metadata": map[string]string{"resourceVersion": version}, "items": items})
	default:
		news := make(chan []byte, 100)
		h.watchers[at] = append(h.watchers[at], news)
		h.mu.Unlock()
		if query.Get("sendInitialEvents") == "true" {
			for _, item := range items {
				_, _ = w.Write(event("ADDED", item))
			}
			_, _ = w.Write(event("BOOKMARK", map[string]any{"apiVersion": of[0], "kind": of[1],
				"metadata": map[string]any{"resourceVersion": version, "annotations": map[string]string{v1.InitialEventsAnnotationKey: "true"}}}))
		}
		for {
			w.(http.Flusher).Flush()
			select {
			case raw := <-news:
				_, _ = w.Write(raw)
			case <-r.Context().Done():
				return
			}
		}
	}
}

func (h *warehouse) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.asked)
}

func small(cpu string) map[string]any {
	return map[string]any{"status": map[string]any{"allocatable": map[string]string{"cpu": cpu, "memory": "8G"}}}
}

func newWarehouse() *warehouse {
	h := &warehouse{objects: map[string]map[string]map[string]any{}, watchers: map[string][]chan []byte{}, denied: map[string]bool{}}
	h.put("nodes", "a", small("4"))
	h.put("namespaces", "default", nil)
	h.put("namespaces", "team", nil)
	h.put("namespaces/team/secrets", "s3", nil)
	h.put("namespaces/team/serviceaccounts", "default", nil)
	return h
}

func (h *warehouse) stock(t *testing.T, p pauses, namespaces ...string) *Stock {
	t.Helper()
	server := httptest.NewServer(h)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := client.stock(ctx, p)
	s.Keep(namespaces)
	t.Cleanup(func() {
		cancel()
		s.Wait()
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

var seldom = pauses{refused: time.Hour, listed: time.Hour}

// reaches waits until the inventory is as it should be.
func (s *Stock) reaches(t *testing.T, what string, holds func(*preflight.Inventory, error) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		have, err := s.Inventory(ctx)
		if holds(have, err) {
			return
		}
		select {
		case <-s.Changed():
		case <-ctx.Done():
			t.Fatalf("not reached: %s\n%+v, %v", what, have, err)
		}
	}
}

// What is made, changed and deleted is in the next inventory; nothing is asked for it.
func TestStockFollows(t *testing.T) {
	h := newWarehouse()
	s := h.stock(t, seldom, "team", "nothere")
	s.reaches(t, "the first inventory", func(have *preflight.Inventory, err error) bool {
		team := have.In["team"]
		if err != nil || len(have.Nodes) != 1 || have.Nodes[0].Free["cpu"] != 4000 || !slices.Equal(team.Secrets, []string{"s3"}) || !slices.Equal(team.Accounts, []string{"default"}) ||
			team.Claims == nil || team.Missing || !have.In["nothere"].Missing || !slices.Equal(have.Namespaces, []string{"default", "team"}) {
			t.Fatalf("%+v, %v", have, err)
		}
		return true
	})
	asked := h.count()
	if asked != 8 {
		t.Errorf("%d requests: %q", asked, h.asked)
	}
	h.put("nodes", "b", small("16"))
	h.put("namespaces/team/secrets", "new", nil)
	h.drop("namespaces/team/serviceaccounts", "default")
	h.put("namespaces/team/resourcequotas", "low", map[string]any{"spec": map[string]any{"hard": map[string]string{"requests.cpu": "2"}}})
	s.reaches(t, "all of it", func(have *preflight.Inventory, err error) bool {
		team := have.In["team"]
		return err == nil && len(have.Nodes) == 2 && len(team.Secrets) == 2 && len(team.Accounts) == 0 && len(team.Quotas) == 1 && team.Quotas[0].Hard["requests.cpu"] == 2000
	})
	if n := h.count(); n != asked {
		t.Errorf("%d requests for news: %q", n-asked, h.asked[asked:])
	}
	// A namespace that comes is followed from then on.
	h.put("namespaces", "nothere", nil)
	s.reaches(t, "the new namespace", func(have *preflight.Inventory, err error) bool { return err == nil && !have.In["nothere"].Missing })
	// What nobody asks for any more is let go.
	s.Keep([]string{"nothere"})
	if s.Keeps([]string{"team"}) || !s.Keeps([]string{"nothere"}) {
		t.Error("the wrong namespaces are followed")
	}
	s.reaches(t, "the rest", func(have *preflight.Inventory, err error) bool {
		_, there := have.In["team"]
		return err == nil && !there
	})
}

// A node tells again and again that it lives: that is no news.
func TestStockKeepsQuiet(t *testing.T) {
	h := newWarehouse()
	s := h.stock(t, seldom, "team")
	s.reaches(t, "the first inventory", func(have *preflight.Inventory, err error) bool { return err == nil })
	for len(s.Changed()) > 0 {
		<-s.Changed()
	}
	tells := func(change func(*corev1.Node)) bool {
		t.Helper()
		n := &corev1.Node{ObjectMeta: v1.ObjectMeta{Name: "a", UID: "a"}, Status: corev1.NodeStatus{Allocatable: list("cpu", "4", "memory", "8G")}}
		change(n)
		slim(n)
		if err := s.nodes.Update(n); err != nil {
			t.Fatal(err)
		}
		return len(s.Changed()) > 0
	}
	if tells(func(n *corev1.Node) {
		n.ResourceVersion, n.Annotations = "99", map[string]string{"node.alpha.kubernetes.io/ttl": "0"}
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, LastHeartbeatTime: v1.Now()}}
		n.Status.Images = []corev1.ContainerImage{{SizeBytes: 1}}
	}) {
		t.Error("a sign of life is news")
	}
	if !tells(func(n *corev1.Node) {
		n.Spec.Taints = []corev1.Taint{{Key: "gpu", Effect: corev1.TaintEffectNoSchedule}}
	}) {
		t.Error("a taint is no news")
	}
}

// Who may list and not watch gets lists now and then; who may do neither hears it,
// and nothing is concluded.
func TestStockWithoutPermissions(t *testing.T) {
	h := newWarehouse()
	h.denied["watch secrets"], h.denied["list serviceaccounts"], h.denied["watch serviceaccounts"] = true, true, true
	s := h.stock(t, pauses{refused: time.Hour, listed: 10 * time.Millisecond}, "team")
	s.reaches(t, "the first inventory", func(have *preflight.Inventory, err error) bool {
		if team := have.In["team"]; err == nil || err.Error() != "service accounts cannot be listed: serviceaccounts is forbidden: nobody may list" || team.Accounts != nil || len(team.Secrets) != 1 {
			t.Fatalf("%+v, %v", have, err)
		}
		return true
	})
	h.put("namespaces/team/secrets", "new", nil)
	s.reaches(t, "the next list", func(have *preflight.Inventory, _ error) bool { return len(have.In["team"].Secrets) == 2 })
	h.mu.Lock()
	defer h.mu.Unlock()
	times := map[string]int{}
	for _, what := range h.asked {
		times[what]++
	}
	if times["watch namespaces/team/secrets"] != 1 || times["list namespaces/team/serviceaccounts"] != 1 || times["watch namespaces/team/serviceaccounts"] != 1 {
		t.Errorf("asked again: %v", times)
	}
}

// What is known in part, because not all was asked again after a login, is not how
// things are; what may not be listed is.
func TestStockIsCurrent(t *testing.T) {
	h := newWarehouse()
	h.denied["list secrets"], h.denied["watch secrets"] = true, true
	h.expired = map[string]bool{"resourcequotas": true}
	s := h.stock(t, seldom, "team")
	s.reaches(t, "the first inventory", func(_ *preflight.Inventory, err error) bool { return strings.Contains(err.Error(), "log in anew") })
	if s.Current() {
		t.Error("the quotas are taken for known")
	}
	h.mu.Lock()
	clear(h.expired)
	h.mu.Unlock()
	s.reaches(t, "the quotas", func(_ *preflight.Inventory, err error) bool { return !strings.Contains(err.Error(), "log in anew") })
	if !s.Current() {
		t.Error("all that may be listed was, and more is asked for")
	}
}

// Nor is a namespace that could not be asked for, where they cannot be listed.
func TestStockOfAnUnknownNamespaceIsNotCurrent(t *testing.T) {
	h := newWarehouse()
	h.denied["list namespaces"], h.denied["watch namespaces"] = true, true
	h.unnamed = true
	s := h.stock(t, pauses{refused: time.Hour, listed: 10 * time.Millisecond}, "nowhere")
	s.reaches(t, "the first inventory", func(*preflight.Inventory, error) bool { return true })
	if s.Current() {
		t.Error("it is taken for there")
	}
	h.mu.Lock()
	h.unnamed = false
	h.mu.Unlock()
	s.reaches(t, "that it is missing", func(have *preflight.Inventory, _ error) bool { return have.In["nowhere"].Missing })
	if !s.Current() {
		t.Error("that is not taken for an answer")
	}
}

// Who may not list namespaces may know of one.
func TestStockOfOneNamespace(t *testing.T) {
	h := newWarehouse()
	h.denied["list namespaces"], h.denied["watch namespaces"] = true, true
	s := h.stock(t, pauses{refused: time.Hour, listed: 10 * time.Millisecond}, "team", "later")
	s.reaches(t, "the first inventory", func(have *preflight.Inventory, err error) bool {
		return have.Namespaces == nil && !have.In["team"].Missing && have.In["later"].Missing
	})
	h.put("namespaces", "later", nil)
	s.reaches(t, "the new namespace", func(have *preflight.Inventory, _ error) bool { return !have.In["later"].Missing })
}

// Where nothing listens, that is known at once.
func TestStockOfAClusterThatIsDown(t *testing.T) {
	h := newWarehouse()
	server := httptest.NewUnstartedServer(h)
	at := server.Listener.Addr().String()
	server.Listener.Close()
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, "http://"+at, "")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := client.stock(ctx, seldom)
	s.Keep([]string{"team"})
	defer s.Wait()
	defer cancel()
	s.reaches(t, "that it is down", func(have *preflight.Inventory, err error) bool {
		return have == nil && err != nil && strings.Contains(err.Error(), "not reachable")
	})
}

// Who waits for the inventory is not kept by what is let go, nor by a stock that ends.
func TestStockKeepsNobodyWaiting(t *testing.T) {
	h := newWarehouse()
	h.hangs = "namespaces/team/secrets"
	first := h.stock(t, seldom, "team")
	ctx, end := context.WithCancel(t.Context())
	second := first.client.stock(ctx, seldom)
	second.Keep([]string{"team"})
	t.Cleanup(second.Wait)
	for s, free := range map[*Stock]func(){first: func() { first.Keep(nil) }, second: end} {
		for waits := false; !waits; { // for the secrets alone
			s.mu.Lock()
			r, news := s.rooms["team"], s.news
			waits = r != nil && s.nodes.settled && s.daemons.settled && r.quotas.settled && r.ranges.settled && r.accounts.settled && r.claims.settled
			s.mu.Unlock()
			if !waits {
				<-news
			}
		}
		got := make(chan error)
		go func() {
			_, err := s.Inventory(t.Context())
			got <- err
		}()
		free()
		if err := <-got; err != nil != (s == second) {
			t.Errorf("%v", err)
		}
	}
}

// However much is asked for, an API server that is shared by many is not asked faster
// than agreed; nor by a client of a kubeconfig that changed.
func TestAsksNoFasterThanAgreed(t *testing.T) {
	h := newWarehouse()
	server := httptest.NewServer(h)
	defer server.Close()
	access := Access{Kubeconfig: kubeconfig(t, server.URL, "")}
	client, err := Connect(access)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	const more = 5
	for i := range requestBurst + more {
		if i == requestBurst {
			if client, err = client.Anew(access); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := client.core.Get().Resource("nodes").DoRaw(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took, least := time.Since(begin), (more-1)*time.Second/requestsPerSecond; took < least {
		t.Errorf("%d requests in %v, want no less than %v", requestBurst+more, took, least)
	}
}
