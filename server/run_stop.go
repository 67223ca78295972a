package server

import (
	"context"
	"errors"
	"sync"

	"flowls/runner/local"
)

func stop(ctx context.Context, call commandCall, a StopArgument) (StopResult, error) {
	r := call.server.runs
	v, err := r.named(call.snapshot, a.RunID, a.URI, a.Flow, (*flowState).toStop)
	if err != nil {
		return StopResult{}, err
	}
	if v.record == nil {
		return StopResult{}, launchError("run %s was not started by flowls: stop it where it was started", v.metaflowID())
	}
	record, err := r.registry.Stop(ctx, v.record.ID)
	if err != nil {
		return StopResult{}, launchError("the run cannot be stopped: %v", err)
	}
	return StopResult{record.ID, string((&runView{record: record, run: v.run}).status())}, nil
}

// stopAll stops runs at the same time: each may take some seconds.
func stopAll(ctx context.Context, call commandCall, a StopAllArgument) (StopAllResult, error) {
	result := StopAllResult{Runs: []StopResult{}}
	registry := call.server.runs.registry
	if registry == nil {
		return result, nil
	}
	all, err := registry.List()
	if err != nil {
		return result, launchError("the runs cannot be listed: %v", err)
	}
	script := ""
	if a.URI != "" {
		if script = filePath(a.URI); script == "" {
			return result, wrongValue("%v", errNotFile)
		}
	}
	var mu sync.Mutex
	var failed []error
	var stops sync.WaitGroup
	for _, r := range all {
		if !r.Stoppable() || script != "" && r.Script != script || a.Flow != "" && r.Flow != a.Flow {
			continue
		}
		stops.Go(func() {
			stopped, err := registry.Stop(ctx, r.ID)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				result.Runs = append(result.Runs, StopResult{stopped.ID, string((&runView{record: stopped}).status())})
			} else if !errors.Is(err, local.ErrNotFound) {
				failed = append(failed, err)
			}
		})
	}
	stops.Wait()
	if err := errors.Join(failed...); err != nil {
		return result, launchError("not every run could be stopped: %v", err)
	}
	return result, nil
}
