package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

var (
	noAttribute = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^Flow \w+ has no attribute '(\w+)'$`) })
	noModule    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^No module named '([\w.]+)'`) })
)

// hint says more of a failure where its cause is one of those that are known; "" otherwise.
func (v *view) hint(f *flow.Flow, sv *stepView) string {
	failed := sv.failure
	e := failed.Exception
	if e == nil {
		if failed.Attempt.ReturnCode != nil && exitSignal(*failed.Attempt.ReturnCode) == 9 {
			return memoryHint
		}
		return ""
	}
	message := strings.TrimSpace(e.Message)
	switch exceptionClass(e) {
	case "AttributeError":
		if m := noAttribute().FindStringSubmatch(message); m != nil {
			if i := v.flowNamed(f.Name); i >= 0 {
				return missingArtifact(v.Artifacts(i), sv.name, m[1])
			}
		}
	case "ModuleNotFoundError":
		if m := noModule().FindStringSubmatch(message); m != nil {
			if state := sv.podOf(failed); state != nil {
				return missingInImage(state, m[1], sv.lacks)
			}
			return missingModule(sv.of, m[1])
		}
	case "MemoryError":
		return memoryHint
	}
	return ""
}

const memoryHint = "Most often that means that memory ran out. Hold less at a time, run fewer tasks at once (`--max-workers`), or give the step a larger machine with `@resources(memory=…)` where it runs remotely."

// missingModule tells which Python lacks a module and how it gets there.
func missingModule(run *runView, module string) string {
	top, _, _ := strings.Cut(module, ".")
	remedy := fmt.Sprintf("name its package in `@pypi(packages={…})` and run with `--environment=pypi`; the package may be called otherwise than `%s`", top)
	if run.record == nil {
		return "The Python that ran the task has no `" + top + "`. Install it there, or " + remedy + "."
	}
	return fmt.Sprintf("The task ran with %s, which has no `%s`. Install it there with `%s -m pip install %s`, or %s.",
		run.record.Interpreter, top, run.record.Interpreter, top, remedy)
}

// missingArtifact asks the data flow why a step had no artifact.
func missingArtifact(facts *artifact.Facts, step, name string) string {
	s := facts.Step(step)
	if s == nil || !facts.Closed {
		return ""
	}
	set := stepsThatSet(facts, name)
	if len(set) == 0 {
		return "No step sets `" + name + "`."
	}
	if join := losing(s, name); join != nil {
		return fmt.Sprintf("%s set it, and the join `%s` does not carry it on: assign `self.%s` there from `inputs`, or call `self.merge_artifacts(inputs)`.",
			list(set), join.Node.Step.Name, name)
	}
	switch s.Entry(name) {
	case artifact.Never:
		return fmt.Sprintf("Only %s set it, which `%s` does not come after.", list(set), step)
	case artifact.Maybe, artifact.Related:
		return fmt.Sprintf("%s set it, but not on every path to `%s`.", list(set), step)
	}
	return ""
}

// stepsThatSet are the steps that set an artifact, in the order of the graph.
func stepsThatSet(facts *artifact.Facts, name string) []string {
	var names []string
	for _, s := range facts.Steps {
		if slices.ContainsFunc(s.Sites, func(site *artifact.Site) bool { return site.Name == name }) {
			names = append(names, s.Node.Step.Name)
		}
	}
	return names
}

// losing is the nearest join at or before a step that gets the artifact from a
// branch and does not hand it on; nil if there is none.
func losing(s *artifact.Step, name string) *artifact.Step {
	seen := map[*artifact.Step]bool{}
	for queue := []*artifact.Step{s}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if seen[at] {
			continue
		}
		seen[at] = true
		from := at.From()
		if at.Node.Type == graph.Join && at.Entry(name) == artifact.Never &&
			slices.ContainsFunc(from, func(b *artifact.Step) bool { return b.Exit(name) != artifact.Never && b.Exit(name) != artifact.Unknown }) {
			return at
		}
		queue = append(queue, from...)
	}
	return nil
}

func list(steps []string) string {
	const most = 3
	quoted := make([]string, 0, most)
	for _, s := range steps[:min(len(steps), most)] {
		quoted = append(quoted, "`"+s+"`")
	}
	text := strings.Join(quoted, ", ")
	if more := len(steps) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if len(steps) == 1 {
		return "Step " + text
	}
	return "Steps " + text
}
