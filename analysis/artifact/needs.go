package artifact

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
)

// Needs are the artifacts that the step reads, of itself, of the branches that
// it joins or as the item of a foreach, with the steps that may have set what
// it gets; parameters and values of the class have none. open: it may read others.
func (s *Step) Needs() (needs map[string][]*Step, open bool) {
	needs = map[string][]*Step{}
	for _, r := range s.Reads {
		open = open || r.Escaped()
		if _, known := needs[r.Name]; !known && (r.Kind != Called || s.facts.Sites(r.Name) != nil) {
			needs[r.Name] = s.setters(r.Name, s.From())
		}
	}
	for _, in := range s.Inputs {
		for _, from := range s.setters(in.Name, s.branch(in.Branch)) {
			if !slices.Contains(needs[in.Name], from) {
				needs[in.Name] = append(needs[in.Name], from)
			}
		}
	}
	if split := s.split(); split != nil {
		if name := split.Node.Step.Next.Foreach; needs[name] == nil {
			needs[name] = s.setters(name, []*Step{split})
		}
	}
	return needs, open || s.Opaque || s.body.exit.unknown
}

// branch are the ends of one branch of a join, of all for "" or a name that is none.
func (s *Step) branch(name string) []*Step {
	var ends []*Step
	for _, from := range s.From() {
		if from != nil && (from.Node.Step.Name == name || from.Node.Branch() == name) {
			ends = append(ends, from)
		}
	}
	if len(ends) == 0 {
		return s.From()
	}
	return ends
}

// split is the foreach step around s whose items it gets.
func (s *Step) split() *Step {
	parents := s.Node.SplitParents()
	if s.Node.Type == graph.Join && len(parents) > 0 { // it closes the innermost
		parents = parents[:len(parents)-1]
	}
	for i := len(parents) - 1; i >= 0; i-- {
		p := s.facts.Step(parents[i])
		if p == nil || p == s {
			continue
		}
		if next := p.Node.Step.Next; next != nil && next.Kind == flow.Foreach && next.Foreach != "" {
			return p
		}
	}
	return nil
}

// setters are the steps that may have set a name last on the way through some steps.
func (s *Step) setters(name string, through []*Step) []*Step {
	var found []*Step
	seen := map[*Step]bool{}
	var walk func(steps []*Step)
	walk = func(steps []*Step) {
		for _, p := range steps {
			if p == nil || seen[p] {
				continue
			}
			seen[p] = true
			sites, before := p.last(name)
			if len(sites) > 0 {
				found = append(found, p)
			}
			if before {
				walk(p.From())
			}
		}
	}
	walk(through)
	return found
}
