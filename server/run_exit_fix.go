package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/rule"
	"flowls/runner/runstate"
)

// exitFixes are Metaflow's own answers to a step whose process ends without an
// exception, so that no line is to blame: run it again, or go on without it.
// Which of them is right, if any, only the user knows.
func (v *view) exitFixes(f *flow.Flow, s *flow.Step) []rule.Fix {
	if s.File != "" {
		return nil
	}
	var fixes []rule.Fix
	if decoratorNamed(s, "retry") == nil {
		fixes = v.decorate(s.Span.Start, "retry", "(times=2)", "Run the step again when it fails: add @retry(times=2)")
	}
	if name := v.catchAs(f, s); name != "" {
		arguments := "(var=" + strconv.Quote(name) + ")"
		fixes = append(fixes, v.decorate(s.Span.Start, "catch", arguments, "Let the flow go on without what the step sets when it fails: add @catch"+arguments)...)
	}
	for i := range fixes {
		fixes[i].Preferred = false
	}
	return fixes
}

// catchAs is an artifact in which @catch can keep the failure of a step, "" where
// Metaflow does not take @catch, or where nothing is to go on.
func (v *view) catchAs(f *flow.Flow, s *flow.Step) string {
	i := v.flowNamed(f.Name)
	n := v.node(i, s.Name)
	if n == nil || n.Step != s || s.Opaque || s.Broken || n.ParallelStep || n.MaybeParallel || decoratorNamed(s, "catch") != nil {
		return ""
	}
	switch n.Type {
	case graph.Start, graph.LinearT, graph.Split, graph.Join:
	default: // foreach and switch take no @catch
		return ""
	}
	base := strings.TrimLeft(s.Name, "_0123456789")
	if base == "" {
		base = "step"
	}
	facts, source := v.Artifacts(i), string(v.doc.Text.Bytes())
	taken := func(name string) bool {
		method, attribute := artifact.Definition(f, name)
		return method != nil || attribute != nil || artifact.Reserved(name) || slices.Contains(facts.Names(), name) || strings.Contains(source, name)
	}
	name := base + "_failed"
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s_failed_%d", base, n)
	}
	return name
}

// exited: the process of the failed task ended, and nothing was raised.
func exited(f *runstate.Failure) bool {
	return f.Exception == nil && f.Attempt.ReturnCode != nil && !f.Elsewhere.Elsewhere()
}
