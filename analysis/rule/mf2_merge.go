package rule

import (
	"fmt"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	mergeOutsideJoin  = &Rule{Code: "MF206", Name: "merge-outside-join", Severity: Error, Summary: "merge_artifacts is called in a step that is no join."}
	includeAndExclude = &Rule{Code: "MF207", Name: "include-and-exclude", Severity: Error, Summary: "merge_artifacts gets both include and exclude."}
	includeMissing    = &Rule{Code: "MF208", Name: "include-missing", Severity: Error, Summary: "merge_artifacts includes an artifact that no branch has."}

	mergeRules = []*Rule{mergeConflict, likelyConflict, mergeOutsideJoin, includeAndExclude, includeMissing, mergeArguments}
)

// mergeChecks looks at the calls of merge_artifacts.
func (c *checker) mergeChecks() {
	for s := range c.reachableSteps() {
		if c.unsure(s.Node) || s.Opaque {
			continue
		}
		told := map[text.Span]bool{}
		for _, m := range s.Merges {
			at := m.Span
			if m.Via != (text.Span{}) {
				at = m.Via
			}
			if told[at] || m.Via != (text.Span{}) && m.Conditional {
				continue
			}
			told[at] = true
			if s.Node.Type != graph.Join {
				if len(s.Node.Step.Args) < 2 {
					name := s.Node.Step.Name
					d := Diagnostic{Rule: mergeOutsideJoin, Span: at, Step: name,
						Message: "`merge_artifacts` works only in a join, and `" + name + "` is none: it already has all artifacts of the step before. Remove the call."}
					if len(s.Node.SplitParents()) > 0 && m.Via == (text.Span{}) {
						d.Message = "`merge_artifacts` works only in a join, and `" + name + "` is none. Write `def " + name + "(self, inputs)` if the branches meet here; otherwise remove the call."
						if m.Call.Text == "self.merge_artifacts" && len(m.Call.Items) == 1 && m.Call.Items[0].Text == "inputs" && len(s.Node.In) > 1 {
							d.Fixes = c.takeInputs(s.Node.Step)
						}
					}
					c.report(d)
				}
				continue
			}
			if m.Via == (text.Span{}) && c.mergeArguments(s, m) {
				continue
			}
			if m.Dynamic {
				c.mergeStrings(s, m)
				continue
			}
			if len(m.Include) > 0 && len(m.Exclude) > 0 {
				c.includeAndExclude(s, m, at)
				continue
			}
			c.includedNames(s, m)
		}
	}
}

func (c *checker) includeAndExclude(s *artifact.Step, m *artifact.Merge, at text.Span) {
	d := Diagnostic{
		Rule: includeAndExclude, Span: at, Step: s.Node.Step.Name,
		Message: "`merge_artifacts` takes `include` or `exclude`, not both: what is not included is left out anyway.",
	}
	if k, ok := m.Call.Keyword("exclude"); ok {
		if span, ok := c.withComma(k.Span); ok {
			d.Fixes = []Fix{{Title: "Remove exclude", Edits: []text.Edit{{Span: span}}, Preferred: true}}
		}
	}
	c.report(d)
}

// withComma is an argument with the comma before it.
func (c *checker) withComma(argument text.Span) (text.Span, bool) {
	before := c.code(text.Span{Start: max(0, argument.Start-200), End: argument.Start})
	trimmed := strings.TrimRight(before, " \t\r\n")
	if !strings.HasSuffix(trimmed, ",") {
		return text.Span{}, false
	}
	return text.Span{Start: argument.Start - (len(before) - len(trimmed)) - 1, End: argument.End}, true
}

// includedNames looks for names that no branch has.
func (c *checker) includedNames(s *artifact.Step, m *artifact.Merge) {
	if !c.artifacts.Closed || m.Partial {
		return
	}
	for _, v := range m.Include {
		_, maybe := m.Before(v.Text)
		if maybe || !c.noBranchHas(s, v.Text) {
			continue
		}
		var have []string
		for _, name := range c.artifacts.Names() {
			if !c.noBranchHas(s, name) {
				have = append(have, name)
			}
		}
		d := Diagnostic{
			Rule: includeMissing, Span: v.Span, Step: s.Node.Step.Name,
			Message: "No branch of `" + s.Node.Step.Name + "` has an artifact `" + v.Text + "`, so `merge_artifacts` fails",
		}
		close := nearArtifact(v.Text, have)
		if close == "" {
			d.Message += ". Set it in a branch, or take it out."
		} else {
			d.Message += ": did you mean `" + close + "`?"
		}
		if close != "" && v.Span.Len() == len(v.Text)+2 {
			inner := text.Span{Start: v.Span.Start + 1, End: v.Span.End - 1}
			d.Fixes = []Fix{{Title: "Did you mean " + close + "?", Edits: []text.Edit{{Span: inner, New: close}}, Preferred: true}}
		}
		d.Related = c.setAt(c.artifacts.Sites(v.Text), setIn)
		c.report(d)
	}
}

func (c *checker) noBranchHas(s *artifact.Step, name string) bool {
	for _, from := range s.From() {
		if from.Exit(name) != artifact.Never {
			return false
		}
	}
	return true
}

// exclude adds a name to what a merge leaves out, if its call can take one more.
func (c *checker) exclude(m *artifact.Merge, name string) (Fix, bool) {
	fix := Fix{Title: fmt.Sprintf("Exclude %s", name)}
	if len(m.Include) > 0 || m.Dynamic {
		return fix, false
	}
	if k, ok := m.Call.Keyword("exclude"); ok {
		list := k.Value
		if list.Kind != flow.List || len(list.Items) == 0 {
			return fix, false
		}
		at := list.Items[len(list.Items)-1].Span.End
		fix.Edits = []text.Edit{{Span: text.Span{Start: at, End: at}, New: `, "` + name + `"`}}
		return fix, true
	}
	if len(m.Call.Items) != 1 || len(m.Call.Keywords) > 0 {
		return fix, false
	}
	at := m.Call.Items[0].Span.End
	if c.code(m.Call.Items[0].Span) == "" {
		return fix, false
	}
	fix.Edits = []text.Edit{{Span: text.Span{Start: at, End: at}, New: `, exclude=["` + name + `"]`}}
	return fix, true
}
