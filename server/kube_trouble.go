package server

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/runstate"
	"flowls/server/podtrouble"
)

// podTrouble is one kind of trouble that tasks of a step have.
type podTrouble struct {
	podtrouble.Trouble
	count int
	task  *runstate.Task // the first one, nil while it is not on disk
}

// podTroubles are those of a step, by rule. What Metaflow has an exception of is
// told by that: the container merely ended with it. A task that ended well in the
// end, as @catch has it, is in none.
func (s *stepView) podTroubles() []podTrouble {
	var found []podTrouble
	troubled := s.of.pods.step(s.name).troubled()
	if len(troubled) == 0 {
		return nil
	}
	tasks := s.tasksByID()
	for _, state := range troubled {
		r := podtrouble.RuleOf(state.Phase)
		if r == rule.PodFailed && s.failure != nil && s.failure.Exception != nil {
			continue
		}
		task := tasks[state.Task]
		if task != nil && task.Status.OK() {
			continue
		}
		if i := slices.IndexFunc(found, func(t podTrouble) bool { return t.Rule == r }); i >= 0 {
			found[i].count++
			continue
		}
		found = append(found, podTrouble{podtrouble.Trouble{Rule: r, First: state}, 1, task})
	}
	return found
}

func (s *stepView) tasksByID() map[string]*runstate.Task {
	if s.step == nil {
		return nil
	}
	tasks := make(map[string]*runstate.Task, len(s.step.Tasks))
	for _, t := range s.step.Tasks {
		tasks[t.ID] = t
	}
	return tasks
}

// podsExplain: the cluster says why the step failed, and Metaflow does not.
func (s *stepView) podsExplain() bool {
	return (s.failure == nil || s.failure.Exception == nil) && len(s.troubles) > 0
}

func (t podTrouble) message(s *stepView) string {
	var b strings.Builder
	b.WriteString(t.Headline())
	if s.step != nil {
		if total := max(s.step.Expected, len(s.step.Tasks)); total > 1 || t.count > 1 {
			fmt.Fprintf(&b, " (%d of %d tasks)", t.count, max(total, t.count))
		}
	}
	fmt.Fprintf(&b, "\nin run %s, step `%s`, task %s", s.of.metaflowID(), s.name, t.First.Task)
	if t.task != nil {
		if where := foreachPlace(t.task); where != "" {
			fmt.Fprintf(&b, " (%s)", where)
		}
	}
	if t.First.Attempt > 0 {
		fmt.Fprintf(&b, ", attempt %d", t.First.Attempt+1)
	}
	if t.First.Pod != "" {
		b.WriteString(", pod " + t.First.Pod)
	}
	if t.First.Node != "" {
		b.WriteString(" on " + t.First.Node)
	}
	if t.First.Stuck && !s.of.status().done() {
		b.WriteString("\nMetaflow waits for it without end: stop the run, or have the cluster changed.")
	}
	if t.Rule == rule.PodOutOfMemory {
		if seen := podtrouble.LastMemory(t.First); seen != "" {
			b.WriteString("\n" + seen)
		}
	}
	if advice := t.Advice(); advice != "" {
		b.WriteString("\n" + advice)
	}
	return b.String()
}

// podDiagnostic stands at the argument that asks for what cannot be had.
func (v *view) podDiagnostic(f *flow.Flow, s *flow.Step, sv *stepView, t podTrouble, fit *podtrouble.Fit) rule.Diagnostic {
	d := rule.Diagnostic{Rule: t.Rule, Flow: f.Name, Step: s.Name, Message: t.message(sv)}
	if s.File != "" {
		d.Span = f.NameSpan // the step is in another file
		return d
	}
	d.Span = t.Place(s)
	d.Fixes = t.Fixes(v.doc.Text, s, fit)
	if t.Rule == rule.PodFailed {
		d.Fixes = v.exitFixes(f, s)
	}
	if t.Rule == rule.PodUnschedulable {
		for _, line := range fit.Words(t.Trouble) {
			d.Message += "\n" + line
		}
	}
	return d
}
