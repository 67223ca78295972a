package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"flowls/runner/runstate"

	"github.com/spf13/cobra"
)

// runReport is one run in `flowls runs --format json` and `flowls show`.
type runReport struct {
	Flow    string          `json:"flow"`
	Run     string          `json:"run"`
	Status  string          `json:"status"`
	Created time.Time       `json:"created"`
	Ended   *time.Time      `json:"ended,omitempty"`
	User    string          `json:"user,omitempty"`
	Tags    []string        `json:"tags,omitempty"`
	Origin  string          `json:"origin_run,omitempty"`
	Steps   []stepRunReport `json:"steps"`
}

type stepRunReport struct {
	Step    string     `json:"step"`
	Status  string     `json:"status"`
	Tasks   int        `json:"tasks"`
	Queued  int        `json:"queued,omitempty"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
}

func runsCommand(s Streams, o outside) *cobra.Command {
	var format, metadata string
	var limit int
	var fromEditors bool
	cmd := &cobra.Command{
		Use:   "runs [FLOW]",
		Short: "List runs",
		Long: "List the runs that Metaflow recorded, the newest first: in the nearest .metaflow folder, or in the metadata service\n" +
			"if that is what Metaflow is configured to use; with --launched, those that editors started, wherever they are, with the ids that `flowls stop` takes.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if err := oneOf("metadata", metadata, "", "local", "service"); err != nil {
				return err
			}
			if fromEditors {
				return launches(s, strings.Join(args, ""), format, limit)
			}
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			metadata = metadataKind(metadata, dir)
			if metadata == "service" && o.missing() {
				return o.forward()
			}
			ctx, cancel := askingContext(cmd.Context(), false)
			defer cancel()
			source, err := runsSource(ctx, metadata, dir, o)
			if err != nil {
				return err
			}
			flows := args
			if len(flows) == 0 {
				if flows, err = source.Flows(ctx); err != nil {
					return err
				}
			}
			runs, err := newest(ctx, source, flows, limit)
			if err != nil {
				return err
			}
			if format == "json" {
				return printJSON(s.Out, map[string]any{"version": 1, "runs": runs})
			}
			return runsText(s, source.String(), runs)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text or json")
	cmd.Flags().BoolVar(&fromEditors, "launched", false, "list what was started from an editor, in any folder, and whether it still runs")
	cmd.Flags().StringVar(&metadata, "metadata", "", "where to look: local or service (default: what Metaflow is configured to use)")
	cmd.Flags().IntVar(&limit, "limit", 20, "list at most this many runs; 0 lists all")
	return cmd
}

// newest merges the runs of several flows by time.
func newest(ctx context.Context, source runstate.Source, flows []string, limit int) ([]runReport, error) {
	all := []runReport{}
	for _, flow := range flows {
		runs, err := source.Runs(ctx, flow, limit)
		if err != nil {
			return nil, err
		}
		for _, run := range runs {
			all = append(all, reportRun(run))
		}
	}
	slices.SortStableFunc(all, func(a, b runReport) int { return b.Created.Compare(a.Created) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

func reportRun(run *runstate.Run) runReport {
	r := runReport{
		Flow: run.Flow, Run: run.ID, Status: string(run.Status), Created: run.Created.UTC(), Ended: known(run.Ended),
		User: run.User, Tags: run.Tags, Origin: run.Origin, Steps: []stepRunReport{},
	}
	for _, step := range run.Steps {
		r.Steps = append(r.Steps, stepRunReport{step.Name, string(step.Status), len(step.Tasks), step.Queued(), known(step.Started), known(step.Ended)})
	}
	return r
}

// known is nil for a time that is not.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func runsText(s Streams, root string, runs []runReport) error {
	if len(runs) == 0 {
		_, err := fmt.Fprintf(s.Err, "No runs in %s.\n", root)
		return err
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, r := range runs {
		fmt.Fprintf(w, "%s/%s\t%s\t%s\t%s\n", r.Flow, r.Run, r.Status, r.Created.Local().Format(time.DateTime), took(&r.Created, r.Ended))
	}
	return w.Flush()
}

// took is how long something took, "" if that is not known.
func took(from, to *time.Time) string {
	if from == nil || to == nil || to.Before(*from) {
		return ""
	}
	switch d := to.Sub(*from); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}

func printJSON(w io.Writer, v any) error {
	if err := encode(w, v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
