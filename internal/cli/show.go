package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"flowls/runner/preview"
	"flowls/runner/runstate"

	"github.com/spf13/cobra"
)

type taskReport struct {
	Task      string           `json:"task"`
	Status    string           `json:"status"`
	Attempts  int              `json:"attempts"`
	Started   *time.Time       `json:"started,omitempty"`
	Ended     *time.Time       `json:"ended,omitempty"`
	Foreach   []string         `json:"foreach,omitempty"`
	Exception *exceptionReport `json:"exception,omitempty"`
	Artifacts []artifactReport `json:"artifacts,omitempty"`
}

type exceptionReport struct {
	Type       string `json:"type"`
	Message    string `json:"message"`
	Stacktrace string `json:"stacktrace,omitempty"`
}

type artifactReport struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	Changed *bool  `json:"changed,omitempty"` // set by this task, not inherited; absent where nobody knows
	SHA     string `json:"sha"`
	Preview string `json:"preview,omitempty"`
	// Description is there where one artifact is shown.
	Description *preview.Description `json:"description,omitempty"`
}

func showCommand(s Streams, o outside) *cobra.Command {
	var format string
	var whole bool
	var datastore, metadata string
	cmd := &cobra.Command{
		Use:     "show PATHSPEC",
		Short:   "Show a run, step, task or artifact",
		Long:    "Show what Metaflow recorded of a run: FLOW/RUN, FLOW/RUN/STEP, FLOW/RUN/STEP/TASK or FLOW/RUN/STEP/TASK/ARTIFACT.\nArtifacts are read, never executed. Values of a run that keeps them in S3 are read there.",
		Example: "  flowls show TrainFlow/1795343114304665/fit",
		Args:    exactly(1, "one pathspec"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if err := oneOf("datastore", datastore, "local", "s3"); err != nil {
				return err
			}
			if err := oneOf("metadata", metadata, "", "local", "service"); err != nil {
				return err
			}
			parts := strings.Split(strings.Trim(args[0], "/"), "/")
			if len(parts) < 2 || len(parts) > 5 {
				return usageError{fmt.Errorf("%q is no pathspec: FLOW/RUN[/STEP[/TASK[/ARTIFACT]]]", args[0])}
			}
			if datastore == "s3" {
				if o.missing() {
					return o.forward()
				}
				return showStored(cmd.Context(), s, o, parts, whole, format == "json")
			}
			ctx, cancel := askingContext(cmd.Context(), whole)
			defer cancel()
			reader, run, err := o.find(ctx, parts[0], parts[1], metadata)
			if errors.Is(err, errBeyond) {
				return o.forward()
			}
			if err != nil {
				return err
			}
			v := viewer{ctx: ctx, reader: reader, run: run, json: format == "json", whole: whole, w: s.Out, progress: progressTo(s)}
			return v.show(parts[2:])
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text or json")
	cmd.Flags().StringVar(&datastore, "datastore", "local", "local: runs in .metaflow and their values, wherever those are; s3: what METAFLOW_DATASTORE_SYSROOT_S3 holds")
	cmd.Flags().StringVar(&metadata, "metadata", "", "where runs are recorded: local or service (default: what Metaflow is configured to use)")
	cmd.Flags().BoolVar(&whole, "whole", false, "read all of a large artifact, not only its beginning")
	return cmd
}

// viewer shows parts of one run.
type viewer struct {
	ctx    context.Context
	reader *runstate.Reader
	run    *runstate.Run
	json   bool
	whole  bool // read large artifacts to their end
	w      io.Writer
	// progress of reading one; nil where nobody watches.
	progress func(read, size int64)
}

// show prints the run, or what the names below it lead to.
func (v *viewer) show(below []string) error {
	if len(below) == 0 {
		return v.showRun()
	}
	step := v.run.Step(below[0])
	if step == nil {
		return fmt.Errorf("%s/%s has no step %q", v.run.Flow, v.run.ID, below[0])
	}
	if len(below) == 1 {
		return v.showTasks(step, step.Tasks, len(step.Tasks) == 1)
	}
	for _, task := range step.Tasks {
		if task.ID != below[1] {
			continue
		}
		if len(below) == 2 {
			return v.showTasks(step, []*runstate.Task{task}, true)
		}
		return v.showArtifact(task, below[2])
	}
	return fmt.Errorf("%s/%s/%s has no task %q", v.run.Flow, v.run.ID, step.Name, below[1])
}

func (v *viewer) showRun() error {
	r := reportRun(v.run)
	if v.json {
		return printJSON(v.w, r)
	}
	fmt.Fprintf(v.w, "%s/%s  %s  %s\n", r.Flow, r.Run, r.Status, took(&r.Created, r.Ended))
	w := tabwriter.NewWriter(v.w, 0, 0, 2, ' ', 0)
	for _, s := range r.Steps {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", s.Step, s.Status, count(s.Tasks, "task"), took(s.Started, s.Ended))
	}
	return w.Flush()
}

func (v *viewer) showTasks(step *runstate.Step, tasks []*runstate.Task, artifacts bool) error {
	reports := []taskReport{}
	for _, t := range tasks {
		r, err := v.task(t, artifacts)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	if v.json {
		return printJSON(v.w, map[string]any{"flow": v.run.Flow, "run": v.run.ID, "step": step.Name, "status": step.Status, "tasks": reports})
	}
	for _, r := range reports {
		fmt.Fprintf(v.w, "%s/%s/%s/%s  %s  %s\n", v.run.Flow, v.run.ID, step.Name, r.Task, printable(strings.Join(append([]string{r.Status}, r.Foreach...), "  ")), took(r.Started, r.Ended))
		if r.Exception != nil {
			trace := strings.TrimSpace(r.Exception.Stacktrace)
			if trace == "" {
				trace = r.Exception.Type + ": " + r.Exception.Message
			}
			for line := range strings.Lines(trace) {
				fmt.Fprintf(v.w, "  %s\n", printable(strings.TrimRight(line, "\r\n")))
			}
		}
		w := tabwriter.NewWriter(v.w, 0, 0, 2, ' ', 0)
		for _, a := range r.Artifacts {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", printable(a.Name), printable(a.Type), bytesText(a.Size), printable(a.Preview))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (v *viewer) task(t *runstate.Task, artifacts bool) (taskReport, error) {
	r := taskReport{Task: t.ID, Status: string(t.Status), Attempts: len(t.Attempts), Foreach: t.ForeachValues}
	last := t.Last()
	if last == nil {
		return r, nil
	}
	r.Started, r.Ended = known(last.Started), known(last.Ended)
	e, err := v.reader.Exception(v.ctx, v.run, t, last)
	if err != nil {
		return r, err
	}
	if e != nil {
		r.Exception = &exceptionReport{e.Type, e.Message, e.Stacktrace}
	}
	if !artifacts {
		return r, nil
	}
	all, err := v.reader.Artifacts(v.ctx, v.run, t)
	if errors.Is(err, runstate.ErrNoData) {
		return r, nil
	}
	for _, a := range all {
		report := v.values().report(a, runstate.Glance)
		report.Changed, report.Description = new(a.Changed), nil
		r.Artifacts = append(r.Artifacts, report)
	}
	return r, err
}

// bytesText is a size for people.
func bytesText(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.size), u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
