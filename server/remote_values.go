package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/protocol"
)

// Values in S3 are read once the user has said so for a workspace folder: by
// asking for them, for runs of the metadata service, or by launching something
// that puts them there. It holds until the server ends. Whatever is opened,
// hovered or browsed before that opens no socket.

const (
	// remoteGlance bounds what is read of a value to show it beside others.
	remoteGlance = 512 << 10
	// hoverLimit is how long a hover may wait for a value.
	hoverLimit = 5 * time.Second
	// detailLimit is how long the tasks of one run may wait for their values.
	detailLimit = 10 * time.Second
)

// remoteQuick is Quick for a value that has to be fetched.
var remoteQuick = runstate.Budget{Time: 3 * time.Second, Bytes: 8 << 20}

func quick(a runstate.Artifact) runstate.Budget {
	if a.Store.Elsewhere() {
		return remoteQuick
	}
	return runstate.Quick
}

// RemoteValues is the answer of flowls.showRemoteValues.
type RemoteValues struct {
	Stores []string `json:"stores" doc:"The data stores that the runs of the flow keep their values in."`
}

func init() {
	commandTable = append(commandTable, define(commandShowRemoteValues,
		"Shows the values, exceptions, logs and cards of runs that keep them in S3, as those of local runs. It holds for the workspace folder until the server ends; "+
			"`flowls.showRemoteRuns` and launching with such a data store have the same effect. The server starts `flowls agent`, which opens the connections; nothing is read before.",
		true, showRemoteValues))
}

// consent has the values of the runs in a workspace folder read, wherever they
// are stored; dir is the folder or one below it. Only a command of the user in a
// trusted workspace may lead here.
func (r *remote) consent(dir string) {
	scope := folderOf(r.s.session.Snapshot(), filepath.Join(dir, "flow.py"))
	if scope == "" {
		scope = dir
	}
	r.mu.Lock()
	known := r.scopes[scope]
	r.scopes[scope] = true
	r.mu.Unlock()
	if known {
		return
	}
	runs := r.s.runs
	runs.mu.Lock()
	var keys []flowKey
	for key := range runs.states {
		keys = append(keys, key)
	}
	runs.mu.Unlock()
	for _, key := range keys {
		runs.touch(key)
	}
}

// allowed reports whether the user has said so, for a folder or one above it.
func (r *remote) allowed(dir string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for scope := range r.scopes {
		if dir == scope || strings.HasPrefix(dir, strings.TrimSuffix(scope, "/")+"/") {
			return true
		}
	}
	return false
}

// readableKinds are the data stores that the agent reads.
var readableKinds = []string{"s3"}

// opener opens data stores as Metaflow started in dir would, where that is allowed.
func (r *remote) opener(dir string) func(runstate.Place) (store.Files, error) {
	return func(at runstate.Place) (store.Files, error) {
		if !slices.Contains(readableKinds, at.Kind) || !r.allowed(dir) {
			return nil, nil
		}
		return r.stores.Open(wire.Store{Where: wire.Where{Dir: dir}, Kind: at.Kind, Root: at.Root}), nil
	}
}

// arrived: a data store gave something that a reader went without.
func (r *remote) arrived(from wire.Store) {
	runs := r.s.runs
	runs.mu.Lock()
	runs.arrived[from.Dir] = true
	runs.mu.Unlock()
	runs.kick()
}

// takeArrived shows what has come from data stores elsewhere.
func (r *runs) takeArrived(dirs map[string]bool) {
	if len(dirs) == 0 {
		return
	}
	for key, t := range r.tracked {
		if dirs[t.dir] && t.awaits {
			r.touch(key)
		}
	}
	r.s.client.refreshInlayHints()
	r.s.client.refreshLenses() // which tell of cards
}

// flowDir is where a flow is run, its own folder if that does not exist.
func flowDir(script, folder string) string {
	dir := workingDir(script, folder)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(script)
	}
	return dir
}

// elsewhere: the run keeps its data in another store.
func (v *runView) elsewhere() bool { return v.run != nil && v.run.Store.Elsewhere() }

// showValuesLens offers to read values that are not read yet.
func (s *flowState) showValuesLens(argument FlowArgument) (Lens, bool) {
	v := s.shown
	if s.readable || v == nil || !v.elsewhere() || !slices.Contains(readableKinds, v.run.Store.Kind) {
		return Lens{}, false
	}
	return Lens{
		Title: "⇣ values in S3: show", Command: commandShowRemoteValues, Argument: argument,
		Tooltip: "Read values, exceptions, logs and cards of this folder's runs from S3, starting with " + v.run.Store.Root,
	}, true
}

func showRemoteValues(ctx context.Context, call commandCall, a FlowArgument) (RemoteValues, error) {
	result := RemoteValues{Stores: []string{}}
	path := filePath(a.URI)
	if path == "" {
		return result, launchError("%s is not a file", a.URI)
	}
	r := call.server.remote
	dir := flowDir(path, folderOf(call.snapshot, path))
	state, err := call.server.runs.settled(ctx, flowKey{a.URI, a.Flow})
	if err != nil {
		return result, err
	}
	var newest *runView
	for _, v := range state.all() {
		if !v.elsewhere() {
			continue
		}
		if newest == nil || v == state.shown {
			newest = v
		}
		if !slices.Contains(result.Stores, v.run.Store.Root) {
			result.Stores = append(result.Stores, v.run.Store.Root)
		}
	}
	if newest == nil {
		r.consent(dir) // of runs that are yet to come
		return result, nil
	}
	if kind := newest.run.Store.Kind; !slices.Contains(readableKinds, kind) {
		return result, launchError("run %s keeps its values in %s, a data store of kind `%s`: flowls reads those of kind s3", newest.run.ID, newest.run.Store.Root, kind)
	}
	r.consent(dir)
	// One look tells what is wrong, to the user who asked and not to one who hovers later.
	files, err := newest.reader.Files(newest.run.Store)
	if err == nil {
		err = files.List(ctx, newest.run.Flow+"/"+newest.run.ID, func(store.Entry) bool { return false })
	}
	if err != nil {
		return result, remoteError(ctx, err)
	}
	call.server.client.showMessage(protocol.MessageTypeInfo, fmt.Sprintf("Values of %s are read from %s.", a.Flow, newest.run.Store.Root))
	return result, nil
}

// all are the runs, none of a state that is not known.
func (s *flowState) all() []*runView {
	if s == nil {
		return nil
	}
	return s.runs
}

// unreadError says why something that a run stored cannot be read.
func unreadError(what string, err error) error {
	if errors.Is(err, runstate.ErrElsewhere) {
		return launchError("%s: %v, which is not read yet: `%s` has it read", what, err, commandShowRemoteValues)
	}
	return launchError("%s: %v", what, err)
}

// unreadMarkdown says in a hover why there is no value; "" where there simply is none.
func unreadMarkdown(task *runstate.Task, err error) string {
	var m markdown
	switch {
	case !task.Store.Elsewhere() || errors.Is(err, runstate.ErrNoData) || errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, runstate.ErrElsewhere) && slices.Contains(readableKinds, task.Store.Kind):
		m.paragraph("**value** in S3: the lens *values in S3: show* above the flow, or %s, has it read.", code(commandShowRemoteValues))
	case errors.Is(err, runstate.ErrElsewhere):
		m.paragraph("**value** in %s, which flowls does not read.", code(task.Store.Root))
	case errors.Is(err, context.DeadlineExceeded):
		m.paragraph("**value** not read: %s does not answer in time.", code(task.Store.Root))
	default:
		m.paragraph("**value** not read: %s", escape(err.Error()))
	}
	return m.String()
}
