package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	manyRuns = 10_000
	fewRuns  = 100
	pageSize = 20
)

// pageScript asks Metaflow's client what `flowls runs` tells.
const pageScript = `
import itertools, sys, time
from metaflow import Flow, namespace
namespace(None)
begin = time.perf_counter()
page = [(r.id, r.finished, r.successful) for r in itertools.islice(Flow("` + templateFlow + `").runs(), int(sys.argv[1]))]
print(time.perf_counter() - begin)
assert len(page) == int(sys.argv[1])
`

// firstPage lists the newest of 10,000 runs: as a whole command, beside the same
// question through Metaflow's client, which is not charged for its own start.
func firstPage(ctx context.Context, e *env) ([]row, error) {
	if err := e.needPython(); err != nil {
		return nil, err
	}
	dir := filepath.Join(e.dir, "runs")
	t, err := recordTemplate(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	all, err := files(t.path(t.run))
	if err != nil {
		return nil, err
	}
	newest, err := strconv.Atoi(t.run)
	if err != nil {
		return nil, err
	}
	fill := func(from, to int) error {
		for i := from; i < to && ctx.Err() == nil; i++ {
			if err := t.copyRun(all, strconv.Itoa(newest-i*1_000_000), i > 2*pageSize); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	if err := fill(1, fewRuns); err != nil {
		return nil, err
	}
	_, few, err := page(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	if err := fill(fewRuns, manyRuns); err != nil {
		return nil, err
	}
	took, many, err := page(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	out, err := e.metaflow(ctx, dir, "-c", pageScript, strconv.Itoa(pageSize)).Output()
	if err != nil {
		return nil, fmt.Errorf("the client of Metaflow: %w", err)
	}
	seconds, err := time.ParseDuration(string(out[:len(out)-1]) + "s")
	if err != nil {
		return nil, err
	}
	more := many - few
	return []row{
		{what: fmt.Sprintf("`flowls runs`: first %d of %d runs, median of 11", pageSize, manyRuns), measured: ms(took), goal: "≤ 100 ms", ok: took <= 100*time.Millisecond},
		{what: fmt.Sprintf("  its memory, beyond that for %d runs", fewRuns), measured: fmt.Sprintf("%.1f of %.1f MB", float64(more)/1e6, float64(many)/1e6), goal: "≤ 8 MB", ok: more <= 8e6},
		{what: "  the same through Metaflow's client", measured: ms(seconds)},
	}, nil
}

// page is the time of the command and its largest resident memory in bytes.
func page(ctx context.Context, e *env, dir string) (time.Duration, int64, error) {
	var samples []time.Duration
	var memory int64
	for range 11 {
		cmd := exec.CommandContext(ctx, e.flowls, "runs", templateFlow, "--limit", strconv.Itoa(pageSize), "--format", "json")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "METAFLOW_DATASTORE_SYSROOT_LOCAL=")
		begin := time.Now()
		if out, err := cmd.Output(); err != nil || len(out) < pageSize*100 {
			return 0, 0, fmt.Errorf("flowls runs: %w, %d bytes", err, len(out))
		}
		samples = append(samples, time.Since(begin))
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory = max(memory, usage.Maxrss<<10)
		}
	}
	return median(samples), memory, nil
}
