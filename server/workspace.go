package server

import (
	"slices"
	"sync"

	"flowls/analysis/index"
	"flowls/analysis/text"
	disk "flowls/internal/workspace"
)

// workspace gives the analysis of an open file what other files define, and
// knows which open files depend on which others.
//
// An analysis tells a path before it looks at it. A change takes effect before
// it is asked who depends on the path. So either the analysis has seen the
// change, or it is known to depend on it and is done again.
type workspace struct {
	server *server
	disk   *disk.Disk
	index  *index.Index

	mu         sync.Mutex
	dependents map[string]map[string]bool // by path looked at: the files that did
	looked     map[string]*looked         // by file
}

// siteOf is where a file is, for the analysis of that number: the later a
// version, the greater.
type siteOf func(number uint64) *index.Site

// looked is what the analysis of an open file looked at.
type looked struct {
	latest uint64 // analysis that looked
	paths  map[string]bool
}

func newWorkspace(s *server) *workspace {
	w := &workspace{server: s, dependents: map[string]map[string]bool{}, looked: map[string]*looked{}}
	w.disk = &disk.Disk{Open: w.open}
	w.index = index.New(w.disk)
	return w
}

// open is the text of a file that the editor has open.
func (w *workspace) open(path string) *text.Text {
	if _, d := w.server.session.openPath(path); d != nil {
		return d.Text
	}
	return nil
}

// site is where a file is. It is made by the analysis, off the read loop; what
// does not change from one version of the file to the next is found once.
func (w *workspace) site(path string) siteOf {
	where := sync.OnceValue(func() index.Site {
		var folders []string
		for _, f := range w.server.session.Snapshot().Folders {
			folders = append(folders, filePath(f))
		}
		return index.Site{Index: w.index, Path: path, Dir: disk.Dir(path), Roots: disk.Roots(path, folders)}
	})
	return func(number uint64) *index.Site {
		site := where()
		w.begin(path, number)
		site.Watch = func(at string) { w.looks(path, number, at) }
		site.Flows = func() *index.Names { return w.server.names.ask(path) }
		site.Subclassed = func(class string) bool { return w.server.names.subclassed(path, class) }
		return &site
	}
}

// begin forgets what earlier analyses of a file looked at.
func (w *workspace) begin(path string, number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.looked[path]
	if l != nil && l.latest > number {
		return
	}
	w.drop(path)
	w.looked[path] = &looked{latest: number, paths: map[string]bool{}}
}

func (w *workspace) drop(path string) {
	if l := w.looked[path]; l != nil {
		for at := range l.paths {
			delete(w.dependents[at], path)
			if len(w.dependents[at]) == 0 {
				delete(w.dependents, at)
			}
		}
	}
	delete(w.looked, path)
}

func (w *workspace) looks(path string, number uint64, at string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.looked[path]
	if l == nil || l.latest != number {
		return // overtaken: its answer is not shown
	}
	l.paths[at] = true
	if w.dependents[at] == nil {
		w.dependents[at] = map[string]bool{}
	}
	w.dependents[at][path] = true
}

// forget drops what a file that is not open any more depends on.
func (w *workspace) forget(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(path)
}

// changed has the open files analysed again that depend on a file. It runs on
// the read loop and costs nothing for a file on which none depends. While the
// file is being typed, what is new in them waits for a pause.
func (w *workspace) changed(path string, typing bool) {
	w.mu.Lock()
	var list []string
	for dependent := range w.dependents[path] {
		if dependent != path {
			list = append(list, dependent)
		}
	}
	w.mu.Unlock()
	slices.Sort(list)
	for _, dependent := range list {
		u, _ := w.server.session.openPath(dependent)
		switch {
		case !w.server.session.again(u, false):
		case typing:
			w.server.diags.typed(u, -1)
		default:
			w.server.diags.wake(u)
		}
	}
}

// changedOnDisk is changed for a file that may be another on disk now.
func (w *workspace) changedOnDisk(path string) {
	if _, open := w.server.session.openPath(path); open != nil {
		return // the editor's text is what counts
	}
	w.disk.Changed(path)
	w.changed(path, false)
}
