package server

import (
	"context"
	"errors"
	"sync"

	"flowls/runner/local"

	"go.lsp.dev/protocol"
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
	result := stopped(ctx, call, &runView{record: record, run: v.run})
	if said := result.Kubernetes.message(record.Flow + "/" + record.RunID); said != "" {
		call.server.client.showMessage(protocol.MessageTypeWarning, said)
	}
	return result, nil
}

// stopped is the answer about a run none of whose processes is left.
func stopped(ctx context.Context, call commandCall, v *runView) StopResult {
	return StopResult{v.record.ID, string(v.status()), call.server.kube.take(ctx, call, v)}
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
			record, err := registry.Stop(ctx, r.ID)
			var done StopResult
			if err == nil {
				done = stopped(ctx, call, &runView{record: record})
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				result.Runs = append(result.Runs, done)
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
