package agent

import (
	"context"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/kube"
)

// stocks are the clusters whose inventory is followed: while somebody types, it is
// known at once, and costs the cluster no requests.
type stocks struct {
	// push sends a notification to the server.
	push func(ctx context.Context, method string, params any) error

	mu   sync.Mutex
	kept map[wire.KubeAccess]*stock
}

type stock struct {
	*kube.Stock
	end   context.CancelFunc
	stamp string // of the kubeconfig

	mu   sync.Mutex
	told string // version that the server has, or has been told of
}

const (
	// stockPause is the least time between two looks at what changed: what happens
	// meanwhile is one piece of news.
	stockPause = 300 * time.Millisecond
	// stockShare: of a cluster that is large and never rests, at most a twentieth of
	// the time goes into it.
	stockShare = 20
)

// of is the stock that can answer; nil if the cluster must be asked.
func (s *stocks) of(p wire.KubeInventoryParams) (*stock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, stamp := s.kept[p.Access], kube.Stamp(kube.Access(p.Access))
	if !p.Follow {
		if at == nil || at.stamp != stamp || !at.Keeps(p.Namespaces) || !at.Current() {
			return nil, nil
		}
		return at, nil
	}
	if at != nil && at.stamp != stamp { // it may be another cluster by now
		at.end()
		delete(s.kept, p.Access)
		at = nil
	}
	if at == nil {
		client, err := kube.Connect(kube.Access(p.Access))
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithCancel(context.Background())
		at = &stock{Stock: client.Stock(ctx), end: cancel, stamp: stamp}
		if s.kept == nil {
			s.kept = map[wire.KubeAccess]*stock{}
		}
		s.kept[p.Access] = at
		go s.tell(ctx, p.Access, at)
	}
	at.Keep(p.Namespaces)
	return at, nil
}

// reply is what the cluster has, without the inventory if that is known.
func (s *stock) reply(ctx context.Context, known string) (wire.KubeInventoryReply, error) {
	have, err := s.Inventory(ctx)
	if have == nil {
		return wire.KubeInventoryReply{}, err
	}
	reply, err := versioned(have, err)
	s.mu.Lock()
	s.told = reply.Version
	s.mu.Unlock()
	if reply.Version == known {
		reply.Inventory, reply.Problems = nil, nil
	}
	return reply, err
}

// tell says when the inventory is another one than the server has.
func (s *stocks) tell(ctx context.Context, access wire.KubeAccess, at *stock) {
	pause := stockPause
	for {
		select {
		case <-ctx.Done():
			return
		case <-at.Changed():
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		have, err := at.Inventory(ctx)
		begin := time.Now()
		version := ""
		if have != nil { // else the server hears it when it asks
			reply, _ := versioned(have, err)
			version = reply.Version
		}
		pause = max(stockPause, stockShare*time.Since(begin))
		at.mu.Lock()
		news := version != at.told
		at.told = version
		at.mu.Unlock()
		if news && s.push(ctx, wire.KubeStocked, wire.KubeStock{Access: access}) != nil {
			return // the server is gone
		}
	}
}

func (s *stocks) unstock(_ context.Context, p wire.KubeStock) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.kept[p.Access]; at != nil {
		at.end()
		delete(s.kept, p.Access)
	}
	return struct{}{}, nil
}

func (s *stocks) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.kept {
		at.end()
	}
	s.kept = nil
}
