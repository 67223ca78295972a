package history

import (
	"fmt"

	"flowls/runner/runstate"
)

// Action is what a resumed run does about a step.
type Action string

const (
	Clone  Action = "clone"  // takes over all tasks
	Run    Action = "run"    // runs it anew
	Partly Action = "partly" // takes over the tasks that ended well, runs the others
	// Maybe: it did not run in the origin, where a switch may have led elsewhere.
	Maybe Action = "maybe"
)

// Planned is what a resumed run does about one step.
type Planned struct {
	Step   string
	Action Action
	// Cloned of Tasks tasks of the origin are taken over.
	Cloned, Tasks int
	Reason        string
}

// Transitions are the steps behind each step, as the code has them now.
type Transitions map[string][]string

// Resume plans what Metaflow does on `resume FROM --origin-run-id=ORIGIN`, for
// the steps in the order given; from "" is a resume without a step. Metaflow
// takes over every task of the origin that ended well, also one whose exception
// @catch took, except for those of FROM and of all steps behind it.
func Resume(order []string, next Transitions, origin *runstate.Run, from string) []Planned {
	again := map[string]bool{}
	if from != "" {
		again = next.behind(from)
	}
	plan := make([]Planned, 0, len(order))
	for _, name := range order {
		p := Planned{Step: name}
		if s := origin.Step(name); s != nil {
			p.Tasks = max(len(s.Tasks), s.Expected)
			p.Cloned = s.Count(runstate.Status.OK)
		}
		switch {
		case name == from:
			p.Action, p.Cloned, p.Reason = Run, 0, "resumed from here"
		case again[name]:
			p.Action, p.Cloned, p.Reason = Run, 0, "behind "+from
		case p.Tasks == 0 && origin.Status.OK():
			p.Action, p.Reason = Maybe, "not on the way that the run took"
		case p.Tasks == 0:
			p.Action, p.Reason = Run, "never ran"
		case p.Cloned == 0:
			p.Action, p.Reason = Run, "did not end well"
		case p.Cloned < p.Tasks:
			p.Action, p.Reason = Partly, fmt.Sprintf("%d of %d tasks ended well", p.Cloned, p.Tasks)
		default:
			p.Action = Clone
		}
		plan = append(plan, p)
	}
	return plan
}

// behind are a step and all that can be reached from it.
func (t Transitions) behind(from string) map[string]bool {
	reached := map[string]bool{from: true}
	todo := []string{from}
	for len(todo) > 0 {
		step := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range t[step] {
			if !reached[n] {
				reached[n] = true
				todo = append(todo, n)
			}
		}
	}
	return reached
}
