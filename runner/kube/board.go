package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// maxNotes bounds what is kept of events. Those of a busy namespace may be many
// more than those of tasks.
const maxNotes = 50_000

// board holds the records of one namespace and knows which tasks changed.
type board struct {
	mu     sync.Mutex
	tasks  map[Task]*seenSet
	owner  map[types.UID]Task // of jobs and pods
	byName map[string]*podRecord
	notes  map[types.UID]map[types.UID]*note // by what they are about, then by their own id
	about  map[types.UID]types.UID
	dirty  map[Task]bool
	poke   chan struct{}
}

type seenSet struct {
	jobs map[types.UID]*jobRecord
	pods map[types.UID]*podRecord
}

func newBoard() *board {
	return &board{
		tasks: map[Task]*seenSet{}, owner: map[types.UID]Task{}, byName: map[string]*podRecord{}, notes: map[types.UID]map[types.UID]*note{},
		about: map[types.UID]types.UID{}, dirty: map[Task]bool{}, poke: make(chan struct{}, 1),
	}
}

// touch must be called with the lock held.
func (b *board) touch(task Task) {
	b.dirty[task] = true
	select {
	case b.poke <- struct{}{}:
	default: // one is on its way
	}
}

func (b *board) set(task Task) *seenSet {
	s := b.tasks[task]
	if s == nil {
		s = &seenSet{map[types.UID]*jobRecord{}, map[types.UID]*podRecord{}}
		b.tasks[task] = s
	}
	return s
}

func (b *board) putJob(r *jobRecord) {
	b.set(r.task).jobs[r.uid] = r
	b.owner[r.uid] = r.task
	b.touch(r.task)
}

func (b *board) putPod(r *podRecord) {
	pods := b.set(r.task).pods
	if old := pods[r.uid]; old != nil {
		r.used = old.used
	}
	pods[r.uid] = r
	b.byName[r.name] = r
	b.owner[r.uid] = r.task
	b.touch(r.task)
}

func (b *board) putNote(n *note) (kept bool) {
	task, known := b.owner[n.about]
	if _, kept := b.about[n.uid]; !kept && !known && len(b.about) >= maxNotes {
		return false
	}
	if b.notes[n.about] == nil {
		b.notes[n.about] = map[types.UID]*note{}
	}
	b.notes[n.about][n.uid] = n
	b.about[n.uid] = n.about
	if known {
		b.touch(task)
	}
	return true
}

// forget drops a job or a pod; its notes go with their events.
func (b *board) forget(uid types.UID) {
	task, known := b.owner[uid]
	if !known {
		return
	}
	delete(b.owner, uid)
	if s := b.tasks[task]; s != nil {
		delete(s.jobs, uid)
		if pod := s.pods[uid]; pod != nil && b.byName[pod.name] == pod {
			delete(b.byName, pod.name)
		}
		delete(s.pods, uid)
		if len(s.jobs)+len(s.pods) == 0 {
			delete(b.tasks, task)
		}
	}
	b.touch(task)
}

// forgetNote leaves the state as it is: events go after an hour, what they told
// about does not.
func (b *board) forgetNote(uid types.UID) {
	about, kept := b.about[uid]
	if !kept {
		return
	}
	delete(b.about, uid)
	delete(b.notes[about], uid)
	if len(b.notes[about]) == 0 {
		delete(b.notes, about)
	}
}

func (b *board) again(of func(Task) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for task := range b.tasks {
		if of(task) {
			b.touch(task)
		}
	}
}

// take returns what changed since the last call: states, and tasks of which
// nothing is left.
func (b *board) take() (states []State, gone []Task) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for task := range b.dirty {
		if s := b.tasks[task]; s != nil {
			states = append(states, b.join(s).state())
		} else {
			gone = append(gone, task)
		}
	}
	clear(b.dirty)
	return states, gone
}

// join must be called with the lock held.
func (b *board) join(s *seenSet) seen {
	var joined seen
	for uid, job := range s.jobs {
		// A task that was submitted again has two jobs for a while.
		if joined.job == nil || job.created.After(joined.job.created) {
			joined.job = job
		}
		joined.notes = b.appendNotes(joined.notes, uid)
	}
	for uid, pod := range s.pods {
		joined.pods = append(joined.pods, pod)
		joined.notes = b.appendNotes(joined.notes, uid)
	}
	return joined
}

func (b *board) appendNotes(notes []*note, about types.UID) []*note {
	for _, n := range b.notes[about] {
		notes = append(notes, n)
	}
	return notes
}
