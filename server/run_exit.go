package server

import (
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/runstate"
	"flowls/server/stepedit"
)

// exited: the process of the failed task ended, and nothing was raised.
func exited(f *runstate.Failure) bool {
	return f.Exception == nil && f.Attempt.ReturnCode != nil && !f.Elsewhere.Elsewhere()
}

func (v *view) exitFixes(f *flow.Flow, s *flow.Step) []rule.Fix {
	i := v.flowNamed(f.Name)
	return stepedit.Exit(v.doc.Text, f, s, v.node(i, s.Name), func() *artifact.Facts { return v.Artifacts(i) })
}
