package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
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
	if err := e.needPython(); err != nil {
		return nil, err
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
	ratio := float64(median(slow)) / float64(median(fast))
	rows := []row{{
		what:     "`flowls check FILE` against `python flow.py check`, 100 lines",
		measured: fmt.Sprintf("%s against %s: %.0f×", ms(median(fast)), ms(median(slow)), ratio),
		goal:     "≥ 300×", ok: ratio >= 300,
	}}
	more, err := floors(ctx, e, median(slow))
	if err != nil {
		return rows, err
	}
	rows = append(rows, more...)
	project, err := projectAgainstMetaflow(ctx, e, median(slow))
	return append(rows, project...), err
}

// floors are the times below which no check of one file can be: what the
// system takes for any process, and what Go takes for a program that calls C,
// as the parser does, before its first line runs.
func floors(ctx context.Context, e *env, slow time.Duration) ([]row, error) {
	dir := filepath.Join(e.dir, "floor")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for name, content := range map[string]string{"go.mod": "module floor\n", "main.go": "package main\n\nimport \"C\"\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return nil, err
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", "floor", ".")
	build.Dir = dir
	if _, err := timed(build); err != nil {
		return nil, err
	}
	var rows []row
	for _, program := range []struct{ path, what string }{
		{"true", "… of which starting a process that does nothing"},
		{filepath.Join(dir, "floor"), "… of which starting a program of Go and C that does nothing"},
	} {
		var samples []time.Duration
		for i := range 64 {
			took, err := timed(exec.CommandContext(ctx, program.path))
			if err != nil {
				return rows, err
			}
			if i > 0 {
				samples = append(samples, took)
			}
		}
		floor := median(samples)
		rows = append(rows, row{what: program.what, measured: fmt.Sprintf("%s: at most %.0f× possible", ms(floor), float64(slow)/float64(floor))})
	}
	return rows, nil
}

// projectAgainstMetaflow checks a project as CI does. Metaflow has to be
// started for each flow: what that takes is reckoned from one.
func projectAgainstMetaflow(ctx context.Context, e *env, slow time.Duration) ([]row, error) {
	const flows = 100
	dir := filepath.Join(e.dir, "project")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for i := range flows {
		src := generated(fmt.Sprintf("Flow%d", i), 100)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("flow%d.py", i)), []byte(src), 0o644); err != nil {
			return nil, err
		}
	}
	var samples []time.Duration
	for i := range 16 {
		took, err := timed(exec.CommandContext(ctx, e.flowls, "check", dir))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			samples = append(samples, took)
		}
	}
	ratio := float64(flows*slow) / float64(median(samples))
	return []row{{
		what:     fmt.Sprintf("`flowls check DIR` with %d flows of 100 lines against %d times `python flow.py check` (reckoned from one)", flows, flows),
		measured: fmt.Sprintf("%s against %s: %.0f×", ms(median(samples)), ms(flows*slow), ratio),
		goal:     "≥ 300×", ok: ratio >= 300,
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
