package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// startup times from starting the process to the answer of initialize.
func startup(ctx context.Context, e *env) ([]row, error) {
	var samples []time.Duration
	for i := range 21 {
		begin := time.Now()
		c, err := spawn(ctx, e, e.dir)
		if err != nil {
			return nil, err
		}
		at, err := c.initialize(e.dir)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			samples = append(samples, at.Sub(begin))
		}
		if err := c.quit(); err != nil {
			return nil, err
		}
	}
	got := median(samples)
	return []row{{what: "spawn → initialize answered", measured: ms(got), goal: "≤ 20 ms", ok: got <= 20*time.Millisecond}}, nil
}

// memory opens 100 flows and asks the system for the server's resident memory.
func memory(ctx context.Context, e *env) ([]row, error) {
	dir := filepath.Join(e.dir, "memory")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c, err := spawn(ctx, e, dir)
	if err != nil {
		return nil, err
	}
	if _, err := c.initialize(dir); err != nil {
		return nil, err
	}
	const flows, lines = 100, 100
	for i := range flows {
		path := filepath.Join(dir, fmt.Sprintf("flow%d.py", i))
		src := generated(fmt.Sprintf("Memory%d", i), lines)
		if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
			return nil, err
		}
		if err := c.open(path, src); err != nil {
			return nil, err
		}
		if _, _, err := c.published(fileURI(path), 1); err != nil {
			return nil, err
		}
	}
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(c.cmd.Process.Pid)).Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	kib, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, err
	}
	mb := float64(kib) * 1024 / 1e6
	return []row{{
		what:     fmt.Sprintf("resident memory with %d flows of %d lines open", flows, lines),
		measured: fmt.Sprintf("%.1f MB", mb), goal: "≤ 45 MB", ok: mb <= 45,
	}}, c.quit()
}
