package difftest

import (
	"testing"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
)

// The comparison itself must notice every kind of difference.
func TestCompareNotices(t *testing.T) {
	isError, isHint := &rule.Rule{Code: "MF107", Severity: rule.Error}, &rule.Rule{Code: "MF002", Severity: rule.Hint}
	unknown := flowVerdict{Flow: "F", Check: "check_unknown_transitions", Line: 7}
	match := rule.Diagnostic{Rule: isError, Flow: "F", MetaflowCheck: unknown.Check, MetaflowLine: 7}
	line, other := match, match
	line.MetaflowLine, other.MetaflowCheck = 8, "check_num_args"
	hint := match
	hint.Rule = isHint
	fine := flowVerdict{Flow: "F", OK: true}
	child := flowVerdict{Flow: "G", OK: true, Bases: []string{"F"}}
	stray := rule.Diagnostic{Rule: isError, Flow: "Helper"}
	for name, c := range map[string]struct {
		flows []*flow.Flow
		found []rule.Diagnostic
		v     verdict
		want  int
	}{
		"both fine":            {named("F"), nil, verdict{Flows: []flowVerdict{fine}}, 0},
		"same finding":         {named("F"), []rule.Diagnostic{other, match}, verdict{Flows: []flowVerdict{unknown}}, 0},
		"other line":           {named("F"), []rule.Diagnostic{line}, verdict{Flows: []flowVerdict{unknown}}, 1},
		"other check":          {named("F"), []rule.Diagnostic{other}, verdict{Flows: []flowVerdict{unknown}}, 1},
		"a hint is no error":   {named("F"), []rule.Diagnostic{hint}, verdict{Flows: []flowVerdict{unknown}}, 1},
		"missed":               {named("F"), nil, verdict{Flows: []flowVerdict{unknown}}, 1},
		"false alarm":          {named("F"), []rule.Diagnostic{match}, verdict{Flows: []flowVerdict{fine}}, 1},
		"flow not seen":        {nil, nil, verdict{Flows: []flowVerdict{fine}}, 1},
		"no Python, no error":  {nil, nil, verdict{Error: "SyntaxError"}, 1},
		"no Python, an error":  {named("F"), []rule.Diagnostic{match}, verdict{Error: "SyntaxError"}, 0},
		"crash missed":         {named("F"), nil, verdict{Flows: []flowVerdict{{Flow: "F", Check: "c", Crash: "IndexError"}}}, 1},
		"crash found":          {named("F"), []rule.Diagnostic{other}, verdict{Flows: []flowVerdict{{Flow: "F", Check: "c", Crash: "IndexError"}}}, 0},
		"base that never runs": {named("F", "G"), nil, verdict{Flows: []flowVerdict{unknown, child}}, 0},
		"alarm in such a base": {named("F", "G"), []rule.Diagnostic{match}, verdict{Flows: []flowVerdict{unknown, child}}, 1},
		"error in no flow":     {named("F"), []rule.Diagnostic{stray}, verdict{Flows: []flowVerdict{fine}}, 1},
	} {
		if got := compare(c.flows, c.found, c.v); len(got) != c.want {
			t.Errorf("%s: %d differences, want %d: %q", name, len(got), c.want, got)
		}
	}
}

func named(names ...string) []*flow.Flow {
	var out []*flow.Flow
	for _, n := range names {
		out = append(out, &flow.Flow{Name: n})
	}
	return out
}
