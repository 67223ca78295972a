package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// foreachRate is how many tasks end per second: that of 16 workers on a machine with as many processors.
const foreachRate = 20

var progressPattern = regexp.MustCompile(`running (\d+)/` + strconv.Itoa(templateTasks))

// foreachEvents plays a foreach of 1,000 tasks and measures from each task's
// verdict on disk until the lens counts it, and what that costs the server.
func foreachEvents(ctx context.Context, e *env) ([]row, error) {
	if err := e.needPython(); err != nil {
		return nil, err
	}
	dir := filepath.Join(e.dir, "foreach")
	t, err := recordTemplate(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	all, err := files(filepath.Join(t.path(t.run), "work", t.task))
	if err != nil {
		return nil, err
	}
	alive, err := (&recording{run: t.run}).pretend(ctx)
	if err != nil {
		return nil, err
	}
	defer alive()
	c, err := spawn(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	if _, err := c.initialize(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "flow.py")
	if err := c.open(path, templateText); err != nil {
		return nil, err
	}
	counted := func() (int, time.Time, error) {
		m, err := c.request("textDocument/codeLens", map[string]any{"textDocument": map[string]string{"uri": fileURI(path)}})
		found := progressPattern.FindSubmatch(m.Result)
		if err != nil || found == nil {
			return 0, m.at, err
		}
		n, err := strconv.Atoi(string(found[1]))
		return n, m.at, err
	}
	deadline := time.Now().Add(30 * time.Second)
	for n := 0; n == 0; { // the template's own task
		if n, _, err = counted(); err != nil || time.Now().After(deadline) {
			return nil, fmt.Errorf("the run never reached the lenses: %w", err)
		}
	}
	p := &play{ended: make([]time.Time, templateTasks+1)}
	processor := processorTime(c.cmd.Process.Pid)
	begin := time.Now()
	go p.run(ctx, t, all)
	var samples []time.Duration
	// The last one ends the step: its lens has another form.
	for n := 1; n < templateTasks-1; {
		if _, err := c.until(func(m message) bool { return m.Method == "workspace/codeLens/refresh" }); err != nil {
			return nil, fmt.Errorf("after %d of %d tasks: %w", n, templateTasks, cmp.Or(p.failed(), err))
		}
		now, at, err := counted()
		if err != nil {
			return nil, err
		}
		samples = append(samples, p.latencies(n, now, at)...)
		n = max(n, now)
		if err := p.failed(); err != nil {
			return nil, err
		}
	}
	wall := time.Since(begin)
	share := float64(processorTime(c.cmd.Process.Pid)-processor) / float64(wall)
	late := quantile(samples, 0.95)
	return []row{
		{what: fmt.Sprintf("foreach of %d tasks, %d a second: verdict on disk → lens, median / p95", templateTasks, foreachRate),
			measured: ms(median(samples)) + " / " + ms(late), goal: "p95 ≤ 100 ms", ok: late <= 100*time.Millisecond},
		{what: "  processor time of the server meanwhile", measured: fmt.Sprintf("%.1f %% of a core", 100*share), goal: "≤ 10 %", ok: share <= 0.10},
	}, c.quit()
}

// play writes the tasks.
type play struct {
	mu    sync.Mutex
	ended []time.Time // when the verdict of the n-th task was written, from 1
	err   error
}

func (p *play) run(ctx context.Context, t *template, all []file) {
	tick := time.NewTicker(time.Second / foreachRate)
	defer tick.Stop()
	for i := 1; i < templateTasks && ctx.Err() == nil; i++ {
		<-tick.C
		err := t.copyTask(all, i, func(name string) {
			if strings.Contains(name, "sysmeta_attempt_ok_") {
				p.mu.Lock()
				p.ended[i+1] = time.Now()
				p.mu.Unlock()
			}
		})
		if err != nil {
			p.mu.Lock()
			p.err = err
			p.mu.Unlock()
			return
		}
	}
}

func (p *play) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// latencies of the tasks that the lens counts now and did not before.
func (p *play) latencies(before, now int, at time.Time) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []time.Duration
	for n := before + 1; n <= now; n++ {
		all = append(all, at.Sub(p.ended[n]))
	}
	return all
}

// processorTime is what a process has used, 0 where the system does not tell.
func processorTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}
