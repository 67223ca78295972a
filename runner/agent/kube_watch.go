package agent

import (
	"context"
	"errors"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/kube"
)

// followed keeps one watch per cluster and namespace, and tells of it what
// concerns runs that somebody follows.
type followed struct {
	// push sends a notification to the server.
	push func(ctx context.Context, method string, params any) error

	mu      sync.Mutex
	watches map[watchKey]*watching
}

type watchKey struct {
	access    wire.KubeAccess
	namespace string
}

type runName struct{ flow, run string }

type watching struct {
	watch *kube.Watch
	end   context.CancelFunc
	// runs that are followed, and whether they were told of a problem last.
	runs map[runName]*told
}

type told struct {
	problem string
	synced  bool
}

// pushPause is the least time between two notifications about a namespace: what
// happens meanwhile is told together.
const pushPause = 50 * time.Millisecond

func (f *followed) follow(_ context.Context, p wire.KubeFollowParams) (wire.KubeFollowReply, error) {
	if p.Flow == "" || p.Run == "" {
		return wire.KubeFollowReply{}, errors.New("a run is followed by the names of its flow and its id")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := watchKey{p.Access, p.Namespace}
	w := f.watches[key]
	if w == nil {
		client, err := kube.Connect(kube.Access(p.Access))
		if err != nil {
			return wire.KubeFollowReply{}, err
		}
		if p.Namespace == "" {
			p.Namespace = client.Namespace
			key.namespace = p.Namespace
			w = f.watches[key]
		}
		if w == nil {
			ctx, cancel := context.WithCancel(context.Background())
			w = &watching{watch: client.Watch(ctx, p.Namespace), end: cancel, runs: map[runName]*told{}}
			if f.watches == nil {
				f.watches = map[watchKey]*watching{}
			}
			f.watches[key] = w
			go f.tell(ctx, w)
		}
	}
	name := runName{p.Flow, p.Run}
	w.runs[name] = &told{}
	w.watch.Again(func(t kube.Task) bool { return t.Flow == p.Flow && t.Run == p.Run })
	return wire.KubeFollowReply{Namespace: key.namespace}, nil
}

// unfollow ends the watches that nobody needs any more.
func (f *followed) unfollow(_ context.Context, p wire.KubeFollowParams) (struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, w := range f.watches {
		if p.Namespace != "" && key.namespace != p.Namespace || key.access != p.Access {
			continue
		}
		if delete(w.runs, runName{p.Flow, p.Run}); len(w.runs) == 0 {
			w.end()
			delete(f.watches, key)
		}
	}
	return struct{}{}, nil
}

func (f *followed) tell(ctx context.Context, w *watching) {
	synced := w.watch.Synced()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.watch.Changed():
		case <-synced:
			synced = nil
			debug.FreeOSMemory() // the first list was large, what is kept of it is not
		}
		for _, p := range f.news(w, synced == nil) {
			if f.push(ctx, wire.KubeStates, p) != nil {
				return // the server is gone
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pushPause):
		}
	}
}

// news are the notifications about what changed, by run.
func (f *followed) news(w *watching, synced bool) []wire.KubeStatesParams {
	states, gone := w.watch.Take()
	problem := problemOf(w.watch.Problems())
	f.mu.Lock()
	defer f.mu.Unlock()
	of := map[runName]*wire.KubeStatesParams{}
	get := func(name runName) *wire.KubeStatesParams {
		if of[name] == nil {
			of[name] = &wire.KubeStatesParams{Flow: name.flow, Run: name.run, Problem: problem, Synced: synced}
		}
		return of[name]
	}
	for name, before := range w.runs {
		if before.problem != problem || before.synced != synced {
			get(name)
			before.problem, before.synced = problem, synced
		}
	}
	for _, s := range states {
		if name := (runName{s.Task.Flow, s.Task.Run}); w.runs[name] != nil {
			p := get(name)
			p.States = append(p.States, wireState(s))
		}
	}
	for _, t := range gone {
		if name := (runName{t.Flow, t.Run}); w.runs[name] != nil {
			p := get(name)
			p.Gone = append(p.Gone, wireTask(t))
		}
	}
	var news []wire.KubeStatesParams
	for _, p := range of {
		all, left := p.States, p.Gone
		for {
			part := *p
			part.States, all = cut(all)
			part.Gone, left = cut(left)
			news = append(news, part)
			if len(all)+len(left) == 0 {
				break
			}
		}
	}
	return news
}

func cut[T any](all []T) (first, rest []T) {
	n := min(len(all), wire.MaxKubeStates)
	return all[:n], all[n:]
}

func problemOf(problems map[string]error) string {
	var said []string
	for _, kind := range slices.Sorted(maps.Keys(problems)) {
		said = append(said, kind+": "+problems[kind].Error())
	}
	return strings.Join(said, "; ")
}

func wireTask(t kube.Task) wire.KubeTask {
	return wire.KubeTask{Step: t.Step, Task: t.ID, Attempt: t.Attempt}
}

func wireState(s kube.State) wire.KubeState {
	state := wire.KubeState{
		KubeTask: wireTask(s.Task), Phase: string(s.Phase), Over: s.Phase.Over(), Stuck: s.Phase.Stuck(), Since: s.Since,
		Reason: s.Reason, Message: s.Message, Namespace: s.Namespace, Job: s.Job, Pod: s.Pod, Node: s.Node, Image: s.Image,
		Request: s.Request, Limit: s.Limit, Peak: s.Peak, PeakAt: s.PeakAt,
	}
	if s.Exited {
		state.ExitCode = new(s.ExitCode)
	}
	return state
}

// close ends all watches.
func (f *followed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.watches {
		w.end()
	}
	f.watches = nil
}
