package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// supervisorMargin is how long a supervisor may take for a stop beyond the
// grace of the run; one that is stopped itself never answers.
var supervisorMargin = 12 * time.Second

// Stop ends a run and returns its final record once none of its processes is
// left. Stopping a run that has ended is not an error. It works from any
// process of the user, and without the supervisor as well.
func (g *Registry) Stop(ctx context.Context, id string) (*Record, error) {
	r, err := g.Get(id)
	if err != nil {
		return nil, err
	}
	// A run that is being started by another process has no supervisor to ask yet.
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for r.Status == Starting && r.Supervisor.PID == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if r, err = g.Get(id); err != nil {
			return nil, err
		}
	}
	if r.Status.Done() && r.Status != Lost {
		return r, nil
	}
	err = os.ErrProcessDone
	if r.Supervisor.PID != 0 && r.sameBoot() {
		err = signalProcess(r.Supervisor, syscall.SIGTERM)
	}
	switch {
	case err == nil:
		limited, cancel := context.WithTimeout(ctx, r.grace()+supervisorMargin)
		defer cancel()
		ended, err := g.Wait(limited, id)
		if err != nil && (ctx.Err() != nil || limited.Err() == nil) {
			return ended, err
		}
		if err != nil { // it does not answer: go on without it
			_ = signalProcess(r.Supervisor, syscall.SIGKILL)
			ended = r
		} else if ended.Status != Lost {
			return ended, ended.Supervisor.waitGone(ctx)
		}
		if err := ended.stopOrphans(ctx); err != nil {
			return nil, err
		}
		return g.Get(id)
	case errors.Is(err, os.ErrProcessDone):
		if err := r.stopOrphans(ctx); err != nil {
			return nil, err
		}
		return g.Get(id)
	default:
		return nil, err
	}
}

// waitGone waits for the supervisor itself, which ends right after its last record.
func (p Process) waitGone(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.alive() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// stopOrphans does the supervisor's work after its death.
func (r *Record) stopOrphans(ctx context.Context) error {
	left := r.survivors()
	if len(left) == 0 {
		return nil
	}
	for _, s := range left {
		_ = signalProcess(Process{s.pid, s.start}, syscall.SIGINT)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	axe := time.After(r.grace())
wait:
	for len(r.survivors()) > 0 {
		select {
		case <-tick.C:
		case <-axe:
			break wait
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if left := r.killFamily(5*time.Second, func() {}); len(left) > 0 {
		return fmt.Errorf("%d processes of run %s could not be ended (first: %d)", len(left), r.ID, left[0].pid)
	}
	return nil
}
