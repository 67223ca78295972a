package flow

import "flowls/analysis/syntax"

// mayBeStep reports whether the value of a class attribute could be a step
// that is made or kept elsewhere. Literals and Metaflow's parameters are not.
func (fi *finder) mayBeStep(c *class, m *member) bool {
	switch m.kind {
	case memberImport, memberModule:
		return true
	case memberValue:
	default:
		return false
	}
	switch value := m.value.Unwrap(); value.Kind() {
	case syntax.Call:
		switch fi.metaflow(c, dotted(value.Child(syntax.FieldFunction)), m.at) {
		case "Parameter", "IncludeFile", "Config":
			return false
		}
		return true
	case syntax.Attribute, syntax.Identifier, syntax.Subscript, syntax.ConditionalExpression, syntax.BooleanOperator, syntax.NamedExpression:
		return true
	}
	return false
}

// openIfWanted opens the flow when an attribute that may be a step is one that
// the graph needs: a transition leads to it, or it is named like the first or
// last step. Any other would be unreachable, so it is none.
func (f *Flow) openIfWanted(possible map[string]bool) {
	if len(possible) == 0 {
		return
	}
	wanted := []string{"start", "end"}
	for _, s := range f.Steps {
		if s.Next == nil {
			continue
		}
		for _, t := range s.Next.Targets {
			wanted = append(wanted, t.Name)
		}
	}
	for _, name := range wanted {
		if possible[name] {
			f.open("the value of `" + name + "` may be a step")
		}
	}
}
