package server

import (
	"fmt"
	"regexp"
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

var splitsPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`Foreach in step \*?(\w+)\*? yielded (\d+) child steps which is more than the current maximum of (\d+)`)
})

// tooManySplits puts the foreach that the scheduler refused on its step: the
// task itself ended well.
func tooManySplits(f *flow.Flow, shown *runView) (rule.Diagnostic, bool) {
	if shown.refused == nil {
		return rule.Diagnostic{}, false
	}
	m := splitsPattern().FindStringSubmatch(shown.refused.Message)
	if m == nil {
		return rule.Diagnostic{}, false
	}
	for _, s := range f.Steps {
		if s.Name != m[1] {
			continue
		}
		d := rule.Diagnostic{Rule: rule.TaskFailed, Flow: f.Name, Step: s.Name, Span: foreachSpan(s)}
		if s.File != "" {
			d.Span = f.NameSpan
		}
		d.Message = fmt.Sprintf("The foreach yielded %s tasks, and run %s allowed %s. Add `--max-num-splits %s` to the command line, or hand the tasks several items each.",
			m[2], shown.metaflowID(), m[3], m[2])
		return d, true
	}
	return rule.Diagnostic{}, false
}

// foreachSpan is the transition that makes the tasks, else the step's name.
func foreachSpan(s *flow.Step) text.Span {
	if t := s.Next; t != nil && t.ForeachCall && s.File == "" {
		return t.Span
	}
	return s.NameSpan
}
