package server

import (
	"context"
	"maps"

	"flowls/analysis"
	"flowls/analysis/config"
	"flowls/analysis/text"

	"go.lsp.dev/uri"
)

// maxDocument is the size in bytes from which a file is not analysed.
const maxDocument = 8 << 20

// Snapshot is the state of the session at one moment. It never changes.
type Snapshot struct {
	// ID grows with every change.
	ID       uint64
	Settings Settings
	rules    config.Layer // of the settings
	// rulesWrong is what is wrong with these settings, as the user was told.
	rulesWrong string
	Folders    []uri.URI // workspace folders, as the client named them
	documents  map[uri.URI]*Document
}

// Document returns the open document, nil if there is none.
func (s *Snapshot) Document(u uri.URI) *Document { return s.documents[u] }

// with is a copy of the snapshot in which u is d; a nil d removes u.
func (s *Snapshot) with(u uri.URI, d *Document) *Snapshot {
	c := *s
	c.ID++
	c.documents = maps.Clone(s.documents)
	if d == nil {
		delete(c.documents, u)
	} else {
		c.documents[u] = d
	}
	return &c
}

// Document is one version of an open file. It never changes.
type Document struct {
	URI     uri.URI
	Version int32
	Text    *text.Text
	mapper
	parse *parse // nil when the file is too large or cannot hold a flow
}

// Path is the file's path, "" for a document that is not a file on this machine.
func (d *Document) Path() string { return filePath(d.URI) }

func (d *Document) tooLarge() bool { return d.Text.Len() > maxDocument }

// Analysis is the analysis of this version; an empty one for files that are not analysed.
func (d *Document) Analysis(ctx context.Context) (*analysis.Document, error) {
	if d.parse == nil {
		return emptyAnalysis(d.Text), nil
	}
	return d.parse.document(ctx)
}
