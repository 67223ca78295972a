package server

import (
	"encoding/json"
	"maps"
	"slices"

	"go.lsp.dev/protocol"
)

// capabilities is what the server can do, in LSP's words.
func (s *server) capabilities(encoding protocol.PositionEncodingKind) protocol.ServerCapabilities {
	c := protocol.ServerCapabilities{
		PositionEncoding: encoding,
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: new(true),
			Change:    new(protocol.TextDocumentSyncKindIncremental),
			Save:      protocol.Boolean(true),
		},
		CompletionProvider: &protocol.CompletionOptions{
			TriggerCharacters: []string{"@", "(", ".", ",", "'", "\"", "=", "{"},
			ResolveProvider:   new(true),
		},
		HoverProvider:             protocol.Boolean(true),
		DefinitionProvider:        protocol.Boolean(true),
		ReferencesProvider:        protocol.Boolean(true),
		DocumentHighlightProvider: protocol.Boolean(true),
		DocumentLinkProvider:      &protocol.DocumentLinkOptions{},
		DocumentSymbolProvider:    protocol.Boolean(true),
		WorkspaceSymbolProvider:   protocol.Boolean(true),
		CodeActionProvider: &protocol.CodeActionOptions{
			CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix, fixAllKind},
			ResolveProvider: new(true),
		},
		CodeLensProvider: &protocol.CodeLensOptions{},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{
			Commands:                s.commands.names(),
			WorkDoneProgressOptions: protocol.WorkDoneProgressOptions{WorkDoneProgress: new(true)},
		},
		InlayHintProvider: protocol.Boolean(true),
		Workspace: &protocol.WorkspaceOptions{
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
				Supported:           new(true),
				ChangeNotifications: protocol.Boolean(true),
			},
		},
	}
	c.Experimental = s.experimental()
	return c
}

// experimental announces the extensions of docs/protocol-extensions.md.
func (s *server) experimental() protocol.LSPAny {
	type extensions struct {
		Requests      []string `json:"requests"`
		Notifications []string `json:"notifications"`
		Commands      []string `json:"commands"`
	}
	raw, err := json.Marshal(map[string]any{"flowls": extensions{
		Requests:      slices.Sorted(maps.Keys(customRequests)),
		Notifications: []string{notifyGraphChanged, notifyRunChanged, notifyServerStatus},
		Commands:      s.commands.names(),
	}})
	if err != nil { // strings only: cannot happen
		panic(err)
	}
	return raw
}
