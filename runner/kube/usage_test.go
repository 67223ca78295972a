package kube

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metered answers for the metrics API with one sample of a pod at each look, the
// last one again and again; "" is a failure.
type metered struct {
	faulty
	name    string
	samples []string
	code    int // of failures
	looks   atomic.Int32
}

func (m *metered) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/apis/metrics.k8s.io/") {
		m.faulty.ServeHTTP(w, r)
		return
	}
	n := int(m.looks.Add(1)) - 1
	sample := m.samples[min(n, len(m.samples)-1)]
	w.Header().Set("Content-Type", "application/json")
	if sample == "" || r.URL.Path != "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods" || r.URL.Query().Get("labelSelector") != selector {
		refuse(w, m.code, v1.StatusReasonUnknown, "no metrics")
		return
	}
	container := func(name, memory string) any {
		return map[string]any{"name": name, "usage": map[string]string{"cpu": "100m", "memory": memory}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "items": []any{
		map[string]any{"metadata": map[string]string{"name": "of-others"}, "timestamp": time.Now(), "containers": []any{container("train", "9Gi")}},
		map[string]any{"metadata": map[string]string{"name": m.name}, "timestamp": time.Now().Add(time.Duration(n) * time.Second), "containers": []any{container("proxy", "8Gi"), container("train", sample)}},
	}})
}

// watches starts the server, a watch, and looks in quick succession.
func (m *metered) watches(t *testing.T) (w *Watch, ended chan struct{}) {
	t.Helper()
	m.lists, m.items = map[string]int{}, itemsOf(t, "running")
	pod := m.items["pods"][0].(*corev1.Pod)
	m.name = pod.Name
	pod.Spec.Containers[0].Name = "train"
	pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{Limits: corev1.ResourceList{"memory": resource.MustParse("200M")}}
	for i := range pod.Status.ContainerStatuses {
		pod.Status.ContainerStatuses[i].Name = "train"
	}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w, ended = client.watch(ctx, "default"), make(chan struct{})
	t.Cleanup(func() { cancel(); server.CloseClientConnections(); w.Wait(); <-ended })
	until(t, w, func(states map[string]State, _ map[string]bool) bool { return states["running"].Phase == Running })
	select {
	case <-w.Synced():
	case <-t.Context().Done():
	}
	go func() { w.sample(ctx, client, "default", time.Millisecond); close(ended) }()
	return w, ended
}

func TestPeakOfMemory(t *testing.T) {
	m := &metered{samples: []string{"50M", "20M", "180M", "60M"}}
	w, _ := m.watches(t)
	var told []int64
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		told = append(told, states["running"].Peak)
		return states["running"].Peak == 180_000_000 && !states["running"].PeakAt.IsZero()
	})
	// What the cluster says next of the pod does not make it forget.
	before := m.looks.Load()
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		w.Again(func(Task) bool { return true })
		return m.looks.Load() > before+2
	})
	w.board.mu.Lock()
	old := w.board.byName[m.name]
	next := *old
	next.used = usage{}
	w.board.putPod(&next)
	w.board.mu.Unlock()
	until(t, w, func(states map[string]State, _ map[string]bool) bool {
		return states["running"].Peak == 180_000_000
	})
	if !slices.IsSorted(told) {
		t.Errorf("a peak has sunk: %v", told)
	}
}

// A cluster without metrics is asked once, one whose metrics fail again.
func TestNoMetrics(t *testing.T) {
	for _, code := range []int{http.StatusNotFound, http.StatusForbidden} {
		m := &metered{samples: []string{""}, code: code}
		w, ended := m.watches(t)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatalf("%d: it is asked for ever", code)
		}
		if n := m.looks.Load(); n != 1 || len(w.Problems()) > 0 {
			t.Errorf("%d: %d looks, problems %v", code, n, w.Problems())
		}
	}
	m := &metered{samples: []string{"", "", "120M"}, code: http.StatusInternalServerError}
	w, _ := m.watches(t)
	until(t, w, func(states map[string]State, _ map[string]bool) bool { return states["running"].Peak == 120_000_000 })
}

// A small growth is not told by itself: of a thousand tasks there would be news all the time.
func TestSmallGrowth(t *testing.T) {
	b := newBoard()
	r := readRecording(t, "running")
	b.pod(&r.Pods[0])
	b.take()
	pod := b.byName[r.Pods[0].Name]
	pod.limit = 800
	for _, c := range []struct {
		memory string
		told   bool
	}{{"10", false}, {"99", false}, {"100", true}, {"150", false}, {"130", false}, {"205", true}, {"700", true}} {
		m := &podMetrics{Timestamp: time.Now()}
		m.Metadata.Name = pod.name
		m.Containers = append(m.Containers, struct {
			Name  string
			Usage struct{ Memory string }
		}{Name: pod.container, Usage: struct{ Memory string }{c.memory}})
		b.putUsage(m)
		if states, _ := b.take(); len(states) > 0 != c.told {
			t.Errorf("%s: told %v", c.memory, states)
		}
	}
	if state := (seen{pods: []*podRecord{pod}}).state(); state.Peak != 700 {
		t.Errorf("%+v", state)
	}
	b.forget(pod.uid)
	if len(b.byName) > 0 {
		t.Errorf("kept: %v", b.byName)
	}
}
