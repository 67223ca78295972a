package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"flowls/runner/preview"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

// artifactCache keeps the artifacts of the tasks that were shown last.
type artifactCache struct {
	mu     sync.Mutex
	byTask map[string][]shownArtifact
}

// shownArtifact is an artifact and what its value is, as far as a glance tells.
type shownArtifact struct {
	runstate.Artifact
	is *preview.Description // never nil
}

// preview is the value in some 60 bytes; "" if type and size say as much.
func (a shownArtifact) preview() string {
	if a.is.Kind == preview.Opaque || a.is.Kind == preview.Object && a.is.Summary == shortType(a.Type) {
		return ""
	}
	return a.is.Short()
}

const (
	maxCachedTasks = 64
	// glances bounds the time that the large values of one task are looked at.
	glances = 150 * time.Millisecond
)

// of reads the artifacts of a task once; an attempt that has data does not change any more.
func (c *artifactCache) of(ctx context.Context, v *runView, task *runstate.Task) ([]shownArtifact, error) {
	key := fmt.Sprintf("%s/%s/%s/%s/%s/%d", v.run.Root, v.run.Flow, v.run.ID, task.Step, task.ID, task.Last().N)
	c.mu.Lock()
	known, ok := c.byTask[key]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	all, err := v.reader.Artifacts(ctx, v.run, task)
	if err != nil {
		return nil, err
	}
	if !v.reader.Readable(task.Store) {
		return nil, fmt.Errorf("%w: in %s", runstate.ErrElsewhere, task.Store.Root)
	}
	shown := make([]shownArtifact, 0, len(all))
	begin := time.Now()
	complete := true
	for _, a := range all {
		budget := runstate.Glance
		if a.Store.Elsewhere() {
			budget.Bytes = remoteGlance
		}
		budget.Time = max(time.Millisecond, min(budget.Time, glances-time.Since(begin)))
		d, err := v.reader.Describe(ctx, v.run.Flow, a, budget)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, store.ErrPending) {
			complete = false
			continue
		}
		if err != nil { // type and size are worth showing all the same
			d = &preview.Description{Kind: preview.Opaque}
			d.Known(a.Type)
		}
		shown = append(shown, shownArtifact{a, d})
	}
	if task.Status.Done() && complete {
		c.mu.Lock()
		if len(c.byTask) >= maxCachedTasks {
			clear(c.byTask)
		}
		c.byTask[key] = shown
		c.mu.Unlock()
	}
	return shown, nil
}

// artifactHover is what the shown run stored under the name that stands at an
// offset, as the step around it left it: the value, a table of its first rows.
func (r *runs) artifactHover(ctx context.Context, v *view, offset int) string {
	for i, f := range v.File.Flows {
		u := usesAt(v.Artifacts(i), offset)
		if u.name == "" {
			continue
		}
		state := r.state(flowKey{v.doc.URI, f.Name})
		if state == nil {
			return ""
		}
		for _, s := range ownSteps(f) {
			sv := state.steps[s.Name]
			if sv == nil || !contains(s.Span, offset) || u.branch != nil {
				continue
			}
			task := sv.at()
			if task == nil {
				return ""
			}
			ctx, cancel := context.WithTimeout(ctx, hoverLimit)
			defer cancel()
			all, err := store.Together(ctx, func(ctx context.Context) ([]shownArtifact, error) { return r.artifacts.of(ctx, sv.of, task) })
			if err != nil {
				return unreadMarkdown(task, err)
			}
			for _, a := range all {
				if a.Name == u.name {
					return r.valueMarkdown(ctx, sv, task, a)
				}
			}
		}
	}
	return ""
}

// valueMarkdown shows one value. A large one is looked at once more, and longer.
func (r *runs) valueMarkdown(ctx context.Context, sv *stepView, task *runstate.Task, a shownArtifact) string {
	d := a.is
	if d.Partial || d.Kind == preview.Opaque {
		if more, err := sv.of.reader.Describe(ctx, sv.of.run.Flow, a.Artifact, quick(a.Artifact)); err == nil {
			d = more
		}
	}
	var m markdown
	text := d.Summary
	if d.Kind == preview.Opaque {
		text = shortType(a.Type)
	}
	m.paragraph("**value** %s · %s", code(text), bytesText(a.Size))
	m.description(d)
	from := fmt.Sprintf("%s/%s/%s/%s", sv.of.run.Flow, sv.of.run.ID, task.Step, task.ID)
	if n := len(sv.step.Tasks); n > 1 {
		from += fmt.Sprintf(" (one of %d tasks)", n)
	}
	if !a.Changed {
		from += ", same value as before this step"
	}
	m.paragraph("*%s*", escape(from))
	return m.String()
}

// description adds what a value consists of.
func (m *markdown) description(d *preview.Description) {
	const mostParts = 12
	switch {
	case d.Table != nil:
		m.table(d.Table)
		if len(d.Column) > 0 {
			var types []string
			for _, c := range d.Column[:min(len(d.Column), mostParts)] {
				types = append(types, escape(c.Name)+" "+code(c.Dtype))
			}
			if len(d.Column) > mostParts {
				types = append(types, "…")
			}
			m.paragraph("%s", strings.Join(types, ", "))
		}
	case len(d.Parts) > 0 && d.Kind != preview.List:
		var list []string
		for _, p := range d.Parts[:min(len(d.Parts), mostParts)] {
			name := p.Name
			if name == "" {
				name = "·"
			}
			list = append(list, "* "+escape(name)+" "+code(p.Summary))
		}
		if n := int(d.More) + len(d.Parts) - mostParts; n > 0 {
			list = append(list, fmt.Sprintf("* and %d more", n))
		}
		m.paragraph("%s", strings.Join(list, "\n"))
	case d.Value != "" && d.Value != d.Summary:
		text := d.Value
		if r := []rune(text); len(r) > 500 {
			text = string(r[:500]) + "…"
		}
		m.python(text)
	}
	if d.Partial {
		m.paragraph("From the first %s of the value.", bytesText(d.Read))
	}
}

// table adds a table; at most eight columns fit a hover.
func (m *markdown) table(t *preview.Table) {
	const most = 9
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			if i == most {
				b.WriteString("| … ")
				break
			}
			b.WriteString("| " + escape(strings.Join(strings.Fields(c), " ")) + " ")
		}
		b.WriteString("|\n")
	}
	line(t.Columns)
	b.WriteString(strings.Repeat("|---", min(len(t.Columns), most+1)) + "|\n")
	for _, row := range t.Rows {
		line(row)
	}
	m.paragraph("%s", strings.TrimSuffix(b.String(), "\n"))
}
