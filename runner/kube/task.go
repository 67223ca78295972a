package kube

import (
	"strconv"
	"time"
)

// selector finds what Metaflow made. Which task it is stands in annotations, by
// which a server cannot select.
const selector = "app.kubernetes.io/part-of=metaflow"

// Task names one attempt at a task, as Metaflow's annotations do.
type Task struct {
	Flow, Run, Step, ID string
	Attempt             int
}

// taskOf is false for objects that belong to no task: the templates of deployments
// carry the same label.
func taskOf(annotations map[string]string) (Task, bool) {
	task := Task{
		Flow: annotations["metaflow/flow_name"],
		Run:  annotations["metaflow/run_id"],
		Step: annotations["metaflow/step_name"],
		ID:   annotations["metaflow/task_id"],
	}
	if task.Flow == "" || task.Run == "" || task.Step == "" || task.ID == "" {
		return Task{}, false
	}
	task.Attempt, _ = strconv.Atoi(annotations["metaflow/attempt"]) // the first, where it is missing
	return task, true
}

// State is what the cluster says about one attempt at a task.
type State struct {
	Task  Task
	Phase Phase
	// Since is when this phase began, as far as the cluster tells.
	Since time.Time
	// Reason is Kubernetes' own word (OOMKilled, ImagePullBackOff), Message a
	// sentence for people. Both may be empty.
	Reason, Message string
	// ExitCode is that of the task's process, where Exited.
	ExitCode int
	Exited   bool

	Namespace, Job, Pod, Node, Image string
	// Request and Limit are bytes of memory, 0 where none is set.
	Request, Limit int64
	// Peak is the most memory that a sample saw the task use, at PeakAt; 0 where
	// nobody measures. Between samples it may have been more.
	Peak   int64
	PeakAt time.Time
}
