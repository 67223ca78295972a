package rule

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

var unknownFlow = &Rule{Code: "MF701", Name: "unknown-flow", Severity: Hint, Summary: "A flow is named that the workspace does not have, but it has one of nearly that name."}

// workspaceRules are about flows that the workspace has or lacks: MF701 and on.
var workspaceRules = []*Rule{unknownFlow}

// namedFlow is a place that names a flow.
type namedFlow struct {
	name string
	span text.Span
	in   string // the flow whose decorator it is, if any
}

// unknownFlows looks for flows that are named and that the workspace lacks.
// Flows of other repositories are normal, so it speaks only of likely slips.
func unknownFlows(in Input) []Diagnostic {
	if in.Workspace == nil {
		return nil
	}
	named := triggers(in.File)
	for _, m := range in.File.Mentions() {
		named = append(named, namedFlow{name: m.Name, span: m.Span})
	}
	named = slices.DeleteFunc(named, func(n namedFlow) bool {
		return !isName(n.name) || slices.ContainsFunc(in.File.Flows, func(f *flow.Flow) bool { return f.Name == n.name })
	})
	if len(named) == 0 {
		return nil
	}
	all := in.Workspace()
	if all == nil {
		return nil
	}
	flows := slices.Clone(all.Flows())
	for _, f := range in.File.Flows { // as the file is now
		flows = append(flows, f.Name)
	}
	slices.Sort(flows)
	flows = slices.Compact(flows)
	var found []Diagnostic
	for _, n := range named {
		if all.Known(n.name) {
			continue
		}
		near := nearlyOnly(n.name, flows)
		if near == "" {
			continue
		}
		d := Diagnostic{Rule: unknownFlow, Span: n.span, Flow: n.in,
			Message: fmt.Sprintf("The workspace has no flow `%s`. Did you mean `%s`?", n.name, near)}
		if written := in.File.Text.Slice(n.span); strings.Count(written, n.name) == 1 {
			d.Fixes = []Fix{{
				Title: "Did you mean " + near + "?",
				Edits: []text.Edit{{Span: n.span, New: strings.Replace(written, n.name, near, 1)}},
			}}
		}
		found = append(found, d)
	}
	return found
}

// triggers are the flows that @trigger_on_finish names by a literal.
func triggers(file *flow.File) []namedFlow {
	var list []namedFlow
	for _, f := range file.Flows {
		for _, d := range f.Decorators {
			if d.Name != "trigger_on_finish" || !d.FromMetaflow {
				continue
			}
			for _, a := range d.Args {
				values := []flow.Value{a.Value}
				switch {
				case a.Name == "flows" && (a.Value.Kind == flow.List || a.Value.Kind == flow.Tuple):
					values = a.Value.Items
				case a.Name != "flow":
					continue
				}
				for _, v := range values {
					if v.Kind == flow.String {
						list = append(list, namedFlow{v.Text, v.Span, f.Name})
					}
				}
			}
		}
	}
	return list
}

// isName: a plain name, not project.branch.Flow or a path of a run.
func isName(s string) bool {
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return s != ""
}

// nearlyOnly is the flow that was probably meant: one that differs by one slip of the
// keyboard, which the number in a name is not. "" if there is none, or several.
func nearlyOnly(name string, flows []string) string {
	const limit = 2 // what is below counts
	var m measure
	found := ""
	for _, f := range flows {
		if f == name || digitless(f) == digitless(name) || m.distance([]rune(strings.ToLower(name)), f, limit) >= limit {
			continue
		}
		if found != "" {
			return ""
		}
		found = f
	}
	return found
}

func digitless(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, s)
}
