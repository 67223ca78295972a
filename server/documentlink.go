package server

import (
	"context"
	"os"
	"path/filepath"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// DocumentLink leads from the tracebacks of a log to the lines that they name,
// and in a flow's file from the paths that Metaflow reads by default to the files.
func (s *server) DocumentLink(ctx context.Context, params *protocol.DocumentLinkParams) ([]protocol.DocumentLink, error) {
	u := params.TextDocument.URI
	snapshot := s.begin(ctx)
	if isLog(u) {
		return s.runs.logLinks(snapshot, u), nil
	}
	v, err := s.look(ctx, snapshot, u)
	if err != nil || v == nil || v.doc.Path() == "" {
		return nil, err
	}
	return v.fileLinks(), nil
}

// fileLinks are the defaults of IncludeFiles and Configs that are there.
func (v *view) fileLinks() []protocol.DocumentLink {
	links := []protocol.DocumentLink{}
	dir := ""
	for _, f := range v.File.Flows {
		for _, p := range f.Parameters {
			d := f.Declared(p)
			file := d.DefaultFile
			if p.File != "" || !file.Known() || file.Span.Foreign() {
				continue
			}
			path := file.Text
			if !filepath.IsAbs(path) {
				if dir == "" {
					dir = workingDir(v.doc.Path(), folderOf(v.snapshot, v.doc.Path()))
				}
				path = filepath.Join(dir, path)
			}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				links = append(links, protocol.DocumentLink{Range: v.doc.rangeOf(file.Span), Target: new(uri.File(path))})
			}
		}
	}
	return links
}
