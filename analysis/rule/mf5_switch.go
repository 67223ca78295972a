package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

var (
	switchWithoutCase = &Rule{Code: "MF520", Name: "switch-without-case", Severity: Error, Summary: "The condition of a switch holds a value that has no case."}
	duplicateCase     = &Rule{Code: "MF521", Name: "duplicate-case", Severity: Warning, Summary: "A switch has two cases with equal keys: only the last one counts."}
	sameCases         = &Rule{Code: "MF522", Name: "same-cases", Severity: Hint, Summary: "All cases of a switch lead to the same step."}
	switchKeyword     = &Rule{Code: "MF523", Name: "switch-keyword", Severity: Error, Summary: "A switch is given more than its condition."}
)

// switches checks the transitions that choose by the value of an artifact.
func (c *checker) switches(n *graph.Node, op *flow.Op) {
	if len(op.Value.Items) != 1 || op.Value.Items[0].Kind != flow.Dict {
		return
	}
	cases := op.Value.Items[0]
	c.switchKeywords(n, op)
	c.duplicateCases(n, cases)
	if targets := n.Step.Next.Targets; len(targets) > 1 && !slices.ContainsFunc(targets, func(t flow.Target) bool { return t.Name != targets[0].Name }) {
		c.report(Diagnostic{Rule: sameCases, Step: n.Step.Name, Span: cases.Span.Shift(n.Step.Method.Base),
			Message: fmt.Sprintf("All cases lead to `%s`, so nothing is chosen. Write `self.next(self.%s)`, or lead the cases to different steps.", targets[0].Name, targets[0].Name)})
	}
	c.switchValues(n, op, cases)
}

// switchKeywords: at run time a switch takes condition= alone.
func (c *checker) switchKeywords(n *graph.Node, op *flow.Op) {
	call := op.Value.Shift(n.Step.Method.Base)
	for _, k := range call.Keywords {
		known := k.Name == "foreach" || k.Name == "num_parallel"
		if k.Name == "condition" || known && k.Value.Kind == flow.None {
			continue
		}
		message := fmt.Sprintf("A switch takes no `%s=`: the run fails here with \"passes an unknown keyword argument\". Remove it.", k.Name)
		if known {
			message = fmt.Sprintf("A switch cannot be combined with `%s=`: the run fails here. Choose first, and let the chosen step make the foreach.", k.Name)
		}
		c.report(Diagnostic{Rule: switchKeyword, Step: n.Step.Name, Span: k.Span, Message: message, Fixes: []Fix{c.removeKeyword(call, k)}})
	}
}

// caseKey is a constant such that equal ones are equal in Python: 1, 1.0 and True.
func caseKey(v flow.Value) (string, bool) {
	switch v.Kind {
	case flow.Bool:
		if v.Text == "True" {
			return "n1", true
		}
		return "n0", true
	case flow.Int, flow.Float:
		return "n" + v.Text, true
	case flow.String:
		return "s" + v.Text, true
	case flow.Bytes:
		return "b" + v.Text, true
	case flow.None:
		return "None", true
	}
	return "", false
}

func (c *checker) duplicateCases(n *graph.Node, cases flow.Value) {
	last := map[string]int{}
	for i, k := range cases.Keys {
		if key, ok := caseKey(k); ok {
			last[key] = i
		}
	}
	base := n.Step.Method.Base
	for i, k := range cases.Keys {
		key, ok := caseKey(k)
		if !ok || last[key] == i {
			continue
		}
		other := cases.Keys[last[key]]
		d := Diagnostic{Rule: duplicateCase, Step: n.Step.Name, Span: k.Span.Shift(base),
			Message: fmt.Sprintf("The key `%s` stands here twice, and Python keeps only the last: this case never leads to `%s`. Give it a key of its own, or remove it.", c.file.Slice(k.Span.Shift(base)), strings.TrimPrefix(cases.Items[i].Text, "self.")),
			Related: []Related{{other.Span.Shift(base), "the case that counts"}}}
		c.report(d)
	}
}

// switchValues compares what the step assigns to the condition with the cases.
func (c *checker) switchValues(n *graph.Node, op *flow.Op, cases flow.Value) {
	name := n.Step.Next.Condition
	keys := map[string]bool{}
	allStrings := true
	for _, k := range cases.Keys {
		key, ok := caseKey(k)
		if !ok {
			return // a key from a config
		}
		keys[key] = true
		allStrings = allStrings && k.Kind == flow.String
	}
	if cases.Unpacks || c.isClassValue(name) {
		return
	}
	values, sure := c.valuesAt(n, name, op)
	reasons := make([]string, len(values))
	for i, v := range values {
		key, constant := caseKey(v.Value)
		switch {
		case constant && !keys[key]:
			reasons[i] = c.whyNoCase(v.Value, cases)
		case v.Kind == flow.Test && allStrings:
			reasons[i] = "a comparison gives `True` or `False`, and all keys are strings. Use the keys `True` and `False`."
		case slices.Contains([]flow.ValueKind{flow.List, flow.Set, flow.Dict, flow.ListComp, flow.SetComp, flow.DictComp}, v.Kind):
			reasons[i] = "a list, set or dict cannot be looked up in the cases. Store one of the keys."
		}
	}
	always := sure && !slices.Contains(reasons, "")
	for i, v := range values {
		why, at := reasons[i], v.Span.Shift(n.Step.Method.Base)
		if why == "" || v.fallback && !always {
			continue // `self.kind = None` before a loop that sets it
		}
		d := Diagnostic{Rule: switchWithoutCase, Step: n.Step.Name, Span: at,
			Message: fmt.Sprintf("`self.%s` gets a value that has no case in the switch, and the run fails there: %s", name, why),
			Related: []Related{{cases.Span.Shift(n.Step.Method.Base), "the cases"}}}
		d.Fixes = c.caseFixes(n, v.Value, cases)
		c.report(d)
	}
}

// isClassValue reports whether a name is a Parameter, Config, property or
// another value of the class: an assignment fails, or means something else.
func (c *checker) isClassValue(name string) bool {
	return len(c.flow.Attributes[name]) > 0 || len(c.flow.Methods[name]) > 0
}

func (c *checker) whyNoCase(v flow.Value, cases flow.Value) string {
	for _, k := range cases.Keys {
		if v.Kind != k.Kind && v.Kind != flow.Bytes && k.Kind != flow.Bytes && v.Text == k.Text && v.Kind != flow.None {
			return fmt.Sprintf("the case `%s` has another type. Use keys of the type of the value.", keyText(k))
		}
	}
	if near := c.nearCase(v, cases); near != nil {
		return fmt.Sprintf("there is no case `%s`. Did you mean `%s`?", keyText(v), keyText(*near))
	}
	return fmt.Sprintf("there is no case `%s`. Add one.", keyText(v))
}

// keyText writes a constant as Python does.
func keyText(v flow.Value) string {
	switch v.Kind {
	case flow.String:
		return fmt.Sprintf("%q", v.Text)
	case flow.Bytes:
		return fmt.Sprintf("b%q", v.Text)
	case flow.None:
		return "None"
	}
	return v.Text
}

// nearCase is the case that a string was most likely meant to be.
func (c *checker) nearCase(v flow.Value, cases flow.Value) *flow.Value {
	if v.Kind != flow.String || len(v.Text) < 3 {
		return nil
	}
	wanted := []rune(strings.ToLower(v.Text))
	limit := min(len(wanted)/3+1, 3)
	var best *flow.Value
	var m measure
	for i, k := range cases.Keys {
		if k.Kind != flow.String || len(k.Text) < 3 {
			continue
		}
		if cost := m.distance(wanted, k.Text, limit); cost < limit {
			best, limit = &cases.Keys[i], cost
		}
	}
	return best
}

// caseFixes take the near key, or one that differs only in its type.
func (c *checker) caseFixes(n *graph.Node, v flow.Value, cases flow.Value) []Fix {
	base := n.Step.Method.Base
	var fixes []Fix
	if near := c.nearCase(v, cases); near != nil {
		fixes = append(fixes, Fix{Title: "Did you mean " + keyText(*near) + "?",
			Edits: []text.Edit{{Span: v.Span.Shift(base), New: c.file.Slice(near.Span.Shift(base))}}, Preferred: true})
	}
	// A new case leads to a step that is yet to be written: only a constant that may be a key.
	last := cases.Items[len(cases.Items)-1].Span.Shift(base)
	if _, constant := caseKey(v); constant && v.Kind != flow.None && !strings.HasPrefix(v.Text, "-") && c.graph.End != nil && c.graph.Nodes[n.Step.Name] != c.graph.End && c.mayEnd(n) {
		fixes = append(fixes, Fix{Title: "Add the case " + keyText(v), Edits: insert(last.End, fmt.Sprintf(", %s: self.%s", c.file.Slice(v.Span.Shift(base)), c.graph.End.Step.Name))})
	}
	return fixes
}

// mayEnd: no split is open, so a case may lead to the end.
func (c *checker) mayEnd(n *graph.Node) bool {
	return c.graph.Start != nil && n.Lineage() == c.graph.Start.Lineage()
}
