package server

import (
	"cmp"
	"context"
	"slices"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Initialize negotiates; it runs inline, so that nothing overtakes it.
func (s *server) Initialize(_ context.Context, params *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	encoding := protocol.PositionEncodingKindUTF16
	if g := params.Capabilities.General; g != nil && slices.Contains(g.PositionEncodings, protocol.PositionEncodingKindUTF8) {
		encoding = protocol.PositionEncodingKindUTF8
		s.session.encoding = text.UTF8
	}
	s.client.announced(params.Capabilities)
	settings, err := defaultSettings().merge(params.InitializationOptions)
	if err != nil {
		s.client.showMessage(protocol.MessageTypeWarning, "flowls: "+err.Error())
	}
	wrong := ""
	s.session.update(func(next *Snapshot) {
		next.Settings = settings
		wrong = next.setRules()
		next.Folders = workspaceFolders(params)
	})
	if wrong != "" {
		s.client.showMessage(protocol.MessageTypeWarning, wrong)
	}
	if params.ProcessID != nil && *params.ProcessID > 0 {
		s.watchParent(int(*params.ProcessID))
	}
	s.background("diagnostics", s.diags.run)
	s.lifecycle.initialized()
	return &protocol.InitializeResult{
		Capabilities: s.capabilities(encoding),
		ServerInfo: protocol.ServerInfo{
			Name:    "flowls",
			Version: protocol.NewOptional(cmp.Or(s.options.Version, version)),
		},
	}, nil
}

// workspaceFolders are the folders of the client, or the root of an older one.
func workspaceFolders(params *protocol.InitializeParams) []uri.URI {
	var folders []uri.URI
	if list, ok := params.WorkspaceFolders.Get(); ok {
		for _, f := range list {
			folders = append(folders, uri.URI(f.URI))
		}
	}
	// Older clients send the root alone.
	//lint:ignore SA1019 deprecated for clients, not for servers that meet old ones
	if len(folders) == 0 && params.RootURI != nil {
		//lint:ignore SA1019 as above
		folders = append(folders, *params.RootURI)
	}
	return folders
}
