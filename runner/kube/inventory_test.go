package kube

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"flowls/runner/preflight"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shelves is an API server that answers lists only, page by page.
type shelves struct {
	mu     sync.Mutex
	items  map[string][]any
	denied map[string]bool
	paths  []string
}

func (s *shelves) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths = append(s.paths, r.URL.Path)
	kind := filepath.Base(r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	if s.denied[kind] {
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, kind+" is forbidden")
		return
	}
	if r.Method == http.MethodPost {
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, kind+` "x" is forbidden: nobody may`)
		return
	}
	versions := map[string][2]string{"nodes": {"v1", "NodeList"}, "daemonsets": {"apps/v1", "DaemonSetList"}, "resourcequotas": {"v1", "ResourceQuotaList"}, "limitranges": {"v1", "LimitRangeList"}}
	version, known := versions[kind]
	if !known {
		version = [2]string{"meta.k8s.io/v1", "PartialObjectMetadataList"}
	}
	items, meta := s.items[kind], map[string]string{}
	if r.URL.Query().Get("continue") == "" && len(items) > 1 {
		items, meta["continue"] = items[:1], "more"
	} else if len(items) > 1 {
		items = items[1:]
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": version[0], "kind": version[1], "metadata": meta, "items": items})
}

func (s *shelves) client(t *testing.T) *Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func list(pairs ...string) corev1.ResourceList {
	all := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		all[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return all
}

func daemon(name, priority string, selector map[string]string, tolerations ...corev1.Toleration) appsv1.DaemonSet {
	return appsv1.DaemonSet{ObjectMeta: v1.ObjectMeta{Name: name}, Spec: appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		PriorityClassName: priority, NodeSelector: selector, Tolerations: tolerations,
		Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: list("cpu", "500m")}}}}}}}
}

func TestInventory(t *testing.T) {
	named := func(name string) any { return v1.PartialObjectMetadata{ObjectMeta: v1.ObjectMeta{Name: name}} }
	gpu := corev1.Taint{Key: "gpu", Effect: corev1.TaintEffectNoSchedule}
	s := &shelves{denied: map[string]bool{"secrets": true}, items: map[string][]any{
		"nodes": {
			corev1.Node{ObjectMeta: v1.ObjectMeta{Name: "a", Labels: map[string]string{"pool": "a"}}, Status: corev1.NodeStatus{Allocatable: list("cpu", "4", "memory", "8Gi")}},
			corev1.Node{ObjectMeta: v1.ObjectMeta{Name: "b"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{gpu}, Unschedulable: true}, Status: corev1.NodeStatus{Allocatable: list("cpu", "4")}},
		},
		"daemonsets": {
			daemon("everywhere", "", nil, corev1.Toleration{Operator: corev1.TolerationOpExists}), daemon("open nodes", "system-node-critical", nil),
			daemon("others", "", map[string]string{"pool": "b"}), daemon("who can be pushed out", "low", nil),
		},
		"namespaces": {named("default"), named("team")}, "serviceaccounts": {named("default")},
		"resourcequotas": {
			corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "jobs"}, Spec: corev1.ResourceQuotaSpec{Hard: list("requests.cpu", "2"), Scopes: []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeTerminating}}},
			corev1.ResourceQuota{ObjectMeta: v1.ObjectMeta{Name: "services"}, Spec: corev1.ResourceQuotaSpec{Hard: list("requests.cpu", "1"), Scopes: []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeNotTerminating}}},
		},
		"limitranges": {corev1.LimitRange{ObjectMeta: v1.ObjectMeta{Name: "l"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{
			{Type: corev1.LimitTypePod, Max: list("memory", "1Gi")}, {Type: corev1.LimitTypePersistentVolumeClaim, Max: list("storage", "1Gi")}}}}},
	}}
	have, err := s.client(t).Inventory(t.Context(), []string{"team", "nothere"})
	if err == nil || err.Error() != "secrets cannot be listed: secrets is forbidden" {
		t.Errorf("%v", err)
	}
	if len(have.Nodes) != 2 || have.Nodes[0].Free["cpu"] != 3000 || have.Nodes[1].Free["cpu"] != 3500 || !have.Nodes[1].Closed || have.Nodes[1].Taints[0].Key != "gpu" || have.Grows {
		t.Errorf("nodes %+v", have.Nodes)
	}
	in := have.In["team"]
	if in.Missing || in.Secrets != nil || in.Claims == nil || len(in.Claims) != 0 || len(in.Accounts) != 1 || len(in.Quotas) != 1 || in.Quotas[0].Name != "jobs" {
		t.Errorf("%+v", in)
	}
	if len(in.LimitRanges) != 1 || !in.LimitRanges[0].Pod || in.LimitRanges[0].Max["memory"] != preflight.Units(1<<30) {
		t.Errorf("%+v", in.LimitRanges)
	}
	if !have.In["nothere"].Missing {
		t.Errorf("%+v", have.In["nothere"])
	}
	for _, path := range s.paths {
		if strings.Contains(path, "nothere") {
			t.Errorf("asked for %s", path)
		}
	}
}

// Who may not list namespaces is not told that one is missing, unless the server says so.
func TestInventoryOfOneNamespace(t *testing.T) {
	s := &shelves{denied: map[string]bool{"namespaces": true, "team": true, "nodes": true, "daemonsets": true}, items: map[string][]any{}}
	have, err := s.client(t).Inventory(t.Context(), []string{"team"})
	if have == nil || have.In["team"].Missing || have.Namespaces != nil || have.Nodes != nil || strings.Count(err.Error(), "cannot be listed") != 3 {
		t.Errorf("%+v, %v", have, err)
	}
}

func TestGrows(t *testing.T) {
	for label, want := range map[string]bool{"karpenter.sh/nodepool": true, "eks.amazonaws.com/nodegroup": true, "cloud.google.com/gke-nodepool": true, "kubernetes.io/os": false, "pool": false} {
		if got := grows(&corev1.Node{ObjectMeta: v1.ObjectMeta{Labels: map[string]string{label: "x"}}}); got != want {
			t.Errorf("%s: %v", label, got)
		}
	}
	if !grows(&corev1.Node{ObjectMeta: v1.ObjectMeta{Annotations: map[string]string{"cluster.x-k8s.io/machine": "m"}}}) {
		t.Error("a machine of Cluster API")
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if _, err = client.Inventory(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), "the cluster is not reachable: ") {
		t.Errorf("%v", err)
	}
	if _, err := Connect(Access{Kubeconfig: "kubeconfig"}); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("a kubeconfig of the folder that we are in: %v", err)
	}
}

func TestRefusalOf(t *testing.T) {
	for said, want := range map[string]string{
		`pods "t-1" is forbidden: violates PodSecurity "restricted:latest": x`:                         `violates PodSecurity "restricted:latest": x`,
		`Job.batch "t-1" is invalid: spec.template: bad`:                                               "spec.template: bad",
		`admission webhook "policy.example.org" denied the request: image not allowed`:                 `admission webhook "policy.example.org" denied the request: image not allowed`,
		`pods "t-1" is forbidden: exceeded quota: team, requested: cpu=1, used: cpu=9, limited: cpu=9`: "",
		`jobs.batch is forbidden: User "me" cannot create resource "jobs" in API group "batch"`:        "",
		`admission webhook "x" does not support dry run`:                                               "",
		`failed calling webhook "x": no endpoints available for service "x"`:                           "",
	} {
		err := &statusError{status(http.StatusForbidden, v1.StatusReasonForbidden, said)}
		if got := refusalOf(err); got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
	if got := refusalOf(errors.New("connection refused")); got != "" {
		t.Errorf("%q", got)
	}
}

// statusError is an answer of the API server.
type statusError struct{ status v1.Status }

func (e *statusError) Error() string     { return e.status.Message }
func (e *statusError) Status() v1.Status { return e.status }
