package fakeeditor

import (
	"encoding/json"

	"go.lsp.dev/protocol"
)

// capabilities announces everything that the server can make use of.
func capabilities(options Options) protocol.ClientCapabilities {
	encodings := []protocol.PositionEncodingKind{protocol.PositionEncodingKindUTF16}
	if options.UTF8 {
		encodings = append(encodings, protocol.PositionEncodingKindUTF8)
	}
	experimental, err := json.Marshal(map[string]any{"flowls": map[string]any{
		"runChanged": true, "serverStatus": false, "graphChanged": false,
	}})
	if err != nil {
		panic(err)
	}
	c := protocol.ClientCapabilities{
		General: &protocol.GeneralClientCapabilities{PositionEncodings: encodings},
		Window: &protocol.WindowClientCapabilities{
			WorkDoneProgress: new(true),
			ShowDocument:     &protocol.ShowDocumentClientCapabilities{Support: true},
		},
		Workspace: &protocol.WorkspaceClientCapabilities{
			Configuration:         new(true),
			DidChangeWatchedFiles: &protocol.DidChangeWatchedFilesClientCapabilities{DynamicRegistration: new(true)},
			WorkspaceFolders:      new(true),
			WorkspaceEdit:         &protocol.WorkspaceEditClientCapabilities{DocumentChanges: new(true)},
			CodeLens:              &protocol.CodeLensWorkspaceClientCapabilities{RefreshSupport: new(true)},
			InlayHint:             &protocol.InlayHintWorkspaceClientCapabilities{RefreshSupport: new(true)},
		},
		TextDocument: &protocol.TextDocumentClientCapabilities{
			PublishDiagnostics: &protocol.PublishDiagnosticsClientCapabilities{
				VersionSupport: new(true),
			},
			Completion: &protocol.CompletionClientCapabilities{
				CompletionItem: &protocol.ClientCompletionItemOptions{SnippetSupport: new(true)},
			},
			Hover: &protocol.HoverClientCapabilities{
				ContentFormat: []protocol.MarkupKind{protocol.MarkupKindMarkdown, protocol.MarkupKindPlainText},
			},
			DocumentSymbol: &protocol.DocumentSymbolClientCapabilities{
				HierarchicalDocumentSymbolSupport: new(true),
			},
		},
		Experimental: experimental,
	}
	c.TextDocument.PublishDiagnostics.RelatedInformation = new(true)
	c.TextDocument.PublishDiagnostics.CodeDescriptionSupport = new(true)
	c.TextDocument.PublishDiagnostics.TagSupport = protocol.ClientDiagnosticsTagOptions{ValueSet: []protocol.DiagnosticTag{protocol.DiagnosticTagUnnecessary}}
	if options.UTF8 { // edits made when an action is chosen in the one encoding, at once in the other
		c.TextDocument.CodeAction = &protocol.CodeActionClientCapabilities{
			DataSupport: new(true), ResolveSupport: protocol.ClientCodeActionResolveOptions{Properties: []string{"edit"}},
		}
	}
	if options.Capabilities != nil {
		options.Capabilities(&c)
	}
	return c
}
