package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

func code(err error) jsonrpc2.Code {
	var e *jsonrpc2.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestInitializeNegotiatesEncoding(t *testing.T) {
	for _, utf8 := range []bool{false, true} {
		e := fakeeditor.Start(t, fakeeditor.Options{UTF8: utf8})
		want := protocol.PositionEncodingKindUTF16
		if utf8 {
			want = protocol.PositionEncodingKindUTF8
		}
		if got := e.Initialized.Capabilities.PositionEncoding; got != want {
			t.Errorf("encoding %q, want %q", got, want)
		}
		if e.Initialized.ServerInfo.Name != "flowls" {
			t.Errorf("server info %+v", e.Initialized.ServerInfo)
		}
		var experimental struct{ Flowls struct{ Commands []string } }
		if err := json.Unmarshal(e.Initialized.Capabilities.Experimental, &experimental); err != nil {
			t.Error(err)
		}
	}
}

func TestLifecycleErrors(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{Manual: true})
	hover := &protocol.HoverParams{}
	if got := code(e.TryCall(protocol.MethodTextDocumentHover, hover, nil)); got != jsonrpc2.ServerNotInitialized {
		t.Errorf("hover before initialize: code %d", got)
	}
	e.Call(protocol.MethodInitialize, &protocol.InitializeParams{}, nil)
	if got := code(e.TryCall(protocol.MethodInitialize, &protocol.InitializeParams{}, nil)); got != jsonrpc2.InvalidRequest {
		t.Errorf("second initialize: code %d", got)
	}
	for _, method := range []string{"flowls/nonsense", "textDocument/prepareCallHierarchy", "$/nonsense"} {
		if got := code(e.TryCall(method, nil, nil)); got != jsonrpc2.MethodNotFound && got != jsonrpc2.ParseError {
			t.Errorf("%s: code %d", method, got)
		}
	}
	e.Call(protocol.MethodShutdown, nil, nil)
	if got := code(e.TryCall(protocol.MethodTextDocumentHover, hover, nil)); got != jsonrpc2.InvalidRequest {
		t.Errorf("hover after shutdown: code %d", got)
	}
	e.Notify(protocol.MethodExit, nil)
	if err := e.Served(); err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeReportsMissingShutdown(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	e.Notify(protocol.MethodExit, nil)
	if err := e.Served(); !errors.Is(err, server.ErrNoShutdown) {
		t.Errorf("exit without shutdown: %v", err)
	}
	e = fakeeditor.Start(t, fakeeditor.Options{})
	if err := e.Disconnect(); !errors.Is(err, server.ErrNoShutdown) {
		t.Errorf("closed input: %v", err)
	}
}

// A notification that fails must not cost the connection (jsonrpc2 v1 closes it).
func TestBadNotificationsKeepTheConnection(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	b := e.Open("file:///w/a.py", "x = 1\n")
	b.Diagnostics()
	for _, n := range []struct {
		method string
		params string
	}{
		{protocol.MethodTextDocumentDidChange, `{"textDocument":{"uri":"file:///w/a.py","version":1},"contentChanges":[{"text":"old"}]}`},
		{protocol.MethodTextDocumentDidChange, `{"textDocument":{"uri":"file:///w/other.py","version":7},"contentChanges":[]}`},
		{protocol.MethodTextDocumentDidChange, `[]`},
		{protocol.MethodTextDocumentDidOpen, `{"textDocument":17}`},
		{protocol.MethodCancelRequest, `{"id":{}}`},
		{protocol.MethodWindowWorkDoneProgressCancel, `{"token":"unknown"}`},
		{"flowls/nonsense", `{}`},
		{"$/nonsense", `{}`},
	} {
		e.Notify(n.method, jsonrpc2.RawMessage(n.params))
	}
	var got server.TestText
	call(t, e, "test/text", map[string]any{"uri": b.URI}, &got)
	if got.Text != "x = 1\n" || got.Version != 1 {
		t.Errorf("server has %+v", got)
	}
	e.Discard(protocol.MethodWindowLogMessage)
}

// call sends a request that is not part of LSP.
func call(t *testing.T, e *fakeeditor.Editor, method string, params, result any) {
	t.Helper()
	raw, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	var answer jsonrpc2.RawMessage
	e.Call(method, jsonrpc2.RawMessage(raw), &answer)
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatalf("%s: %v in %s", method, err, answer)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	for range 2 {
		if got := code(e.TryCall("test/panic", nil, nil)); got != jsonrpc2.InternalError {
			t.Errorf("code %d", got)
		}
	}
	e.Await(protocol.MethodWindowShowMessage, nil) // once
	e.Await(protocol.MethodWindowLogMessage, nil)
	e.Await(protocol.MethodWindowLogMessage, nil)
	b := e.Open("file:///w/a.py", "x = 1\n")
	b.Diagnostics()
}

func TestCancelReachesTheHandler(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() { answered <- e.CallContext(ctx, "test/wait", nil, nil) }()
	// Requests overtake the waiting one.
	e.TryCall("test/panic", nil, nil)
	e.Await(protocol.MethodWindowShowMessage, nil)
	e.Await(protocol.MethodWindowLogMessage, nil)
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled request: %v", err)
	}
	// That the handler ended is asserted by the check for leaked goroutines.
}

func TestServerEndsWithTheEditorsProcess(t *testing.T) {
	fakeeditor.Bubble(t, func(t *testing.T) {
		dies := time.Now().Add(time.Minute)
		e := fakeeditor.Start(t, fakeeditor.Options{
			ProcessID: 4711,
			Server: server.Options{ProcessAlive: func(pid int) bool {
				if pid != 4711 {
					t.Errorf("asked for process %d", pid)
				}
				return time.Now().Before(dies)
			}},
		})
		time.Sleep(59 * time.Second)
		b := e.Open("file:///w/a.py", "x = 1\n")
		b.Diagnostics()
		time.Sleep(10 * time.Second)
		if err := e.Served(); !errors.Is(err, server.ErrNoShutdown) {
			t.Errorf("Serve: %v", err)
		}
	})
}

// From inside a container the editor's process is never seen: that is not its death.
func TestEditorElsewhereKeepsTheServer(t *testing.T) {
	fakeeditor.Bubble(t, func(t *testing.T) {
		e := fakeeditor.Start(t, fakeeditor.Options{
			ProcessID: 4711,
			Server:    server.Options{ProcessAlive: func(int) bool { return false }},
		})
		time.Sleep(time.Minute)
		e.Open("file:///w/a.py", "x = 1\n").Diagnostics()
	})
}

func TestURIsOtherThanFilesAreDocuments(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	for _, u := range []uri.URI{"untitled:Untitled-1", "vscode-notebook-cell:/w/a.ipynb#W0sZ", "file:///w/a%20b%C3%A9.py"} {
		b := e.Open(u, "x = 1\n")
		b.Diagnostics()
		b.Close()
		var p protocol.PublishDiagnosticsParams
		e.Await(protocol.MethodTextDocumentPublishDiagnostics, &p)
		if p.URI != u || len(p.Diagnostics) != 0 {
			t.Errorf("after closing %s: %+v", u, p)
		}
	}
}

// Inline requests recycle their context; a goroutine that still reads it crashes the process.
func TestInlineRequestsLeaveNothingBehind(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	for range 1000 {
		e.Call("test/inline", nil, nil)
	}
}

// execute runs a command with one argument.
func execute(t *testing.T, e *fakeeditor.Editor, command string, argument, result any) {
	t.Helper()
	if err := tryExecute(e, command, argument, result); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
}

func tryExecute(e *fakeeditor.Editor, command string, argument, result any) error {
	raw, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	var answer jsonrpc2.RawMessage
	err = e.TryCall(protocol.MethodWorkspaceExecuteCommand,
		&protocol.ExecuteCommandParams{Command: command, Arguments: []protocol.LSPAny{raw}}, &answer)
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(answer, result)
}
