package server_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"flowls/server/fakeeditor"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// VS Code asks for lenses once no refresh has come for a while, so the next one
// waits for it; a client that does not ask is told again, less and less often.
func TestRefreshWaitsForTheClient(t *testing.T) {
	fakeeditor.Bubble(t, func(t *testing.T) {
		e := fakeeditor.Start(t, fakeeditor.Options{
			Capabilities: func(c *protocol.ClientCapabilities) { c.Workspace.InlayHint = nil },
		})
		u := uri.File("/w/a.py")
		e.Open(u, flowSource(3)).Diagnostics()
		enabled := true
		change := func() {
			enabled = !enabled
			raw, err := json.Marshal(map[string]any{"flowls": map[string]any{"codeLens": map[string]any{"enabled": enabled}}})
			if err != nil {
				t.Fatal(err)
			}
			e.Notify(protocol.MethodWorkspaceDidChangeConfiguration, jsonrpc2.RawMessage(`{"settings": `+string(raw)+`}`))
			synctest.Wait()
		}
		lenses := func() int {
			var all []protocol.CodeLens
			e.Call(protocol.MethodTextDocumentCodeLens, &protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}}, &all)
			return len(all)
		}
		within := func(d time.Duration) int {
			time.Sleep(d) // of the bubble: costs nothing
			synctest.Wait()
			return e.Discard(protocol.MethodWorkspaceCodeLensRefresh)
		}
		for range 5 {
			change()
			time.Sleep(100 * time.Millisecond)
		}
		if n := within(0); n != 1 {
			t.Errorf("%d refreshes before the client asked", n)
		}
		if lenses() != 0 {
			t.Error("lenses although they are off")
		}
		if n := within(100 * time.Millisecond); n != 1 {
			t.Errorf("%d refreshes after the client asked once about five changes", n)
		}
		lenses()
		if n := within(10 * time.Second); n != 0 {
			t.Errorf("%d refreshes although the client has asked since the last change", n)
		}
		change()
		if n := within(500 * time.Millisecond); n != 1 {
			t.Errorf("%d refreshes at once", n)
		}
		if n := within(10 * time.Second); n != 3 { // after 1, 3 and 7 s
			t.Errorf("%d more for a client that does not ask", n)
		}
		change()
		if n := within(0); n != 0 {
			t.Errorf("%d refreshes before the time of a client that does not ask", n)
		}
		lenses()
		if n := within(100 * time.Millisecond); n != 1 {
			t.Errorf("%d refreshes once it asks", n)
		}
		if n := within(time.Hour); n != 4 { // after 1, 3, 7 and 15 s
			t.Errorf("%d more in an hour", n)
		}
		change()
		if n := within(0); n != 1 {
			t.Errorf("%d refreshes for the next change", n)
		}
		lenses()
	})
}
