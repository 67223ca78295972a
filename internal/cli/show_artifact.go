package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"flowls/internal/near"
	"flowls/runner/preview"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

// values are the artifacts of one flow in a data store, for showing.
type values struct {
	ctx         context.Context
	blobs       store.Blobs
	w           io.Writer
	json, whole bool
	// progress of reading one; nil where nobody watches.
	progress func(read, size int64)
}

func (v *viewer) values() values {
	return values{v.ctx, store.NewLocal(v.reader.Root, v.run.Flow), v.w, v.json, v.whole, v.progress}
}

// report tells of a value; of one that cannot be read, why.
func (v values) report(a runstate.Artifact, b runstate.Budget) artifactReport {
	r := artifactReport{Name: a.Name, Type: a.Type, Size: a.Size, SHA: a.SHA}
	d, err := runstate.DescribeBlob(v.ctx, v.blobs, a, b)
	if err != nil {
		r.Preview = "cannot be read: " + err.Error()
		return r
	}
	r.Description = d
	if d.Kind != preview.Opaque { // class and size are there already
		r.Preview = d.Summary
	}
	return r
}

func (v *viewer) showArtifact(t *runstate.Task, name string) error {
	all, err := v.reader.Artifacts(v.run, t)
	if err != nil {
		return err
	}
	a, err := namedArtifact(all, fmt.Sprintf("%s/%s/%s/%s", v.run.Flow, v.run.ID, t.Step, t.ID), name)
	if err != nil {
		return err
	}
	return v.values().show(a, new(a.Changed))
}

func namedArtifact(all []runstate.Artifact, task, name string) (runstate.Artifact, error) {
	names := []string{}
	for _, a := range all {
		if a.Name == name {
			return a, nil
		}
		names = append(names, a.Name)
	}
	return runstate.Artifact{}, fmt.Errorf("%s has no artifact %q%s", task, name, near.DidYouMean(name, names))
}

// show prints one artifact.
func (v values) show(a runstate.Artifact, changed *bool) error {
	budget := runstate.Quick
	if v.whole {
		budget = runstate.Whole
		if v.progress != nil {
			budget.Progress = func(read int64) { v.progress(read, a.Size) }
			defer v.progress(0, 0)
		}
	}
	r := v.report(a, budget)
	r.Changed = changed
	if v.ctx.Err() != nil {
		return v.ctx.Err()
	}
	if r.Description == nil {
		return fmt.Errorf("%s %s", a.Name, r.Preview)
	}
	if v.json {
		return printJSON(v.w, r)
	}
	return printArtifact(v.w, r)
}

// printArtifact prints what is known of one artifact.
func printArtifact(out io.Writer, r artifactReport) error {
	d := r.Description
	text := &lines{w: out}
	text.add("%s  %s  %s  %s", r.Name, r.Type, bytesText(r.Size), r.Preview)
	if d.Partial {
		text.add("from the first %s; --whole reads on", bytesText(d.Read))
	}
	switch {
	case d.Table != nil:
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{d.Table.Columns}, d.Table.Rows...) {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = printable(c)
			}
			fmt.Fprintf(w, "  %s\n", strings.Join(cells, "\t"))
		}
		text.err = errors.Join(text.err, w.Flush())
		for _, c := range d.Column {
			text.add("  %s: %s", c.Name, c.Dtype)
		}
	case len(d.Parts) > 0:
		for _, p := range d.Parts {
			name := p.Name
			if name != "" {
				name += ": "
			}
			text.add("  %s%s", name, p.Summary)
		}
		if d.More > 0 {
			text.add("  and %d more", d.More)
		}
	case d.Value != "" && d.Value != d.Summary:
		text.add("  %s", d.Value)
	}
	return text.err
}

// lines prints lines until one fails.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) add(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = printable(s)
		}
	}
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// progressTo shows on a terminal how much was read; nil elsewhere.
func progressTo(s Streams) func(read, size int64) {
	if !isTerminal(s.Err) {
		return nil
	}
	return func(read, size int64) {
		if size == 0 {
			fmt.Fprint(s.Err, "\r\x1b[K")
			return
		}
		fmt.Fprintf(s.Err, "\rread %s of %s\x1b[K", bytesText(read), bytesText(size))
	}
}
