package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// runEvent plays a run as Metaflow records it, task by task, and measures from
// each file that changes a task's state until the lenses, asked for again after
// the server's refresh, say so.
func runEvent(ctx context.Context, e *env) ([]row, error) {
	dir := filepath.Join(e.dir, "event")
	r := &recording{flow: "EventFlow", run: strconv.FormatInt(time.Now().UnixMicro(), 10), root: filepath.Join(dir, ".metaflow", "EventFlow")}
	if err := r.begin(); err != nil {
		return nil, err
	}
	end, err := r.pretend(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	path := filepath.Join(dir, "flow.py")
	src := generated("EventFlow", 200)
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		return nil, err
	}
	c, err := spawn(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	if _, err := c.initialize(dir); err != nil {
		return nil, err
	}
	if err := c.open(path, src); err != nil {
		return nil, err
	}
	uri := fileURI(path)
	lenses := func() ([]byte, time.Time, error) {
		m, err := c.request("textDocument/codeLens", map[string]any{"textDocument": map[string]string{"uri": uri}})
		return m.Result, m.at, err
	}
	// The run is there before the file is opened: wait until the lenses know it.
	before, _, err := lenses()
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(before, []byte("✓")) {
		if before, _, err = c.refreshed(before, lenses); err != nil {
			return nil, fmt.Errorf("the recorded run never reached the lenses: %w", err)
		}
	}
	var samples []time.Duration
	for i := range 10 {
		for _, change := range []func(string) (time.Time, error){r.running, r.succeeded} {
			begin, err := change(fmt.Sprintf("s%d", i))
			if err != nil {
				return nil, err
			}
			after, at, err := c.refreshed(before, lenses)
			if err != nil {
				return nil, err
			}
			samples = append(samples, at.Sub(begin))
			before = after
		}
	}
	got, worst := median(samples), quantile(samples, 1)
	return []row{{
		what:     "event on disk → lens refreshed, median / worst of 20",
		measured: ms(got) + " / " + ms(worst), goal: "≤ 100 ms", ok: worst <= 100*time.Millisecond,
	}}, c.quit()
}

// refreshed waits until the server asks for a refresh of the lenses and they
// differ from before; the time is that of the answer which differs.
func (c *client) refreshed(before []byte, lenses func() ([]byte, time.Time, error)) ([]byte, time.Time, error) {
	for {
		if _, err := c.until(func(m message) bool {
			return m.Method == "workspace/codeLens/refresh" || m.Method == "flowls/runChanged"
		}); err != nil {
			return nil, time.Time{}, err
		}
		after, at, err := lenses()
		if err != nil || !bytes.Equal(before, after) {
			return after, at, err
		}
	}
}

// recording writes the files of a run as Metaflow does: each beside its place
// and renamed.
type recording struct {
	flow, run, root string
	task            int
}

func (r *recording) write(name string, value any) error {
	path := filepath.Join(r.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "tmp")
	if err != nil {
		return err
	}
	if _, err := tmp.Write(b); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// record is the identity that every record of Metaflow carries.
func (r *recording) record(more map[string]any) map[string]any {
	m := map[string]any{"flow_id": r.flow, "run_number": r.run, "user_name": "bench", "tags": []string{}, "system_tags": []string{}, "ts_epoch": time.Now().UnixMilli()}
	for k, v := range more {
		m[k] = v
	}
	return m
}

// pretend starts a process that looks like a task of the run: without any, a
// run that has not ended counts as dead. It lives until the result is called.
func (r *recording) pretend(ctx context.Context) (end func(), err error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", "read wait", "sh", "flow.py", "--run-id", r.run)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = in.Close()
		_ = cmd.Wait() // read ends with an error at the end of its input
	}, nil
}

// begin writes a run whose start step has succeeded.
func (r *recording) begin() error {
	for name, value := range map[string]any{
		"_meta/_self.json":          r.record(nil),
		r.run + "/_meta/_self.json": r.record(nil),
		r.run + "/_parameters/1/_meta/sysmeta_script-name_1.json": r.record(map[string]any{
			"step_name": "_parameters", "task_id": "1", "field_name": "script-name", "type": "script-name", "value": "flow.py", "tags": []string{},
		}),
	} {
		if err := r.write(name, value); err != nil {
			return err
		}
	}
	for _, step := range []string{"_parameters", "start"} {
		if _, err := r.running(step); err != nil {
			return err
		}
		if _, err := r.succeeded(step); err != nil {
			return err
		}
	}
	return nil
}

func (r *recording) dir(step string) string { return fmt.Sprintf("%s/%s/%d", r.run, step, r.task) }

// running records the task of a step up to its user code; the time is that of
// the last file, which makes it running.
func (r *recording) running(step string) (time.Time, error) {
	r.task++
	id := map[string]any{"step_name": step, "task_id": fmt.Sprint(r.task)}
	for _, f := range []struct {
		name  string
		value any
	}{
		{r.run + "/" + step + "/_meta/_self.json", r.record(map[string]any{"step_name": step})},
		{r.dir(step) + "/_meta/_self.json", r.record(id)},
		{r.dir(step) + "/0.attempt.json", map[string]any{"time": float64(time.Now().UnixMilli()) / 1000}},
	} {
		if err := r.write(f.name, f.value); err != nil {
			return time.Time{}, err
		}
	}
	return r.last(r.dir(step)+"/0.task_begin", map[string]any{"retry_count": 0})
}

// succeeded records the end of the task; the time is that of the file that says so.
func (r *recording) succeeded(step string) (time.Time, error) {
	ok := r.record(map[string]any{"step_name": step, "task_id": fmt.Sprint(r.task), "field_name": "attempt_ok", "type": "internal_attempt_status", "value": "True", "tags": []string{"attempt_id:0"}})
	data := map[string]any{"datastore": "local", "version": "1.0", "attempt": 0, "objects": map[string]any{}, "info": map[string]any{}}
	for _, f := range []struct {
		name  string
		value any
	}{{"/0.task_end", map[string]any{}}, {"/0.data.json", data}, {"/0.DONE.lock", ""}} {
		if err := r.write(r.dir(step)+f.name, f.value); err != nil {
			return time.Time{}, err
		}
	}
	return r.last(fmt.Sprintf("%s/_meta/sysmeta_attempt_ok_%d.json", r.dir(step), time.Now().UnixMilli()), ok)
}

func (r *recording) last(name string, value any) (time.Time, error) {
	begin := time.Now()
	return begin, r.write(name, value)
}
