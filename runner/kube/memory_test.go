package kube

import (
	"fmt"
	"runtime"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// Ten thousand tasks with five events each: what the agent keeps of them.
func TestMemoryOfTenThousandTasks(t *testing.T) {
	const tasks, limit = 10_000, 40 << 20
	r := readRecording(t, "exit-3")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	all := newTables()
	for i := range tasks {
		// Fresh text, as the decoder makes it.
		job, pod := r.Jobs[0].DeepCopy(), r.Pods[0].DeepCopy()
		id := fmt.Sprint(i)
		job.UID, pod.UID = types.UID("job"+id), types.UID("pod"+id)
		job.Name, pod.Name = "t-"+id, "t-"+id+"-pod"
		job.Annotations["metaflow/task_id"], pod.Annotations["metaflow/task_id"] = id, id
		if err := all.jobs.Add(job); err != nil {
			t.Fatal(err)
		}
		if err := all.pods.Add(pod); err != nil {
			t.Fatal(err)
		}
		for j := range 5 {
			event := r.Events[0].DeepCopy()
			event.UID, event.InvolvedObject.UID = types.UID(fmt.Sprint("event", i, "-", j)), pod.UID
			event.Reason, event.Message = "Pulled", fmt.Sprintf("Container image %d already present on machine", i)
			if err := all.events.Add(event); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := after.HeapAlloc - before.HeapAlloc
	t.Logf("%d MB for %d tasks, %d bytes each", used>>20, tasks, used/tasks)
	if used > limit {
		t.Errorf("%d MB are kept, want at most %d", used>>20, limit>>20)
	}
	states, _ := all.board.take()
	if len(states) != tasks {
		t.Errorf("%d states", len(states))
	}
}
