package runstate

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// watch adds a watch; false if there is no room or the system refuses.
func (w *Watcher) watch(path string, n *node) bool {
	if _, ok := w.dirs[path]; ok {
		return true
	}
	// The outer levels always find room: without them nothing new would be seen.
	if n.level >= stepLevel && len(w.dirs) >= w.limit {
		return false
	}
	if err := w.fs.Add(path); err != nil {
		return false
	}
	w.dirs[path] = n
	return true
}

func (w *Watcher) drop(path string) {
	if _, ok := w.dirs[path]; ok {
		delete(w.dirs, path)
		_ = w.fs.Remove(path) // gone with its directory already: fine
	}
}

func (w *Watcher) forget(which func(*node) bool) {
	for path, n := range w.dirs {
		if which(n) {
			w.drop(path)
		}
	}
}

func (w *Watcher) wantsRoot(root string) bool {
	for t := range w.targets {
		if t.root == root {
			return true
		}
	}
	return false
}

// forgetParent drops the watch of a folder in which no root is waited for any more.
func (w *Watcher) forgetParent(parent string) {
	for t := range w.targets {
		if filepath.Dir(t.root) == parent {
			return
		}
	}
	w.forget(func(n *node) bool { return n.level == parentLevel && n.root == parent })
}

// scanRoot watches a root, or the place where it will appear. The watch comes
// before the look: what is created in between is then seen twice, never missed.
func (w *Watcher) scanRoot(root string) {
	parent := filepath.Dir(root)
	if !w.watch(root, &node{level: rootLevel, root: root}) {
		if !w.watch(parent, &node{level: parentLevel, root: parent}) {
			w.pollRoot(root) // not even the folder exists yet
			return
		}
		if !isDir(root) {
			return
		}
		if !w.watch(root, &node{level: rootLevel, root: root}) {
			w.pollRoot(root) // the system refuses: no event would ever come
			return
		}
	}
	for t := range w.targets {
		if t.root != root {
			continue
		}
		for e := range w.polled {
			if e.Root == root && e.Run == "" {
				delete(w.polled, e)
			}
		}
		if isDir(filepath.Join(root, t.flow)) {
			w.scanFlow(t)
		}
	}
}

func (w *Watcher) pollRoot(root string) {
	for t := range w.targets {
		if t.root == root {
			w.polled[Event{t.root, t.flow, ""}] = true
		}
	}
}

// scanFlow watches a flow's directory and its newest run.
func (w *Watcher) scanFlow(t target) {
	path := filepath.Join(t.root, t.flow)
	if !w.watch(path, &node{level: flowLevel, root: t.root, flow: t.flow}) {
		w.polled[Event{t.root, t.flow, ""}] = true
		return
	}
	w.emit(Event{t.root, t.flow, ""})
	ids, err := (&Reader{Root: t.root}).RunIDs(t.flow)
	if err == nil && len(ids) > 0 {
		w.scanRun(t.root, t.flow, ids[0])
	}
}

func (w *Watcher) scanRun(root, flow, run string) {
	w.scanBelow(filepath.Join(root, flow, run), runLevel, &node{root: root, flow: flow, run: run})
}

// scanBelow watches a run, step or task directory and what is in it already.
func (w *Watcher) scanBelow(path string, at level, parent *node) {
	if !isDir(path) {
		return
	}
	e := Event{parent.root, parent.flow, parent.run}
	w.emit(e)
	if !w.watch(path, &node{at, parent.root, parent.flow, parent.run}) {
		w.polled[e] = true
		return
	}
	if at == taskLevel {
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return
	}
	for _, child := range entries {
		name := child.Name()
		if !child.IsDir() || name == "_meta" || name == "_parameters" {
			continue
		}
		below := filepath.Join(path, name)
		if at == stepLevel && taskEnded(below) {
			continue
		}
		w.scanBelow(below, at+1, parent)
	}
}

// taskEnded: the latest attempt succeeded.
func taskEnded(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".runtime") && endedWell(filepath.Join(dir, e.Name())) {
			return true
		}
	}
	return false
}

// dropOldRuns keeps the watches of the newest runs of a flow only.
func (w *Watcher) dropOldRuns(root, flow string) {
	var runs []string
	for _, n := range w.dirs {
		if n.level == runLevel && n.root == root && n.flow == flow {
			runs = append(runs, n.run)
		}
	}
	if len(runs) <= runsPerFlow {
		return
	}
	slices.SortFunc(runs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(b, a)) })
	for _, run := range runs[runsPerFlow:] {
		w.forget(func(n *node) bool { return n.root == root && n.flow == flow && n.run == run })
		delete(w.polled, Event{root, flow, run})
	}
}
