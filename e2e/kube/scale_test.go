//go:build e2ekube && kubescale

package kube

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// scaleRun is the run whose ten thousand tasks the simulated cluster pretends.
const scaleRun = "1"

// standIn takes the place of a Python whose Metaflow has launched ten thousand
// tasks, which no machine of a test can: it names the run and waits. For all
// else it is the real one.
const standIn = `#!/bin/sh
for argument in "$@"; do
	case $argument in
	--run-id-file=*) printf %s RUN >"${argument#--run-id-file=}"; exec sleep 3600 ;;
	esac
done
exec PYTHON "$@"
`

func TestTenThousandTasksInTheEditor(t *testing.T) {
	admin, watcher, requests := os.Getenv("KUBECONFIG"), os.Getenv("FLOWLS_SIMULATED_WATCHER"), os.Getenv("FLOWLS_SIMULATED_REQUESTS")
	python := os.Getenv("FLOWLS_E2E_PYTHON")
	if admin == "" || watcher == "" || requests == "" || python == "" {
		t.Fatal("no simulated cluster: run make kube-scale")
	}
	config, err := clientcmd.BuildConfigFromFlags("", admin)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS, config.Burst = 100, 200
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	s := scaleSession(t, python, watcher)
	id := s.launch("flowls.run", nil)
	running := regexp.MustCompile(`(\d+) in pods on 500 nodes`)
	s.until("the lens counts the tasks", func() bool {
		m := running.FindStringSubmatch(s.lenses())
		if m == nil {
			return false
		}
		n, _ := strconv.Atoi(m[1])
		return n > 9000
	})
	t.Log(s.lenses())

	// From the event in the cluster to the editor.
	began := time.Now()
	var took []time.Duration
	for i := 1001; i <= 1100; i++ {
		s.editor.Discard("flowls/runChanged")
		pods, err := set.CoreV1().Pods("default").List(t.Context(), v1.ListOptions{LabelSelector: fmt.Sprintf("job-name=t-%d", i)})
		if err != nil || len(pods.Items) != 1 {
			t.Fatalf("pods of job %d: %v, %v", i, pods, err)
		}
		patch := []byte(`{"metadata":{"annotations":{"test/end":"OOMKilled"}}}`)
		if _, err := set.CoreV1().Pods("default").Patch(t.Context(), pods.Items[0].Name, types.MergePatchType, patch, v1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		at := time.Now()
		var changed struct{}
		s.editor.Await("flowls/runChanged", &changed)
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	t.Logf("from the event to the editor: p50 %v, p95 %v", took[50], took[95])
	if took[95] > 500*time.Millisecond {
		t.Errorf("p95 is %v", took[95])
	}
	seconds := time.Since(began).Seconds()
	asked := requestsAfter(t, requests, began)
	t.Logf("%d requests in %.0f s", asked, seconds)
	if float64(asked) > 5*seconds {
		t.Errorf("%d requests in %.0f s", asked, seconds)
	}
	if _, said := s.says("MF810"); !said {
		t.Error("the editor does not say that tasks ran out of memory")
	}
	server, agent := memory(t, s.server.Process.Pid)
	t.Logf("the server holds %d MB, its agent %d MB", server, agent)
	if server > 150 || agent > 150 {
		t.Errorf("the server holds %d MB, its agent %d MB", server, agent)
	}
	if err := s.execute("flowls.stop", map[string]any{"runId": id}, nil); err != nil {
		t.Error(err)
	}
}

// scaleSession is a session without a namespace of its own.
func scaleSession(t *testing.T, python, kubeconfig string) *session {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(flow(t, "scale.py"))
	if err != nil {
		t.Fatal(err)
	}
	interpreter := filepath.Join(dir, "python")
	script := strings.NewReplacer("RUN", scaleRun, "PYTHON", python).Replace(standIn)
	if err := os.WriteFile(interpreter, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	t.Setenv("METAFLOW_HOME", filepath.Join(dir, "home"))
	t.Setenv("METAFLOW_USER", "tester")
	t.Setenv("METAFLOW_KUBERNETES_NAMESPACE", "default")
	s := &session{patience: 5 * time.Minute, t: t, dir: dir, path: filepath.Join(dir, "scale.py"), flow: "ScaleFlow", python: interpreter, namespace: &namespace{t: t}}
	s.save(string(source))
	t.Cleanup(s.stopAll)
	s.open(map[string]any{"kubernetes": map[string]any{"kubeconfig": kubeconfig}})
	s.editor.Ignored = slices.DeleteFunc(s.editor.Ignored, func(method string) bool { return method == "flowls/runChanged" })
	t.Cleanup(func() { s.editor.Ignored = append(s.editor.Ignored, "flowls/runChanged") })
	return s
}

// requestsAfter counts what the watcher asked the API server.
func requestsAfter(t *testing.T, path string, began time.Time) (count int) {
	t.Helper()
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var r struct {
			At time.Time `json:"requestReceivedTimestamp"`
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.At.After(began) {
			count++
		}
	}
	return count
}

// memory is what a server and its agent hold, in MB.
func memory(t *testing.T, pid int) (server, agent int) {
	t.Helper()
	statuses, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range statuses {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		field := func(name string) (value string) {
			for line := range strings.Lines(string(content)) {
				if rest, found := strings.CutPrefix(line, name+":"); found {
					value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB"))
				}
			}
			return value
		}
		kilobytes, _ := strconv.Atoi(field("VmRSS"))
		switch {
		case field("Pid") == strconv.Itoa(pid):
			server = kilobytes >> 10
		case field("PPid") == strconv.Itoa(pid) && field("Name") == "flowls-agent":
			agent = kilobytes >> 10
		}
	}
	if server == 0 || agent == 0 {
		t.Fatalf("the server (process %d) or its agent is not found", pid)
	}
	return server, agent
}
