package server

import (
	"context"
	"fmt"
	"strings"

	"flowls/analysis/text"
	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/protocol"
)

// InlayHints stand behind each assignment to an artifact: what the shown run stored there.
func (r *runs) InlayHints(ctx context.Context, v *view, within text.Span) ([]protocol.InlayHint, error) {
	ctx, _ = store.AtOnce(ctx) // what comes later has the client ask again
	var hints []protocol.InlayHint
	var now *presentText
	for _, f := range v.File.Flows {
		state := r.state(flowKey{v.doc.URI, f.Name})
		if state == nil {
			continue
		}
		for _, s := range ownSteps(f) {
			sv := state.steps[s.Name]
			if sv == nil || !overlaps(s.Span, within) {
				continue
			}
			task := sv.at()
			if task == nil {
				continue
			}
			all, err := r.artifacts.of(ctx, sv.of, task)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				r.s.log.Debug("artifacts are not shown", "task", task.ID, "error", err)
				continue
			}
			byName := make(map[string]shownArtifact, len(all))
			for _, a := range all {
				byName[a.Name] = a
			}
			behind := map[int]map[string]bool{} // names of the artifacts whose hints stand at an offset
			for _, assign := range s.Assigns {
				if _, ok := byName[assign.Name]; ok {
					if behind[assign.StatementEnd] == nil {
						behind[assign.StatementEnd] = map[string]bool{}
					}
					behind[assign.StatementEnd][assign.Name] = true
				}
			}
			for _, assign := range s.Assigns {
				a, ok := byName[assign.Name]
				if !ok || !within.Contains(assign.StatementEnd) {
					continue
				}
				if sv.text != nil && !sv.chosen {
					if now == nil {
						now = newPresentText(v)
					}
					if !now.ran(sv.text, v.doc.Text.Line(assign.Span.Start), v.doc.Text.Line(assign.StatementEnd)) {
						continue // what stands here now has not run
					}
				}
				label := hintLabel(a)
				if len(behind[assign.StatementEnd]) > 1 { // which is which, and short: editors cut what is longer
					if text := a.preview(); text != "" {
						label = text
					}
					label = assign.Name + ": " + label
				}
				if n := len(sv.step.Tasks); n > 1 {
					label += " · " + ofTasks(sv, task)
				}
				hints = append(hints, protocol.InlayHint{
					Position:    v.doc.position(assign.StatementEnd),
					Label:       protocol.String(label),
					Tooltip:     protocol.String(hintTooltip(sv, task, a)),
					PaddingLeft: new(true),
				})
			}
		}
	}
	return hints, nil
}

// hintLabel is the value if it is short, else what it is and its size.
func hintLabel(a shownArtifact) string {
	switch text := a.preview(); {
	case text == "":
		return shortType(a.Type) + " · " + bytesText(a.Size)
	case a.is.Sized(), strings.HasSuffix(text, " items]"), strings.HasSuffix(text, " items)"), strings.HasSuffix(text, " items}"):
		return text + " · " + bytesText(a.Size)
	default:
		return text
	}
}

func hintTooltip(sv *stepView, task *runstate.Task, a shownArtifact) string {
	lines := []string{fmt.Sprintf("%s · %s pickled", a.Type, bytesText(a.Size))}
	if !a.Changed {
		lines = append(lines, "same value as before this step")
	}
	from := fmt.Sprintf("%s/%s/%s/%s", sv.of.run.Flow, sv.of.run.ID, task.Step, task.ID)
	if n := len(sv.step.Tasks); n > 1 {
		from += fmt.Sprintf(" (one of %d tasks)", n)
	}
	return strings.Join(append(lines, from), "\n")
}

// shortType is the class without its module.
func shortType(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// bytesText is a size as a hint shows it.
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.3g kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.3g MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.3g GB", float64(n)/1e9)
}

// ofTasks says which of several tasks a value is from.
func ofTasks(sv *stepView, task *runstate.Task) string {
	if sv.one() == task {
		return taskTitle(task)
	}
	return fmt.Sprintf("1 of %d", len(sv.step.Tasks))
}
