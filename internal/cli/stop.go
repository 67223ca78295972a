package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"flowls/runner/local"

	"github.com/spf13/cobra"
)

func stopCommand(s Streams) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "stop RUN...",
		Short: "Stop runs that were started from an editor",
		Long: "Stop runs that an editor started, with all their tasks: by the id that `flowls runs --launched` shows, by Metaflow's\n" +
			"run id, or as Flow/run. Metaflow gets some seconds to record the end.",
		RunE: func(_ *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return usageError{errors.New("name the runs to stop, or --all")}
			}
			registry, err := local.Default()
			if err != nil {
				return err
			}
			records, err := toStop(registry, names)
			if err != nil {
				return err
			}
			ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
			defer cancel()
			return stopRuns(ctx, s, registry, records)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "stop all that run")
	return cmd
}

// toStop are the named runs, or all that can be stopped.
func toStop(registry *local.Registry, names []string) ([]*local.Record, error) {
	var records []*local.Record
	for _, name := range names {
		r, err := launched(registry, name)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if len(names) > 0 {
		return records, nil
	}
	listed, err := registry.List()
	for _, r := range listed {
		if r.Stoppable() {
			records = append(records, r)
		}
	}
	return records, err
}

// stopRuns stops at the same time: each may take some seconds.
func stopRuns(ctx context.Context, s Streams, registry *local.Registry, records []*local.Record) error {
	errs := make([]error, len(records))
	stopped := make([]*local.Record, len(records))
	var stops sync.WaitGroup
	for i, r := range records {
		stops.Go(func() { stopped[i], errs[i] = registry.Stop(ctx, r.ID) })
	}
	stops.Wait()
	for i, r := range stopped {
		if errs[i] == nil {
			if _, err := fmt.Fprintf(s.Out, "%s  %s  %s\n", r.ID, r.Flow, r.Status); err != nil {
				return err
			}
		}
	}
	return errors.Join(errs...)
}
