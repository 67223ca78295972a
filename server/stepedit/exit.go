package stepedit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// Exit is Metaflow's own answers to a step whose process ends without an
// exception, so that no line is to blame: run it again, or go on without it.
// Which of them is right, if any, only the user knows.
// n is the step in the graph, nil if it is in none.
func Exit(src *text.Text, f *flow.Flow, s *flow.Step, n *graph.Node, facts func() *artifact.Facts) []rule.Fix {
	if s.File != "" {
		return nil
	}
	var fixes []rule.Fix
	if Decorator(s, "retry") == nil {
		fixes = Decorate(src, s.Span.Start, "retry", "(times=2)", "Run the step again when it fails: add @retry(times=2)")
	}
	if name := catchAs(src, f, s, n, facts); name != "" {
		arguments := "(var=" + strconv.Quote(name) + ")"
		fixes = append(fixes, Decorate(src, s.Span.Start, "catch", arguments, "Let the flow go on without what the step sets when it fails: add @catch"+arguments)...)
	}
	for i := range fixes {
		fixes[i].Preferred = false
	}
	return fixes
}

// catchAs is an artifact in which @catch can keep the failure of a step, "" where
// Metaflow does not take @catch, or where nothing is to go on.
func catchAs(src *text.Text, f *flow.Flow, s *flow.Step, n *graph.Node, facts func() *artifact.Facts) string {
	if n == nil || n.Step != s || s.Opaque || s.Broken || n.ParallelStep || n.MaybeParallel || Decorator(s, "catch") != nil {
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
	known, source := facts().Names(), string(src.Bytes())
	taken := func(name string) bool {
		method, attribute := artifact.Definition(f, name)
		return method != nil || attribute != nil || artifact.Reserved(name) || slices.Contains(known, name) || strings.Contains(source, name)
	}
	name := base + "_failed"
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s_failed_%d", base, n)
	}
	return name
}
