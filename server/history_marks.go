package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"flowls/analysis"
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

// mark is what has happened since a step was run: why what the code shows of
// it is not what running it now would give. The zero mark is none.
type mark struct {
	// code are the definitions that changed: "" is the step itself, ".x" of the class, "x" of the module.
	code []string
	// inputs are artifacts that it reads and that a newer result has changed.
	inputs []changedInput
	// behind are steps before it that changed since or are stale themselves.
	behind []string
}

// changedInput is an artifact that another run of a step before has set to another value.
type changedInput struct{ name, step string }

func (m mark) none() bool { return len(m.code)+len(m.inputs)+len(m.behind) == 0 }

// short is what the lens says.
func (m mark) short() string {
	switch {
	case len(m.code) > 0:
		return " · code changed"
	case len(m.inputs) > 0:
		return " · stale: " + m.inputs[0].name + " changed"
	case len(m.behind) > 0:
		return " · stale: " + m.behind[0] + " changed"
	}
	return ""
}

// long is what the hover says, a sentence each.
func (m mark) long() []string {
	var said []string
	if len(m.code) > 0 {
		var names []string
		own := false
		for _, name := range m.code {
			if name == "" {
				own = true
			} else {
				names = append(names, strings.TrimPrefix(name, "."))
			}
		}
		switch {
		case own && len(names) > 0:
			said = append(said, "Its code has changed, and so have "+codes(names)+".")
		case own:
			said = append(said, "Its code has changed.")
		case len(names) == 1:
			said = append(said, codes(names)+", which it uses, has changed.")
		default:
			said = append(said, codes(names)+", which it uses, have changed.")
		}
	}
	for _, in := range m.inputs {
		said = append(said, "It read another "+code(in.name)+" than "+code(in.step)+" has set since.")
	}
	if len(m.behind) > 0 {
		said = append(said, "It builds on "+codes(m.behind)+", not run again since.")
	}
	return said
}

// ranModels are the flows of texts that were run, made once for each.
type ranModels struct {
	mu     sync.Mutex
	byText map[*ranText]*ranModel
}

type ranModel struct {
	file *flow.File
	defs flow.Definitions
}

func (c *ranModels) of(t *ranText) *ranModel {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.byText[t]; m != nil {
		return m
	}
	if c.byText == nil || len(c.byText) >= maxRanTexts {
		c.byText = map[*ranText]*ranModel{}
	}
	file := analysis.Model([]byte(strings.Join(t.lines, "\n")))
	m := &ranModel{file, file.Definitions()}
	c.byText[t] = m
	return m
}

// marks are those of the steps of a flow that have any.
func (r *runs) marks(ctx context.Context, v *view, i int, state *flowState) map[string]mark {
	if state == nil || len(state.steps) == 0 {
		return nil
	}
	k := marker{r: r, v: v, flow: v.File.Flows[i], facts: v.Artifacts(i), state: state, defs: v.File.Definitions(), found: map[string]mark{}}
	for _, name := range v.Graphs[i].Sorted {
		if ctx.Err() != nil {
			return nil
		}
		if m := k.mark(ctx, name); !m.none() {
			k.found[name] = m
		}
	}
	return k.found
}

// marker looks at the steps of one flow in the order of the graph.
type marker struct {
	r     *runs
	v     *view
	flow  *flow.Flow
	facts *artifact.Facts
	state *flowState
	defs  flow.Definitions
	found map[string]mark
}

func (k *marker) mark(ctx context.Context, name string) mark {
	var m mark
	sv, facts := k.state.steps[name], k.facts.Step(name)
	if sv == nil || sv.step == nil || len(sv.step.Tasks) == 0 || facts == nil || sv.chosen || !sv.step.Status.Done() {
		return m // a run that the user chose is looked at as it was
	}
	m.code = k.changedCode(sv, facts)
	needs, open := facts.Needs()
	for need, setters := range needs {
		for _, setter := range setters {
			from := setter.Node.Step.Name
			if from == name {
				continue
			}
			if k.newer(ctx, need, from, sv) {
				m.inputs = append(m.inputs, changedInput{need, from})
			} else if !k.found[from].none() {
				m.behind = append(m.behind, from)
			}
		}
	}
	if open { // it may read anything
		for _, from := range facts.Node.In {
			if !k.found[from].none() {
				m.behind = append(m.behind, from)
			}
		}
	}
	slices.SortFunc(m.inputs, func(a, b changedInput) int { return strings.Compare(a.name+" "+a.step, b.name+" "+b.step) })
	slices.Sort(m.behind)
	m.behind = slices.Compact(m.behind)
	return m
}

// changedCode compares the step's code with the one that ran.
func (k *marker) changedCode(sv *stepView, facts *artifact.Step) []string {
	if sv.text == nil || facts.Node.Step.Broken {
		return nil
	}
	ran := k.r.models.of(sv.text)
	for _, f := range ran.file.Flows {
		if f.Name != k.flow.Name {
			continue
		}
		for _, s := range f.Steps {
			if s.Name != sv.name {
				continue
			}
			then, now := f.Meaning(ran.defs, s), k.flow.Meaning(k.defs, facts.Node.Step)
			if then == nil || now == nil {
				return nil
			}
			names := now.Differ(then)
			slices.Sort(names)
			return names
		}
	}
	return nil
}

// newer: the step from was run again since sv, by itself, and set another value.
func (k *marker) newer(ctx context.Context, name, from string, sv *stepView) bool {
	other := k.state.steps[from]
	if other == nil || other.of == sv.of || other.of.startedAt().Before(sv.of.startedAt()) {
		return false
	}
	used := sv.of
	if used.kind().OneStep() { // it took its inputs from there
		if used.record == nil {
			return false
		}
		if used = k.state.find(used.record.Origin); used == nil {
			return false
		}
	}
	if used.run == nil || other.step == nil {
		return false
	}
	before := used.run.Step(from)
	if before == nil {
		return false
	}
	was, ok := k.hash(ctx, used, before, sv.path, name)
	if !ok {
		return false
	}
	is, ok := k.hash(ctx, other.of, other.step, sv.path, name)
	return ok && was != is
}

// hash of an artifact as a task of the step left it.
func (k *marker) hash(ctx context.Context, v *runView, step *runstate.Step, path, name string) (string, bool) {
	task := (&stepView{of: v, step: step, path: path}).at()
	if task == nil {
		return "", false
	}
	ctx, _ = store.AtOnce(ctx)
	sha, err := v.reader.Key(ctx, v.run, task, name)
	if err != nil && !errors.Is(err, runstate.ErrNoData) {
		k.r.s.log.Debug("artifacts cannot be read", "task", task.ID, "error", err)
	}
	return sha, sha != ""
}
