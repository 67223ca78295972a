package server

import (
	"fmt"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
	"flowls/server/podtrouble"
	"flowls/server/stepedit"
)

// clusterRules are the rules of the kinds of findings.
var clusterRules = map[preflight.Kind]*rule.Rule{
	preflight.NoDataStore: rule.NoDataStore, preflight.NoCluster: rule.NoCluster, preflight.NoPackage: rule.NoPackage,
	preflight.NotPermitted: rule.NotPermitted, preflight.NoNamespace: rule.UnknownNamespace, preflight.NoAccount: rule.UnknownAccount,
	preflight.NoSecret: rule.UnknownSecret, preflight.NoClaim: rule.UnknownClaim, preflight.NoPullSecret: rule.UnknownPullSecret,
	preflight.TooLarge: rule.NoNodeLargeEnough, preflight.NoNode: rule.NoNodeOpen, preflight.OverLimit: rule.OverLimitRange,
	preflight.OverQuota: rule.OverQuota, preflight.Refused: rule.RefusedByCluster, preflight.NotYet: rule.NodeYetToCome,
}

// diagnostics are the findings of a comparison at their places: arguments of
// decorators, else the name of the step or flow.
func (c *comparison) diagnostics() []rule.Diagnostic {
	var all []rule.Diagnostic
	for _, f := range c.found[""] {
		all = append(all, rule.Diagnostic{Rule: clusterRules[f.Kind], Flow: c.flow.Name, Span: c.flow.NameSpan, Message: podtrouble.Sentence(f.Message)})
	}
	placed := map[text.Span]map[string]bool{} // a step of a base class is one of several flows
	for _, step := range c.steps {
		for _, f := range c.found[step.Request.Step] {
			d := c.diagnostic(step, f)
			if placed[d.Span] == nil {
				placed[d.Span] = map[string]bool{}
			}
			if !placed[d.Span][d.Message] {
				placed[d.Span][d.Message] = true
				all = append(all, d)
			}
		}
	}
	return all
}

func (c *comparison) diagnostic(step *kubestep.Step, f preflight.Finding) rule.Diagnostic {
	d := rule.Diagnostic{Rule: clusterRules[f.Kind], Flow: c.flow.Name, Step: step.Request.Step, Message: podtrouble.Sentence(f.Message)}
	var written flow.Value
	d.Span, written = step.Place(f)
	if !c.flow.Owns(d.Span) {
		d.Span = c.flow.NameSpan
		d.Message = fmt.Sprintf("Step `%s`: %s", step.Request.Step, f.Message)
		return d
	}
	if instead, ok := replacement(written, f); ok {
		d.Fixes = []rule.Fix{{Title: "Change to " + instead, Edits: []text.Edit{{Span: written.Span, New: instead}}}}
	} else if decorator, argument := step.Add(f); decorator != nil {
		fix := stepedit.AddArgument(c.view.doc.Text, decorator, argument, "Add "+argument)
		fix.Preferred = false // for the user to decide, as with the others
		d.Fixes = []rule.Fix{fix}
	}
	return d
}

// replacement is what to write for a value, as the file writes it.
func replacement(written flow.Value, f preflight.Finding) (string, bool) {
	if f.Instead == "" {
		return "", false
	}
	switch written.Kind {
	case flow.Int, flow.Float:
		return f.Instead, true
	case flow.String:
		return `"` + f.Instead + `"`, true
	}
	return "", false
}

func fields(s string) []string { return strings.Fields(s) }
