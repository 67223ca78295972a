package config

import (
	"slices"
	"strings"

	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/internal/near"
)

// Problem is a place of a pyproject.toml that is not understood.
type Problem struct {
	Span    text.Span
	Message string
}

// Parse reads the table [tool.flowls] of a pyproject.toml; false if there is
// none. What is wrong is left out and told; the rest counts. A nil layer means
// that nothing could be read.
func Parse(src []byte) (l *Layer, found bool, problems []Problem) {
	table, broken := readTable(src)
	switch {
	case broken != nil:
		return nil, true, []Problem{*broken}
	case table == nil:
		return nil, false, nil
	}
	r := &reader{}
	if table.kind != tableKind {
		r.problem(table.span, "`tool.flowls` must be a table.")
	}
	for _, m := range table.members {
		r.key(m)
	}
	return &r.layer, true, r.problems
}

type reader struct {
	layer    Layer
	problems []Problem
}

func (r *reader) problem(at text.Span, message string) {
	r.problems = append(r.problems, Problem{at, message})
}

// Keys are the keys of the table.
func Keys() []string { return slices.Clone(keysOf) }

var keysOf = []string{"select", "ignore", "severity", "per-file-ignores"}

// executing are keys that would choose what is executed. Nothing reads them.
var executing = []string{
	"interpreter", "python", "python-path", "path", "command", "cmd", "args", "executable", "binary", "env", "environment", "venv", "trusted", "trust",
}

func (r *reader) key(m member) {
	switch m.name {
	case "select":
		r.layer.Select = r.selectors(m.name, m)
	case "ignore":
		r.layer.Ignore = r.selectors(m.name, m)
	case "severity":
		if !r.isTable(m, `{ MF2 = "warning" }`) {
			return
		}
		for _, entry := range m.value.members {
			s, ok := r.selector(m.name, entry.span, entry.name)
			if entry.value.kind != stringKind {
				r.problem(entry.span, "`severity`: the severity of `"+near.Short(entry.name)+"` is a string: "+near.Join(Severities(), "or")+".")
				continue
			}
			as, wrong := ParseSeverity(entry.value.text)
			if wrong != "" {
				r.problem(entry.value.span, "`severity`: "+wrong)
			} else if ok {
				r.layer.Severity = append(r.layer.Severity, Severity{s, as})
			}
		}
	case "per-file-ignores":
		if !r.isTable(m, `{ "tests/**" = ["MF2"] }`) {
			return
		}
		for _, entry := range m.value.members {
			if wrong := checkPattern(entry.name); wrong != "" {
				r.problem(entry.span, "`per-file-ignores`: "+wrong)
				continue
			}
			r.layer.PerFile = append(r.layer.PerFile, PerFile{entry.name, r.selectors("per-file-ignores", entry)})
		}
	default:
		r.unknown(m)
	}
}

func (r *reader) unknown(m member) {
	if slices.Contains(executing, strings.ReplaceAll(strings.ToLower(m.name), "_", "-")) {
		r.problem(m.span, "`"+near.Short(m.name)+"` is refused: no file of a workspace chooses what is executed. Set it in your editor.")
		return
	}
	message := "`tool.flowls` has no key `" + near.Short(m.name) + "`"
	if similar := near.DidYouMean(m.name, keysOf); similar != "" {
		r.problem(m.span, message+similar)
		return
	}
	r.problem(m.span, message+". Its keys are "+near.Join(keysOf, "and")+".")
}

func (r *reader) isTable(m member, example string) bool {
	if m.value.kind != tableKind {
		r.problem(m.span, "`"+m.name+"` must be a table: `"+m.name+" = "+example+"`.")
		return false
	}
	return true
}

// selectors reads the list of a member, which is key or stands in it.
func (r *reader) selectors(key string, m member) (list []rule.Selector) {
	if m.value.kind != arrayKind {
		r.problem(m.span, "`"+near.Short(m.name)+"` must be a list of codes: `"+`["MF1", "unknown-step"]`+"`.")
		return nil
	}
	for _, item := range m.value.items {
		if item.kind != stringKind {
			r.problem(m.span, "`"+near.Short(m.name)+"` must hold strings only: codes, beginnings of codes or names of rules.")
			continue
		}
		if s, ok := r.selector(key, item.span, item.text); ok {
			list = append(list, s)
		}
	}
	return list
}

// runFamily is what happened in runs: news, not findings about the code.
const runFamily = "MF8"

func (r *reader) selector(key string, at text.Span, written string) (rule.Selector, bool) {
	s, wrong := ParseSelector(written)
	if wrong == "" && s.Within(runFamily) {
		wrong = "`" + near.Short(written) + "` is what happened in a run, which is always shown."
	}
	if wrong != "" {
		r.problem(at, "`"+key+"`: "+wrong)
	}
	return s, wrong == ""
}
