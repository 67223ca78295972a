package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"flowls/runner/local"
)

// launchReport is one run that an editor started, in `flowls runs --launched`.
type launchReport struct {
	ID          string     `json:"id"`
	Flow        string     `json:"flow"`
	Run         string     `json:"run,omitempty"`
	Kind        string     `json:"kind"`
	Status      string     `json:"status"`
	Reason      string     `json:"reason,omitempty"`
	Started     time.Time  `json:"started"`
	Ended       *time.Time `json:"ended,omitempty"`
	Stoppable   bool       `json:"stoppable"`
	Script      string     `json:"script"`
	CommandLine string     `json:"command_line"`
	// Kubernetes counts what went wrong with tasks on a cluster, by step and phase.
	Kubernetes map[string]map[string]int `json:"kubernetes,omitempty"`
}

func reportLaunch(r *local.Record) launchReport {
	var pods map[string]map[string]local.Pod
	if err := r.Pods(&pods); err != nil {
		pods = nil // a note beside the run, which is told all the same
	}
	counts := map[string]map[string]int{}
	for step, tasks := range pods {
		counts[step] = map[string]int{}
		for _, pod := range tasks {
			counts[step][pod.Phase]++
		}
	}
	return launchReport{
		Kubernetes: counts,
		ID:         r.ID, Flow: r.Flow, Run: r.RunID, Kind: string(r.Kind), Status: string(r.Status), Reason: r.Reason(),
		Started: r.StartedAt.UTC(), Ended: known(r.EndedAt()), Stoppable: r.Stoppable(), Script: r.Script, CommandLine: r.CommandLine(),
	}
}

// launches lists what editors started, from any folder: flow "" means all.
func launches(s Streams, flow, format string, limit int) error {
	registry, err := local.Default()
	if err != nil {
		return err
	}
	all, unreadable, err := registry.Survey()
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(unreadable)) {
		fmt.Fprintf(s.Err, "flowls: run %s is left out: %v\n", id, unreadable[id])
	}
	reports := []launchReport{}
	for _, r := range all {
		if (flow == "" || r.Flow == flow) && (limit <= 0 || len(reports) < limit) {
			reports = append(reports, reportLaunch(r))
		}
	}
	if format == "json" {
		return printJSON(s.Out, map[string]any{"version": 1, "launches": reports})
	}
	if len(reports) == 0 {
		_, err := fmt.Fprintf(s.Err, "No runs were started from an editor (%s).\n", registry.Dir)
		return err
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, r := range reports {
		name := r.Flow
		if r.Run != "" {
			name += "/" + r.Run
		}
		why := r.Reason
		if pods := podsText(r.Kubernetes); pods != "" {
			why = strings.TrimPrefix(why+"; "+pods, "; ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, name, r.Kind, r.Status, r.Started.Local().Format(time.DateTime), took(&r.Started, r.Ended), why)
	}
	return w.Flush()
}

// podsText is as in `train: 3 out of memory`.
func podsText(steps map[string]map[string]int) string {
	var said []string
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		for _, phase := range slices.Sorted(maps.Keys(steps[step])) {
			said = append(said, fmt.Sprintf("%s: %d %s", step, steps[step][phase], phase))
		}
	}
	return strings.Join(said, ", ")
}

// launched finds a run by flowls' id, by Metaflow's, or by Flow/run.
func launched(registry *local.Registry, name string) (*local.Record, error) {
	if r, err := registry.Get(name); err == nil {
		return r, nil
	}
	all, err := registry.List()
	if err != nil {
		return nil, err
	}
	flow, run, whole := strings.Cut(name, "/")
	for _, r := range all {
		if r.RunID != "" && (r.RunID == name || whole && r.RunID == run && r.Flow == flow) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no run %s was started by flowls: `flowls runs --launched` lists those that were", name)
}
