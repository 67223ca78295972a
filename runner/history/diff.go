package history

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"flowls/runner/preview"
	"flowls/runner/runstate"
)

// Side is a run with what reads it.
type Side struct {
	Reader *runstate.Reader
	Run    *runstate.Run
}

// Diff is what differs between two runs of a flow: A, the earlier or the one
// to compare with, and B.
type Diff struct {
	A, B *runstate.Run
	// Parameters, Configs and constants of the class that are not the same.
	Parameters []Value
	// Steps that either run has, in B's order, then those that only A has.
	Steps []Step
}

// Value is a named value that differs: by its hash, so that a difference is one
// whatever the value is. A side that lacks it is nil.
type Value struct {
	Name string
	A, B *Shown
	// Tasks is in how many of the tasks that both runs have it differs.
	Tasks int
}

// Shown is one side of a Value.
type Shown struct {
	Type    string
	Size    int64
	Preview string // "" if only type and size are worth showing
}

// Step compares a step. A zero status means that a run does not have it.
type Step struct {
	Name             string
	StatusA, StatusB runstate.Status
	TasksA, TasksB   int
	// TookA and TookB are 0 while unknown.
	TookA, TookB time.Duration
	// Artifacts that the step set in either run and that are not the same.
	Artifacts []Value
	// Compared is how many pairs of tasks were looked at: those of a wide
	// foreach not all.
	Compared int
}

// Same: nothing of it differs but the time.
func (s Step) Same() bool {
	return s.StatusA == s.StatusB && s.TasksA == s.TasksB && len(s.Artifacts) == 0
}

// maxPairs bounds the tasks of a step that are compared.
const maxPairs = 200

// Compare two runs of one flow.
func Compare(ctx context.Context, a, b Side) (Diff, error) {
	d := Diff{A: a.Run, B: b.Run}
	ofA, err := parameters(ctx, a)
	if err != nil {
		return d, err
	}
	ofB, err := parameters(ctx, b)
	if err != nil {
		return d, err
	}
	c := comparison{ctx: ctx, a: a, b: b}
	c.values(ofA, ofB)
	d.Parameters = c.found
	for _, name := range stepNames(a.Run, b.Run) {
		s, err := c.step(name)
		if err != nil {
			return d, err
		}
		d.Steps = append(d.Steps, s)
	}
	return d, ctx.Err()
}

func parameters(ctx context.Context, s Side) ([]runstate.Artifact, error) {
	all, err := s.Reader.Parameters(ctx, s.Run)
	if errors.Is(err, runstate.ErrNoData) {
		return nil, nil
	}
	return all, err
}

func stepNames(a, b *runstate.Run) []string {
	var names []string
	for _, run := range []*runstate.Run{b, a} {
		for _, s := range run.Steps {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// comparison gathers the values that differ, in the order in which it met them.
type comparison struct {
	ctx   context.Context
	a, b  Side
	found []Value
}

func (c *comparison) step(name string) (Step, error) {
	s := Step{Name: name}
	var tasksA, tasksB []*runstate.Task
	if x := c.a.Run.Step(name); x != nil {
		s.StatusA, s.TasksA, s.TookA, tasksA = x.Status, len(x.Tasks), took(x), x.Tasks
	}
	if x := c.b.Run.Step(name); x != nil {
		s.StatusB, s.TasksB, s.TookB, tasksB = x.Status, len(x.Tasks), took(x), x.Tasks
	}
	c.found = nil
	for _, pair := range pairs(tasksA, tasksB) {
		if s.Compared == maxPairs || c.ctx.Err() != nil {
			break
		}
		s.Compared++
		ofA, err := artifacts(c.ctx, c.a, pair[0])
		if err != nil {
			return s, err
		}
		ofB, err := artifacts(c.ctx, c.b, pair[1])
		if err != nil {
			return s, err
		}
		c.values(ofA, ofB)
	}
	slices.SortFunc(c.found, func(x, y Value) int { return strings.Compare(x.Name, y.Name) })
	s.Artifacts = c.found
	return s, nil
}

func took(s *runstate.Step) time.Duration {
	if s.Ended.IsZero() || s.Started.IsZero() || s.Ended.Before(s.Started) {
		return 0
	}
	return s.Ended.Sub(s.Started)
}

// pairs are tasks at the same place of all foreach around them; where several
// share it, as in a recursive switch, in their order.
func pairs(a, b []*runstate.Task) [][2]*runstate.Task {
	byPath := map[string][]*runstate.Task{}
	for _, t := range a {
		byPath[t.ForeachPath] = append(byPath[t.ForeachPath], t)
	}
	var out [][2]*runstate.Task
	for _, t := range b {
		if left := byPath[t.ForeachPath]; len(left) > 0 {
			out = append(out, [2]*runstate.Task{left[0], t})
			byPath[t.ForeachPath] = left[1:]
		}
	}
	return out
}

// artifacts are those that a task set itself.
func artifacts(ctx context.Context, s Side, t *runstate.Task) ([]runstate.Artifact, error) {
	all, err := s.Reader.Artifacts(ctx, s.Run, t)
	if errors.Is(err, runstate.ErrNoData) {
		return nil, nil
	}
	return all, err
}

// values compares the values of one place in both runs. One that neither set
// here differs since an earlier step and was told there.
func (c *comparison) values(ofA, ofB []runstate.Artifact) {
	byName := map[string]runstate.Artifact{}
	for _, a := range ofA {
		byName[a.Name] = a
	}
	for _, b := range ofB {
		a, both := byName[b.Name]
		delete(byName, b.Name)
		switch {
		case both && a.SHA != b.SHA && (a.Changed || b.Changed):
			c.differ(b.Name, &a, &b)
		case !both && b.Changed:
			c.differ(b.Name, nil, &b)
		}
	}
	for _, a := range ofA {
		if _, left := byName[a.Name]; left && a.Changed {
			c.differ(a.Name, &a, nil)
		}
	}
}

func (c *comparison) differ(name string, a, b *runstate.Artifact) {
	if i := slices.IndexFunc(c.found, func(v Value) bool { return v.Name == name }); i >= 0 {
		c.found[i].Tasks++ // the values of one pair are enough to show
		return
	}
	c.found = append(c.found, Value{Name: name, A: c.shown(c.a, a), B: c.shown(c.b, b), Tasks: 1})
}

func (c *comparison) shown(s Side, a *runstate.Artifact) *Shown {
	if a == nil {
		return nil
	}
	text := "" // type and size are known all the same
	if d, err := s.Reader.Describe(c.ctx, s.Run.Flow, *a, runstate.Glance); err == nil && d.Kind != preview.Opaque {
		text = d.Summary
	}
	return &Shown{a.Type, a.Size, text}
}
