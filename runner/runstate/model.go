// Package runstate tells what happened in the runs of a flow, from what
// Metaflow leaves on disk (.metaflow and .metaflow_spin). It executes nothing
// and writes nothing; what it reads may be written by a live run at the same
// time. Whoever started a run does not matter.
package runstate

import (
	"slices"
	"time"
)

// Status is where a run, a step, a task or an attempt stands.
type Status string

const (
	Pending   Status = "pending"  // no task yet
	Launched  Status = "launched" // process started or about to start, user code not yet reached
	Running   Status = "running"  // user code runs
	Retrying  Status = "retrying" // an attempt failed, the next has not begun
	Succeeded Status = "succeeded"
	Caught    Status = "caught"  // failed, and @catch took the exception
	Cloned    Status = "cloned"  // taken over by resume from another run
	Failed    Status = "failed"  // raised an exception
	Killed    Status = "killed"  // ended by the scheduler or with it
	Crashed   Status = "crashed" // the process died: segmentation fault, out of memory
	// Unknown: neither ended nor known to be alive.
	Unknown Status = "unknown"
)

// Done: nothing more will happen.
func (s Status) Done() bool {
	switch s {
	case Succeeded, Caught, Cloned, Failed, Killed, Crashed:
		return true
	}
	return false
}

// OK: later steps can build on it.
func (s Status) OK() bool { return s == Succeeded || s == Caught || s == Cloned }

// Bad: it ended without success.
func (s Status) Bad() bool { return s == Failed || s == Killed || s == Crashed }

// Broke: it ended by a fault of its own, not with the run.
func (s Status) Broke() bool { return s == Failed || s == Crashed }

// Run is one run of a flow. Values are not changed once returned.
type Run struct {
	Root string // the .metaflow or .metaflow_spin directory
	Spin bool
	Flow string
	ID   string
	User string
	Tags []string
	// Script is the base name of the flow's file, "" if the run never got that far.
	Script string
	// Origin is the run that this one resumes, "" if none.
	Origin string
	// Only is the one step of a run that flowls launched for it alone, "" for others.
	Only    string
	Created time.Time
	Ended   time.Time // zero while it runs or when unknown
	Status  Status
	// Steps: those of the flow's graph, in the graph's order; then others found.
	Steps []*Step
	Graph *Graph // nil if the run never got that far, or if it is stored elsewhere and not read
	// Store is where the run keeps its data; the zero place: beside the metadata.
	Store Place `json:",omitzero"`
	// Incomplete: something that is stored elsewhere is not there yet, or is not read.
	Incomplete bool `json:",omitempty"`
}

// Step is one step of a run.
type Step struct {
	Name   string
	Status Status
	// Expected is how many tasks the step will have: the sum of what the tasks of
	// the foreach around it have yielded so far; 0 if unknown or not in a foreach.
	Expected int
	Tasks    []*Task // by task id
	Started  time.Time
	Ended    time.Time // zero unless all tasks have ended
	over     bool      // the run has ended
}

// Queued estimates how many tasks the scheduler holds back: they are expected
// and have not been launched. It is 0 once the step or the run has ended.
func (s *Step) Queued() int {
	if s.over || s.Status != Running && s.Status != Pending {
		return 0
	}
	return max(0, s.Expected-len(s.Tasks))
}

// Count is how many tasks satisfy the condition.
func (s *Step) Count(is func(Status) bool) int {
	n := 0
	for _, t := range s.Tasks {
		if is(t.Status) {
			n++
		}
	}
	return n
}

// Task is one execution of a step, with all its attempts.
type Task struct {
	ID   string
	Step string
	// Status is that of the latest attempt, or Retrying between two.
	Status   Status
	Attempts []*Attempt
	// ForeachPath is "work:1" or "a:0,b:2": step and index of each foreach around it.
	ForeachPath string
	// ForeachValues are display strings such as "items=b".
	ForeachValues []string
	OriginRun     string // for a cloned task
	OriginTask    string
	// Store is where the task keeps its data; the zero place: beside the metadata.
	Store Place `json:",omitzero"`
	dir   string
	order idOrder
}

// LastStored is the latest attempt that stored its artifacts, nil if none did.
func (t *Task) LastStored() *Attempt {
	for _, a := range slices.Backward(t.Attempts) {
		if a.HasData {
			return a
		}
	}
	return nil
}

// Last is the latest attempt, nil if none has begun.
func (t *Task) Last() *Attempt {
	if len(t.Attempts) == 0 {
		return nil
	}
	return t.Attempts[len(t.Attempts)-1]
}

// Attempt is one try of a task.
type Attempt struct {
	N       int
	Status  Status
	Started time.Time
	Ended   time.Time
	// ReturnCode of the task's process as the scheduler saw it; nil if not (yet) recorded.
	ReturnCode *int
	// HasData: artifacts of the attempt can be read.
	HasData bool
	// Caught: @catch took an exception; also where a resume cloned the task.
	Caught bool
}

// Graph is the flow's graph as it was when the run started.
type Graph struct {
	File  string // base name of the flow's file
	Start string
	End   string
	Steps []GraphStep // from start to end, breadth first
}

// GraphStep is one step of a Graph.
type GraphStep struct {
	Name       string
	Type       string // start, linear, split-static, split-foreach, split-switch, split-parallel, join, end
	Next       []string
	SourceFile string // absolute path of the file that holds the step
	Line       int    // of the def, 1-based
	// Retries is how many attempts may follow the first: those of @retry, and the
	// one in which @catch takes the exception.
	Retries int
}

// Step finds a step by name, nil if none.
func (g *Graph) Step(name string) *GraphStep {
	if g == nil {
		return nil
	}
	for i := range g.Steps {
		if g.Steps[i].Name == name {
			return &g.Steps[i]
		}
	}
	return nil
}

// Step finds a step by name, nil if none.
func (r *Run) Step(name string) *Step {
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Task finds a task, nil if there is none.
func (r *Run) Task(step, id string) *Task {
	if s := r.Step(step); s != nil {
		for _, t := range s.Tasks {
			if t.ID == id {
				return t
			}
		}
	}
	return nil
}

// Artifact is a value that a task stored.
type Artifact struct {
	Name string
	Type string // as Python prints the type, without <class '…'>: "int", "pandas.core.frame.DataFrame"
	Size int64  // pickled size in bytes, before compression
	SHA  string
	// Encoding is Metaflow's, e.g. "pickle-v4"; Source is the serializer that wrote it.
	Encoding string
	Source   string
	// Changed: this task set it, or set it anew; false for a value inherited from the step before.
	Changed bool
	// Store is where its value is; the zero place: beside the metadata.
	Store Place
}

// Exception is what a failed attempt raised.
type Exception struct {
	Type       string // "builtins.RuntimeError"
	Message    string
	Stacktrace string
	Frames     []Frame // outermost first
}

// Frame is one frame of a traceback.
type Frame struct {
	File     string
	Line     int // 1-based
	Function string
	Text     string // the line as the traceback quotes it, without indentation; may be ""
}
