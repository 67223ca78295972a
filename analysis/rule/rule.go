// Package rule holds the diagnostics of flowls: one file per family, every
// rule with its code, severity, documentation and quick fixes.
package rule

import (
	"flowls/analysis/artifact"
	"flowls/analysis/flow"
	"flowls/analysis/graph"
	"flowls/analysis/text"
)

// Severity orders how bad a finding is.
type Severity int

const (
	Hint Severity = iota + 1
	Info
	Warning
	Error
)

// Rule describes one code. A code never changes its meaning.
type Rule struct {
	Code     string // "MF107"
	Name     string // "unknown-step"
	Severity Severity
	Summary  string // one line
	// Why, Bad, Good and Fix are Markdown: why it hurts (with Metaflow's own
	// error text), a bad example, a good one, how to repair.
	Why, Bad, Good, Fix string
	proof               string // see Proof
	// MetaflowCheck names the function of metaflow/lint.py that this rule stands for, or "".
	MetaflowCheck string
	// FromRun: the rule says what happened in a run. No file shows it by itself,
	// so the analysis never finds it; the server does.
	FromRun bool
	// FromCluster: the rule compares the file with what a cluster has, which the
	// analysis does not know; the server does.
	FromCluster bool
	// Unneeded: what it finds can go. Editors may fade it.
	Unneeded bool
}

// Outside reports whether it takes more than files to find it.
func (r *Rule) Outside() bool { return r.FromRun || r.FromCluster }

// Diagnostic is one finding.
type Diagnostic struct {
	Rule    *Rule
	Message string // what is wrong, then what to do; names in backquotes
	Span    text.Span
	Flow    string
	Step    string
	// MetaflowCheck is Rule.MetaflowCheck when this finding is one that
	// Metaflow's linter would raise, else "".
	MetaflowCheck string
	// MetaflowLine is the one-based line that Metaflow prints with it, 0 if none;
	// it is one of MetaflowFile, or of this file if that is "".
	MetaflowLine int
	MetaflowFile string
	Related      []Related
	Elsewhere    []Elsewhere
	Fixes        []Fix
	// Perhaps: the code that is wrong may never run, so a run may well succeed.
	Perhaps bool
	// Configured is the severity that the user chose for this finding, 0 for that of its rule.
	Configured Severity
}

// Severity is how bad this finding is.
func (d Diagnostic) Severity() Severity {
	if d.Configured != 0 {
		return d.Configured
	}
	if d.Perhaps {
		return min(d.Rule.Severity, Warning)
	}
	return d.Rule.Severity
}

// Preferred is the fix that is most likely right, if there is one.
func (d Diagnostic) Preferred() (Fix, bool) {
	for _, fix := range d.Fixes {
		if fix.Preferred && len(fix.Edits) > 0 {
			return fix, true
		}
	}
	return Fix{}, false
}

// Related points at another place that explains a finding.
type Related struct {
	Span    text.Span
	Message string
}

// Elsewhere points at a line of another file that explains a finding.
type Elsewhere struct {
	File    string // absolute path
	Line    int    // one-based
	Message string
	// Text and Span are the exact place, if that is known; else Text is nil.
	Text *text.Text
	Span text.Span
}

// Fix is a quick fix; without Edits it is advice only.
type Fix struct {
	Title     string
	Edits     []text.Edit
	Preferred bool
}

func (s Severity) String() string {
	switch s {
	case Hint:
		return "hint"
	case Info:
		return "info"
	case Warning:
		return "warning"
	}
	return "error"
}

// Input is what rules see.
type Input struct {
	File   *flow.File
	Graphs []*graph.Graph // parallel to File.Flows
	// Artifacts follows the artifacts through a flow, given by its place in File.Flows.
	Artifacts func(int) *artifact.Facts
	// Workspace, if set, gives the flows of the whole workspace, nil while they
	// are not known. It may be costly: ask it last.
	Workspace func() Workspace
}

// Workspace is what the files of a workspace define together.
type Workspace interface {
	Known(class string) bool
	Flows() []string
}
