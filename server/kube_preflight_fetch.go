package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"flowls/runner/agent/wire"
)

const (
	// lookPause is how often the agent is asked in the background, beside its news: it
	// follows the cluster, so that this costs the cluster nothing.
	lookPause  = 30 * time.Second
	maxPause   = 10 * time.Minute
	settlePace = 300 * time.Millisecond // a name that is being typed is no namespace yet
)

// loop keeps what is known of the cluster up to date while the setting is on and
// a step of an open document goes to Kubernetes.
func (p *kubePreflight) loop(ctx context.Context) {
	failures := 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	var followed *wire.KubeAccess
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
		namespaces, access := p.needed(), accessOf(settings)
		wanted := live(settings) && len(namespaces) > 0
		if followed != nil && (!wanted || *followed != access) {
			p.unfollow(ctx, *followed)
			followed = nil
		}
		if !wanted {
			timer.Stop() // until somebody wakes it
			continue
		}
		followed = &access
		if err := p.look(ctx, access, namespaces, wire.KubeInventoryParams{Follow: true}); err != nil {
			failures++
			if failures == 1 && ctx.Err() == nil {
				p.s.log.Warn("the cluster cannot be compared with", "error", err)
			}
		} else {
			failures = 0
		}
		timer.Reset(min(lookPause<<min(failures, 5), maxPause))
	}
}

// unfollow has the agent let go of a cluster.
func (p *kubePreflight) unfollow(ctx context.Context, access wire.KubeAccess) {
	if !p.s.remote.link.Running() {
		return
	}
	if err := p.s.remote.link.Call(ctx, wire.KubeUnstock, wire.KubeStock{Access: access}, new(struct{})); err != nil && ctx.Err() == nil {
		p.s.log.Debug("a cluster is still followed", "error", err)
	}
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
// if that is news.
func (p *kubePreflight) look(ctx context.Context, access wire.KubeAccess, namespaces []string, params wire.KubeInventoryParams) error {
	params.Access, params.Namespaces = access, namespaces
	if old := p.cluster(access); old != nil {
		params.Known = old.version
	}
	var reply wire.KubeInventoryReply
	if err := p.s.remote.link.Call(ctx, wire.KubeInventory, params, &reply); err != nil {
		return err
	}
	if reply.Inventory == nil {
		return nil
	}
	p.mu.Lock()
	p.clusters[access] = &clusterView{reply.Inventory, reply.Version, reply.Problems}
	p.mu.Unlock()
	p.s.wakeAll()
	return nil
}
