package difftest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// modelStep is a step of a generated flow, before it is written as Python.
type modelStep struct {
	name       string
	args       string // "self" or "self, inputs"
	decorators []string
	marker     string // "@step", or "" when a mutation took it away
	form       form
	targets    []*modelStep
	keys       []string // of a switch, parallel to targets
	ghost      string   // written instead of the last target's name when set
	tail       string   // overrides the transition: written as it is
}

type form int

const (
	noNext form = iota
	linear
	split
	foreach
	numParallel
	switched
)

// model is a flow that grows at random; valid by construction until it is mutated.
type model struct {
	r     *rand.Rand
	steps []*modelStep
	limit int
}

func newModel(seed uint64, limit int) *model {
	m := &model{r: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), limit: limit}
	start := m.step("start")
	if m.r.IntN(3) == 0 { // a start that splits by itself
		start.name = m.name()
		m.steps = nil
		start = nil
	}
	entry, exit := m.chain(3)
	if start == nil {
		if len(entry.decorators) == 0 && !slices.Contains(entry.targets, entry) {
			entry.name = "start"
		} else {
			start = m.step("start")
			link(start, entry)
		}
	} else {
		link(start, entry)
	}
	end := m.step("end")
	link(exit, end)
	if m.r.IntN(8) == 0 {
		m.annotate(end)
	}
	return m
}

// annotate names start and end by @step(start=True) and @step(end=True) instead.
func (m *model) annotate(end *modelStep) {
	i := slices.IndexFunc(m.steps, func(s *modelStep) bool { return s.name == "start" })
	m.steps[i].name, m.steps[i].marker = "opening", "@step(start=True)"
	end.name, end.marker = "closing", "@step(end=True)"
}

func (m *model) name() string { return fmt.Sprintf("s%02d", len(m.steps)) }

func (m *model) step(name string) *modelStep {
	s := &modelStep{name: name, args: "self", marker: "@step"}
	m.steps = append(m.steps, s)
	return s
}

func (m *model) join() *modelStep {
	s := m.step(m.name())
	s.args = "self, inputs"
	return s
}

func link(from, to *modelStep) { from.form, from.targets = linear, []*modelStep{to} }

// chain makes one to three blocks in a row: its first step and its open last one.
func (m *model) chain(depth int) (entry, exit *modelStep) {
	for range 1 + m.r.IntN(3) {
		first, last := m.block(depth)
		if exit == nil {
			entry = first
		} else {
			link(exit, first)
		}
		exit = last
	}
	return entry, exit
}

func (m *model) block(depth int) (entry, exit *modelStep) {
	if depth == 0 || len(m.steps) >= m.limit {
		s := m.step(m.name())
		return s, s
	}
	s := m.step(m.name())
	switch m.r.IntN(6) {
	case 0:
		return s, s
	case 1:
		s.form = split
		return s, m.branches(s, depth, m.join, 2+m.r.IntN(2))
	case 2:
		s.form = foreach
		return s, m.branches(s, depth, m.join, 1)
	case 3:
		s.form = numParallel
		gang := m.step(m.name())
		gang.decorators = []string{"@parallel"}
		s.targets = []*modelStep{gang}
		join := m.join()
		link(gang, join)
		return s, join
	case 4: // a switch that may call itself or skip ahead
		s.form = switched
		exit = m.branches(s, depth, func() *modelStep { return m.step(m.name()) }, 1+m.r.IntN(2))
		if m.r.IntN(2) == 0 {
			s.targets = append(s.targets, s)
		}
		if len(s.targets) < 2 || m.r.IntN(3) == 0 {
			s.targets = append(s.targets, exit)
		}
		for i := range s.targets {
			s.keys = append(s.keys, []string{`"k%d"`, "%d", "%d.5", `b"%d"`, "self.cfg.k%d"}[m.r.IntN(5)])
			s.keys[i] = fmt.Sprintf(s.keys[i], i+2)
		}
		return s, exit
	default:
		last := m.step(m.name())
		link(s, last)
		return s, last
	}
}

// branches hangs n chains below s that all lead to one closing step.
func (m *model) branches(s *modelStep, depth int, closing func() *modelStep, n int) *modelStep {
	var exits []*modelStep
	for range n {
		entry, exit := m.chain(depth - 1)
		s.targets = append(s.targets, entry)
		exits = append(exits, exit)
	}
	end := closing()
	for _, e := range exits {
		link(e, end)
	}
	return end
}

// python writes the flow, with a layout that varies.
func (m *model) python() string {
	var b strings.Builder
	b.WriteString("from metaflow import Config, FlowSpec, card, parallel, retry, step\n\n\nclass Generated(FlowSpec):\n    cfg = Config(\"cfg\", default_value={})\n")
	steps := slices.Clone(m.steps)
	m.r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	for _, s := range steps {
		b.WriteString("\n")
		if m.r.IntN(5) == 0 && s.marker != "" {
			b.WriteString([]string{"    # note\n", "    @retry(\n        times=1,\n    )\n", "    @card\n"}[m.r.IntN(3)])
		}
		for _, d := range append(slices.Clone(s.decorators), s.marker) {
			if d != "" {
				b.WriteString("    " + d + "\n")
			}
		}
		if m.r.IntN(8) == 0 {
			b.WriteString("    # between\n")
		}
		fmt.Fprintf(&b, "    def %s(%s):\n", s.name, s.args)
		if m.r.IntN(3) == 0 {
			b.WriteString("        \"\"\"Says\n        something.\"\"\"\n")
		}
		b.WriteString("        self.x = [\n            1]\n" + m.transition(s))
	}
	text := b.String()
	if m.r.IntN(10) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (m *model) transition(s *modelStep) string {
	if s.tail != "" {
		return "        " + s.tail + "\n"
	}
	var names []string
	for i, t := range s.targets {
		name := "self." + t.name
		if s.ghost != "" && i == len(s.targets)-1 {
			name = "self." + s.ghost
		}
		if s.form == switched {
			key := fmt.Sprintf("%q", t.name)
			if i < len(s.keys) {
				key = s.keys[i]
			}
			name = key + ": " + name
		}
		names = append(names, name)
	}
	switch s.form {
	case noNext:
		return ""
	case switched:
		names = []string{"{" + strings.Join(names, ", ") + "}", `condition="x"`}
	case foreach:
		names = append(names, `foreach="x"`)
	case numParallel:
		names = append(names, "num_parallel=2")
	}
	inner, open, comma := strings.Join(names, ", "), "", ""
	if m.r.IntN(4) == 0 {
		open, comma = "\n            ", "\n        "
	}
	return "        self.next(" + open + inner + comma + ")\n"
}
