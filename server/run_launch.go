package server

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"flowls/internal/source"
	"flowls/runner/local"

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

func errNoPlace() error {
	return launchError("there is no place for the state of runs: neither XDG_STATE_HOME nor HOME is set")
}

// launch starts a run of a flow and follows it with progress.
func (l *launcher) launch(ctx context.Context, call commandCall, p plan) (LaunchResult, error) {
	r, target := l.runs, p.target
	if r.registry == nil {
		return LaunchResult{}, errNoPlace()
	}
	spec, err := l.complete(call, p)
	if err != nil {
		return LaunchResult{}, err
	}
	if err := l.hasMetaflow(ctx, spec.Interpreter); err != nil {
		return LaunchResult{}, err
	}
	note := ""
	if spec.Kubernetes != nil {
		backend, err := l.canLaunch(ctx, spec)
		if err != nil {
			return LaunchResult{}, err
		}
		if !p.anyway {
			ahead, err := r.s.kubePreflight.ahead(ctx, call, p, backend)
			if err != nil {
				return LaunchResult{}, err
			}
			if len(ahead.found) > 0 {
				r.s.background("ask whether to launch", func(ctx context.Context) { r.askAnyway(ctx, call, p, ahead.found) })
				return LaunchResult{Offered: commandLaunch}, nil
			}
			note = ahead.note
		}
	}
	exe, err := l.executable()
	if err != nil {
		return LaunchResult{}, err
	}
	if on, err := source.ReadFile(target.script); err == nil && !sameText(on, target.view.doc.Text.Bytes()) {
		r.s.client.showMessage(protocol.MessageTypeWarning, target.flow+" runs as it was saved last: the file has unsaved changes.")
	}
	spec.Env = append(spec.Env, userEnv(getenv, func() string { return local.LoginName(ctx) })...)
	record, err := r.registry.Start(ctx, exe, spec)
	if err != nil {
		r.touch(target.key) // there may be a record that says so
		return LaunchResult{}, launchError("%s cannot be started: %v", target.flow, err)
	}
	r.s.kube.launched(call, target, record)
	if spec.Kubernetes != nil || target.setting(spec.Profile, "METAFLOW_DEFAULT_DATASTORE") == "s3" {
		r.s.remote.consent(target.dir()) // what it makes is to be seen
	}
	r.mu.Lock()
	delete(r.selected, target.key) // the new run is what the user wants to see
	r.mu.Unlock()
	r.touch(target.key)
	result := LaunchResult{RunID: record.ID, Argv: record.Argv(record.RunIDPath()), Dir: record.Dir, CommandLine: record.CommandLine()}
	started := make(chan protocol.ProgressToken, 1)
	r.s.background("progress of "+record.ID, func(ctx context.Context) {
		r.follow(ctx, call.token, target.key, record, note, started)
	})
	if p.given != nil || p.chosen {
		r.remember(target, p)
	}
	select { // the token is at hand unless the client must be asked for one and is slow
	case result.Token = <-started:
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
	return result, nil
}

// complete says where and with what a plan runs. It executes nothing.
func (l *launcher) complete(call commandCall, p plan) (local.Spec, error) {
	spec, script := p.spec, p.target.script
	interpreter, err := findInterpreter(call, script)
	if err != nil {
		return spec, err
	}
	spec.Flow, spec.Script, spec.Interpreter, spec.Dir = p.target.flow, script, interpreter, p.target.dir()
	if spec.Kubernetes != nil {
		return l.onKubernetes(call, spec)
	}
	return spec, nil
}

// findInterpreter looks for the Python of a script. It executes nothing.
func findInterpreter(call commandCall, script string) (string, error) {
	search := local.Search{Setting: call.snapshot.Settings.Interpreter, Script: script}
	if call.snapshot.Settings.Trusted {
		search.Root = folderOf(call.snapshot, script)
		if search.Root == "" {
			search.Root = filepath.Dir(script)
		}
	}
	found, err := local.FindInterpreter(search)
	if err != nil {
		return "", launchError("%v", err)
	}
	return found.Path, nil
}

// sameText: a file and a document, of which editors may hide the byte order mark.
func sameText(on, in []byte) bool {
	mark := []byte(byteOrderMark)
	return bytes.Equal(bytes.TrimPrefix(on, mark), bytes.TrimPrefix(in, mark))
}

// hasMetaflow checks that the interpreter has Metaflow. It executes it.
func (l *launcher) hasMetaflow(ctx context.Context, interpreter string) error {
	version, err := l.version(ctx, interpreter)
	status := ServerStatus{Health: "ok", Quiescent: true, Interpreter: interpreter, MetaflowVersion: version}
	if err != nil {
		status.Health, status.Message = "error", err.Error()
		l.runs.s.client.serverStatus(status)
		return launchError("%v", err)
	}
	l.runs.s.client.serverStatus(status)
	return nil
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

var errNotFile = errors.New("the document is not a file on this machine")
