//go:build kubescale

package kube

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// The simulated cluster (scripts/kube-scale) has an API server, the controller that
// makes pods of jobs, and kwok, which pretends nodes and says that pods run.
const (
	scaleNodes = 500
	scaleTasks = 10_000
	scaleFlow  = "ScaleFlow"
)

type simulation struct {
	t        *testing.T
	set      kubernetes.Interface
	requests string // the log of what the watcher asked
	tool     string
	store    string // address of etcd, which holds what the API server says
}

func simulated(t *testing.T) (simulation, *Client) {
	t.Helper()
	need := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			t.Fatalf("%s is not set: run make kube-scale", name)
		}
		return value
	}
	config, _, err := load(Access{Kubeconfig: need("KUBECONFIG")})
	if err != nil {
		t.Fatal(err)
	}
	config.QPS, config.Burst = 1000, 2000
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := Connect(Access{Kubeconfig: need("FLOWLS_SIMULATED_WATCHER")})
	if err != nil {
		t.Fatal(err)
	}
	return simulation{t, set, need("FLOWLS_SIMULATED_REQUESTS"), need("FLOWLS_SIMULATED_CLUSTER"), need("FLOWLS_SIMULATED_STORE")}, client
}

// cluster ends the API server or starts it again.
func (s simulation) cluster(command string) {
	s.t.Helper()
	cmd := exec.Command(s.tool, command, "simulated")
	cmd.Dir = filepath.Dir(filepath.Dir(filepath.Dir(s.tool)))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("cluster %s: %v\n%s", command, err, out)
	}
}

// each does something for many with as many hands as the API server takes well.
func (s simulation) each(count int, do func(ctx context.Context, i int) error) {
	s.t.Helper()
	var workers sync.WaitGroup
	next := make(chan int)
	failed := make(chan error, 1)
	for range 32 {
		workers.Go(func() {
			for i := range next {
				if err := do(s.t.Context(), i); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	workers.Wait()
	select {
	case err := <-failed:
		s.t.Fatal(err)
	default:
	}
}

func nodeNamed(i int) string { return fmt.Sprintf("simulated-%d", i%scaleNodes) }

// fill makes nodes and jobs, unless they are there: the tests share them.
func (s simulation) fill() {
	s.t.Helper()
	have, err := s.set.CoreV1().Nodes().List(s.t.Context(), v1.ListOptions{Limit: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(have.Items) > 0 {
		return
	}
	began := time.Now()
	s.each(scaleNodes, func(ctx context.Context, i int) error {
		room := corev1.ResourceList{"cpu": resource.MustParse("64"), "memory": resource.MustParse("256Gi"), "pods": resource.MustParse("110")}
		_, err := s.set.CoreV1().Nodes().Create(ctx, &corev1.Node{
			ObjectMeta: v1.ObjectMeta{Name: nodeNamed(i)}, Status: corev1.NodeStatus{Allocatable: room, Capacity: room},
		}, v1.CreateOptions{})
		return err
	})
	s.each(scaleTasks, func(ctx context.Context, i int) error {
		job := metaflowJob(strconv.Itoa(i + 1))
		for _, annotations := range []map[string]string{job.Annotations, job.Spec.Template.Annotations} {
			annotations["metaflow/flow_name"] = scaleFlow
		}
		job.Name, job.GenerateName = fmt.Sprintf("t-%d", i+1), ""
		job.Spec.Template.Spec.NodeName = nodeNamed(i)
		_, err := s.set.BatchV1().Jobs("default").Create(ctx, job, v1.CreateOptions{})
		return err
	})
	s.t.Logf("%d nodes and %d jobs made in %.0f s", scaleNodes, scaleTasks, time.Since(began).Seconds())
}

// asked counts what the watcher requested, by verb, after a moment.
func (s simulation) asked(after time.Time) map[string]int {
	s.t.Helper()
	log, err := os.Open(s.requests)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	counts := map[string]int{}
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var r struct {
			Verb              string
			RequestReceivedAt time.Time `json:"requestReceivedTimestamp"`
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			s.t.Fatalf("%v: %s", err, lines.Bytes())
		}
		if r.RequestReceivedAt.After(after) {
			counts[r.Verb]++
		}
	}
	return counts
}

// seenStates follows a watch as the agent does.
type seenStates struct {
	watch  *Watch
	states map[Task]State
}

// until takes what changed until the states are as they should be.
func (s *seenStates) until(t *testing.T, what string, limit time.Duration, right func(map[Task]State) bool) {
	t.Helper()
	deadline := time.After(limit)
	for !right(s.states) {
		select {
		case <-s.watch.Changed():
			changed, gone := s.watch.Take()
			for _, state := range changed {
				s.states[state.Task] = state
			}
			for _, task := range gone {
				delete(s.states, task)
			}
		case <-deadline:
			phases := map[Phase]int{}
			for _, state := range s.states {
				phases[state.Phase]++
			}
			t.Fatalf("%s: not within %v: %v, problems %v", what, limit, phases, s.watch.Problems())
		}
	}
}

func phaseCount(states map[Task]State, phase Phase) (count int) {
	for _, state := range states {
		if state.Phase == phase {
			count++
		}
	}
	return count
}

func task(i int) Task { return Task{Flow: scaleFlow, Run: "1", Step: "train", ID: strconv.Itoa(i)} }

// end says how the container of a task ended, and returns when the API server knew.
func (s simulation) end(i int, how string) time.Time {
	s.t.Helper()
	pods, err := s.set.CoreV1().Pods("default").List(s.t.Context(), v1.ListOptions{LabelSelector: fmt.Sprintf("job-name=t-%d", i)})
	if err != nil || len(pods.Items) != 1 {
		s.t.Fatalf("pods of job %d: %d, %v", i, len(pods.Items), err)
	}
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"test/end":%q}}}`, how)
	if _, err := s.set.CoreV1().Pods("default").Patch(s.t.Context(), pods.Items[0].Name, types.MergePatchType, patch, v1.PatchOptions{}); err != nil {
		s.t.Fatal(err)
	}
	return time.Now()
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc >> 20)
}

func TestTenThousandPods(t *testing.T) {
	s, client := simulated(t)
	s.fill()
	before := heap()
	began := time.Now()
	seen := &seenStates{client.Watch(t.Context(), "default"), map[Task]State{}}
	seen.until(t, "all run", 2*time.Minute, func(states map[Task]State) bool { return phaseCount(states, Running) == scaleTasks })
	t.Logf("all known after %.1f s, %d MB", time.Since(began).Seconds(), heap()-before)
	if got := heap() - before; got > 100 {
		t.Errorf("%d MB", got)
	}

	synced := time.Now()
	var took []time.Duration
	for i := 1; i <= 100; i++ {
		at := s.end(i, "OOMKilled")
		seen.until(t, "the end of one", 10*time.Second, func(states map[Task]State) bool { return states[task(i)].Phase == OutOfMemory })
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	t.Logf("from the event to the state: p50 %v, p95 %v", took[50], took[95])
	if took[95] > 500*time.Millisecond {
		t.Errorf("p95 is %v", took[95])
	}
	// Watches are opened anew now and then, nothing is asked per pod.
	asked, seconds := s.asked(synced), time.Since(synced).Seconds()
	total := 0
	for _, count := range asked {
		total += count
	}
	t.Logf("requests after the first list: %v in %.0f s", asked, seconds)
	if float64(total) > 5*seconds {
		t.Errorf("%d requests in %.0f s", total, seconds)
	}

	// The API server goes away for a while. What it said holds; what happened meanwhile is told afterwards.
	s.cluster("apiserver-down")
	seen.until(t, "the loss is noticed", time.Minute, func(map[Task]State) bool { return len(seen.watch.Problems()) > 0 })
	if got := phaseCount(seen.states, Running); got != scaleTasks-100 {
		t.Errorf("%d run while nobody knows", got)
	}
	// No watch can tell of what the store has forgotten by then: it has expired.
	const forgotten = 10
	for i := range forgotten {
		s.forget(i + 251)
	}
	s.compact()
	s.cluster("apiserver-up")
	seen.until(t, "it is back", 2*time.Minute, func(map[Task]State) bool { return len(seen.watch.Problems()) == 0 })
	seen.until(t, "the expired watch is noticed", time.Minute, func(states map[Task]State) bool { return len(states) == scaleTasks-forgotten })
	for i := range forgotten {
		if state, known := seen.states[task(i+251)]; known {
			t.Errorf("still there: %+v", state)
		}
	}
	s.end(200, "Completed")
	seen.until(t, "events come again", time.Minute, func(states map[Task]State) bool { return states[task(200)].Phase == Completed })
	if got := phaseCount(seen.states, Running); got != scaleTasks-101-forgotten {
		t.Errorf("%d run after the restart", got)
	}

	// Jobs that are deleted are gone with their pods.
	background := v1.DeletePropagationBackground
	const deleted = 100
	s.each(deleted, func(ctx context.Context, i int) error {
		return s.set.BatchV1().Jobs("default").Delete(ctx, fmt.Sprintf("t-%d", i+301), v1.DeleteOptions{PropagationPolicy: &background})
	})
	for i := range deleted { // there is no garbage collector here
		s.deletePod(i + 301)
	}
	seen.until(t, "they are gone", time.Minute, func(states map[Task]State) bool { return len(states) == scaleTasks-forgotten-deleted })
}

// forget takes a task out of the store, behind the back of the API server.
func (s simulation) forget(i int) {
	s.t.Helper()
	job := fmt.Sprintf("/registry/jobs/default/t-%d", i)
	pods := fmt.Sprintf("/registry/pods/default/t-%d", i)
	if n := s.ask("deleterange", map[string]any{"key": []byte(job)}).Deleted; n != "1" {
		s.t.Fatalf("%q jobs were deleted", n)
	}
	if n := s.ask("deleterange", map[string]any{"key": []byte(pods + "-"), "range_end": []byte(pods + ".")}).Deleted; n != "1" {
		s.t.Fatalf("%q pods were deleted", n)
	}
}

// compact makes the store forget its history.
func (s simulation) compact() {
	s.t.Helper()
	now := s.ask("range", map[string]any{"key": []byte("/")}).Header.Revision
	s.ask("compaction", map[string]any{"revision": now, "physical": true})
}

// storeAnswer has numbers as texts, as JSON of protocol buffers has.
type storeAnswer struct {
	Header  struct{ Revision string }
	Deleted string
}

func (s simulation) ask(what string, question any) (answer storeAnswer) {
	s.t.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.Post(s.store+"/v3/kv/"+what, "application/json", strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s", what, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s simulation) deletePod(i int) {
	s.t.Helper()
	selector := v1.ListOptions{LabelSelector: fmt.Sprintf("job-name=t-%d", i)}
	if err := s.set.CoreV1().Pods("default").DeleteCollection(s.t.Context(), v1.DeleteOptions{}, selector); err != nil {
		s.t.Fatal(err)
	}
}
