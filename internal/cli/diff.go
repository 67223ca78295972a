package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"flowls/runner/history"
	"flowls/runner/local"
	"flowls/runner/runstate"

	"github.com/spf13/cobra"
)

// diffReport is `flowls diff --format json`.
type diffReport struct {
	Version    int              `json:"version"`
	Flow       string           `json:"flow"`
	A          string           `json:"a"`
	B          string           `json:"b"`
	Parameters []valueReport    `json:"parameters"`
	Steps      []stepDiffReport `json:"steps"`
	// Code is a unified diff; absent when the code of a run is not known.
	Code *string `json:"code,omitempty"`
}

type valueReport struct {
	Name string       `json:"name"`
	A    *shownReport `json:"a,omitempty"`
	B    *shownReport `json:"b,omitempty"`
	// Tasks is in how many tasks it differs.
	Tasks int `json:"tasks"`
}

type shownReport struct {
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	Preview string `json:"preview,omitempty"`
}

type stepDiffReport struct {
	Step      string        `json:"step"`
	Same      bool          `json:"same"`
	StatusA   string        `json:"status_a,omitempty"`
	StatusB   string        `json:"status_b,omitempty"`
	SecondsA  float64       `json:"seconds_a,omitempty"`
	SecondsB  float64       `json:"seconds_b,omitempty"`
	Artifacts []valueReport `json:"artifacts"`
}

func diffCommand(s Streams, o outside) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "diff FLOW/RUN [RUN]",
		Short: "Compare two local runs",
		Long: "Compare two runs of a flow: parameters, steps, artifacts by hash, and the code where flowls started both.\n" +
			"With one run, it is compared with the run before it. Artifacts are read, never executed.",
		Example: "  flowls diff TrainFlow/1795343114304665",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			ctx, cancel := askingContext(cmd.Context(), false)
			defer cancel()
			reader := o.reader(ctx, runstate.FindRoot(dir, os.Getenv), dir)
			a, b, err := diffPair(reader, args)
			if err != nil {
				return err
			}
			if o.missing() && (a.Store.Kind == "s3" || b.Store.Kind == "s3") {
				return o.forward()
			}
			d, err := history.Compare(ctx, history.Side{Reader: reader, Run: a}, history.Side{Reader: reader, Run: b})
			if err != nil {
				return err
			}
			code, unknown := ranDiff(a, b)
			if format == "json" {
				return printJSON(s.Out, reportDiff(d, code, unknown))
			}
			if unknown != "" {
				code = "  not known: " + unknown + "\n"
			}
			_, err = io.WriteString(s.Out, d.Text(code))
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text or json")
	return cmd
}

// diffPair finds the runs: the earlier first.
func diffPair(reader *runstate.Reader, args []string) (a, b *runstate.Run, err error) {
	flow, id, ok := strings.Cut(strings.Trim(args[0], "/"), "/")
	if !ok || strings.Contains(id, "/") {
		return nil, nil, usageError{fmt.Errorf("%q is no run: FLOW/RUN", args[0])}
	}
	if b, err = reader.Run(flow, id); err != nil {
		return nil, nil, fmt.Errorf("%w in %s", err, reader.Root)
	}
	if len(args) == 2 {
		other := strings.TrimPrefix(strings.Trim(args[1], "/"), flow+"/")
		if a, err = reader.Run(flow, other); err != nil {
			return nil, nil, fmt.Errorf("%w in %s", err, reader.Root)
		}
		if a.Created.After(b.Created) {
			a, b = b, a
		}
		return a, b, nil
	}
	ids, err := reader.RunIDs(flow)
	if err != nil {
		return nil, nil, err
	}
	past := false
	for _, other := range ids {
		if past {
			if a, err = reader.Run(flow, other); err == nil {
				return a, b, nil
			}
		}
		past = past || other == id
	}
	return nil, nil, fmt.Errorf("there is no run of %s before %s to compare with", flow, id)
}

// ranDiff compares the code of two runs, or says why nobody knows it.
func ranDiff(a, b *runstate.Run) (diff, unknown string) {
	registry, err := local.Default()
	if err != nil {
		return "", err.Error()
	}
	records, err := registry.List()
	if err != nil {
		return "", err.Error()
	}
	var texts [2]string
	for i, run := range []*runstate.Run{a, b} {
		found := false
		for _, r := range records {
			if r.RunID == run.ID && r.Flow == run.Flow {
				data, err := r.ScriptText()
				found = err == nil
				texts[i] = string(data)
			}
		}
		if !found {
			return "", fmt.Sprintf("run %s was not started by flowls, or the copy of its code is gone", run.ID)
		}
	}
	return history.CodeDiff(a, b, texts[0], texts[1]), ""
}

func reportDiff(d history.Diff, code, unknown string) diffReport {
	r := diffReport{Version: 1, Flow: d.B.Flow, A: d.A.ID, B: d.B.ID, Parameters: reportValues(d.Parameters), Steps: []stepDiffReport{}}
	for _, s := range d.Steps {
		r.Steps = append(r.Steps, stepDiffReport{
			Step: s.Name, Same: s.Same(), StatusA: string(s.StatusA), StatusB: string(s.StatusB),
			SecondsA: seconds(s.TookA), SecondsB: seconds(s.TookB), Artifacts: reportValues(s.Artifacts),
		})
	}
	if unknown == "" {
		r.Code = &code
	}
	return r
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func reportValues(list []history.Value) []valueReport {
	out := []valueReport{}
	for _, v := range list {
		out = append(out, valueReport{v.Name, reportShown(v.A), reportShown(v.B), v.Tasks})
	}
	return out
}

func reportShown(s *history.Shown) *shownReport {
	if s == nil {
		return nil
	}
	return &shownReport{s.Type, s.Size, s.Preview}
}
