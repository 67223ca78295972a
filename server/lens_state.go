package server

import (
	"fmt"
	"strings"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"
)

// runArgument names a run.
type runArgument struct {
	RunID string `json:"runId"`
}

// FlowLenses: values can be chosen where there are any, a run that goes on can
// be stopped, one that has ended tells how, and one that failed can be taken up.
func (r *runs) FlowLenses(v *view, flow int) []Lens {
	f := v.File.Flows[flow]
	var lenses []Lens
	if len(f.Parameters) > 0 {
		lenses = append(lenses, Lens{
			Title: "▶ with parameters…", Tooltip: "Choose the values of parameters and configs, and options of Metaflow",
			Command: commandRunWithParameters, Argument: FlowArgument{v.doc.URI, f.Name},
		})
	}
	state := r.state(flowKey{v.doc.URI, f.Name})
	if state == nil || state.shown == nil {
		return lenses
	}
	for _, active := range state.runs { // a spin has its lens above its step
		if !active.kind().OneStep() && !active.status().done() && active.stoppable() {
			lenses = append(lenses, active.stopLens(commandRun))
			break
		}
	}
	shown := state.shown
	lenses = append(lenses, shown.withLog(Lens{Title: flowTitle(shown), Tooltip: runTooltip(shown)}))
	if watch, ok := r.s.kube.watchLens(flowKey{v.doc.URI, f.Name}, shown); ok {
		lenses = append(lenses, watch)
	}
	if left, ok := shown.leftLens(); ok {
		lenses = append(lenses, left)
	}
	if show, ok := state.showValuesLens(FlowArgument{v.doc.URI, f.Name}); ok {
		lenses = append(lenses, show)
	}
	if choose, ok := state.chooseRunLens(FlowArgument{v.doc.URI, f.Name}); ok {
		lenses = append(lenses, choose)
	}
	if shown.failedMidway() {
		lenses = append(lenses, Lens{
			Title: "↻ Re-run failed", Tooltip: "Run what did not succeed again; the rest is taken from this run",
			Command: commandRerunFailed, Argument: RerunArgument{URI: v.doc.URI, Flow: f.Name, RunID: shown.metaflowID()},
		})
	}
	return lenses
}

// failedMidway: the run has ended, not well, and some of it can be taken over.
func (v *runView) failedMidway() bool {
	status := v.status()
	return !v.kind().OneStep() && (status == statusFailed || status == statusStopped) && v.begun()
}

// stopLens stops the run; it takes the place of what starts another one.
func (v *runView) stopLens(replaces string) Lens {
	return Lens{
		Title: "■ Stop", Tooltip: "Stop this run and all its tasks",
		Command: commandStop, Argument: runArgument{v.record.ID}, Replaces: replaces,
	}
}

// withLog makes the lens show the log, where there is one.
func (v *runView) withLog(l Lens) Lens {
	if v.record != nil {
		l.Command, l.Argument = commandShowLog, runArgument{v.record.ID}
	}
	return l
}

func flowTitle(v *runView) string {
	took := ""
	if end := v.endedAt(); !end.IsZero() {
		took = " " + duration(end.Sub(v.startedAt()))
	}
	switch status := v.status(); status {
	case statusStarting:
		return "● starting"
	case statusRunning:
		if v.run == nil || len(v.run.Steps) == 0 {
			return "● starting"
		}
		done := 0
		for _, s := range v.run.Steps {
			if s.Status.OK() {
				done++
			}
		}
		return fmt.Sprintf("● running %d/%d steps", done, len(v.run.Steps))
	case statusSucceeded:
		return "✓" + took
	case statusStopped:
		return "■ stopped" + after(took)
	case statusFailed:
		if v.refused != nil && !v.begun() {
			return "✗ failed to start" + kindOf(v.refused)
		}
		return "✗ failed" + after(took)
	default:
		return "? " + string(status)
	}
}

func kindOf(r *runstate.Refusal) string {
	if r.Kind == "" {
		return ""
	}
	return " · " + r.Kind
}

func after(took string) string {
	if took == "" {
		return ""
	}
	return " after" + took
}

func runTooltip(v *runView) string {
	parts := []string{string(v.kind())}
	if id := v.metaflowID(); id != "" {
		parts = append(parts, id)
	}
	parts = append(parts, "started "+v.startedAt().Local().Format(time.DateTime))
	if v.record == nil {
		parts = append(parts, "from a terminal")
	}
	tooltip := strings.Join(parts, " · ")
	switch {
	case v.refused != nil:
		tooltip += "\n" + v.refused.String()
	case v.record != nil && v.record.Status == local.Lost:
		tooltip += "\n" + v.record.Reason()
	}
	if v.record != nil {
		tooltip += "\n" + v.record.CommandLine()
	}
	return tooltip
}

// StepLenses tell how the step did in the shown run.
func (r *runs) StepLenses(v *view, flow int, step string) []Lens {
	name := v.File.Flows[flow].Name
	state := r.state(flowKey{v.doc.URI, name})
	if state == nil {
		return nil
	}
	s := state.steps[step]
	if s == nil {
		return nil
	}
	title := stepTitle(s)
	if title == "" {
		return nil
	}
	var lenses []Lens
	if s.of.kind().OneStep() && !s.of.status().done() && s.of.stoppable() {
		lenses = append(lenses, s.of.stopLens(commandRunStep))
	}
	key := flowKey{v.doc.URI, name}
	l := r.markedLens(Lens{Title: title, Tooltip: runTooltip(s.of) + s.podsTooltip()}, r.marksOf(v, flow, state)[step])
	lenses = append(lenses, s.withLog(l, key))
	if s.hasCards() {
		lenses = append(lenses, s.cardLens(key))
	}
	if choose, ok := s.chooseTaskLens(StepArgument{v.doc.URI, name, step}); ok {
		lenses = append(lenses, choose)
	}
	if s.step != nil && len(s.step.Tasks) > 1 {
		lenses = append(lenses, Lens{
			Title: "▶ one task…", Tooltip: "Run this step with the inputs of a task that you choose",
			Command: commandRunTask, Argument: RunTaskArgument{v.doc.URI, name, step},
		})
	}
	return lenses
}

func stepTitle(s *stepView) string {
	if s.step == nil || len(s.step.Tasks) == 0 {
		if pods := s.podsTitle(); pods != "" {
			return s.podsStatus(1, pods)
		}
		switch {
		case s.status() == statusRunning:
			return "● starting"
		case !s.of.status().done():
			return "○ waiting"
		}
		return "" // the run ended without it: nothing to say
	}
	total := max(s.step.Expected, len(s.step.Tasks))
	took := ""
	if !s.step.Ended.IsZero() {
		took = duration(s.step.Ended.Sub(s.step.Started))
	}
	many := ""
	if total > 1 {
		many = fmt.Sprintf(" · %d tasks", total)
	}
	switch s.status() {
	case statusRunning:
		retrying := ""
		if s.step.Count(isRetrying) > 0 {
			retrying = " · retrying"
		}
		if pods := s.podsTitle(); pods != "" {
			return s.podsStatus(total, pods) + retrying
		}
		if total > 1 {
			queued := ""
			if n := s.step.Queued(); n > 0 {
				queued = fmt.Sprintf(" · %d queued", n)
			}
			return fmt.Sprintf("● running %d/%d%s%s", s.step.Count(runstate.Status.OK), total, queued, retrying)
		}
		return "● running" + retrying
	case statusSucceeded:
		switch s.step.Status {
		case runstate.Cloned:
			return "✓ cloned" + many
		case runstate.Caught:
			return "✓ " + took + many + " · exception caught"
		}
		return "✓ " + took + many
	case statusStopped:
		return "■ stopped" + many
	case statusFailed:
		bad := ""
		if total > 1 {
			bad = fmt.Sprintf(" · %d of %d tasks", s.step.Count(runstate.Status.Broke), total)
		}
		if s.step.Status == runstate.Crashed {
			return "✗ crashed" + bad
		}
		if s.podsExplain() {
			return "✗ " + s.troubles[0].First.Phase + bad
		}
		if s.failure != nil && s.failure.Exception != nil {
			return "✗ " + exceptionName(s.failure.Exception) + bad
		}
		return "✗ failed" + bad
	}
	return "?"
}

func exceptionName(e *runstate.Exception) string {
	name := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
	if name == "" {
		return "failed"
	}
	return "failed · " + name
}
