package server

import (
	"context"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"flowls/analysis/text"
	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

func init() {
	featureMakers = append(featureMakers, func(s *server) Feature { return newRuns(s) })
}

// flowKey names a flow of an open document.
type flowKey struct {
	uri  uri.URI
	name string
}

// runs is what the server knows about runs. Facts flow one way: files on disk
// -> runner -> flowState -> lenses, hints, diagnostics. One goroutine (loop)
// reads the disk and makes the states; everybody else reads finished states.
// Nothing here starts a process except launch, on a command.
type runs struct {
	NoFeature
	s         *server
	registry  *local.Registry // nil if there is no place for the state of runs
	launcher  launcher
	artifacts artifactCache
	models    ranModels

	start  sync.Once     // of the loop, with the first document
	wakeUp chan struct{} // one slot

	mu       sync.Mutex
	docs     map[uri.URI]bool            // whose flows may have changed
	stale    map[flowKey]bool            // whose runs may have changed
	restated map[string]bool             // flows of whose runs a cluster has news, by name
	arrived  map[string]bool             // folders whose data stores have given something that was missing
	states   map[flowKey]*flowState      // finished states
	selected map[flowKey]choice          // of the user
	cleared  map[flowKey]map[string]bool // runs whose failures the user has put away, by key
	waiters  map[*waiter]bool
	marked   map[flowKey]markedFlow // what the lenses said last

	// Below: only the loop.
	watcher   *runstate.Watcher
	unwatched bool // there is no watcher to be had
	tracked   map[flowKey]*trackedFlow
	readers   map[readerKey]*runstate.Reader
	ended     map[string]*local.Record // records that do not change any more, by id
	attached  map[string]bool          // active runs that are followed, by id
	texts     *ranTexts
}

const (
	// refreshPause is the least time between two looks at the disk.
	refreshPause = 20 * time.Millisecond
	// recheck is how often runs that were started elsewhere are looked at: the
	// death of a process leaves no trace on disk.
	recheck = 2 * time.Second
)

func newRuns(s *server) *runs {
	r := &runs{
		s: s, wakeUp: make(chan struct{}, 1),
		docs: map[uri.URI]bool{}, stale: map[flowKey]bool{}, restated: map[string]bool{}, arrived: map[string]bool{}, states: map[flowKey]*flowState{},
		selected: map[flowKey]choice{}, waiters: map[*waiter]bool{}, cleared: map[flowKey]map[string]bool{}, marked: map[flowKey]markedFlow{},
		tracked: map[flowKey]*trackedFlow{}, readers: map[readerKey]*runstate.Reader{},
		ended: map[string]*local.Record{}, attached: map[string]bool{}, texts: newRanTexts(),
	}
	r.launcher.runs = r
	r.artifacts.byTask = map[string][]shownArtifact{}
	if registry, err := local.Default(); err == nil {
		r.registry = registry
	} else {
		s.log.Warn("runs are not available", "error", err)
	}
	s.runs = r
	return r
}

func (r *runs) Opened(d *Document)                 { r.document(d.URI) }
func (r *runs) Changed(d *Document, _ []text.Edit) { r.document(d.URI) }
func (r *runs) Closed(u uri.URI)                   { r.document(u) }
func (r *runs) Configured(Settings)                {}
func (r *runs) kick() {
	select {
	case r.wakeUp <- struct{}{}:
	default:
	}
}

// document has the flows of a document looked at again.
func (r *runs) document(u uri.URI) {
	if filePath(u) == "" {
		return // only files can be run
	}
	r.mu.Lock()
	r.docs[u] = true
	r.mu.Unlock()
	r.start.Do(func() { r.s.background("runs", r.loop) })
	r.kick()
}

// touch has the runs of a flow looked at again.
func (r *runs) touch(key flowKey) {
	r.mu.Lock()
	r.stale[key] = true
	r.mu.Unlock()
	r.kick()
}

// restate has the flows of a name show what clusters say of their runs now.
func (r *runs) restate(flow string) {
	r.mu.Lock()
	r.restated[flow] = true
	r.mu.Unlock()
	r.kick()
}

// state is the finished state of a flow, nil if nothing is known.
func (r *runs) state(key flowKey) *flowState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[key]
}

func (r *runs) loop(ctx context.Context) {
	defer r.closeWatcher()
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	var pace pace
	for {
		var events <-chan runstate.Event
		if r.watcher != nil {
			events = r.watcher.Events()
		}
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			r.surviving(func() { r.event(e) })
			continue
		case <-tick.C:
			r.surviving(r.recheck)
			continue
		case <-r.wakeUp:
		}
		select { // a burst of changes is one look
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		began := time.Now()
		r.surviving(func() { r.work(ctx) })
		now := time.Now()
		pause.Reset(pace.after(now.Sub(began), now))
	}
}

// surviving keeps the loop going when what it read off the disk hits a bug.
func (r *runs) surviving(do func()) {
	defer func() {
		if p := recover(); p != nil {
			r.s.reportPanic("runs", p)
		}
	}()
	do()
}

func (r *runs) closeWatcher() {
	if r.watcher != nil {
		_ = r.watcher.Close() // the process ends or the connection does
	}
}

// work does what is marked: documents first, their flows after.
func (r *runs) work(ctx context.Context) {
	r.mu.Lock()
	docs := slices.Collect(maps.Keys(r.docs))
	clear(r.docs)
	r.mu.Unlock()
	for _, u := range docs {
		if err := r.track(ctx, u); err != nil {
			return // the connection ends
		}
	}
	r.mu.Lock()
	arrived := maps.Clone(r.arrived)
	clear(r.arrived)
	r.mu.Unlock()
	r.takeArrived(arrived)
	r.mu.Lock()
	keys := slices.Collect(maps.Keys(r.stale))
	clear(r.stale)
	restated := maps.Clone(r.restated)
	clear(r.restated)
	r.mu.Unlock()
	for _, key := range keys {
		if ctx.Err() != nil {
			return
		}
		if t := r.tracked[key]; t != nil {
			r.refresh(ctx, key, t)
		}
	}
	for key, t := range r.tracked {
		if restated[key.name] && !slices.Contains(keys, key) && ctx.Err() == nil {
			r.recompose(ctx, key, t)
		}
	}
}

// event marks the flows that a change on disk concerns.
func (r *runs) event(e runstate.Event) {
	for key, t := range r.tracked {
		if key.name == e.Flow && slices.Contains(t.roots, e.Root) {
			delete(t.done, runKey{e.Root, e.Run})
			r.touch(key)
		}
	}
}

// recheck marks the flows with runs that have not ended; all of them where
// there are no file events.
func (r *runs) recheck() {
	for key := range r.tracked {
		if state := r.state(key); r.unwatched || state != nil && state.active() {
			r.touch(key)
		}
	}
}

// publish makes a state visible and tells the client what changed.
func (r *runs) publish(key flowKey, state *flowState) {
	r.mu.Lock()
	old := r.states[key]
	r.states[key] = state
	for w := range r.waiters {
		w.offer(key, state)
	}
	r.mu.Unlock()
	r.s.kube.observe(state)
	r.s.remote.observe(key, state)
	if old.fingerprint() == state.fingerprint() {
		return
	}
	if old.failures() != state.failures() {
		r.s.diags.wake(key.uri)
	}
	r.s.client.refreshLenses()
	r.s.client.refreshInlayHints()
	r.announce(key, old, state)
}

// announce sends runChanged for each run that is not what it was.
func (r *runs) announce(key flowKey, old, state *flowState) {
	before := map[string]string{}
	if old != nil {
		for _, v := range old.runs {
			before[v.key()] = v.fingerprint()
		}
	}
	for _, v := range state.runs {
		if now := v.fingerprint(); before[v.key()] != now && (old != nil || !v.status().done()) {
			r.s.client.runChanged(RunChanged{
				URI: key.uri, Flow: key.name, RunID: v.launchID(), MetaflowRunID: v.metaflowID(), Status: string(v.status()),
			})
		}
	}
}

// forget drops a flow that is gone. The run that the user chose is remembered
// while the document is open: half-typed code hides a flow for a moment.
func (r *runs) forget(key flowKey, closed bool) {
	r.mu.Lock()
	failures := r.states[key].failures()
	delete(r.states, key)
	delete(r.marked, key)
	if closed {
		delete(r.selected, key)
		delete(r.cleared, key)
	}
	delete(r.stale, key)
	r.mu.Unlock()
	if failures != "" {
		r.s.diags.wake(key.uri)
	}
}

func getenv(name string) string { return os.Getenv(name) }
