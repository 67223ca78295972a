package server

import (
	"context"
	"fmt"
	"time"
)

// chooseRunLens offers other runs where there are any.
func (s *flowState) chooseRunLens(argument FlowArgument) (Lens, bool) {
	var all []*runView
	for _, v := range s.runs {
		if !v.kind().OneStep() {
			all = append(all, v)
		}
	}
	if len(all) < 2 || s.shown == nil {
		return Lens{}, false
	}
	l := Lens{Title: fmt.Sprintf("↕ %d runs", len(all)), Tooltip: "Choose the run that the code shows", Command: commandChooseRun, Argument: argument}
	if s.shown != s.latest() {
		l.Title = "↕ run of " + s.shown.startedAt().Local().Format(time.DateTime)
	}
	return l, true
}

// chooseTaskLens offers the tasks of a foreach.
func (s *stepView) chooseTaskLens(argument StepArgument) (Lens, bool) {
	if s.step == nil || len(s.step.Tasks) < 2 || !s.step.Tasks[0].Status.Done() {
		return Lens{}, false
	}
	l := Lens{Title: "↕ tasks", Tooltip: "Choose the task whose values and times the code shows", Command: commandChooseTask, Argument: argument}
	if t := s.one(); t != nil {
		l.Title = "↕ " + taskTitle(t)
		if a := t.Last(); a != nil && !a.Ended.IsZero() {
			l.Title += " · " + duration(a.Ended.Sub(a.Started))
		}
	}
	return l, true
}

// markedLens says in the step's lens what has happened since it ran.
func (r *runs) markedLens(l Lens, m mark) Lens {
	if !m.none() {
		l.Title += m.short()
		for _, said := range m.long() {
			l.Tooltip += "\n" + said
		}
	}
	return l
}

// marksOf are the marks of a flow at one version of its document and one
// state, made once: an editor asks for the lenses of every step.
func (r *runs) marksOf(v *view, i int, state *flowState) map[string]mark {
	key := flowKey{v.doc.URI, v.File.Flows[i].Name}
	r.mu.Lock()
	known, ok := r.marked[key]
	r.mu.Unlock()
	if ok && known.doc == v.doc && known.state == state {
		return known.marks
	}
	marks := r.marks(context.Background(), v, i, state) // bounded by the steps; kept for the next request
	r.mu.Lock()
	r.marked[key] = markedFlow{v.doc, state, marks}
	r.mu.Unlock()
	return marks
}

// markedFlow remembers the marks of one version and state.
type markedFlow struct {
	doc   *Document
	state *flowState
	marks map[string]mark
}
