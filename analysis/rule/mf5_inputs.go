package rule

import (
	"slices"

	"flowls/analysis/artifact"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	unknownBranch = &Rule{Code: "MF505", Name: "unknown-branch", Severity: Error, Summary: "A join asks inputs for a step that does not lead to it."}
	branchLacks   = &Rule{Code: "MF506", Name: "branch-lacks-artifact", Severity: Error, Summary: "A join reads an artifact of a branch that never has it."}
)

// inputChecks looks at what joins read of their branches.
func (c *checker) inputChecks() {
	if !c.artifacts.Closed {
		return
	}
	for s := range c.reachableSteps() {
		if s.Node.Type != graph.Join || s.Opaque || len(s.Node.In) == 0 {
			continue
		}
		told := map[[2]string]bool{}
		theirs := keepsInputs(s.Node.Step.Method.Code())
		if theirs {
			c.memberChecks(s)
		}
		for _, in := range s.Inputs {
			key := [2]string{in.Branch, in.Name}
			if in.Guarded || told[key] {
				continue
			}
			told[key] = true
			if in.Branch != "" && !slices.Contains(s.Node.In, in.Branch) {
				if theirs {
					c.unknownBranch(s, in)
				}
				continue
			}
			c.branchArtifact(s, in)
		}
	}
}

// unknownBranch reports inputs.branch of a step that does not lead to the join.
func (c *checker) unknownBranch(s *artifact.Step, in *artifact.Input) {
	if in.Branch == "flows" || artifact.Reserved(in.Branch) && c.graph.Nodes[in.Branch] == nil || in.Conditional && c.graph.Nodes[in.Branch] != nil {
		return
	}
	d := Diagnostic{Rule: unknownBranch, Step: s.Node.Step.Name, Perhaps: in.Conditional}
	start := in.Span.Start + len(c.inputsName(s)) + 1
	d.Span = text.Span{Start: start, End: start + len(in.Branch)}
	exact := c.code(d.Span) == in.Branch
	if !exact {
		d.Span = in.Span
	}
	d.Message = "No step `" + in.Branch + "` leads to the join `" + s.Node.Step.Name + "`"
	likely := ""
	if n := c.graph.Nodes[in.Branch]; n != nil {
		for _, from := range s.From() {
			if from.Node.Branch() == in.Branch {
				likely = from.Node.Step.Name
				d.Message = "`" + in.Branch + "` starts a branch, but inputs are named by the last step of it"
			}
		}
		d.Related = []Related{related(n, "`"+in.Branch+"` is defined here")}
	}
	if likely == "" {
		likely = nearArtifact(in.Branch, s.Node.In)
	}
	if likely == "" {
		d.Message += ": it joins " + quote(s.Node.In) + "."
	} else {
		d.Message += ": did you mean `" + likely + "`?"
		if exact {
			d.Fixes = []Fix{{Title: "Did you mean " + likely + "?", Edits: []text.Edit{{Span: d.Span, New: likely}}, Preferred: true}}
		}
	}
	c.report(d)
}

func (c *checker) inputsName(s *artifact.Step) string { return s.Node.Step.Method.Code().Inputs }

// branchArtifact reports what the branch or branches lack that a join reads.
func (c *checker) branchArtifact(s *artifact.Step, in *artifact.Input) {
	var lacking, maybe []*artifact.Step
	branches, without := s.Branches(), 0
	for _, branch := range branches {
		missing := 0
		for _, from := range branch {
			if in.Branch != "" && from.Node.Step.Name != in.Branch {
				continue
			}
			switch from.Exit(in.Name) {
			case artifact.Never:
				lacking = append(lacking, from)
				missing++
			case artifact.Maybe:
				maybe = append(maybe, from)
			}
		}
		if missing == len(branch) {
			without++
		}
	}
	d := Diagnostic{Step: s.Node.Step.Name, Perhaps: in.Conditional}
	var last text.Span
	d.Span, last = c.attributeSpan(in.Span, in.Name)
	switch {
	case in.Branch != "" && len(lacking) > 0:
		d.Message = "`" + in.Branch + "` never has an artifact `" + in.Name + "`"
	case in.Branch == "" && without == len(branches):
		d.Message = "No branch of `" + s.Node.Step.Name + "` has an artifact `" + in.Name + "`"
	case in.Each && without > 0 && !in.Conditional:
		d.Message = "This reads `" + in.Name + "` of every branch, and " + quote(stepNames(lacking)) + " never has it"
	case len(maybe) > 0 && !in.Conditional && (in.Branch != "" || in.Each):
		c.maybeBranch(d, s, in, maybe[0])
		return
	default:
		return
	}
	d.Rule = branchLacks
	sites := c.artifacts.Sites(in.Name)
	if functions := functionsOf(sites); len(functions) > 0 {
		d.Message += ": what `" + functions[0].Method.Name + "` sets it to is a function, and Metaflow stores no functions."
		d.Related = c.setAt(functions, setIn)
		c.report(d)
		return
	}
	d.Related = c.setAt(sites, setIn)
	var have []string
	for _, from := range lacking {
		have = append(have, slices.DeleteFunc(c.known(from), func(n string) bool { return n == in.Name || slices.Contains(have, n) })...)
	}
	close := ""
	if c.nearestAsked++; c.nearestAsked <= suggestionLimit {
		close = nearArtifact(in.Name, have)
	}
	switch {
	case close != "":
		d.Message += ": did you mean `" + close + "`?"
		if last != (text.Span{}) {
			d.Fixes = []Fix{{Title: "Did you mean " + close + "?", Edits: []text.Edit{{Span: last, New: close}}, Preferred: true}}
		}
	case c.lostAt(lacking[0], in.Name) != nil:
		d.Message += ": the join `" + c.lostAt(lacking[0], in.Name).Node.Step.Name + "` in it leaves it behind."
	default:
		d.Message += ": set it there, or read it where it is set."
	}
	c.report(d)
}

func (c *checker) maybeBranch(d Diagnostic, s *artifact.Step, in *artifact.Input, from *artifact.Step) {
	d.Rule = maybeUnset
	name := from.Node.Step.Name
	sites, _ := from.Reached(in.Name)
	d.Message = "`" + name + "` may end without `" + in.Name + "`: only some of its paths set it. Set it on every path, or ask first."
	for _, site := range sites {
		if step := c.artifacts.Step(site.Method.Name); step != nil && step.Caught() && !site.Conditional {
			d.Message = "`" + name + "` may end without `" + in.Name + "`, as @catch lets the flow go on when it fails. Set it first thing in the step, or ask first."
		}
	}
	d.Related = c.setAt(sites, setIn)
	c.report(d)
}

func stepNames(steps []*artifact.Step) []string {
	var names []string
	for _, s := range steps {
		names = append(names, s.Node.Step.Name)
	}
	return names
}
