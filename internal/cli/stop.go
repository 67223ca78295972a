package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"

	"flowls/runner/agent/wire"
	"flowls/runner/local"

	"github.com/spf13/cobra"
)

func stopCommand(s Streams, o outside) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "stop RUN...",
		Short: "Stop runs that were started from an editor",
		Long: "Stop runs that an editor started, with all their tasks: by the id that `flowls runs --launched` shows, by Metaflow's\n" +
			"run id, or as Flow/run. Metaflow gets some seconds to record the end. What a run left on Kubernetes is deleted then,\n" +
			"also that of a run that has ended.",
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
			var far error // why no cluster can be asked from here
			if o.missing() && slices.ContainsFunc(records, onCluster) {
				far = o.forward()
			}
			ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
			defer cancel()
			return errors.Join(stopRuns(ctx, s, o, registry, records), far)
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
func stopRuns(ctx context.Context, s Streams, o outside, registry *local.Registry, records []*local.Record) error {
	errs := make([]error, len(records))
	stopped := make([]*local.Record, len(records))
	taken := make([]string, len(records))
	var stops sync.WaitGroup
	for i, r := range records {
		stops.Go(func() {
			if stopped[i], errs[i] = registry.Stop(ctx, r.ID); errs[i] == nil {
				taken[i], errs[i] = o.take(ctx, stopped[i])
			}
		})
	}
	stops.Wait()
	for i, r := range stopped {
		if r != nil {
			if _, err := fmt.Fprintf(s.Out, "%s  %s  %s%s\n", r.ID, r.Flow, r.Status, taken[i]); err != nil {
				return err
			}
		}
	}
	return errors.Join(errs...)
}

func onCluster(r *local.Record) bool {
	c, err := r.Cluster()
	return err == nil && c != nil
}

// podWait is how long a stop waits for the end of pods, in seconds.
const podWait = 30

// take deletes what a run left in its cluster, and says what was done.
func (o outside) take(ctx context.Context, r *local.Record) (string, error) {
	place, err := r.Cluster()
	if err != nil || place == nil || r.RunID == "" || o.missing() {
		return "", err
	}
	reply, err := o.Take(ctx, wire.KubeTakeParams{
		Access: wire.KubeAccess{Kubeconfig: place.Kubeconfig, Context: place.Context}, Namespaces: place.Namespaces, Wait: podWait,
		Of: wire.KubeOwner{Flow: r.Flow, Run: r.RunID, Since: r.StartedAt},
	})
	if err != nil {
		return "", fmt.Errorf("of run %s something may be left in its cluster: %w", r.ID, err)
	}
	return fmt.Sprintf("  jobs deleted: %d, pods left: %d", reply.Jobs, reply.Pods), nil
}
