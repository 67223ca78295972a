package server

import (
	"context"
	"slices"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// Runs of the metadata service stand beside those of this machine once the user
// has asked for them. The list is as old as the question; a run that the code
// shows is asked for again while it goes on.

// serviceRuns are the runs of one flow that the metadata service told of.
type serviceRuns struct {
	where  wire.Where
	newest []*runstate.Run          // newest first, without tasks
	whole  map[string]*runstate.Run // with tasks, by id
	asking map[string]bool          // runs that are asked for again and again, by id
	reader *runstate.Reader
}

const (
	// firstPoll is the pause between two questions for a run that changes, lastPoll
	// that for one which does not, or cannot be had.
	firstPoll = 2 * time.Second
	lastPoll  = 30 * time.Second
	// maxWhole bounds the runs that are kept with their tasks, per flow.
	maxWhole = 8
)

// found notes what the service answered to the user's question.
func (r *remote) found(key flowKey, where wire.Where, newest []*runstate.Run, whole *runstate.Run) {
	r.mu.Lock()
	s := r.services[key]
	if s == nil || s.where != where {
		s = &serviceRuns{where: where, whole: map[string]*runstate.Run{}, asking: map[string]bool{}}
		s.reader = &runstate.Reader{Open: r.opener(where.Dir), Known: func(flow, id string) *runstate.Run {
			return r.serviceRun(flowKey{key.uri, flow}, id)
		}}
		r.services[key] = s
	}
	if newest != nil {
		s.newest = newest
		clear(s.whole) // they may be older than the question
	}
	s.keep(whole)
	r.mu.Unlock()
	r.s.runs.touch(key)
}

func (s *serviceRuns) keep(run *runstate.Run) {
	if run == nil {
		return
	}
	if len(s.whole) >= maxWhole && s.whole[run.ID] == nil {
		clear(s.whole)
	}
	s.whole[run.ID] = run
}

func (r *remote) serviceRun(key flowKey, id string) *runstate.Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.services[key]; s != nil {
		return s.whole[id]
	}
	return nil
}

// runsOf are the runs that the service told of, with their tasks where those are known.
func (r *remote) runsOf(key flowKey, t *trackedFlow) []*runView {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.services[key]
	if s == nil {
		return nil
	}
	var views []*runView
	add := func(run *runstate.Run) {
		if run.Script == "" || t.owns(run) {
			views = append(views, &runView{run: run, reader: s.reader, service: true})
		}
	}
	for _, run := range s.newest {
		if whole := s.whole[run.ID]; whole != nil {
			run = whole
		}
		add(run)
	}
	for id, run := range s.whole {
		if !slices.ContainsFunc(s.newest, func(known *runstate.Run) bool { return known.ID == id }) {
			add(run)
		}
	}
	return views
}

// observe is told each new state of a flow: the run that it shows is asked for
// if the service has it. It does not block.
func (r *remote) observe(key flowKey, state *flowState) {
	if state == nil || state.shown == nil {
		return
	}
	v := state.shown
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.services[key]
	if s == nil || v.metaflowID() == "" || s.asking[v.metaflowID()] || !v.service && v.run != nil {
		return
	}
	if v.service && len(v.run.Steps) > 0 && v.run.Status != runstate.Running {
		return
	}
	if v.kind() == local.Spin {
		return // it is on this machine
	}
	id := v.metaflowID()
	s.asking[id] = true
	r.s.background("run "+id+" of the metadata service", func(ctx context.Context) {
		r.poll(ctx, key, s, id)
		r.mu.Lock()
		delete(s.asking, id)
		r.mu.Unlock()
	})
}

// poll asks for a run until it has ended or is not shown any more.
func (r *remote) poll(ctx context.Context, key flowKey, s *serviceRuns, id string) {
	pause, before := firstPoll, ""
	for {
		var reply wire.RunReply
		err := r.link.Call(ctx, wire.Run, wire.RunParams{Where: s.where, Flow: key.name, ID: id}, &reply)
		if ctx.Err() != nil {
			return
		}
		pause = min(pause*3/2, lastPoll)
		if err != nil {
			r.s.log.Warn("a run of the metadata service cannot be read", "run", id, "error", err)
		} else {
			now := (&runView{run: reply.Run}).fingerprint()
			if now != before {
				pause = firstPoll
			}
			before = now
			r.mu.Lock()
			s.keep(reply.Run)
			r.mu.Unlock()
			r.s.runs.touch(key)
			if reply.Run.Status != runstate.Running {
				return
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		if state := r.s.runs.state(key); state == nil || state.shown == nil || state.shown.metaflowID() != id {
			return
		}
	}
}
