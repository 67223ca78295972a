package runstate

import (
	"container/list"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// maxCachedTasks and maxCachedGraphs bound the memory of a reader.
const (
	maxCachedTasks      = 16384 // above a foreach of 10,000: a smaller one would hold none of them from look to look
	maxCachedGraphs     = 32
	maxCachedParameters = 256
	maxCachedCounts     = 1024
)

// taskCache remembers tasks whose directories have not changed. Metaflow only
// creates and renames files, which always moves the directory's modification time.
type taskCache struct {
	mu     sync.Mutex
	steps  map[string]stepTasks // by the directory of the step
	recent list.List            // of *cachedTask; front: most recently used
	graphs map[string]*Graph
	params map[string]cachedParameters // by the directory of the task
	counts map[string]int              // splits of ended foreach tasks, by directory
}

// stepTasks are the known tasks of a step, by id.
type stepTasks map[string]*list.Element

type cachedTask struct {
	step string // its directory
	task *Task
	times
	final bool // nothing is written any more
}

// times are the modification times of a task's directory and of its _meta (zero
// while that does not exist).
type times struct{ main, meta time.Time }

// settle is how old a modification must be before an equal time proves that
// nothing changed: file systems tick every few milliseconds.
const settle = 50 * time.Millisecond

// settled: equal times, later, prove that nothing changed since the first look.
func (t times) settled(now time.Time) bool {
	return now.Sub(t.main) > settle && now.Sub(t.meta) > settle
}

func (t times) equal(o times) bool { return t.main.Equal(o.main) && t.meta.Equal(o.meta) }

// finals puts the tasks of a step that will not change into those that it
// returns, and the other ids into rest.
func (c *taskCache) finals(step string, ids []string) (found []*Task, rest []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.steps[step]
	for _, id := range ids {
		if e, ok := known[id]; ok && e.Value.(*cachedTask).final {
			c.recent.MoveToFront(e)
			found = append(found, e.Value.(*cachedTask).task)
		} else {
			rest = append(rest, id)
		}
	}
	return found, rest
}

// read gives one task of a step, whose directory it names.
func (c *taskCache) read(step, id string) (*Task, error) {
	if found, _ := c.finals(step, []string{id}); len(found) > 0 {
		return found[0], nil
	}
	dir := filepath.Join(step, id)
	before := time.Now()
	now, err := timesOf(dir)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if e, ok := c.steps[step][id]; ok {
		if k := e.Value.(*cachedTask); k.times.equal(now) {
			c.recent.MoveToFront(e)
			c.mu.Unlock()
			return k.task, nil
		}
	}
	c.mu.Unlock()
	task, err := readTask(dir, filepath.Base(step), id)
	if err != nil {
		return nil, err
	}
	if now.settled(before) {
		c.keep(&cachedTask{step, task, now, final(task)})
	}
	return task, nil
}

// final: the scheduler has noted that the process ended well, which is the last
// that happens to a task. Of such tasks a foreach has thousands, which are not
// even looked at again.
func final(t *Task) bool {
	a := t.Last()
	return a != nil && a.HasData && (a.Status == Succeeded || a.Status == Caught) && a.ReturnCode != nil && *a.ReturnCode == 0
}

func (c *taskCache) keep(k *cachedTask) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.steps == nil {
		c.steps = make(map[string]stepTasks)
	}
	tasks := c.steps[k.step]
	if tasks == nil {
		tasks = make(stepTasks)
		c.steps[k.step] = tasks
	}
	if e, ok := tasks[k.task.ID]; ok {
		e.Value = k
		c.recent.MoveToFront(e)
		return
	}
	tasks[k.task.ID] = c.recent.PushFront(k)
	if c.recent.Len() > maxCachedTasks {
		c.forget(c.recent.Back())
	}
}

func (c *taskCache) forget(e *list.Element) {
	k := e.Value.(*cachedTask)
	c.recent.Remove(e)
	delete(c.steps[k.step], k.task.ID)
	if len(c.steps[k.step]) == 0 {
		delete(c.steps, k.step)
	}
}

func timesOf(dir string) (times, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return times{}, err
	}
	t := times{main: info.ModTime()}
	if m, err := os.Stat(filepath.Join(dir, "_meta")); err == nil {
		t.meta = m.ModTime()
	}
	return t, nil
}

func (c *taskCache) graph(key string) (*Graph, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.graphs[key]
	return g, ok
}

func (c *taskCache) keepGraph(key string, g *Graph) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.graphs == nil || len(c.graphs) >= maxCachedGraphs {
		c.graphs = make(map[string]*Graph)
	}
	c.graphs[key] = g
}

func (c *taskCache) parameters(task string) (cachedParameters, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.params[task]
	return p, ok
}

func (c *taskCache) keepParameters(task string, p cachedParameters) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.params == nil || len(c.params) >= maxCachedParameters {
		c.params = make(map[string]cachedParameters)
	}
	c.params[task] = p
}

func (c *taskCache) count(t *Task) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.counts[t.dir]
	return n, ok
}

func (c *taskCache) keepCount(t *Task, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil || len(c.counts) >= maxCachedCounts {
		c.counts = make(map[string]int)
	}
	c.counts[t.dir] = n
}
