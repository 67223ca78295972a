package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/protocol"
)

// waiter is told the states of one flow.
type waiter struct {
	key    flowKey
	states chan *flowState // one slot, the newest
}

// offer gives the newest state; an older one that was not taken is dropped.
func (w *waiter) offer(key flowKey, state *flowState) {
	if key != w.key {
		return
	}
	select {
	case <-w.states:
	default:
	}
	w.states <- state
}

// follow reports a run to the client until it ends. The run does not depend on
// it: when the connection ends the run goes on.
func (r *runs) follow(ctx context.Context, token protocol.ProgressToken, key flowKey, record *local.Record, note string, started chan<- protocol.ProgressToken) {
	p := r.s.progress.begin(ctx, token, progressTitle(record), func() {
		if _, err := r.registry.Stop(ctx, record.ID); err != nil && ctx.Err() == nil {
			r.s.log.Warn("the run cannot be stopped", "run", record.ID, "error", err)
		}
	})
	started <- p.token
	what := record.CommandLine() // what exactly is executed
	if note != "" {
		what = note + ": " + what
	}
	p.report(what, -1)
	w := &waiter{key: key, states: make(chan *flowState, 1)}
	r.mu.Lock()
	r.waiters[w] = true
	if state := r.states[key]; state != nil {
		w.states <- state
	}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.waiters, w)
		r.mu.Unlock()
	}()
	ended := make(chan *local.Record, 1)
	r.s.background("end of "+record.ID, func(ctx context.Context) {
		if last, err := r.registry.Wait(ctx, record.ID); err == nil {
			ended <- last
		}
		close(ended)
	})
	var last *runView
	var said string
	for {
		select {
		case state := <-w.states:
			if v := state.find(record.ID); v != nil {
				last = v
				if message, percent := progressReport(v); message != said {
					p.report(message, percent)
					said = message
				}
			}
		case final := <-ended:
			if final == nil {
				r.touch(key)
				p.end("the run goes on")
				return
			}
			last = r.atEnd(ctx, key, w, final, last)
			if refused := last.refusal(); refused != nil {
				r.s.client.showMessage(protocol.MessageTypeError, refusalMessage(last, refused))
			}
			p.end(outcome(final, last))
			return
		case <-ctx.Done(): // a server that ends begins no wait for the run
			p.end("the run goes on")
			return
		}
	}
}

// atEnd is the run as the disk tells of it after its end; as it was seen last
// if its document was closed.
func (r *runs) atEnd(ctx context.Context, key flowKey, w *waiter, final *local.Record, last *runView) *runView {
	view := &runView{record: final}
	if last != nil {
		view.run, view.reader, view.service = last.run, last.reader, last.service
	}
	if r.state(key) == nil {
		return view
	}
	r.touch(key)
	limit := time.NewTimer(2 * time.Second)
	defer limit.Stop()
	for {
		select {
		case state := <-w.states:
			if v := state.find(final.ID); v != nil && v.record.Status.Done() {
				return v
			}
		case <-limit.C:
			return view
		case <-ctx.Done():
			return view
		}
	}
}

func progressTitle(r *local.Record) string {
	switch r.Kind {
	case local.Spin:
		return fmt.Sprintf("Run step %s of %s", r.Step, r.Flow)
	case local.RemoteSpin:
		return fmt.Sprintf("Run step %s of %s on Kubernetes", r.Step, r.Flow)
	case local.Resume:
		if r.Step == "" {
			return "Run again what failed in " + r.Flow
		}
		return fmt.Sprintf("Resume %s from %s", r.Flow, r.Step)
	}
	return "Run " + r.Flow
}

// progressReport names what runs, and how much of the flow is done.
func progressReport(v *runView) (string, int) {
	if v.run == nil || len(v.run.Steps) == 0 {
		return "starting", -1
	}
	done := 0
	var now []string
	for _, s := range v.run.Steps {
		switch s.Status {
		case runstate.Pending:
		case runstate.Running:
			text := s.Name
			if n := max(s.Expected, len(s.Tasks)); n > 1 {
				text = fmt.Sprintf("%s %d/%d", s.Name, s.Count(runstate.Status.OK), n)
			}
			now = append(now, text)
		default:
			done++
		}
	}
	if len(now) == 0 {
		now = []string{"between steps"}
	}
	if v.kind().OneStep() {
		return strings.Join(now, ", "), -1
	}
	return strings.Join(now, ", "), done * 100 / len(v.run.Steps)
}

func outcome(r *local.Record, v *runView) string {
	took := duration(r.EndedAt().Sub(r.StartedAt))
	switch r.Status {
	case local.Succeeded:
		return "succeeded in " + took
	case local.Stopped:
		return "stopped after " + took
	case local.Lost:
		return "lost: " + r.Reason()
	}
	if r.Exit != nil && r.Exit.Error != "" {
		return "failed: " + r.Exit.Error
	}
	if v.run != nil {
		for _, s := range v.run.Steps {
			if s.Status.Bad() {
				return fmt.Sprintf("failed in step %s after %s", s.Name, took)
			}
		}
	}
	if refused := v.refusal(); refused != nil {
		first, _, _ := strings.Cut(refused.String(), "\n")
		return "failed: " + first
	}
	return fmt.Sprintf("failed after %s: see the log", took)
}

// duration is a time as a lens shows it.
func duration(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
