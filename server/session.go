package server

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"flowls/analysis"
	"flowls/analysis/flow"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Session is what changes: the current snapshot. Only the read loop changes its
// documents; others may at most have one analysed again.
type Session struct {
	encoding text.Encoding // set by initialize, before any document
	report   func(where string, panicked any)

	// site is where a file is, for finding what it imports; set before any
	// document, nil for files that stand alone.
	site func(path string) siteOf

	edit    sync.Mutex // held while a document is replaced by one that builds on it
	mu      sync.Mutex
	current *Snapshot
	paths   map[string]uri.URI // of the open documents that are files
}

func newSession() *Session {
	return &Session{
		current: &Snapshot{Settings: defaultSettings(), documents: map[uri.URI]*Document{}},
		paths:   map[string]uri.URI{},
	}
}

// Snapshot is the current state.
func (s *Session) Snapshot() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// update replaces the snapshot by what change makes of a copy of it.
func (s *Session) update(change func(*Snapshot)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *s.current
	c.ID++
	change(&c)
	s.current = &c
}

// put makes d the current version of its file, or closes u when d is nil.
func (s *Session) put(u uri.URI, d *Document) {
	s.mu.Lock()
	old := s.current.documents[u]
	s.current = s.current.with(u, d)
	if path := filePath(u); path != "" && d != nil {
		s.paths[path] = u
	} else if s.paths[path] == u {
		delete(s.paths, path)
	}
	s.mu.Unlock()
	if old != nil && old.parse != nil {
		old.parse.release()
	}
}

// open adds a document. Opening one that is open replaces it.
func (s *Session) open(u uri.URI, version int32, content string) *Document {
	t := text.New([]byte(content))
	d := &Document{URI: u, Version: version, Text: t, mapper: mapper{t, s.encoding}}
	if !isLog(u) && worthParsing(t) {
		d.parse = newParse(t, s.siteOf(d), s.report)
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	s.put(u, d)
	return d
}

func (s *Session) siteOf(d *Document) siteOf {
	if path := d.Path(); path != "" && s.site != nil {
		return s.site(path)
	}
	return nil
}

// again has an open document analysed once more, since other files have
// changed; moved: it may find them elsewhere. It reports whether there is one.
func (s *Session) again(u uri.URI, moved bool) bool {
	s.edit.Lock()
	defer s.edit.Unlock()
	old := s.Snapshot().Document(u)
	if old == nil || old.parse == nil {
		return false
	}
	d := *old
	d.parse = old.parse.next(d.Text, nil)
	if moved {
		d.parse.site = s.siteOf(old)
	}
	s.put(u, &d)
	return true
}

// openPath is the open document of a path.
func (s *Session) openPath(path string) (uri.URI, *Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.paths[path]
	return u, s.current.documents[u]
}

// change applies the changes of one didChange, in order, each against the text
// after the one before. The edits returned lead from the old text to the new.
// A version that does not grow is refused: its ranges cannot be trusted.
func (s *Session) change(u uri.URI, version int32, changes []protocol.TextDocumentContentChangeEvent) (*Document, []text.Edit, error) {
	s.edit.Lock()
	defer s.edit.Unlock()
	old := s.Snapshot().Document(u)
	if old == nil {
		return nil, nil, fmt.Errorf("%s changed but is not open", u)
	}
	if version <= old.Version {
		return nil, nil, fmt.Errorf("%s: version %d after %d: the change is ignored", u, version, old.Version)
	}
	m := old.mapper
	var edits []text.Edit
	whole := false
	for _, c := range changes {
		switch c := c.(type) {
		case *protocol.TextDocumentContentChangePartial:
			e := text.Edit{Span: m.span(c.Range), New: c.Text}
			edits = append(edits, e)
			m.text = text.Apply(m.text, []text.Edit{e})
		case *protocol.TextDocumentContentChangeWholeDocument:
			// The edit keeps the chain complete for whoever maps positions.
			edits = append(edits, text.Edit{Span: text.Span{End: m.text.Len()}, New: c.Text})
			m.text = text.New([]byte(c.Text))
			whole = true
		default:
			return nil, nil, fmt.Errorf("%s: unknown kind of change %T", u, c)
		}
	}
	d := &Document{URI: u, Version: version, Text: m.text, mapper: m}
	switch {
	case isLog(u) || !worthParsing(m.text):
	case old.parse == nil || whole:
		d.parse = newParse(m.text, s.siteOf(d), s.report)
	default:
		d.parse = old.parse.next(m.text, slices.Clip(edits))
	}
	s.put(u, d)
	return d, edits, nil
}

// worthParsing: files that cannot hold a flow cost nothing. Steps are methods
// decorated with step, under whatever name it was imported from metaflow; a
// class that its file runs may have all of them from another file.
func worthParsing(t *text.Text) bool {
	b := t.Bytes()
	has := func(word string) bool { return bytes.Contains(b, []byte(word)) }
	return len(b) <= maxDocument && (has("step") || has("metaflow") || has("__main__") && has("class"))
}

// close forgets a document.
func (s *Session) close(u uri.URI) {
	s.edit.Lock()
	defer s.edit.Unlock()
	s.put(u, nil)
}

// emptyAnalysis stands for a file that is not analysed.
func emptyAnalysis(t *text.Text) *analysis.Document {
	return &analysis.Document{Text: t, File: &flow.File{Text: t}}
}
