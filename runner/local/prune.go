package local

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

const (
	// DefaultKeep is how many ended runs are kept per flow and script.
	DefaultKeep = 20
	// DefaultMaxAge is how long ended runs of any flow are kept.
	DefaultMaxAge = 30 * 24 * time.Hour
)

// prune removes ended runs: the oldest of the same flow and script, and those
// of any flow that are too old. Failing to is no reason not to start: the next
// start tries again.
func (g *Registry) prune(spec Spec, now time.Time) {
	keep, age := g.Keep, g.MaxAge
	if keep == 0 {
		keep = DefaultKeep
	}
	if age == 0 {
		age = DefaultMaxAge
	}
	ids, err := g.IDs()
	if err != nil {
		return
	}
	all, unreadable := g.read(ids)
	for _, r := range all {
		if r.ID == spec.ID || !r.Status.Done() {
			continue
		}
		ours := r.Flow == spec.Flow && r.Script == spec.Script
		if ours {
			keep--
		}
		if (ours && keep < 0 || now.Sub(r.lastSeen()) > age) && !r.Stoppable() {
			_ = os.RemoveAll(r.folder)
		}
	}
	for id, err := range unreadable {
		var newer *VersionError
		dir := filepath.Join(g.Dir, id)
		if info, e := os.Stat(dir); e == nil && !errors.As(err, &newer) && now.Sub(info.ModTime()) > age {
			_ = os.RemoveAll(dir)
		}
	}
}

// lastSeen is when the run was surely there.
func (r *Record) lastSeen() time.Time {
	if r.Exit != nil {
		return r.Exit.EndedAt
	}
	return r.StartedAt
}
