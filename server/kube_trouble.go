package server

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
)

// ruleOfPhase says which phases of runner/kube are trouble.
var ruleOfPhase = map[string]*rule.Rule{
	"out of memory":     rule.PodOutOfMemory,
	"image error":       rule.PodImage,
	"unschedulable":     rule.PodUnschedulable,
	"refused":           rule.PodRefused,
	"config error":      rule.PodConfig,
	"deadline exceeded": rule.PodDeadline,
	"evicted":           rule.PodLost,
	"preempted":         rule.PodLost,
	"node lost":         rule.PodLost,
	"failed":            rule.PodFailed,
}

// podTrouble is one kind of trouble that tasks of a step have.
type podTrouble struct {
	rule  *rule.Rule
	first *wire.KubeState
	count int
	task  *runstate.Task // of first, nil while it is not on disk
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
		r := ruleOfPhase[state.Phase]
		if r == rule.PodFailed && s.failure != nil && s.failure.Exception != nil {
			continue
		}
		task := tasks[state.Task]
		if task != nil && task.Status.OK() {
			continue
		}
		if i := slices.IndexFunc(found, func(t podTrouble) bool { return t.rule == r }); i >= 0 {
			found[i].count++
			continue
		}
		found = append(found, podTrouble{r, state, 1, task})
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
	b.WriteString(t.headline())
	if s.step != nil {
		if total := max(s.step.Expected, len(s.step.Tasks)); total > 1 || t.count > 1 {
			fmt.Fprintf(&b, " (%d of %d tasks)", t.count, max(total, t.count))
		}
	}
	fmt.Fprintf(&b, "\nin run %s, step `%s`, task %s", s.of.metaflowID(), s.name, t.first.Task)
	if t.task != nil {
		if where := foreachPlace(t.task); where != "" {
			fmt.Fprintf(&b, " (%s)", where)
		}
	}
	if t.first.Attempt > 0 {
		fmt.Fprintf(&b, ", attempt %d", t.first.Attempt+1)
	}
	if t.first.Pod != "" {
		b.WriteString(", pod " + t.first.Pod)
	}
	if t.first.Node != "" {
		b.WriteString(" on " + t.first.Node)
	}
	if t.first.Stuck && !s.of.status().done() {
		b.WriteString("\nMetaflow waits for it without end: stop the run, or have the cluster changed.")
	}
	if t.rule == rule.PodOutOfMemory {
		if seen := lastMemory(t.first); seen != "" {
			b.WriteString("\n" + seen)
		}
	}
	if advice := t.advice(); advice != "" {
		b.WriteString("\n" + advice)
	}
	return b.String()
}

func (t podTrouble) headline() string {
	said := upperFirst(strings.TrimSuffix(strings.TrimSpace(t.first.Message), "."))
	switch t.rule {
	case rule.PodOutOfMemory:
		switch {
		case t.first.Limit > 0:
			return fmt.Sprintf("Out of memory: the task used more than its limit of %s", bytesOf(t.first.Limit))
		case t.first.Request > 0:
			return fmt.Sprintf("Out of memory: the node had no more for the task, which asked for %s", bytesOf(t.first.Request))
		}
		return "Out of memory"
	case rule.PodImage:
		if said == "" {
			said = t.first.Reason
		}
		return fmt.Sprintf("The image `%s` cannot be had: %s", t.first.Image, said)
	case rule.PodUnschedulable:
		return "The task waits for a node: " + lowerFirst(said)
	case rule.PodRefused:
		return "The cluster makes no pod for the task: " + lowerFirst(said)
	case rule.PodConfig:
		return "The task cannot start: " + lowerFirst(said)
	case rule.PodFailed:
		if t.first.ExitCode != nil {
			said = fmt.Sprintf("The container of the task ended with exit code %d", *t.first.ExitCode)
			if last := lastWords(t.first.Message); last != "" {
				said += ": " + last
			}
		}
	}
	if said == "" {
		said = upperFirst(t.first.Phase)
	}
	return said
}

func (t podTrouble) advice() string {
	switch t.rule {
	case rule.PodOutOfMemory:
		if t.first.Limit == 0 {
			return "Ask for more memory; with `qos=\"guaranteed\"` the task also gets what it asks for to itself."
		}
		return "Ask for more memory, or hold less at a time."
	case rule.PodImage:
		return "Name an image that the cluster can pull, or leave the argument out to take Metaflow's."
	case rule.PodRefused:
		if q := overQuota(t.first.Message); q != nil {
			return q.advice(t.first.Namespace)
		}
	case rule.PodLost:
		return "It is no fault of the flow: with `@retry` Metaflow runs the task again."
	case rule.PodDeadline:
		return "Give the step more time with `@timeout`, or make the task smaller."
	}
	return ""
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lowerFirst(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// lastLine is the last one that is not Metaflow's talk about storing logs.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "[save_logs]") && !strings.HasPrefix(line, "[MFLOG") {
			return line
		}
	}
	return ""
}

// bytesOf writes memory as people ask for it: Metaflow asks in megabytes of 10⁶ bytes.
func bytesOf(n int64) string {
	switch {
	case n%mega == 0:
		return fmt.Sprintf("%d MB", n/mega)
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// podDiagnostic stands at the argument that asks for what cannot be had.
func (v *view) podDiagnostic(f *flow.Flow, s *flow.Step, sv *stepView, t podTrouble, fit *kubeFit) rule.Diagnostic {
	d := rule.Diagnostic{Rule: t.rule, Flow: f.Name, Step: s.Name, Message: t.message(sv)}
	if s.File != "" {
		d.Span = f.NameSpan // the step is in another file
		return d
	}
	d.Span = podPlace(s, t)
	d.Fixes = v.podFixes(f, s, t, fit)
	if t.rule == rule.PodUnschedulable {
		for _, line := range fit.words(t) {
			d.Message += "\n" + line
		}
	}
	return d
}

// podPlace is the argument, else its decorator, else the one that sends the step
// to the cluster, else the step.
func podPlace(s *flow.Step, t podTrouble) text.Span {
	wanted := podArguments(t)
	for _, place := range wanted {
		if d := decoratorNamed(s, place.decorator); d != nil {
			if a := argumentNamed(d, place.argument); a != nil {
				return a.Span
			}
		}
	}
	for _, place := range wanted {
		if d := decoratorNamed(s, place.decorator); d != nil && place.decorator != "kubernetes" {
			return d.NameSpan
		}
	}
	for _, name := range []string{"kubernetes", "resources"} {
		if d := decoratorNamed(s, name); d != nil {
			return d.NameSpan
		}
	}
	return s.NameSpan
}

type argumentPlace struct{ decorator, argument string }

// podArguments are the arguments that may be the cause, the likeliest first.
func podArguments(t podTrouble) []argumentPlace {
	resource := func(name string) []argumentPlace {
		return []argumentPlace{{"kubernetes", name}, {"resources", name}}
	}
	said := namedTaint().ReplaceAllString(strings.ToLower(t.first.Message), "by taint") // a taint may have any name
	switch t.rule {
	case rule.PodOutOfMemory:
		return resource("memory")
	case rule.PodImage:
		return []argumentPlace{{"kubernetes", "image"}}
	case rule.PodDeadline:
		return []argumentPlace{{"timeout", "seconds"}, {"timeout", "minutes"}, {"timeout", "hours"}}
	case rule.PodConfig:
		return []argumentPlace{{"kubernetes", "secrets"}, {"kubernetes", "persistent_volume_claims"}}
	}
	var found []argumentPlace
	for _, cause := range []struct{ word, argument string }{
		{"service account", "service_account"}, {"persistent volume claim", "persistent_volume_claims"},
		{"gpu", "gpu"}, {"taint", "tolerations"}, {"labels that the node selector", "node_selector"},
		{"memory", "memory"}, {"cpu", "cpu"}, {"disk", "disk"}, {"ephemeral-storage", "disk"},
		{"quota", "namespace"},
	} {
		if strings.Contains(said, cause.word) {
			found = append(found, resource(cause.argument)...)
		}
	}
	return found
}
