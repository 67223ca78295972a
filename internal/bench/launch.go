package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flowls/internal/venv"
	"flowls/runner/local"
)

func init() {
	benches = append(benches, bench{"launch", launches}, bench{"overhead", overhead})
}

// benchFlow prints a lot, as training does: output is what passes through the supervisor.
const benchFlow = `from metaflow import FlowSpec, step


class LaunchFlow(FlowSpec):
    @step
    def start(self):
        for i in range(2000):
            print("epoch", i, "loss", 1 / (i + 1), "and some more text, as progress bars and loggers write it")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LaunchFlow()
`

// launchPlace is a workspace with a flow, and the state of its runs.
type launchPlace struct {
	dir, script, python string
	environ             []string
	registry            *local.Registry
}

func newLaunchPlace(e *env, name string) (*launchPlace, error) {
	dir := filepath.Join(e.dir, name)
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return nil, err
	}
	p := &launchPlace{dir: dir, script: filepath.Join(dir, "flow.py")}
	if p.python = e.python; p.python == "" {
		var err error
		if p.python, err = venv.Python(); err != nil {
			return nil, err
		}
	}
	p.environ = []string{
		"XDG_STATE_HOME=" + filepath.Join(dir, "state"), "METAFLOW_USER=bench", "METAFLOW_HOME=" + filepath.Join(dir, "home"),
		"METAFLOW_DATASTORE_SYSROOT_LOCAL=" + dir, "PYTHONDONTWRITEBYTECODE=",
	}
	p.registry = &local.Registry{Dir: filepath.Join(dir, "state", "flowls", "runs")}
	return p, os.WriteFile(p.script, []byte(benchFlow), 0o644)
}

// launches times from the command to the start of the run's process: the first
// instruction of an interpreter that notes the time and goes on as Python.
func launches(ctx context.Context, e *env) ([]row, error) {
	p, err := newLaunchPlace(e, "launch")
	if err != nil {
		return nil, err
	}
	stamp := filepath.Join(p.dir, "stamp")
	// In an environment, as users have it: Metaflow's version is told by its folders.
	wrapper := filepath.Join(p.dir, "bin", "python")
	text := fmt.Sprintf("#!/bin/sh\n[ \"$1\" != -u ] || date +%%s%%N >%s\nexec %s \"$@\"\n", stamp, p.python)
	if err := os.WriteFile(wrapper, []byte(text), 0o755); err != nil {
		return nil, err
	}
	prefix := filepath.Dir(filepath.Dir(p.python))
	for _, name := range []string{"pyvenv.cfg", "lib"} {
		if err := os.Symlink(filepath.Join(prefix, name), filepath.Join(p.dir, name)); err != nil {
			return nil, err
		}
	}
	for _, pair := range p.environ {
		name, value, _ := strings.Cut(pair, "=")
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	c, err := spawn(ctx, e, p.dir)
	if err != nil {
		return nil, err
	}
	options := map[string]any{"trusted": true, "interpreter": wrapper}
	if _, err := c.initializeWith(p.dir, options); err != nil {
		return nil, err
	}
	if err := c.open(p.script, benchFlow); err != nil {
		return nil, err
	}
	var samples []time.Duration
	for range 15 {
		_ = os.Remove(stamp) // absent at first
		begin := time.Now()
		m, err := c.request("workspace/executeCommand", map[string]any{"command": "flowls.run", "arguments": []any{
			map[string]string{"uri": fileURI(p.script), "flow": "LaunchFlow"},
		}})
		if err != nil {
			return nil, err
		}
		var started struct{ RunID string }
		if err := json.Unmarshal(m.Result, &started); err != nil || started.RunID == "" {
			return nil, fmt.Errorf("flowls.run answered %s: %v", m.Result, err)
		}
		if _, err := p.registry.Wait(ctx, started.RunID); err != nil {
			return nil, err
		}
		at, err := readStamp(stamp)
		if err != nil {
			return nil, err
		}
		samples = append(samples, at.Sub(begin))
	}
	got, worst := median(samples), quantile(samples, 1)
	return []row{
		{what: "click → process started, median / worst of 15", measured: ms(got) + " / " + ms(worst), goal: "≤ 50 ms", ok: got <= 50*time.Millisecond},
		{what: "the same, first click after the start", measured: ms(samples[0]), goal: "≤ 50 ms", ok: samples[0] <= 50*time.Millisecond},
	}, c.quit()
}

func readStamp(path string) (time.Time, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return time.Unix(0, n), err
}

// overhead runs a flow with and without a supervisor in turn. Wall time varies
// more than what is looked for, so the best of each counts, and beside it what
// the supervisor's threads took of a processor. That is asked in runs of their own,
// since asking takes processor time from the run.
func overhead(ctx context.Context, e *env) ([]row, error) {
	p, err := newLaunchPlace(e, "overhead")
	if err != nil {
		return nil, err
	}
	var alone, owned, used []time.Duration
	for range 9 {
		d, err := p.alone(ctx)
		if err != nil {
			return nil, err
		}
		alone = append(alone, d)
		if d, _, err = p.owned(ctx, e, false); err != nil {
			return nil, err
		}
		owned = append(owned, d)
		_, cpu, err := p.owned(ctx, e, true)
		if err != nil {
			return nil, err
		}
		used = append(used, cpu)
	}
	best, with := quantile(alone, 0), quantile(owned, 0)
	share := 100 * float64(median(used)) / float64(median(alone))
	return []row{
		{what: "supervisor's processor time while a run goes on", measured: fmt.Sprintf("%s of %s, %.2f %%", ms(median(used)), ms(median(alone)), share), goal: "< 1 %", ok: share < 1},
		{what: "run alone / under a supervisor, best of 9", measured: fmt.Sprintf("%s / %s, %+.1f %%", ms(best), ms(with), 100*(float64(with)/float64(best)-1))},
	}, nil
}

func (p *launchPlace) alone(ctx context.Context) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, p.python, "-u", p.script, "run")
	cmd.Dir, cmd.Env = p.dir, append(append(os.Environ(), p.environ...), "PYTHONUNBUFFERED=1")
	out, err := os.Create(filepath.Join(p.dir, "alone.log")) // as in `flow.py run >log`
	if err != nil {
		return 0, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	begin := time.Now()
	err = cmd.Run()
	return time.Since(begin), err
}

// owned runs the flow under a supervisor, and with look asks how much of a
// processor that takes.
func (p *launchPlace) owned(ctx context.Context, e *env, look bool) (wall, cpu time.Duration, err error) {
	spec := local.Spec{Kind: local.Run, Flow: "LaunchFlow", Script: p.script, Interpreter: p.python, Dir: p.dir, Env: p.environ}
	begin := time.Now()
	r, err := p.registry.Start(ctx, e.flowls, spec)
	if err != nil {
		return 0, 0, err
	}
	before, err := threadTime(r.Supervisor.PID) // what it took to start is part of the click
	if err != nil {
		return 0, 0, err
	}
	for look {
		used, err := threadTime(r.Supervisor.PID)
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		cpu = max(cpu, used-before)
		time.Sleep(5 * time.Millisecond) // each look costs the supervisor nothing
	}
	if r, err = p.registry.Wait(ctx, r.ID); err != nil {
		return 0, 0, err
	}
	if r.Status != local.Succeeded {
		return 0, 0, fmt.Errorf("the run %s: %s", r.Status, r.Reason())
	}
	return r.Exit.EndedAt.Sub(begin), cpu, nil
}

// threadTime is what the threads of a process have spent on a processor.
func threadTime(pid int) (time.Duration, error) {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, t := range tasks {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, t.Name()))
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
