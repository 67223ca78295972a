package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"flowls/internal/near"
	"flowls/runner/preview"
	"flowls/runner/runstate"
	"flowls/runner/store"
)

// values are the artifacts of one flow in a data store, for showing.
type values struct {
	ctx         context.Context
	blobs       func(runstate.Place) (store.Blobs, error)
	w           io.Writer
	json, whole bool
	// progress of reading one; nil where nobody watches.
	progress func(read, size int64)
}

func (v *viewer) values() values {
	return values{v.ctx, func(at runstate.Place) (store.Blobs, error) {
		files, err := v.reader.Files(at)
		return store.Blobs{Files: files, Flow: v.run.Flow}, err
	}, v.w, v.json, v.whole, v.progress}
}

// report tells of a value; of one that cannot be read, why.
func (v values) report(a runstate.Artifact, b runstate.Budget) artifactReport {
	r := artifactReport{Name: a.Name, Type: a.Type, Size: a.Size, SHA: a.SHA}
	blobs, err := v.blobs(a.Store)
	var d *preview.Description
	if err == nil {
		d, err = runstate.DescribeBlob(v.ctx, blobs, a, b.For(blobs.Files))
	}
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
	all, err := v.reader.Artifacts(v.ctx, v.run, t)
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
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s  %s\n", printable(r.Name), printable(r.Type), bytesText(r.Size), printable(r.Preview))
	if r.Description.Partial {
		fmt.Fprintf(&b, "from the first %s; --whole reads on\n", bytesText(r.Description.Read))
	}
	for line := range strings.Lines(r.Description.Text()) {
		b.WriteString("  " + line)
	}
	_, err := io.WriteString(out, b.String())
	return err
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
