package server

import (
	"fmt"
	"path/filepath"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/runstate"
)

// maxRelated bounds the places beside a failure: a recursion has too many to look at.
const maxRelated = 16

// Diagnostics are the exceptions of the shown run, at the lines that raised them.
func (r *runs) Diagnostics(v *view) []rule.Diagnostic {
	path := v.doc.Path()
	if path == "" {
		return nil
	}
	var found []rule.Diagnostic
	var now *presentText
	for _, f := range v.File.Flows {
		state := r.state(flowKey{v.doc.URI, f.Name})
		if state == nil {
			continue
		}
		if shown := state.shown; shown != nil && shown.refused != nil && !state.cleared {
			if now == nil {
				now = newPresentText(v)
			}
			if d, ok := v.refusalDiagnostic(path, now, f, shown); ok {
				found = append(found, d)
			}
		}
		for _, s := range f.Steps {
			sv := state.steps[s.Name]
			if sv == nil || sv.cleared {
				continue
			}
			for _, t := range sv.troubles {
				found = append(found, v.podDiagnostic(f, s, sv, t, r.fit(v, f, s, sv.of, t)))
			}
			if sv.failure == nil || sv.podsExplain() {
				continue
			}
			if now == nil {
				now = newPresentText(v)
			}
			found = append(found, v.failureDiagnostic(path, now, f, s, sv))
		}
	}
	return found
}

func (v *view) failureDiagnostic(path string, now *presentText, f *flow.Flow, s *flow.Step, sv *stepView) rule.Diagnostic {
	e := sv.failure.Exception
	d := rule.Diagnostic{
		Rule: rule.TaskFailed, Flow: f.Name, Step: s.Name, Span: s.NameSpan,
		Message: failureMessage(sv, v.hint(f, sv)),
	}
	if e == nil {
		e = &runstate.Exception{} // no frames: the step's name has to do
	}
	if s.File != "" {
		d.Span = f.NameSpan // the step is in another file, see Elsewhere
	}
	d.Fixes = sv.lacks.Fixes(v.doc.Text, f, s)
	if exited(sv.failure) {
		d.Fixes = append(d.Fixes, v.exitFixes(f, s)...)
	}
	frames := userFrames(e, path)
	placed := false
	for i := len(frames) - 1; i >= 0; i-- {
		line := sv.mapLine(now, frames[i])
		if line == 0 {
			continue
		}
		span := v.codeOf(line)
		if !placed {
			d.Span, placed = span, true
			continue
		}
		if len(d.Related) == maxRelated {
			break
		}
		d.Related = append(d.Related, rule.Related{Span: span, Message: "called from `" + frames[i].Function + "`"})
	}
	if !placed && len(frames) > 0 {
		d.Message += fmt.Sprintf("\nLine %d of the file as it was run has changed since.", frames[len(frames)-1].Line)
	}
	for _, frame := range e.Frames {
		if !sameFile(frame.File, path) && v.inWorkspace(frame.File) {
			d.Elsewhere = append(d.Elsewhere, rule.Elsewhere{File: frame.File, Line: frame.Line, Message: "in `" + frame.Function + "`"})
		}
	}
	return d
}

// mapLine is the present line of a frame (1-based), 0 if it is gone.
func (s *stepView) mapLine(now *presentText, frame runstate.Frame) int {
	if s.text != nil {
		return now.since(s.text).line(frame.Line)
	}
	return now.quoted(frame.Text, frame.Line) // nobody kept the text: the traceback quotes the line
}

// codeOf is the span of a line (1-based) without its indentation and line end.
func (v *view) codeOf(line int) text.Span {
	span := v.doc.Text.LineSpan(line - 1)
	code := v.doc.Text.Slice(span)
	trimmed := strings.TrimLeft(code, " \t\f")
	start := span.Start + len(code) - len(trimmed)
	return text.Span{Start: start, End: start + len(strings.TrimRight(trimmed, " \t\r\n"))}
}

// inWorkspace: frames of libraries are not worth a link.
func (v *view) inWorkspace(path string) bool {
	if !filepath.IsAbs(path) || strings.Contains(path, "/site-packages/") {
		return false
	}
	folder := folderOf(v.snapshot, v.doc.Path())
	if folder == "" {
		folder = filepath.Dir(v.doc.Path())
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../") && !strings.HasPrefix(rel, ".venv/") && !strings.HasPrefix(rel, "venv/")
}
