package fakeeditor

import (
	"runtime"
	"strings"
	"sync"
	"time"
)

// editors counts the open editors. Goroutines of one server may start while
// another editor opens or closes, so only the last one that closes can tell
// what is left over from all of them.
var editors struct {
	sync.Mutex
	open   int
	before map[string]bool // goroutines of the server before the first
}

func opened() {
	editors.Lock()
	defer editors.Unlock()
	if editors.open == 0 {
		editors.before = serverGoroutines()
	}
	editors.open++
}

// closed gives the goroutines that may be there, false while another editor is open.
func closed() (before map[string]bool, last bool) {
	editors.Lock()
	defer editors.Unlock()
	editors.open--
	return editors.before, editors.open == 0
}

// serverGoroutines are the headers of the goroutines that run code of the server.
func serverGoroutines() map[string]bool {
	found := map[string]bool{}
	for _, g := range strings.Split(stacks(), "\n\n") {
		header, body, _ := strings.Cut(g, "\n")
		id, _, _ := strings.Cut(header, "[")
		if strings.Contains(body, "flowls/server.(*") || strings.Contains(body, "created by flowls/server.") {
			found[id] = true
		}
	}
	return found
}

func stacks() string {
	for buf := make([]byte, 1<<20); ; buf = make([]byte, 2*len(buf)) {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return string(buf[:n])
		}
	}
}

// checkLeaks fails when a goroutine of the server outlives Serve. Goroutines
// end a moment after they were told to, so it looks again until a deadline.
func (e *Editor) checkLeaks() {
	e.t.Helper()
	before, last := closed()
	if !last {
		return
	}
	deadline := time.Now().Add(Deadline)
	for {
		leaked := false
		for id := range serverGoroutines() {
			leaked = leaked || !before[id]
		}
		if !leaked {
			return
		}
		if time.Now().After(deadline) {
			e.t.Errorf("a goroutine of the server outlives it:\n%s", stacks())
			return
		}
		time.Sleep(time.Millisecond)
	}
}
