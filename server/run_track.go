package server

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

// trackedFlow is a flow of an open document with the places where its runs are.
type trackedFlow struct {
	script string // absolute path of the document
	folder string // workspace folder around it, "" if there is none
	roots  []string
	// done are runs that do not change any more, so that they are not read again.
	done map[runKey]*runstate.Run
	dir  string // where a run would start: which configuration of Metaflow counts
	// readable: data stores elsewhere are read.
	readable bool
	// awaits: something was missing that a data store elsewhere has.
	awaits bool
}

type runKey struct{ root, id string }

// track brings the tracked flows of a document up to date.
func (r *runs) track(ctx context.Context, u uri.URI) error {
	snapshot := r.s.session.Snapshot()
	v, err := r.s.look(ctx, snapshot, u)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	if v != nil {
		for _, f := range v.File.Flows {
			names[f.Name] = true
		}
	}
	for key, t := range r.tracked {
		if key.uri == u && !names[key.name] {
			r.untrack(key, t)
			r.forget(key, v == nil)
		}
	}
	for name := range names {
		key := flowKey{u, name}
		script := filePath(u)
		folder := folderOf(snapshot, script)
		if t := r.tracked[key]; t != nil {
			if t.folder == folder {
				continue
			}
			r.untrack(key, t) // its runs may be elsewhere
		}
		t := &trackedFlow{script: script, folder: folder, done: map[runKey]*runstate.Run{}}
		// A document in a folder that does not exist (new, or of another machine) has no runs to watch.
		if info, err := os.Stat(filepath.Dir(script)); err == nil && info.IsDir() {
			t.roots = roots(script, folder)
			r.watch()
		}
		r.tracked[key] = t
		for _, root := range t.roots {
			if r.watcher != nil {
				r.watcher.Add(root, name)
			}
		}
		r.touch(key)
	}
	return nil
}

func (r *runs) untrack(key flowKey, t *trackedFlow) {
	for _, root := range t.roots {
		if r.watcher != nil {
			r.watcher.Remove(root, key.name)
		}
	}
	delete(r.tracked, key)
}

// newWatcher is replaced by a test.
var newWatcher = runstate.NewWatcher

// watch makes the watcher when the first flow needs it. Where the system has
// none to give, the clock takes its place (recheck).
func (r *runs) watch() {
	if r.watcher != nil || r.unwatched {
		return
	}
	w, err := newWatcher(0)
	if err != nil {
		r.unwatched = true
		r.s.log.Warn("runs are looked for every two seconds: the system gives no file events", "error", err)
		return
	}
	r.watcher = w
}

// folderOf is the workspace folder that holds a path, the innermost of several; "" if none does.
func folderOf(snapshot *Snapshot, path string) string {
	best := ""
	for _, f := range snapshot.Folders {
		if dir := filePath(f); dir != "" && len(dir) > len(best) && strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/") {
			best = dir
		}
	}
	return best
}

// workingDir is where a flow is run: the folder of the nearest .metaflow from
// the flow's file up to the workspace folder, else the workspace folder, else
// the file's own. It decides which .metaflow Metaflow uses.
func workingDir(script, folder string) string {
	dir := filepath.Dir(script)
	if folder == "" {
		return dir
	}
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, ".metaflow")); err == nil && info.IsDir() {
			return at
		}
		if at == folder || at == filepath.Dir(at) {
			return folder
		}
	}
}

// roots are the places where runs of a script may be: where Metaflow would look
// when started in any folder from the script's up to the workspace folder.
// They need not exist.
func roots(script, folder string) []string {
	var all []string
	add := func(root string) {
		if !slices.Contains(all, root) {
			all = append(all, root)
		}
	}
	dir := filepath.Dir(script)
	add(runstate.FindRoot(dir, getenv))
	add(runstate.FindSpinRoot(dir, getenv))
	if folder == "" {
		return all
	}
	add(runstate.FindRoot(folder, getenv))
	add(runstate.FindSpinRoot(folder, getenv))
	// A run may make a new root in any folder between, unless one is there or Metaflow's settings name one.
	if settingIn(dir, "", "METAFLOW_DATASTORE_SYSROOT_LOCAL") != "" {
		return all
	}
	for at, n := dir, 0; n < 8; at, n = filepath.Dir(at), n+1 {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			add(filepath.Join(real, ".metaflow"))
			add(filepath.Join(real, ".metaflow_spin"))
		}
		if at == folder || at == filepath.Dir(at) {
			break
		}
	}
	return all
}
