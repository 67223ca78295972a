package cli

import (
	"os"
	"runtime"
	"runtime/debug"
)

// A garbage collection costs what is alive, and how often one comes depends on
// what is alive as well: by Go's default, when as much again has been made. An
// editor with one file open would pay for one every few keystrokes.

const (
	// leastGarbage is what may be made between two collections, whatever is alive.
	leastGarbage = 8 << 20
	usualPercent = 100 // Go's default
	mostPercent  = 400
)

// collectRarely is for a command that ends soon. What the user says in the
// environment counts more.
func collectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostPercent)
	}
}

// collectSeldom lets a small heap grow by leastGarbage before the next
// collection, and a larger one by as much as Go's default does: with many files
// open nothing changes.
func collectSeldom() {
	if os.Getenv("GOGC") != "" {
		return
	}
	percent := mostPercent
	debug.SetGCPercent(percent)
	var each func(struct{})
	again := func() { // what is made here and forgotten is found by the next collection
		runtime.AddCleanup(new(mark), each, struct{}{})
	}
	each = func(struct{}) {
		var m runtime.MemStats // runtime/metrics says it more cheaply, but costs each start
		runtime.ReadMemStats(&m)
		live := m.NextGC * 100 / uint64(100+percent)
		if next := percentFor(live); next < percent-percent/8 || next > percent+percent/8 {
			percent = next
			debug.SetGCPercent(percent)
		}
		again()
	}
	again()
}

// percentFor is the GOGC for a heap in which so much is alive.
func percentFor(live uint64) int {
	return int(min(mostPercent, max(usualPercent, leastGarbage*100/max(1, live))))
}

// mark is large enough, and holds a pointer, not to share its memory with others.
type mark struct{ _ [4]*mark }
