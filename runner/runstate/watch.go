package runstate

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Event says that something changed. Events that arrive together are one.
type Event struct {
	Root string
	Flow string
	Run  string // "" : the list of runs
}

// Watcher tells of changes in the runs of flows, whoever causes them. The
// number of directories that it watches is bounded; what exceeds the bound is
// reported by the clock instead, so that no change is missed, only noticed later.
type Watcher struct {
	events chan Event
	calls  chan func()
	quit   chan struct{}
	ended  chan struct{}

	// Below: owned by the loop.
	fs      *fsnotify.Watcher
	limit   int
	dirs    map[string]*node
	targets map[target]int // root and flow, with the number of Add calls
	polled  map[Event]bool
	pending map[Event]bool
	order   []Event // of pending: first come, first served
}

type target struct{ root, flow string }

type level int

const (
	parentLevel level = iota // holds (or will hold) .metaflow
	rootLevel                // .metaflow
	flowLevel
	runLevel
	stepLevel
	taskLevel
)

// node is a watched directory.
type node struct {
	level     level
	root      string
	flow, run string
}

const (
	defaultWatches = 512
	coalesce       = 10 * time.Millisecond
	pollEvery      = 500 * time.Millisecond
	runsPerFlow    = 4 // runs of one flow that are watched at a time
)

// NewWatcher starts a watcher; limit bounds the watched directories, 0 is the default.
func NewWatcher(limit int) (*Watcher, error) {
	fs, err := fsnotify.NewBufferedWatcher(4096)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = defaultWatches
	}
	w := &Watcher{
		events: make(chan Event), calls: make(chan func()), quit: make(chan struct{}), ended: make(chan struct{}),
		fs: fs, limit: limit,
		dirs: make(map[string]*node), targets: make(map[target]int),
		polled: make(map[Event]bool), pending: make(map[Event]bool),
	}
	go w.loop()
	return w, nil
}

// Events delivers until Close, which closes the channel.
func (w *Watcher) Events() <-chan Event { return w.events }

// Add watches the runs of a flow below root, a .metaflow or .metaflow_spin
// directory that need not exist yet. Each Add needs a Remove.
func (w *Watcher) Add(root, flow string) {
	w.do(func() {
		t := target{filepath.Clean(root), flow}
		if w.targets[t]++; w.targets[t] == 1 {
			w.scanRoot(t.root)
		}
	})
}

// Remove undoes one Add.
func (w *Watcher) Remove(root, flow string) {
	w.do(func() {
		t := target{filepath.Clean(root), flow}
		if w.targets[t]--; w.targets[t] > 0 {
			return
		}
		delete(w.targets, t)
		w.forget(func(n *node) bool { return n.root == t.root && n.flow == t.flow })
		for e := range w.polled {
			if e.Root == t.root && e.Flow == t.flow {
				delete(w.polled, e)
			}
		}
		if !w.wantsRoot(t.root) {
			w.forget(func(n *node) bool { return n.root == t.root })
			w.forgetParent(filepath.Dir(t.root))
		}
	})
}

// Release stops watching one run: it has ended. Later runs of its flow are still noticed.
func (w *Watcher) Release(root, flow, run string) {
	w.do(func() {
		root = filepath.Clean(root)
		w.forget(func(n *node) bool { return n.root == root && n.flow == flow && n.run == run && n.level >= runLevel })
		delete(w.polled, Event{root, flow, run})
	})
}

// Watched is the number of watched directories.
func (w *Watcher) Watched() int {
	n := 0
	w.do(func() { n = len(w.dirs) })
	return n
}

// Close ends the watcher.
func (w *Watcher) Close() error {
	select {
	case <-w.quit:
		return nil
	default:
	}
	close(w.quit)
	<-w.ended
	return w.fs.Close()
}

// do runs a function in the loop and waits for it.
func (w *Watcher) do(f func()) {
	done := make(chan struct{})
	select {
	case w.calls <- func() { f(); close(done) }:
		<-done
	case <-w.ended:
	}
}

func (w *Watcher) loop() {
	defer close(w.ended)
	defer close(w.events)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var gather <-chan time.Time // runs while events are gathered
	ready := false              // they have been gathered long enough
	for {
		var out chan Event
		var next Event
		if ready && len(w.order) > 0 {
			out, next = w.events, w.order[0]
		}
		if len(w.order) > 0 && !ready && gather == nil {
			gather = time.After(coalesce)
		}
		select {
		case <-w.quit:
			return
		case call := <-w.calls:
			call()
		case event, ok := <-w.fs.Events:
			if !ok {
				return
			}
			w.handle(event)
		case err, ok := <-w.fs.Errors:
			if !ok {
				return
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				w.rescan()
			}
		case <-gather:
			gather, ready = nil, true
		case out <- next:
			w.order = w.order[1:]
			delete(w.pending, next)
			ready = len(w.order) > 0
		case <-poll.C:
			for e := range w.polled {
				if e.Run == "" {
					w.scanRoot(e.Root) // there may be room, or a folder, by now
				}
				w.emit(e)
			}
		}
	}
}

func (w *Watcher) emit(e Event) {
	if !w.pending[e] {
		w.pending[e] = true
		w.order = append(w.order, e)
	}
}

func (w *Watcher) handle(event fsnotify.Event) {
	path := filepath.Clean(event.Name)
	if event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename) {
		if n, ok := w.dirs[path]; ok {
			w.vanished(path, n)
			return
		}
	}
	n, ok := w.dirs[filepath.Dir(path)]
	if !ok || event.Op == fsnotify.Chmod {
		return
	}
	name := filepath.Base(path)
	if strings.HasPrefix(name, "tmp") && !event.Has(fsnotify.Create) {
		return // Metaflow's temporary files: the rename that follows is what counts
	}
	switch n.level {
	case parentLevel:
		for t := range w.targets {
			if t.root == path && event.Has(fsnotify.Create) {
				w.scanRoot(t.root)
			}
		}
	case rootLevel:
		if t := (target{n.root, name}); w.targets[t] > 0 && event.Has(fsnotify.Create) {
			w.scanFlow(t)
		}
	case flowLevel:
		if event.Has(fsnotify.Create) && isRunDir(path) {
			w.emit(Event{n.root, n.flow, ""})
			w.scanRun(n.root, n.flow, name)
			w.dropOldRuns(n.root, n.flow)
		} else if event.Has(fsnotify.Remove) {
			w.emit(Event{n.root, n.flow, ""})
		}
	default:
		if strings.HasPrefix(name, "tmp") {
			return
		}
		w.emit(Event{n.root, n.flow, n.run})
		if event.Has(fsnotify.Create) && n.level < taskLevel && name != "_meta" {
			w.scanBelow(path, n.level+1, n)
		}
		if n.level == taskLevel && strings.HasSuffix(name, ".runtime") && endedWell(path) {
			w.drop(filepath.Dir(path))
		}
	}
}

// vanished: a watched directory was deleted or moved; the system's watch is gone with it.
func (w *Watcher) vanished(path string, n *node) {
	w.drop(path)
	if n.flow != "" {
		w.emit(Event{n.root, n.flow, ""})
	}
	if n.level == rootLevel {
		w.forget(func(m *node) bool { return m.root == n.root })
		for t := range w.targets {
			if t.root == n.root {
				w.emit(Event{t.root, t.flow, ""})
			}
		}
		w.scanRoot(n.root)
	}
}

func (w *Watcher) rescan() {
	for t := range w.targets {
		w.scanRoot(t.root)
		w.emit(Event{t.root, t.flow, ""})
	}
	for _, n := range w.dirs {
		if n.run != "" {
			w.emit(Event{n.root, n.flow, n.run})
		}
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isRunDir(path string) bool {
	name := filepath.Base(path)
	return name != "data" && name != "_meta" && partPattern().MatchString(name) && isDir(path)
}

// endedWell: after success nothing happens to a task any more.
func endedWell(path string) bool {
	var r runtimeRecord
	return readJSON(path, &r) == nil && r.Success
}
