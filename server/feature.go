package server

import (
	"context"
	"encoding/json"

	"flowls/analysis/rule"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Feature is a part of the server with state of its own beside the documents,
// such as runs. Embed NoFeature for the methods that are not needed.
//
// Opened, Changed and Closed run on the read loop, in wire order: they must
// return at once and must not wait for the client.
type Feature interface {
	// Start is called once, when the client is ready for requests.
	Start()
	Opened(*Document)
	// Changed gives the new version and the edits that lead to it, each
	// against the text after the one before.
	Changed(*Document, []text.Edit)
	Closed(uri.URI)
	Configured(Settings)
	// Diagnostics are further findings about a document, published together
	// with those of the rules. Call diagnostics.wake when they change.
	Diagnostics(*view) []rule.Diagnostic
	// FlowLenses and StepLenses stand above a flow and a step, after the static ones.
	FlowLenses(*view, int) []Lens
	StepLenses(*view, int, string) []Lens
	// InlayHints inside the span.
	InlayHints(context.Context, *view, text.Span) ([]protocol.InlayHint, error)
	Close()
}

// Lens is one code lens, at the place that its caller decides.
type Lens struct {
	Title, Tooltip string
	Command        string
	Argument       any // the one JSON object
	// Replaces names a command whose static lens this one takes the place of.
	Replaces string
}

// NoFeature does nothing.
type NoFeature struct{}

func (NoFeature) Start()                               {}
func (NoFeature) Opened(*Document)                     {}
func (NoFeature) Changed(*Document, []text.Edit)       {}
func (NoFeature) Closed(uri.URI)                       {}
func (NoFeature) Configured(Settings)                  {}
func (NoFeature) Diagnostics(*view) []rule.Diagnostic  { return nil }
func (NoFeature) FlowLenses(*view, int) []Lens         { return nil }
func (NoFeature) StepLenses(*view, int, string) []Lens { return nil }
func (NoFeature) Close()                               {}
func (NoFeature) InlayHints(context.Context, *view, text.Span) ([]protocol.InlayHint, error) {
	return nil, nil
}

var _ Feature = NoFeature{}

// featureMakers make the features of a new connection. A file of a feature
// appends to it from a package-level variable or init.
var featureMakers []func(*server) Feature

// customRequests are the flowls/* requests. They run on the read loop like every
// handler: take begin first. Params are the raw JSON, possibly empty.
var customRequests = map[string]func(s *server, ctx context.Context, params json.RawMessage) (any, error){}

// standard holds the methods that a client may send according to LSP.
var standard = func() map[string]bool {
	m := map[string]bool{}
	for _, info := range protocol.Methods {
		if info.Direction != "serverToClient" {
			m[info.Method] = true
		}
	}
	return m
}()
