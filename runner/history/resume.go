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
	// Maybe: a switch led past it in the origin.
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

// Steps are those of a flow as the code has them now.
type Steps struct {
	Order []string            // as in the graph
	Next  map[string][]string // the steps behind each
	// Switch tells the steps of whose next ones only one runs.
	Switch map[string]bool
}

// Resume plans what Metaflow does on `resume FROM --origin-run-id=ORIGIN`; from
// "" is a resume without a step. Metaflow takes over every task of the origin
// that ended well, also one whose exception @catch took, except for those of
// FROM and of all steps behind it.
func Resume(steps Steps, origin *runstate.Run, from string) []Planned {
	again := map[string]bool{}
	if from != "" {
		again = steps.behind(from)
	}
	before := map[string][]string{}
	for _, name := range steps.Order {
		for _, n := range steps.Next[name] {
			before[n] = append(before[n], name)
		}
	}
	plan := make([]Planned, 0, len(steps.Order))
	aside := map[string]bool{} // on a way that a switch, which is taken over, did not take
	cloned := map[string]bool{}
	for _, name := range steps.Order {
		p := Planned{Step: name}
		if s := origin.Step(name); s != nil {
			p.Tasks = max(len(s.Tasks), s.Expected)
			p.Cloned = s.Count(runstate.Status.OK)
		}
		if p.Tasks == 0 && len(before[name]) > 0 {
			aside[name] = true
			for _, b := range before[name] {
				aside[name] = aside[name] && (aside[b] || steps.Switch[b] && cloned[b])
			}
		}
		switch {
		case name == from:
			p.Action, p.Cloned, p.Reason = Run, 0, "resumed from here"
		case again[name]:
			p.Action, p.Cloned, p.Reason = Run, 0, "behind "+from
		case aside[name]:
			p.Action, p.Reason = Maybe, "not on the way that the run took"
		case p.Tasks == 0:
			p.Action, p.Reason = Run, "never ran"
		case p.Cloned == 0:
			p.Action, p.Reason = Run, "did not end well"
		case p.Cloned < p.Tasks:
			p.Action, p.Reason = Partly, fmt.Sprintf("%d of %d tasks ended well", p.Cloned, p.Tasks)
		default:
			p.Action = Clone
			cloned[name] = true
		}
		plan = append(plan, p)
	}
	return plan
}

// behind are a step and all that can be reached from it.
func (s Steps) behind(from string) map[string]bool {
	reached := map[string]bool{from: true}
	todo := []string{from}
	for len(todo) > 0 {
		step := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range s.Next[step] {
			if !reached[n] {
				reached[n] = true
				todo = append(todo, n)
			}
		}
	}
	return reached
}
