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
	maxCachedTasks  = 16384 // above a foreach of 10,000: a smaller one would hold none of them from look to look
	maxCachedGraphs = 32
	maxCachedCounts = 1024
)

// taskCache remembers tasks whose directories have not changed. Metaflow only
// creates and renames files, which always moves the directory's modification time.
type taskCache struct {
	mu     sync.Mutex
	tasks  map[string]*list.Element // of *cachedTask
	recent list.List                // front: most recently used
	graphs map[string]*Graph
	counts map[string]int // splits of ended foreach tasks, by directory
}

type cachedTask struct {
	dir        string
	task       *Task
	main, meta time.Time
	final      bool // nothing is written any more
}

// settle is how old a modification must be before an equal time proves that
// nothing changed: file systems tick every few milliseconds.
const settle = 50 * time.Millisecond

func (c *taskCache) read(dir, step, id string) (*Task, error) {
	c.mu.Lock()
	if e, ok := c.tasks[dir]; ok && e.Value.(*cachedTask).final {
		c.recent.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*cachedTask).task, nil
	}
	c.mu.Unlock()
	before := time.Now()
	main, meta, err := dirTimes(dir)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if e, ok := c.tasks[dir]; ok {
		if k := e.Value.(*cachedTask); k.main.Equal(main) && k.meta.Equal(meta) {
			c.recent.MoveToFront(e)
			c.mu.Unlock()
			return k.task, nil
		}
	}
	c.mu.Unlock()
	task, err := readTask(dir, step, id)
	if err != nil {
		return nil, err
	}
	if before.Sub(main) > settle && before.Sub(meta) > settle {
		c.keep(&cachedTask{dir, task, main, meta, final(task)})
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
	if c.tasks == nil {
		c.tasks = make(map[string]*list.Element)
	}
	if e, ok := c.tasks[k.dir]; ok {
		e.Value = k
		c.recent.MoveToFront(e)
		return
	}
	c.tasks[k.dir] = c.recent.PushFront(k)
	if c.recent.Len() > maxCachedTasks {
		oldest := c.recent.Back()
		c.recent.Remove(oldest)
		delete(c.tasks, oldest.Value.(*cachedTask).dir)
	}
}

// dirTimes are the modification times of a task's directory and its _meta
// (zero while that does not exist).
func dirTimes(dir string) (main, meta time.Time, err error) {
	info, err := os.Stat(dir)
	if err != nil {
		return main, meta, err
	}
	if m, err := os.Stat(filepath.Join(dir, "_meta")); err == nil {
		meta = m.ModTime()
	}
	return info.ModTime(), meta, nil
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
