// Package fakeeditor is an editor for tests: it speaks real JSON-RPC to a
// server over an in-memory pipe, holds buffers with versions, applies edits in
// the negotiated encoding, and records what the server sends. A test that ends
// with a message it never looked at, or with a goroutine of the server still
// running, fails.
package fakeeditor

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"flowls/analysis/text"
	"flowls/server"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Deadline is how long an answer or a notification may take. Within
// testing/synctest it costs nothing.
const Deadline = time.Minute

// Options of Start.
type Options struct {
	// Server are the options of server.Serve.
	Server server.Options
	// UTF8 offers utf-8 positions; else the editor knows only utf-16.
	UTF8 bool
	// InitializationOptions is sent as is; nil sends none.
	InitializationOptions any
	// Capabilities changes what the editor announces; the default is everything.
	Capabilities func(*protocol.ClientCapabilities)
	// Folders are the workspace folders, as paths.
	Folders []string
	// Manual leaves out initialize and initialized.
	Manual bool
	// ProcessID is the editor's own process id; 0 sends null.
	ProcessID int
}

// Editor is one connected editor. Its methods fail the test when the server
// errs; those that start with Try return the error.
type Editor struct {
	t        testing.TB
	conn     jsonrpc2.Conn
	pipe     io.Closer
	served   <-chan error
	inbox    *inbox
	buffers  map[uri.URI]*Buffer
	encoding text.Encoding

	// Initialized is the server's answer to initialize.
	Initialized protocol.InitializeResult
	// Configuration answers workspace/configuration, per section.
	Configuration map[string]any
	// Answer chooses the action of window/showMessageRequest; nil dismisses.
	Answer func(protocol.ShowMessageRequestParams) *protocol.MessageActionItem
	// Refuse says what window/showMessageRequest fails with; nil if it does not.
	Refuse func() error
	// Ignored are methods that may come at any time, unlooked at.
	Ignored []string
	closed  bool
}

// Start starts a server and connects to it. The connection ends with the test.
func Start(t testing.TB, options Options) *Editor {
	t.Helper()
	here, there := net.Pipe()
	served := make(chan error, 1)
	opened()
	go func() { served <- server.Serve(context.Background(), there, there, options.Server) }()
	return connect(t, here, served, options)
}

// Connect is Start for a server that runs elsewhere: it speaks on pipe, and
// says on served how it ended.
func Connect(t testing.TB, pipe io.ReadWriteCloser, served <-chan error, options Options) *Editor {
	t.Helper()
	opened()
	return connect(t, pipe, served, options)
}

func connect(t testing.TB, pipe io.ReadWriteCloser, served <-chan error, options Options) *Editor {
	t.Helper()
	e := &Editor{
		t: t, pipe: pipe, served: served, inbox: newInbox(),
		buffers:       map[uri.URI]*Buffer{},
		Configuration: map[string]any{},
	}
	e.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(pipe), jsonrpc2.WithCodec(server.Codec{}))
	e.conn.Go(context.Background(), e.handle)
	t.Cleanup(e.Close)
	if !options.Manual {
		e.initialize(options)
	}
	return e
}

func (e *Editor) initialize(options Options) {
	e.t.Helper()
	params := protocol.InitializeParams{Capabilities: capabilities(options)}
	if options.ProcessID != 0 {
		params.ProcessID = new(int32(options.ProcessID))
	}
	if options.InitializationOptions != nil {
		raw, err := json.Marshal(options.InitializationOptions)
		if err != nil {
			e.t.Fatal(err)
		}
		params.InitializationOptions = raw
	}
	var folders []protocol.WorkspaceFolder
	for _, f := range options.Folders {
		folders = append(folders, protocol.WorkspaceFolder{URI: uri.File(f), Name: f})
	}
	params.WorkspaceFolders = protocol.NewNullable(folders)
	e.Call(protocol.MethodInitialize, &params, &e.Initialized)
	if e.Initialized.Capabilities.PositionEncoding == protocol.PositionEncodingKindUTF8 {
		e.encoding = text.UTF8
	}
	e.Notify(protocol.MethodInitialized, &protocol.InitializedParams{})
}

// Bubble runs a test within testing/synctest. The jsonrpc2 library keeps
// channels in a pool; a channel of one bubble must not be used in another, so
// the pool is emptied before and after.
func Bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	empty := func() { runtime.GC(); runtime.GC() } // a sync.Pool survives one collection
	empty()
	defer empty()
	synctest.Test(t, test)
}

// Encoding is what a column of the negotiated positions counts.
func (e *Editor) Encoding() text.Encoding { return e.encoding }

// Call sends a request and waits for its result.
func (e *Editor) Call(method string, params, result any) {
	e.t.Helper()
	if err := e.TryCall(method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

// TryCall is Call that returns the server's error.
func (e *Editor) TryCall(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	defer cancel()
	return e.CallContext(ctx, method, params, result)
}

// CallContext is TryCall; when ctx ends the server is told to cancel.
func (e *Editor) CallContext(ctx context.Context, method string, params, result any) error {
	return protocol.Call(ctx, e.conn, method, params, result)
}

// Notify sends a notification.
func (e *Editor) Notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(context.Background(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

// Shutdown ends the connection as LSP asks and returns what Serve returned.
func (e *Editor) Shutdown() error {
	e.t.Helper()
	e.Call(protocol.MethodShutdown, nil, nil)
	e.Notify(protocol.MethodExit, nil)
	return e.Served()
}

// Disconnect closes the pipe without a word and returns what Serve returned.
func (e *Editor) Disconnect() error {
	e.t.Helper()
	e.pipe.Close()
	return e.Served()
}

// Served waits until Serve returns.
func (e *Editor) Served() error {
	e.t.Helper()
	select {
	case err := <-e.served:
		e.closed = true
		e.conn.Close()
		e.checkLeaks()
		return err
	case <-time.After(Deadline):
		e.t.Fatalf("the server did not end; goroutines:\n%s", stacks())
		return nil
	}
}

// Close shuts the server down if that has not happened, and checks that
// nothing is left: no message unseen, no goroutine running.
func (e *Editor) Close() {
	if !e.closed {
		if err := e.TryCall(protocol.MethodShutdown, nil, nil); err == nil {
			// The server may close the pipe before the write returns.
			_ = e.conn.Notify(context.Background(), protocol.MethodExit, nil)
		}
		if err := e.Served(); err != nil {
			e.t.Errorf("Serve: %v", err)
		}
	}
	e.Discard(append(slices.Clone(e.Ignored), protocol.MethodClientRegisterCapability)...)
	for _, m := range e.inbox.rest() {
		e.t.Errorf("the server sent a message that the test never looked at: %s", m)
	}
}
