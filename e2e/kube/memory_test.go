//go:build e2ekube

package kube

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// measured puts a metrics API before the cluster, as metrics-server does: each
// container that runs uses 370 MB. Everything else goes on to the cluster.
func measured(t *testing.T) (looks *atomic.Int32) {
	t.Helper()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport:     transport,
		FlushInterval: -1, // watches
	}
	looks = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, "/apis/metrics.k8s.io/v1beta1/namespaces/")
		if !ok {
			proxy.ServeHTTP(w, r)
			return
		}
		looks.Add(1)
		pods, err := core.CoreV1().Pods(filepath.Dir(rest)).List(r.Context(), v1.ListOptions{LabelSelector: r.URL.Query().Get("labelSelector")})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		items := []any{}
		for _, p := range pods.Items {
			if p.Status.Phase != corev1.PodRunning {
				continue
			}
			items = append(items, map[string]any{
				"metadata": map[string]any{"name": p.Name}, "timestamp": time.Now().Format(time.RFC3339), "window": "15s",
				"containers": []any{map[string]any{"name": p.Spec.Containers[0].Name, "usage": map[string]string{"cpu": "1m", "memory": "370000000"}}},
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "items": items})
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	path := filepath.Join(t.TempDir(), "config")
	err = clientcmd.WriteToFile(api.Config{
		CurrentContext: "measured",
		Contexts:       map[string]*api.Context{"measured": {Cluster: "c", AuthInfo: "u"}},
		Clusters:       map[string]*api.Cluster{"c": {Server: server.URL}},
		AuthInfos:      map[string]*api.AuthInfo{"u": {}},
	}, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", path)
	return looks
}

// A task that comes near its limit says so in the lens, and once it is ended for
// it, the finding says what was measured last.
func TestMemoryIsMeasured(t *testing.T) {
	looks := measured(t)
	s := newSession(t, "trouble.py", "TroubleFlow", nil)
	s.save(troubled(t, trouble{
		decorator: `@kubernetes(memory=400, qos="guaranteed")`, body: `time.sleep(30); self.made = len(b"x" * (600 << 20))`,
	}))
	begin := time.Now()
	s.launch("flowls.launch", nil)
	s.until("the lens warns", func() bool { return strings.Contains(s.lenses(), "memory up to 370 MB of 400 MB") })
	s.until("the editor says what was measured", func() bool {
		found, said := s.says("MF810")
		return said && strings.Contains(string(found.Message.(protocol.String)), "The most that was measured is 370 MB, ")
	})
	took := time.Since(begin)
	if n := looks.Load(); n > 1+int32(took/(20*time.Second)) {
		t.Errorf("%d looks in %v", n, took)
	}
}
