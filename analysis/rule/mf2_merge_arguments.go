package rule

import (
	"slices"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

var mergeArguments = &Rule{Code: "MF220", Name: "merge-arguments", Severity: Error, Summary: "merge_artifacts gets an argument that it does not take, a string for a list, or no inputs."}

// mergeParameters are those of merge_artifacts, in order.
var mergeParameters = []string{"inputs", "exclude", "include"}

// mergeArguments checks how merge_artifacts is called, and reports whether Python refuses that.
func (c *checker) mergeArguments(s *artifact.Step, m *artifact.Merge) bool {
	d := Diagnostic{Rule: mergeArguments, Step: s.Node.Step.Name, Span: m.Span}
	_, named := m.Call.Keyword("inputs")
	inputs := s.Node.Step.Method.Code().Inputs
	switch {
	case m.Call.Unpacks || m.Call.Kind != flow.Call:
		return false
	case len(m.Call.Items) > len(mergeParameters):
		d.Message = "`merge_artifacts` takes `inputs`, `exclude` and `include`: remove what is behind."
		c.report(d)
		return true
	}
	for _, k := range m.Call.Keywords {
		if contains(mergeParameters, k.Name) {
			continue
		}
		d.Span = k.NameSpan
		d.Message = "`merge_artifacts` has no argument `" + k.Name + "`; it takes `inputs`, `exclude` and `include`."
		if near := nearest(k.Name, mergeParameters); near != "" && slices.Contains(notGiven(m.Call), near) {
			d.Message = "`merge_artifacts` has no argument `" + k.Name + "`; use `" + near + "`."
			d.Fixes = []Fix{{Title: "Change to " + near + "=", Edits: []text.Edit{{Span: d.Span, New: near}}, Preferred: true}}
		}
		c.report(d)
		return true
	}
	if len(m.Call.Items) == 0 && !named {
		d.Message = "`merge_artifacts` needs the branches to merge: give it `" + inputs + "`."
		c.report(d)
		return true
	}
	return false
}

// notGiven are the arguments of merge_artifacts that a call leaves out.
func notGiven(call flow.Value) []string {
	return slices.DeleteFunc(slices.Clone(mergeParameters[min(len(call.Items), len(mergeParameters)):]), func(name string) bool {
		_, given := call.Keyword(name)
		return given
	})
}
