package rule

import (
	"slices"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// memberChecks looks at inputs.x as such: inputs has the steps that lead to
// the join, and flows, which is the list of them.
func (c *checker) memberChecks(s *artifact.Step) {
	told := map[string]bool{}
	for _, in := range s.Members {
		if in.Guarded || told[in.Branch] || in.Branch == "flows" || strings.HasPrefix(in.Branch, "__") || slices.Contains(s.Node.In, in.Branch) {
			continue
		}
		told[in.Branch] = true
		if !c.artifactOfInputs(s, in) {
			c.unknownBranch(s, in)
		}
	}
}

// artifactOfInputs reports inputs.x where x is an artifact of the branches.
func (c *checker) artifactOfInputs(s *artifact.Step, in *artifact.Input) bool {
	if c.graph.Nodes[in.Branch] != nil {
		return false
	}
	var have []*artifact.Step
	branches := s.Branches()
	for _, branch := range branches {
		for _, from := range branch {
			if p := from.Exit(in.Branch); p != artifact.Never && p != artifact.Unknown {
				have = append(have, from)
			}
		}
	}
	if len(have) == 0 {
		return false
	}
	inputs := c.inputsName(s)
	item := "i"
	if inputs == item {
		item = "one"
	}
	better := "[" + item + "." + in.Branch + " for " + item + " in " + inputs + "]"
	if len(have) == 1 && len(branches) > 1 {
		better = inputs + "." + have[0].Node.Step.Name + "." + in.Branch
	}
	d := Diagnostic{Rule: unknownBranch, Step: s.Node.Step.Name, Span: in.Span, Perhaps: in.Conditional}
	d.Message = "`" + inputs + "` has the steps that lead to `" + s.Node.Step.Name + "`, and `" + in.Branch + "` is an artifact of "
	if len(have) == 1 {
		d.Message += "`" + have[0].Node.Step.Name + "`"
	} else {
		d.Message += "them"
	}
	d.Message += ": write `" + better + "`."
	if c.bareMember(in.Span) && c.code(in.Span) == inputs+"."+in.Branch && !slices.ContainsFunc(have, func(from *artifact.Step) bool { return from.Exit(in.Branch) != artifact.Surely }) {
		d.Fixes = []Fix{{Title: "Change to " + better, Edits: []text.Edit{{Span: in.Span, New: better}}}}
	}
	d.Related = c.setAt(c.artifacts.Sites(in.Branch), setIn)
	c.report(d)
	return true
}

// bareMember: the expression is a whole value, so that a list may take its place.
func (c *checker) bareMember(span text.Span) bool {
	line := c.file.LineSpan(span.Start)
	if line.End < span.End {
		return false
	}
	before := strings.TrimRight(c.file.Slice(text.Span{Start: line.Start, End: span.Start}), " \t")
	behind := strings.TrimLeft(c.file.Slice(text.Span{Start: span.End, End: line.End}), " \t")
	if behind != "" && !strings.ContainsRune(",)]}#;", rune(behind[0])) {
		return false
	}
	if assigned, ok := strings.CutSuffix(before, "="); ok { // not of ==, += and the like
		return assigned != "" && !strings.ContainsRune("=!<>+-*/%&|^@:~", rune(assigned[len(assigned)-1]))
	}
	return before == "" || strings.ContainsRune("(,[{:", rune(before[len(before)-1])) || strings.HasSuffix(before, "return")
}

// keepsInputs reports whether the name of inputs stands for nothing else in
// the method, and no attribute of it is set.
func keepsInputs(code *flow.Code) bool {
	if bindsLocal(code.Ops, code.Inputs) {
		return false
	}
	kept := true
	walkOps(code.Ops, func(o *flow.Op) {
		if o.Kind == flow.OpInputsEscape && (o.Value.Kind != flow.Call || o.Value.Text == "setattr" || o.Value.Text == "vars") {
			kept = false
		}
	})
	return kept
}
