package runstate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// process is a process as far as it matters here.
type process struct {
	pid   int
	argv  []string
	dir   string // current directory, "" if not readable
	start time.Time
}

// grace is how long a run counts as alive after its start although no process
// of it is seen: its scheduler may be between two looks.
const grace = 3 * time.Second

// ProcessLife looks for the scheduler, or a task, of a run among the processes
// of this machine. It only reads the process table. Runs of remote schedulers
// are LifeUnknown.
func ProcessLife(run *Run) Life {
	// A time of creation that lies ahead (the clock was set back) keeps no run alive.
	fresh := time.Since(run.Created).Abs() < grace
	if run.Script == "" && !fresh {
		return Dead // a run that never got to its parameters
	}
	key := run.Root + "/" + run.Flow + "/" + run.ID
	if owners.live(key) {
		return Alive
	}
	processes, known := snapshot()
	if !known {
		return LifeUnknown
	}
	for _, p := range processes {
		if run.owns(p) {
			owners.keep(key, p)
			return Alive
		}
	}
	if fresh {
		return Alive
	}
	return Dead
}

// owners remembers which process a run was seen to live by: looking at one again
// costs less than looking at all.
var owners ownerCache

type ownerCache struct {
	mu sync.Mutex
	of map[string]owner
}

type owner struct {
	process
	seen time.Time
}

// lookAge is how long a look at a process serves: a burst of reads costs one.
const lookAge = 250 * time.Millisecond

const maxOwners = 256

func (c *ownerCache) keep(run string, p process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || len(c.of) >= maxOwners {
		c.of = make(map[string]owner)
	}
	c.of[run] = owner{p, time.Now()}
}

func (c *ownerCache) live(run string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.of[run]
	if !ok || time.Since(o.seen) < lookAge {
		return ok
	}
	if !stillThere(o.process) {
		delete(c.of, run)
		return false
	}
	c.of[run] = owner{o.process, time.Now()}
	return true
}

// owns tells whether a process works for the run: a task names the run in its
// arguments; a scheduler runs the flow's file, from a directory that leads to
// the same data store, and was started shortly before the run was made.
func (r *Run) owns(p process) bool {
	if i := slices.Index(p.argv, "--run-id"); i >= 0 && i+1 < len(p.argv) {
		return p.argv[i+1] == r.ID
	}
	if !slices.ContainsFunc(p.argv, func(arg string) bool {
		return filepath.Base(arg) == r.Script || strings.HasPrefix(arg, "--origin-run-id") && r.Origin != ""
	}) {
		return false
	}
	if !slices.ContainsFunc(p.argv, func(arg string) bool { return arg == "run" || arg == "resume" || arg == "spin" }) {
		return false
	}
	if p.dir != "" && !r.Spin && FindRoot(p.dir, os.Getenv) != r.Root && find(p.dir, filepath.Base(r.Root), "") != r.Root {
		// The data store may have been named by the scheduler's own environment: one above the folder is no other project's.
		if within := strings.HasPrefix(p.dir+"/", filepath.Dir(r.Root)+"/"); !within {
			return false
		}
	}
	before := r.Created.Sub(p.start)
	return before > -2*time.Second && before < startup
}

// startup is the longest time from the start of a scheduler to its run:
// imports from a slow disk, environments that are built first.
const startup = 30 * time.Minute
