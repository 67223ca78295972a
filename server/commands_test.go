package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/text"
	"flowls/server"
	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

func TestExecuteCommandRefuses(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	for _, c := range []struct{ command, arguments, want string }{
		{"flowls.nonsense", `[{}]`, `no command "flowls.nonsense"`},
		{"flowls.showGraph", `[]`, "one JSON object"},
		{"flowls.showGraph", `[{}, {}]`, "one JSON object"},
		{"flowls.showGraph", `["x"]`, "one JSON object"},
		{"flowls.showGraph", `[{"uri": "file:///w/a.py", "flwo": "F"}]`, `unknown field "flwo"`},
		{"flowls.showGraph", `[{"uri": "file:///w/closed.py", "flow": "F"}]`, "not open"},
		{"test.trusted", `[{}]`, "not trusted"},
	} {
		err := e.TryCall(protocol.MethodWorkspaceExecuteCommand,
			jsonrpc2.RawMessage(`{"command":"`+c.command+`","arguments":`+c.arguments+`}`), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.command, c.arguments, err)
		}
	}
}

// Trust comes from the client alone: at the start or later, and it can be taken back.
func TestTrustIsEnforced(t *testing.T) {
	run := func(e *fakeeditor.Editor) error { return tryExecute(e, "test.trusted", map[string]any{}, nil) }
	e := fakeeditor.Start(t, fakeeditor.Options{
		InitializationOptions: map[string]any{"trusted": true},
		Capabilities: func(c *protocol.ClientCapabilities) {
			c.Workspace.CodeLens, c.Workspace.InlayHint = nil, nil
		},
	})
	if err := run(e); err != nil {
		t.Errorf("trusted from the start: %v", err)
	}
	configure := func(settings string) {
		e.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(`{"settings":`+settings+`}`))
	}
	configure(`{"flowls": {"trusted": false}}`)
	if err := run(e); err == nil {
		t.Error("trust was taken back, the command ran")
	}
	configure(`{"flowls": {"codeLens": {"enabled": false}}}`) // says nothing about trust
	if err := run(e); err == nil {
		t.Error("the command ran in an untrusted workspace")
	}
	configure(`{"flowls": {"trusted": "yes"}}`) // not understood: nothing changes
	if err := run(e); err == nil {
		t.Error("a setting that is not understood gave trust")
	}
	e.Await(protocol.MethodWindowShowMessage, nil)
	e.Await(protocol.MethodWindowLogMessage, nil)
	configure(`{"flowls": {"trusted": true}}`)
	if err := run(e); err != nil {
		t.Errorf("trusted later: %v", err)
	}
}

// An editor that is asked mixes in what files of the workspace say: neither
// trust nor an interpreter comes that way.
func TestConfigurationIsAskedFor(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{
		Capabilities:          func(c *protocol.ClientCapabilities) { c.Workspace.InlayHint = nil },
		InitializationOptions: json.RawMessage(`[]`), // Lua's empty table
	})
	u := uri.File("/w/a.py")
	e.Open(u, "from metaflow import FlowSpec\nclass A(FlowSpec):\n    pass\n").Diagnostics()
	e.Configuration["flowls"] = map[string]any{"trusted": true, "interpreter": "/w/python", "codeLens": map[string]any{"enabled": false}}
	for _, empty := range []string{`{"settings": null}`, `{"settings": []}`} {
		e.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(empty))
	}
	e.Await(protocol.MethodWorkspaceCodeLensRefresh, nil) // sent once the answer is in
	var lenses []protocol.CodeLens
	e.Call(protocol.MethodTextDocumentCodeLens, &protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}}, &lenses)
	if len(lenses) != 0 {
		t.Errorf("lenses after they were switched off: %+v", lenses)
	}
	if err := tryExecute(e, "test.trusted", map[string]any{}, nil); err == nil {
		t.Error("a workspace file gave trust")
	}
}

func TestFlowsRequest(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	u := uri.File("/w/a b.py")
	b := e.Open(u, flowSource(4))
	b.Diagnostics()
	other := e.Open("file:///w/other.py", "x = 1\n")
	other.Diagnostics()
	for _, params := range []any{nil, map[string]any{"uri": u}} {
		var got server.FlowsResult
		call(t, e, "flowls/flows", params, &got)
		if len(got.Flows) != 1 || got.Flows[0].Name != "BigFlow" || got.Flows[0].URI != u || got.Flows[0].Open {
			t.Fatalf("%+v", got)
		}
		var names, types []string
		for _, s := range got.Flows[0].Steps {
			names, types = append(names, s.Name), append(types, s.Type)
		}
		if !slices.Equal(names, []string{"start", "step1", "step2", "end"}) || !slices.Equal(types, []string{"start", "linear", "linear", "end"}) {
			t.Errorf("steps %q of types %q", names, types)
		}
		if next := got.Flows[0].Steps[0].Next; !slices.Equal(next, []string{"step1"}) {
			t.Errorf("start leads to %q", next)
		}
	}
	var graph server.GraphResult
	call(t, e, "flowls/graph", map[string]any{"uri": u, "flow": "BigFlow"}, &graph)
	if graph.Format != "mermaid" || !strings.Contains(graph.Text, "step2") {
		t.Errorf("%+v", graph)
	}
	call(t, e, "flowls/graph", map[string]any{"uri": u, "flow": "BigFlow", "format": "svg"}, &graph)
	if graph.Format != "svg" || !strings.HasPrefix(graph.Text, "<svg") || !strings.Contains(graph.Text, "step2") {
		t.Errorf("%+v", graph)
	}
	if err := e.TryCall("flowls/graph", map[string]any{"uri": u, "flow": "BigFlow", "format": "png"}, nil); code(err) != jsonrpc2.InvalidParams {
		t.Errorf("unknown format: %v", err)
	}
	if err := e.TryCall("flowls/flows", jsonrpc2.RawMessage(`{"uri": 5}`), nil); code(err) != jsonrpc2.InvalidParams {
		t.Errorf("bad parameters: %v", err)
	}
}

// Extensions are sent only to a client that asks for them.
func TestNotificationsAreGated(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{Capabilities: func(c *protocol.ClientCapabilities) {
		c.Experimental = protocol.LSPAny(`{"flowls": {"serverStatus": true, "graphChanged": true}}`)
	}})
	var status server.ServerStatus
	e.Await("flowls/serverStatus", &status)
	if status.Health != "ok" || !status.Quiescent {
		t.Errorf("%+v", status)
	}
	b := e.Open("file:///w/a.py", flowSource(3))
	b.Diagnostics()
	e.Await("flowls/graphChanged", nil)
	at := strings.Index(b.Text(), "print(")
	b.Edit(insert(at, "print()\n        "))
	b.Diagnostics() // the graph is the same: nothing is said
	at = strings.Index(b.Text(), "self.step1")
	b.Edit(insert(at+len("self."), "x"))
	b.Diagnostics()
	e.Await("flowls/graphChanged", nil)
}

func insert(at int, s string) text.Edit {
	return text.Edit{Span: text.Span{Start: at, End: at}, New: s}
}

// A lens never names a command that the server does not have.
func TestLensesAreAlive(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	b := e.Open("file:///w/a.py", flowSource(4))
	b.Diagnostics()
	var lenses []protocol.CodeLens
	e.Call(protocol.MethodTextDocumentCodeLens,
		&protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: b.URI}}, &lenses)
	if len(lenses) < 9 {
		t.Errorf("only %d lenses", len(lenses))
	}
	for _, l := range lenses {
		if !slices.Contains(e.Initialized.Capabilities.ExecuteCommandProvider.Commands, l.Command.Command) {
			t.Errorf("the lens %q names the command %q, which does not exist", l.Command.Title, l.Command.Command)
		}
	}
}
