package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync/atomic"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// client is the editor: what it can do, and the way to reach it.
//
// Methods that are notifications may be called from anywhere. Those that wait
// for an answer (the embedded protocol.Client's requests) only from the
// background or after begin: on the read loop they would wait for themselves.
type client struct {
	protocol.Client
	conn jsonrpc2.Conn
	ctx  context.Context
	log  *slog.Logger
	can  clientCapabilities // set by initialize, before anything else runs

	// background is server.background.
	background func(name string, f func(context.Context))

	isReady       atomic.Bool // initialized has arrived
	lenses, hints refresher
}

// clientCapabilities is the part of the client's capabilities that matters here.
type clientCapabilities struct {
	configuration, workDoneProgress, showDocument bool
	lensRefresh, inlayRefresh                     bool
	relatedInformation, unnecessary               bool
	watchedFiles, registersLinks                  bool
	snippets, markdown, documentChanges           bool
	hierarchicalSymbols                           bool
	resolveEdits                                  bool // of code actions
	experimental                                  experimentalCapabilities
}

// experimentalCapabilities is what the client lists under experimental.flowls.
type experimentalCapabilities struct {
	RunChanged   bool     `json:"runChanged"`
	ServerStatus bool     `json:"serverStatus"`
	GraphChanged bool     `json:"graphChanged"`
	CommandLine  bool     `json:"commandLine"` // shows the answer of flowls.commandLine itself
	Commands     []string `json:"commands"`    // client commands that lenses may name
}

func newClient(ctx context.Context, conn jsonrpc2.Conn) *client {
	return &client{Client: protocol.ClientDispatcher(conn), conn: conn, ctx: ctx, log: discardLog()}
}

// announced reads the capabilities of initialize.
func (c *client) announced(caps protocol.ClientCapabilities) {
	if w := caps.Workspace; w != nil {
		c.can.configuration = isTrue(w.Configuration)
		c.can.lensRefresh = w.CodeLens != nil && isTrue(w.CodeLens.RefreshSupport)
		c.can.inlayRefresh = w.InlayHint != nil && isTrue(w.InlayHint.RefreshSupport)
		c.can.watchedFiles = w.DidChangeWatchedFiles != nil && isTrue(w.DidChangeWatchedFiles.DynamicRegistration)
		c.can.documentChanges = w.WorkspaceEdit != nil && isTrue(w.WorkspaceEdit.DocumentChanges)
	}
	if w := caps.Window; w != nil {
		c.can.workDoneProgress = isTrue(w.WorkDoneProgress)
		c.can.showDocument = w.ShowDocument != nil && w.ShowDocument.Support
	}
	if t := caps.TextDocument; t != nil {
		if d := t.PublishDiagnostics; d != nil {
			c.can.relatedInformation = isTrue(d.RelatedInformation)
			c.can.unnecessary = slices.Contains(d.TagSupport.ValueSet, protocol.DiagnosticTagUnnecessary)
		}
		if d := t.Completion; d != nil && d.CompletionItem != nil {
			c.can.snippets = isTrue(d.CompletionItem.SnippetSupport)
		}
		if d := t.Hover; d != nil {
			c.can.markdown = slices.Contains(d.ContentFormat, protocol.MarkupKindMarkdown)
		}
		if d := t.CodeAction; d != nil {
			c.can.resolveEdits = isTrue(d.DataSupport) && slices.Contains(d.ResolveSupport.Properties, "edit")
		}
		c.can.registersLinks = t.DocumentLink != nil && isTrue(t.DocumentLink.DynamicRegistration)
		if d := t.DocumentSymbol; d != nil {
			c.can.hierarchicalSymbols = isTrue(d.HierarchicalDocumentSymbolSupport)
		}
	}
	var experimental struct {
		Flowls experimentalCapabilities `json:"flowls"`
	}
	// Anything unexpected there is somebody else's extension.
	if json.Unmarshal(caps.Experimental, &experimental) == nil {
		c.can.experimental = experimental.Flowls
	}
}

func isTrue(b *bool) bool { return b != nil && *b }

func (c *client) ready() { c.isReady.Store(true) }

// showMessage shows one line to the user.
func (c *client) showMessage(kind protocol.MessageType, message string) {
	c.sent(c.ShowMessage(c.ctx, &protocol.ShowMessageParams{Type: kind, Message: message}))
}

// sent logs a notification that did not go out; nothing can be done about it.
func (c *client) sent(err error) {
	if err != nil && c.ctx.Err() == nil {
		c.log.Debug("notification to the client failed", "error", err)
	}
}

// notify sends a notification that is not part of LSP.
func (c *client) notify(method string, params any) {
	raw, err := json.Marshal(params)
	if err == nil {
		err = c.conn.Notify(c.ctx, method, jsonrpc2.RawMessage(raw))
	}
	c.sent(err)
}
