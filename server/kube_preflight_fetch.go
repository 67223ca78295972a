package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"flowls/runner/agent/wire"
)

const (
	// lookPause is how often the cluster is looked at in the background; a cluster
	// that takes long to list is looked at more rarely.
	lookPause  = 30 * time.Second
	lookShare  = 20 // at most a twentieth of the time is spent on it
	maxPause   = 10 * time.Minute
	settlePace = 300 * time.Millisecond // a name that is being typed is no namespace yet
)

// loop keeps what is known of the cluster up to date while the setting is on and
// a step of an open document goes to Kubernetes.
func (p *kubePreflight) loop(ctx context.Context) {
	failures := 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wakeUp:
			select { // a burst of edits is one look
			case <-time.After(settlePace):
			case <-ctx.Done():
				return
			}
		case <-timer.C:
		}
		settings := p.s.session.Snapshot().Settings
		namespaces := p.needed()
		if !live(settings) || len(namespaces) == 0 {
			timer.Stop() // until somebody wakes it
			continue
		}
		took, err := p.look(ctx, accessOf(settings), namespaces, lookPause/2)
		if err != nil {
			failures++
			if failures == 1 && ctx.Err() == nil {
				p.s.log.Warn("the cluster cannot be compared with", "error", err)
			}
		} else {
			failures = 0
		}
		timer.Reset(pauseBetween(took, failures))
	}
}

func pauseBetween(took time.Duration, failures int) time.Duration {
	return min(max(lookPause, lookShare*took)<<min(failures, 5), maxPause)
}

// needed are the namespaces that open documents are about.
func (p *kubePreflight) needed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]bool{}
	for _, namespaces := range p.needs {
		maps.Copy(all, namespaces)
	}
	return slices.Sorted(maps.Keys(all))
}

// look asks the agent what a cluster has, and has the findings published again
// if that is news. Something up to maxAge old will do.
func (p *kubePreflight) look(ctx context.Context, access wire.KubeAccess, namespaces []string, maxAge time.Duration) (took time.Duration, err error) {
	known := ""
	old := p.cluster(access)
	if old != nil {
		known = old.version
	}
	var reply wire.KubeInventoryReply
	params := wire.KubeInventoryParams{Access: access, Namespaces: namespaces, MaxAge: int(maxAge.Milliseconds()), Known: known}
	if err := p.s.remote.link.Call(ctx, wire.KubeInventory, params, &reply); err != nil {
		return 0, err
	}
	took = time.Duration(reply.Took) * time.Millisecond
	if reply.Inventory == nil {
		return took, nil
	}
	p.mu.Lock()
	p.clusters[access] = &clusterView{reply.Inventory, reply.Version, reply.Problems}
	p.mu.Unlock()
	p.s.wakeAll()
	return took, nil
}
