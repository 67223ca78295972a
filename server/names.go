package server

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"flowls/analysis/index"
	"flowls/analysis/text"
	disk "flowls/internal/workspace"
)

// names are the flows of the whole workspace: read once somebody asks, in the
// background, by one goroutine at a time, and then kept up to what is on disk.
type names struct {
	server *server
	ready  chan struct{} // closed when known for the first time
	late   chan struct{} // closed when that should have been

	mu     sync.Mutex
	known  *index.Names
	wanted bool                       // somebody has asked
	busy   bool                       // a goroutine reads
	whole  bool                       // everything is to be read
	dirty  map[string]bool            // files that are to be read
	askers map[string]bool            // open files that are analysed again when the names change
	told   map[string]map[string]bool // by open file: whether others build on its classes, as it was told
}

// namesPatience is how long the first findings of a class that its file does not run
// wait for the names: most workspaces are read before, and findings that come
// and go would be seen.
const namesPatience = 300 * time.Millisecond

func newNames(s *server) *names {
	return &names{server: s, ready: make(chan struct{}), late: make(chan struct{}), dirty: map[string]bool{}, askers: map[string]bool{}, told: map[string]map[string]bool{}}
}

// ask gives the names to the analysis of an open file, nil while they are not
// known.
func (n *names) ask(path string) *index.Names {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.askers[path] = true
	n.want()
	return n.known
}

// subclassed tells the analysis of an open file whether others build on a class
// of it: none, if the names are not known soon. It is not for the read loop.
func (n *names) subclassed(path, class string) bool {
	n.mu.Lock()
	n.want()
	n.mu.Unlock()
	select {
	case <-n.ready:
	case <-n.late:
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	is := n.known.Subclassed(path, class)
	if n.told[path] == nil {
		n.told[path] = map[string]bool{}
	}
	n.told[path][class] = is
	return is
}

// wait gives the names once they are known.
func (n *names) wait(ctx context.Context) (*index.Names, error) {
	n.mu.Lock()
	n.want()
	n.mu.Unlock()
	select {
	case <-n.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known, nil
}

func (n *names) want() {
	if !n.wanted {
		n.wanted, n.whole = true, true
		time.AfterFunc(namesPatience, func() { close(n.late) })
		n.start()
	}
}

// changed takes a file into account that may be another on disk now.
func (n *names) changed(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wanted && path != "" {
		n.dirty[path] = true
		n.start()
	}
}

// moved has everything read again: the folders of the workspace are others.
func (n *names) moved() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wanted {
		n.whole = true
		n.start()
	}
}

// start begins to read, unless somebody does. The lock is held.
func (n *names) start() {
	if !n.busy {
		n.busy = true
		n.server.background("reading the workspace", n.read)
	}
}

// read reads until nothing is left to read.
func (n *names) read(ctx context.Context) {
	for {
		n.mu.Lock()
		whole, dirty, now := n.whole, n.dirty, n.known
		n.whole, n.dirty = false, map[string]bool{}
		if !whole && len(dirty) == 0 {
			n.busy = false
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
		next := now
		if whole {
			next = disk.Names(ctx, n.folders(), n.server.session.encoding, fresh)
		} else {
			next = now.With(n.summaries(dirty))
		}
		if next == nil || ctx.Err() != nil {
			return // the connection ends
		}
		n.mu.Lock()
		n.known = next
		again := n.mistold()
		turned := len(again) > 0
		was := now != nil && now.Whole
		if was != next.Whole || was && !slices.Equal(now.Flows(), next.Flows()) { // names that are not whole tell a rule nothing
			maps.Copy(again, n.askers)
			n.askers = map[string]bool{}
		}
		n.mu.Unlock()
		if now == nil {
			close(n.ready)
		}
		n.tell(again)
		if turned { // what is a base is not run
			n.server.client.refreshLenses()
		}
	}
}

func (n *names) folders() []string {
	var folders []string
	for _, f := range n.server.session.Snapshot().Folders {
		if path := filePath(f); path != "" {
			folders = append(folders, path)
		}
	}
	return folders
}

func (n *names) summaries(paths map[string]bool) map[string]index.Summary {
	read := make(map[string]index.Summary, len(paths))
	for path := range paths {
		var s index.Summary // of a file that is gone
		if t, err := fresh(path); t != nil && err == nil {
			s = disk.Summary(path, t, n.server.session.encoding)
		}
		read[path] = s
	}
	return read
}

// fresh reads a file of which nothing is kept.
func fresh(path string) (*text.Text, error) { return (&disk.Disk{}).Read(path) }

// mistold are the files that were told of a class what is not so any more. The
// lock is held.
func (n *names) mistold() map[string]bool {
	files := map[string]bool{}
	for path, classes := range n.told {
		for class, is := range classes {
			if n.known.Subclassed(path, class) != is {
				files[path] = true
			}
		}
	}
	for path := range files {
		delete(n.told, path)
	}
	return files
}

// tell has files analysed again.
func (n *names) tell(files map[string]bool) {
	for path := range files {
		if u, _ := n.server.session.openPath(path); n.server.session.again(u, false) {
			n.server.diags.wake(u)
		}
	}
}
