package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"flowls/internal/venv"
)

// timed runs a command to its end and returns how long it took; it must succeed.
func timed(cmd *exec.Cmd) (time.Duration, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	err := cmd.Run()
	took := time.Since(begin)
	if err != nil {
		return 0, fmt.Errorf("%v: %w\n%s", cmd.Args, err, out.Bytes())
	}
	return took, nil
}

// checkAgainstMetaflow times both checks of one file in turn, so that both see
// the same weather.
func checkAgainstMetaflow(ctx context.Context, e *env) ([]row, error) {
	if e.python == "" {
		var err error
		if e.python, err = venv.Python(); err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(e.dir, "check")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "flow.py")
	if err := os.WriteFile(file, []byte(generated("BenchFlow", 100)), 0o644); err != nil {
		return nil, err
	}
	environment := append(os.Environ(), "METAFLOW_USER=bench", "METAFLOW_HOME="+dir, "METAFLOW_DATASTORE_SYSROOT_LOCAL="+dir)
	theirs := func() (time.Duration, error) {
		cmd := exec.CommandContext(ctx, e.python, "flow.py", "check")
		cmd.Dir, cmd.Env = dir, environment
		return timed(cmd)
	}
	ours := func() (time.Duration, error) {
		cmd := exec.CommandContext(ctx, e.flowls, "check", "flow.py")
		cmd.Dir = dir
		return timed(cmd)
	}
	const rounds, each = 7, 9
	var slow, fast []time.Duration
	for i := range rounds + 1 {
		s, err := theirs()
		if err != nil {
			return nil, err
		}
		for range each {
			f, err := ours()
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first round warms the caches
				fast = append(fast, f)
			}
		}
		if i > 0 {
			slow = append(slow, s)
		}
	}
	// What the system takes to start and end any process at all.
	var floor []time.Duration
	for range rounds * each {
		f, err := timed(exec.CommandContext(ctx, "true"))
		if err != nil {
			return nil, err
		}
		floor = append(floor, f)
	}
	ratio := float64(median(slow)) / float64(median(fast))
	return []row{{
		what:     "`flowls check FILE` against `python flow.py check`, 100 lines",
		measured: fmt.Sprintf("%s against %s: %.0f×", ms(median(fast)), ms(median(slow)), ratio),
		goal:     "≥ 300×", ok: ratio >= 300,
	}, {
		what:     "… of which starting a process that does nothing",
		measured: fmt.Sprintf("%s: at most %.0f× possible", ms(median(floor)), float64(median(slow))/float64(median(floor))),
	}}, nil
}

// manyFiles checks a folder of 1,000 flows.
func manyFiles(ctx context.Context, e *env) ([]row, error) {
	const files = 1000
	dir := filepath.Join(e.dir, "many")
	for i := range files {
		sub := filepath.Join(dir, fmt.Sprintf("p%d", i%25))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
		src := generated(fmt.Sprintf("Flow%d", i), 40+i%120)
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("flow%d.py", i)), []byte(src), 0o644); err != nil {
			return nil, err
		}
	}
	var samples, cpu []time.Duration
	for i := range 8 {
		cmd := exec.CommandContext(ctx, e.flowls, "check", dir)
		took, err := timed(cmd)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			samples = append(samples, took)
			cpu = append(cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		}
	}
	return []row{{
		what:     "`flowls check` of 1,000 flow files, 40 to 160 lines each",
		measured: ms(median(samples)) + " (" + ms(median(cpu)) + " of processor time)", goal: "< 1 s", ok: median(samples) < time.Second,
	}}, nil
}
