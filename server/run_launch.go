package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"flowls/internal/source"
	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// launcher starts runs. Only commands use it: it is the one place from which
// the server starts processes.
type launcher struct {
	runs *runs

	mu       sync.Mutex
	versions map[string]metaflowVersion // by interpreter
}

// metaflowVersion is remembered while the interpreter's file stays the same.
type metaflowVersion struct {
	modified time.Time
	version  string
}

// launchError is a refusal in words for the user.
func launchError(format string, args ...any) error {
	return jsonrpc2.Errorf(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), format, args...)
}

// launch starts a run of a flow and follows it with progress.
func (l *launcher) launch(ctx context.Context, call commandCall, target flowTarget, spec local.Spec) (LaunchResult, error) {
	r := l.runs
	if r.registry == nil {
		return LaunchResult{}, launchError("there is no place for the state of runs: neither XDG_STATE_HOME nor HOME is set")
	}
	folder := folderOf(call.snapshot, target.script)
	interpreter, err := l.interpreter(ctx, call, target.script, folder)
	if err != nil {
		return LaunchResult{}, err
	}
	exe, err := l.executable()
	if err != nil {
		return LaunchResult{}, err
	}
	if on, err := source.ReadFile(target.script); err == nil && !sameText(on, target.view.doc.Text.Bytes()) {
		r.s.client.showMessage(protocol.MessageTypeWarning, target.flow+" runs as it was saved last: the file has unsaved changes.")
	}
	spec.Flow, spec.Script, spec.Interpreter = target.flow, target.script, interpreter
	spec.Dir = workingDir(target.script, folder)
	spec.Env = append(spec.Env, userEnv(getenv, user.Current)...)
	record, err := r.registry.Start(ctx, exe, spec)
	if err != nil {
		return LaunchResult{}, launchError("%s cannot be started: %v", target.flow, err)
	}
	r.mu.Lock()
	delete(r.selected, target.key) // the new run is what the user wants to see
	r.mu.Unlock()
	r.touch(target.key)
	result := LaunchResult{RunID: record.ID, Argv: record.Argv(record.RunIDPath()), Dir: record.Dir}
	started := make(chan protocol.ProgressToken, 1)
	r.s.background("progress of "+record.ID, func(ctx context.Context) {
		r.follow(ctx, call.token, target.key, record, started)
	})
	select { // the token is at hand unless the client must be asked for one and is slow
	case result.Token = <-started:
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
	return result, nil
}

// sameText: a file and a document, of which editors may hide the byte order mark.
func sameText(on, in []byte) bool {
	mark := []byte(byteOrderMark)
	return bytes.Equal(bytes.TrimPrefix(on, mark), bytes.TrimPrefix(in, mark))
}

// interpreter finds Python and checks that it has Metaflow.
func (l *launcher) interpreter(ctx context.Context, call commandCall, script, folder string) (string, error) {
	search := local.Search{Setting: call.snapshot.Settings.Interpreter, Script: script}
	if call.snapshot.Settings.Trusted {
		search.Root = folder
		if folder == "" {
			search.Root = filepath.Dir(script)
		}
	}
	found, err := local.FindInterpreter(search)
	if err != nil {
		return "", launchError("%v", err)
	}
	version, err := l.version(ctx, found.Path)
	status := ServerStatus{Health: "ok", Quiescent: true, Interpreter: found.Path, MetaflowVersion: version}
	if err != nil {
		status.Health, status.Message = "error", err.Error()
		l.runs.s.client.serverStatus(status)
		return "", launchError("%v", err)
	}
	l.runs.s.client.serverStatus(status)
	return found.Path, nil
}

func (l *launcher) version(ctx context.Context, interpreter string) (string, error) {
	info, err := os.Stat(interpreter)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	known, ok := l.versions[interpreter]
	l.mu.Unlock()
	if ok && known.modified.Equal(info.ModTime()) {
		return known.version, nil
	}
	version, err := local.MetaflowVersion(ctx, interpreter)
	if err != nil {
		return "", err // not remembered: the user is about to install it
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.versions == nil {
		l.versions = map[string]metaflowVersion{}
	}
	l.versions[interpreter] = metaflowVersion{info.ModTime(), version}
	return version, nil
}

func (l *launcher) executable() (string, error) {
	if exe := l.runs.s.options.Executable; exe != "" {
		return exe, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", launchError("the flowls binary does not find itself: %v", err)
	}
	return exe, nil
}

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
func (r *runs) follow(ctx context.Context, token protocol.ProgressToken, key flowKey, record *local.Record, started chan<- protocol.ProgressToken) {
	p := r.s.progress.begin(ctx, token, progressTitle(record), func() {
		if _, err := r.registry.Stop(ctx, record.ID); err != nil && ctx.Err() == nil {
			r.s.log.Warn("the run cannot be stopped", "run", record.ID, "error", err)
		}
	})
	started <- p.token
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
		}
	}
}

// atEnd is the run as the disk tells of it after its end; as it was seen last
// if its document was closed.
func (r *runs) atEnd(ctx context.Context, key flowKey, w *waiter, final *local.Record, last *runView) *runView {
	view := &runView{record: final}
	if last != nil {
		view.run, view.reader = last.run, last.reader
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
	case local.Resume:
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
	if v.kind() == local.Spin {
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
		return "lost: its supervisor is gone"
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

// parameterArgs turns the parameters of a command into arguments.
func parameterArgs(parameters map[string]any) ([]string, error) {
	names := slices.Sorted(maps.Keys(parameters))
	args, err := local.ParameterArgs(names, func(name string) string {
		switch v := parameters[name].(type) {
		case string:
			return v
		case bool:
			if v {
				return "True"
			}
			return "False"
		}
		return valueText(parameters[name])
	})
	if err != nil {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", err)
	}
	return args, nil
}

var errNotFile = errors.New("the document is not a file on this machine")
