package server

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"
	"flowls/server/stepedit"
)

// runStatus is where a run or a step stands, in the words of the wire.
type runStatus string

const (
	statusPending   runStatus = "pending" // of steps and tasks only
	statusStarting  runStatus = "starting"
	statusRunning   runStatus = "running"
	statusSucceeded runStatus = "succeeded"
	statusFailed    runStatus = "failed"
	statusStopped   runStatus = "stopped"
	statusUnknown   runStatus = "unknown"
)

func (s runStatus) done() bool {
	return s != statusStarting && s != statusRunning && s != statusPending
}

// flowState is what is known about the runs of one flow. It never changes.
type flowState struct {
	runs  []*runView           // newest first
	shown *runView             // the run whose state stands in the code, nil if none
	steps map[string]*stepView // of the shown run and of later spins, by name
	// cleared: the user has put away why the shown run was refused.
	cleared bool
	// readable: values that are stored elsewhere are read, because the user said so.
	readable bool
	path     string // the chosen place in the foreaches, "" if there is none
}

// runView joins what the supervisor recorded and what Metaflow left on disk.
// At least one of them is there.
type runView struct {
	record *local.Record // nil: started elsewhere
	run    *runstate.Run // nil: not on disk yet
	reader *runstate.Reader

	service bool // the metadata service told of it

	pods *kubePods // what a cluster says of its tasks, nil if nothing is known

	refused *runstate.Refusal // of the shown run: why no step of it ran
	text    *ranText          // with refused: the file as it was run, nil if nobody knows

	printed sync.Once
	print   string // of fingerprint
}

// stepView is one step as the code shows it.
type stepView struct {
	of      *runView
	name    string
	step    *runstate.Step // nil while it is not on disk
	failure *runstate.Failure
	// troubles are what the cluster says went wrong.
	troubles []podTrouble
	lacks    *stepedit.Lacked // by the image, nil if that is not why it failed
	cleared  bool             // the user does not want to see it in the code
	// chosen: the user asked for this run, so that its values are of interest
	// also where the code is another by now.
	chosen bool
	path   string   // the chosen place in the foreaches, "" if there is none
	text   *ranText // the file as it was run, nil if nobody knows
}

func (v *runView) launchID() string {
	if v.record == nil {
		return ""
	}
	return v.record.ID
}

func (v *runView) metaflowID() string {
	if v.run != nil {
		return v.run.ID
	}
	return v.record.RunID
}

func (v *runView) flowName() string {
	if v.run != nil {
		return v.run.Flow
	}
	return v.record.Flow
}

// again is the same view with what a cluster says now.
func (v *runView) again(pods *kubePods) *runView {
	again := &runView{record: v.record, run: v.run, reader: v.reader, service: v.service, pods: pods}
	if pods == v.pods {
		again.printed.Do(func() { again.print = v.fingerprint() })
	}
	return again
}

// key identifies the view across states.
func (v *runView) key() string {
	if id := v.launchID(); id != "" {
		return id
	}
	return v.run.Root + "/" + v.run.ID
}

// anyID is an id that names the run on the wire.
func (v *runView) anyID() string {
	if id := v.launchID(); id != "" {
		return id
	}
	return v.metaflowID()
}

// is reports whether a client means this run: by flowls' id or by Metaflow's.
func (v *runView) is(id string) bool { return id != "" && (v.launchID() == id || v.metaflowID() == id) }

func (v *runView) kind() local.Kind {
	switch {
	case v.record != nil:
		return v.record.Kind
	case v.run.Spin:
		return local.Spin
	case v.run.Only != "":
		return local.RemoteSpin
	case v.run.Origin != "":
		return local.Resume
	}
	return local.Run
}

// status prefers the supervisor's word; where that is lost, the disk knows
// whether the end was reached.
func (v *runView) status() runStatus {
	if v.record != nil {
		switch v.record.Status {
		case local.Starting:
			return statusStarting
		case local.Running:
			return statusRunning
		case local.Succeeded:
			return statusSucceeded
		case local.Failed:
			return statusFailed
		case local.Stopped:
			return statusStopped
		}
		if v.run != nil && v.run.Status == runstate.Succeeded {
			return statusSucceeded
		}
		return statusFailed
	}
	switch v.run.Status {
	case runstate.Succeeded:
		return statusSucceeded
	case runstate.Running:
		return statusRunning
	case runstate.Failed:
		return statusFailed
	}
	return statusUnknown
}

func (v *runView) startedAt() time.Time {
	if v.record != nil {
		return v.record.StartedAt
	}
	return v.run.Created
}

func (v *runView) endedAt() time.Time {
	if v.record != nil && !v.record.EndedAt().IsZero() {
		return v.record.EndedAt()
	}
	if v.run != nil && v.status().done() {
		return v.run.Ended
	}
	return time.Time{}
}

func (v *runView) stoppable() bool { return v.record != nil && v.record.Stoppable() }

// fingerprint is equal for two views that would be shown the same. It is made
// once: a foreach has thousands of tasks, and each look compares twice.
func (v *runView) fingerprint() string {
	v.printed.Do(func() { v.print = v.makeFingerprint() })
	return v.print
}

func (v *runView) makeFingerprint() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %d", v.key(), v.metaflowID(), v.status(), v.endedAt().UnixNano())
	if v.pods != nil {
		fmt.Fprintf(&b, " pods %d %s", v.pods.version, v.pods.problem)
	}
	if v.run == nil {
		return b.String()
	}
	for _, s := range v.run.Steps {
		fmt.Fprintf(&b, "|%s %s %d %d %d", s.Name, s.Status, s.Expected, s.Started.UnixNano(), s.Ended.UnixNano())
		h := fnv.New64a()
		var word []byte
		for _, t := range s.Tasks {
			// Artifacts and exception are stored a moment after the verdict.
			a := t.Last()
			word = append(append(append(word[:0], t.ID...), ' '), t.Status...)
			word = strconv.AppendInt(append(word, ' '), int64(len(t.Attempts)), 10)
			word = strconv.AppendBool(word, a != nil && a.HasData)
			_, _ = h.Write(append(word, ',')) // never fails
		}
		fmt.Fprintf(&b, " %x", h.Sum64())
	}
	return b.String()
}

func (s *flowState) fingerprint() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	for _, v := range s.runs {
		b.WriteString(v.fingerprint())
		if v == s.shown {
			b.WriteString(" shown")
		}
		b.WriteByte('\n')
	}
	b.WriteString(s.path)
	if s.readable && s.shown != nil && s.shown.elsewhere() {
		b.WriteString(" read")
	}
	b.WriteString(s.failures())
	return b.String()
}

// failures is equal for two states with the same diagnostics.
func (s *flowState) failures() string {
	if s == nil {
		return ""
	}
	var list []string
	if s.shown != nil && s.shown.refused != nil && !s.cleared {
		list = append(list, s.shown.key()+" "+s.shown.refused.String())
	}
	for name, step := range s.steps {
		for _, t := range step.troubles {
			if !step.cleared {
				list = append(list, fmt.Sprintf("%s %s %s %s %d %t", name, step.of.key(), t.Rule.Code, t.First.Task, t.count, step.of.status().done()))
			}
		}
		if f := step.failure; f != nil && !step.cleared {
			// Its last words are stored a moment after the verdict.
			list = append(list, fmt.Sprintf("%s %s %s %d %d %d %t", name, step.of.key(), f.Task.ID, f.Attempt.N,
				step.step.Count(runstate.Status.Broke), len(f.Log), f.Exception != nil))
		}
	}
	if s.shown != nil && s.shown.refused != nil && !s.cleared {
		list = append(list, "refused "+s.shown.key())
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// active: something may still happen without a trace on disk.
func (s *flowState) active() bool {
	for _, v := range s.runs {
		if !v.status().done() || v.status() == statusUnknown {
			return true
		}
	}
	return false
}

// latest is the run that the code shows unless the user chooses: the newest that
// is more than one step. What the metadata service told of is for choosing only,
// unless flowls launched it.
func (s *flowState) latest() *runView {
	for _, v := range s.runs {
		if !v.kind().OneStep() && (!v.service || v.record != nil) {
			return v
		}
	}
	return nil
}

// find is the run that a client names, nil if there is none.
func (s *flowState) find(id string) *runView {
	if s == nil {
		return nil
	}
	for _, v := range s.runs {
		if v.is(id) {
			return v
		}
	}
	return nil
}

// running is the newest run that goes on, nil if none does.
func (s *flowState) running() *runView {
	if s == nil {
		return nil
	}
	for _, v := range s.runs {
		if !v.status().done() {
			return v
		}
	}
	return nil
}

// toStop is the newest run that can be stopped, else the newest that goes on.
func (s *flowState) toStop() *runView {
	for _, v := range s.runs {
		if !v.status().done() && v.stoppable() {
			return v
		}
	}
	return s.running()
}

// stepStatus is a step's or a task's status in the words of the wire.
func (v *runView) stepStatus(s runstate.Status) runStatus {
	switch s {
	case runstate.Pending:
		return statusPending
	case runstate.Launched, runstate.Running, runstate.Retrying:
		if v.status().done() && v.status() != statusUnknown {
			return statusStopped
		}
		return statusRunning
	case runstate.Succeeded, runstate.Caught, runstate.Cloned:
		return statusSucceeded
	case runstate.Killed: // with the run, or because another task failed: its own failure it is not
		return statusStopped
	case runstate.Failed, runstate.Crashed:
		if v.status() == statusStopped {
			return statusStopped // Metaflow records the interrupt as a failure
		}
		return statusFailed
	}
	return statusUnknown
}

// status of the step: a spin that has nothing on disk yet has that of its run.
func (s *stepView) status() runStatus {
	if s.step != nil && len(s.step.Tasks) > 0 {
		return s.of.stepStatus(s.step.Status)
	}
	if !s.of.kind().OneStep() {
		return statusPending
	}
	if st := s.of.status(); st != statusStarting {
		return st
	}
	return statusRunning
}
