package server

import (
	"os"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// maxStderr bounds what is read of a run's standard error, from its end.
const maxStderr = 32 << 10

// refusal is why the run ended, where no step tells; nil where one does or
// where nobody knows.
func (v *runView) refusal() *runstate.Refusal {
	if v.record == nil || v.record.Status != local.Failed {
		return nil
	}
	if v.run != nil {
		for _, s := range v.run.Steps {
			if s.Status.Bad() {
				return nil // its exception says more
			}
		}
	}
	if v.record.Exit != nil && v.record.Exit.Error != "" {
		return &runstate.Refusal{Message: v.record.Exit.Error}
	}
	r := runstate.ParseRefusal(tail(v.record.StderrPath(), maxStderr))
	if r != nil && r.Kind == "Unknown user" {
		r.Message += "\n" + userHint
	}
	return r
}

const userHint = "Metaflow does not run flows for root. Say who you are: set METAFLOW_USER to a name in the environment that the editor is started from."

// begun reports whether a step of the run started.
func (v *runView) begun() bool {
	if v.run == nil {
		return false
	}
	for _, s := range v.run.Steps {
		if len(s.Tasks) > 0 {
			return true
		}
	}
	return false
}

// tail is the end of a file in whole lines, "" if it cannot be read.
func tail(path string, limit int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	from := max(info.Size()-limit, 0)
	buf := make([]byte, info.Size()-from)
	n, _ := f.ReadAt(buf, from) // what was read is what there is
	text := strings.ToValidUTF8(string(buf[:n]), "\uFFFD")
	if from > 0 {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// refusalDiagnostic puts the reason on the line of the file that it names, as
// long as that line is there. Mistakes that the rules find as well are not
// shown twice.
func (v *view) refusalDiagnostic(path string, now *presentText, f *flow.Flow, shown *runView) (rule.Diagnostic, bool) {
	r := shown.refused
	if d, ok := tooManySplits(f, shown); ok {
		return d, true
	}
	if r == nil || r.Lint || shown.text == nil {
		return rule.Diagnostic{}, false
	}
	line := r.Line(func(file string) bool { return sameFile(file, path) })
	if line = now.since(shown.text).line(line); line == 0 {
		return rule.Diagnostic{}, false
	}
	span := v.codeOf(line)
	for _, d := range v.Document.Diagnostics {
		if r.Kind == "SyntaxError" && d.Rule.Code == "MF001" && d.Span.Start <= span.End && span.Start <= d.Span.End {
			return rule.Diagnostic{}, false
		}
	}
	return rule.Diagnostic{
		Rule: rule.RunNotStarted, Flow: f.Name, Span: span,
		Message: r.String() + "\nso the last run of `" + f.Name + "` ended before its first step",
	}, true
}

// refusalMessage tells the user at once why what was asked for did not happen.
func refusalMessage(v *runView, refused *runstate.Refusal) string {
	verb := "did not start"
	if v.begun() {
		verb = "failed"
	}
	what := v.record.Flow
	if v.record.Kind.OneStep() {
		what = "Step " + v.record.Step + " of " + what
	}
	return what + " " + verb + ". " + refused.String()
}
