package difftest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mutations are single changes that a hand slips into a flow. Each gets a
// random step and does nothing where it does not fit.
var mutations = []struct {
	name  string
	apply func(m *model, s *modelStep, r *rand.Rand)
}{
	{"unknown target", func(_ *model, s *modelStep, _ *rand.Rand) { s.ghost = "ghost" }},
	{"target redirected", func(m *model, s *modelStep, r *rand.Rand) {
		if len(s.targets) > 0 {
			s.targets = slices.Clone(s.targets)
			s.targets[r.IntN(len(s.targets))] = pick(m, r)
		}
	}},
	{"target added", func(m *model, s *modelStep, r *rand.Rand) { s.targets = append(slices.Clone(s.targets), pick(m, r)) }},
	{"linear made a split", func(m *model, s *modelStep, r *rand.Rand) {
		s.form, s.targets = split, append(slices.Clone(s.targets), pick(m, r))
	}},
	{"target dropped", func(_ *model, s *modelStep, _ *rand.Rand) {
		if len(s.targets) > 0 {
			s.targets = s.targets[:len(s.targets)-1]
		}
	}},
	{"target doubled", func(_ *model, s *modelStep, _ *rand.Rand) {
		if len(s.targets) > 0 {
			s.targets = append(slices.Clone(s.targets), s.targets[0])
		}
	}},
	{"targets of two steps swapped", func(m *model, s *modelStep, r *rand.Rand) {
		o := pick(m, r)
		s.targets, o.targets = o.targets, s.targets
	}},
	{"transitions of two steps swapped", func(m *model, s *modelStep, r *rand.Rand) {
		o := pick(m, r)
		s.targets, o.targets, s.form, o.form, s.keys, o.keys = o.targets, s.targets, o.form, s.form, o.keys, s.keys
	}},
	{"no transition", func(_ *model, s *modelStep, _ *rand.Rand) { s.form = noNext }},
	{"transition under if", func(_ *model, s *modelStep, _ *rand.Rand) { s.tail = "if self.x: self.next(self.end)" }},
	{"transition of a string", func(_ *model, s *modelStep, _ *rand.Rand) { s.tail = `self.next("end")` }},
	{"empty transition", func(_ *model, s *modelStep, _ *rand.Rand) { s.tail = "self.next()" }},
	{"transition to end", func(_ *model, s *modelStep, _ *rand.Rand) { s.tail = "self.next(self.end)" }},
	{"wrong keyword", func(_ *model, s *modelStep, _ *rand.Rand) { s.tail = `self.next(self.end, each="x")` }},
	{"join argument dropped", func(_ *model, s *modelStep, _ *rand.Rand) { s.args = "self" }},
	{"join argument added", func(_ *model, s *modelStep, _ *rand.Rand) { s.args = "self, inputs" }},
	{"argument with default", func(_ *model, s *modelStep, _ *rand.Rand) { s.args += ", flag=None" }},
	{"no argument", func(_ *model, s *modelStep, _ *rand.Rand) { s.args = "" }},
	{"positional-only self", func(_ *model, s *modelStep, _ *rand.Rand) { s.args = "self, /" }},
	{"reserved name", func(_ *model, s *modelStep, _ *rand.Rand) { s.name = "input" }},
	{"bad name", func(_ *model, s *modelStep, _ *rand.Rand) { s.name = "Step_" + s.name }},
	{"renamed at its definition", func(m *model, s *modelStep, _ *rand.Rand) {
		old := *s
		for _, o := range m.steps {
			o.targets = slices.Clone(o.targets)
			for i, t := range o.targets {
				if t == s {
					o.targets[i] = &old
				}
			}
		}
		s.name = "renamed"
	}},
	{"step removed", func(m *model, s *modelStep, _ *rand.Rand) {
		m.steps = slices.DeleteFunc(m.steps, func(o *modelStep) bool { return o == s })
	}},
	{"@step forgotten", func(_ *model, s *modelStep, _ *rand.Rand) {
		if s.decorators == nil { // @parallel without @step fails at import, which is no matter of the graph
			s.marker = ""
		}
	}},
	{"@parallel dropped", func(_ *model, s *modelStep, _ *rand.Rand) { s.decorators = nil }},
	{"@parallel added", func(_ *model, s *modelStep, _ *rand.Rand) { s.decorators = []string{"@parallel"} }},
	{"foreach made num_parallel", func(_ *model, s *modelStep, _ *rand.Rand) { s.form = numParallel }},
	{"made a foreach", func(_ *model, s *modelStep, _ *rand.Rand) { s.form = foreach }},
	{"made a switch", func(_ *model, s *modelStep, _ *rand.Rand) {
		s.form, s.keys = switched, []string{"1", "2", "3", "4", "5"}
	}},
	{"variable as key", func(_ *model, s *modelStep, _ *rand.Rand) {
		if len(s.keys) > 0 {
			s.keys[0] = "self.x"
		}
	}},
	{"equal keys", func(_ *model, s *modelStep, _ *rand.Rand) {
		for i := range s.keys {
			s.keys[i] = []string{"True", "1", "1.0", "0x1"}[i%4]
		}
	}},
	{"annotated as start", func(_ *model, s *modelStep, _ *rand.Rand) { s.marker = "@step(start=True)" }},
	{"annotated as end", func(_ *model, s *modelStep, _ *rand.Rand) { s.marker = "@step(end=True)" }},
	{"a case into a join", func(m *model, s *modelStep, r *rand.Rand) {
		for _, o := range m.steps {
			if s.form != switched && o.form == switched && r.IntN(2) == 0 {
				s = o
			}
		}
		for _, o := range m.steps {
			if s.form == switched && len(s.targets) > 0 && o.args != "self" && r.IntN(2) == 0 {
				s.targets = slices.Clone(s.targets)
				s.targets[len(s.targets)-1] = o
			}
		}
	}},
	{"a step before the join skipped", func(m *model, s *modelStep, r *rand.Rand) {
		for _, o := range m.steps { // an exit of a switch in a branch: its cases lead into the join then
			for i, t := range o.targets {
				if o.form == switched && t.form == linear && len(t.targets) > 0 && t.targets[0].args != "self" {
					o.targets = slices.Clone(o.targets)
					o.targets[i] = t.targets[0]
				}
			}
		}
	}},
	{"calls itself", func(_ *model, s *modelStep, _ *rand.Rand) { s.targets = append(slices.Clone(s.targets), s) }},
}

func pick(m *model, r *rand.Rand) *modelStep { return m.steps[r.IntN(len(m.steps))] }

// TestGeneratedFlows: nested flows that are valid by construction must be
// accepted by both. FLOWLS_GENERATED sets how many.
func TestGeneratedFlows(t *testing.T) {
	n := count(t, "FLOWLS_GENERATED", 150)
	cases := make([]generated, n)
	for i := range cases {
		cases[i] = generated{fmt.Sprintf("seed %d", i), newModel(uint64(i), 8+i%25).python()}
	}
	for i, v := range judge(t, cases) {
		if v.Error != "" || len(v.Flows) != 1 || !v.Flows[0].OK {
			t.Fatalf("the generator made a flow that Metaflow refuses: %s: %+v\n%s", cases[i].name, v, cases[i].source)
		}
	}
}

// TestMutatedFlows: after one mutation, or two, the findings must still be Metaflow's.
// FLOWLS_MUTATED sets how many.
func TestMutatedFlows(t *testing.T) {
	n := count(t, "FLOWLS_MUTATED", 15*len(mutations))
	cases := make([]generated, n)
	for i := range cases {
		seed := uint64(1_000_000 + i)
		m, r := newModel(seed, 4+i%16), rand.New(rand.NewPCG(seed, 1))
		mutation := mutations[i%len(mutations)]
		mutation.apply(m, pick(m, r), r)
		name := fmt.Sprintf("seed %d, %s", seed, mutation.name)
		if i/len(mutations)%3 == 2 { // every third round gets a second one on top
			second := mutations[r.IntN(len(mutations))]
			second.apply(m, pick(m, r), r)
			name += " and " + second.name
		}
		cases[i] = generated{name, m.python()}
	}
	verdicts := judge(t, cases)
	hit := map[string]int{}
	for i, v := range verdicts {
		if v.Error != "" {
			t.Errorf("%s: not importable: %s\n%s", cases[i].name, v.Error, cases[i].source)
			continue
		}
		hit[cmp.Or(v.Flows[0].Crash, v.Flows[0].Check, "accepted")]++
	}
	t.Logf("Metaflow's findings: %v", hit)
	if hit["accepted"] > n/2 || len(hit) < 15 {
		t.Errorf("the mutations are too tame: %v", hit)
	}
}

type generated struct{ name, source string }

// judge writes the cases to files, asks Metaflow, and reports every difference.
func judge(t *testing.T, cases []generated) []verdict {
	t.Helper()
	dir := t.TempDir()
	files := make([]string, len(cases))
	for i, c := range cases {
		files[i] = filepath.Join(dir, fmt.Sprintf("flow_%05d.py", i))
		if err := os.WriteFile(files[i], []byte(c.source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	verdicts, _ := metaflow(t, files)
	shown, open := 0, 0
	for i, v := range verdicts {
		if v.Error != "" && !notPython(v) {
			continue // the import failed while it ran, which no reading can tell
		}
		if notPython(v) && !holdsFlow([]byte(cases[i].source)) {
			continue // files without a flow are not ours to judge
		}
		for _, d := range differences([]byte(cases[i].source), v) {
			if strings.Contains(d, silentSinceOpen) {
				// A random change may hide what a class is from any reader. The flows
				// of the corpus themselves are held to the verdict without this.
				open++
				t.Logf("%s: %s", cases[i].name, d)
				continue
			}
			if shown++; shown <= 5 {
				t.Errorf("%s: %s\n%s", cases[i].name, d, cases[i].source)
			} else {
				t.Errorf("%s: %s", cases[i].name, d)
			}
		}
	}
	if limit := len(cases)/100 + 1; open > limit {
		t.Errorf("%d of %d flows are too open to be judged, more than %d", open, len(cases), limit)
	}
	return verdicts
}

// notPython: the file does not even compile.
func notPython(v verdict) bool {
	for _, e := range []string{"SyntaxError:", "IndentationError:", "TabError:"} {
		if strings.HasPrefix(v.Error, e) {
			return true
		}
	}
	return false
}

// count reads how many flows to make from the environment.
func count(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}
