package fakeeditor

import (
	"cmp"
	"slices"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Buffer is an open file as the editor has it.
type Buffer struct {
	editor  *Editor
	URI     uri.URI
	Version int32
	content *text.Text
}

// Open opens a document. The URI is a file unless it has a scheme of its own.
func (e *Editor) Open(u uri.URI, content string) *Buffer {
	e.t.Helper()
	b := &Buffer{editor: e, URI: u, Version: 1, content: text.New([]byte(content))}
	e.buffers[u] = b
	e.Notify(protocol.MethodTextDocumentDidOpen, &protocol.DidOpenTextDocumentParams{
		TextDocument: protocol.TextDocumentItem{URI: u, LanguageID: "python", Version: 1, Text: content},
	})
	return b
}

// Close closes the document.
func (b *Buffer) Close() {
	b.editor.t.Helper()
	delete(b.editor.buffers, b.URI)
	b.editor.Notify(protocol.MethodTextDocumentDidClose, &protocol.DidCloseTextDocumentParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.URI},
	})
}

// Text is what the editor shows.
func (b *Buffer) Text() string { return string(b.content.Bytes()) }

// Position of a byte offset, in the negotiated encoding.
func (b *Buffer) Position(offset int) protocol.Position {
	p := b.content.Position(offset, b.editor.encoding)
	return protocol.Position{Line: uint32(p.Line), Character: uint32(p.Column)}
}

// Range of a byte span.
func (b *Buffer) Range(s text.Span) protocol.Range {
	return protocol.Range{Start: b.Position(s.Start), End: b.Position(s.End)}
}

// Range of a byte span of a text that is in no buffer.
func (e *Editor) Range(source string, s text.Span) protocol.Range {
	b := Buffer{editor: e, content: text.New([]byte(source))}
	return b.Range(s)
}

// Offset of a position.
func (b *Buffer) Offset(p protocol.Position) int {
	return b.content.Offset(text.Position{Line: int(p.Line), Column: int(p.Character)}, b.editor.encoding)
}

// At names the document and a byte offset in it.
func (b *Buffer) At(offset int) protocol.TextDocumentPositionParams {
	return protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: b.URI},
		Position:     b.Position(offset),
	}
}

// Edit applies edits, each against the text after the one before, and tells
// the server in one message.
func (b *Buffer) Edit(edits ...text.Edit) {
	b.editor.t.Helper()
	var changes []protocol.TextDocumentContentChangeEvent
	for _, e := range edits {
		changes = append(changes, &protocol.TextDocumentContentChangePartial{Range: b.Range(e.Span), Text: e.New})
		b.content = text.Apply(b.content, []text.Edit{e})
	}
	b.send(changes)
}

// Replace sends the whole text anew.
func (b *Buffer) Replace(content string) {
	b.editor.t.Helper()
	b.content = text.New([]byte(content))
	b.send([]protocol.TextDocumentContentChangeEvent{&protocol.TextDocumentContentChangeWholeDocument{Text: content}})
}

func (b *Buffer) send(changes []protocol.TextDocumentContentChangeEvent) {
	b.editor.t.Helper()
	b.Version++
	b.editor.Notify(protocol.MethodTextDocumentDidChange, &protocol.DidChangeTextDocumentParams{
		TextDocument: protocol.VersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: b.URI}, Version: b.Version,
		},
		ContentChanges: changes,
	})
}

// Diagnostics waits for the findings of the version that the editor shows.
// Those of earlier versions count as seen.
func (b *Buffer) Diagnostics() []protocol.Diagnostic {
	b.editor.t.Helper()
	for {
		var p protocol.PublishDiagnosticsParams
		b.editor.Await(protocol.MethodTextDocumentPublishDiagnostics, &p)
		if p.Diagnostics == nil {
			b.editor.t.Fatal("publishDiagnostics without an array")
		}
		if v, ok := p.Version.Get(); p.URI == b.URI && ok && v == b.Version {
			return p.Diagnostics
		}
	}
}

// Apply does what a workspace edit asks, in one change per document, and tells
// the server.
func (e *Editor) Apply(w *protocol.WorkspaceEdit) {
	e.t.Helper()
	edits := map[uri.URI][]protocol.TextEdit{}
	for u, list := range w.Changes {
		edits[u] = append(edits[u], list...)
	}
	for _, change := range w.DocumentChanges {
		c, ok := change.(*protocol.TextDocumentEdit)
		if !ok {
			e.t.Fatalf("the fake editor does not know how to apply %T", change)
		}
		b := e.buffers[c.TextDocument.URI]
		if v := c.TextDocument.Version; b != nil && v != nil && *v != b.Version {
			e.t.Fatalf("the edit is for version %d of %s, the buffer has %d", *v, b.URI, b.Version)
		}
		for _, el := range c.Edits {
			t, ok := el.(*protocol.TextEdit)
			if !ok {
				e.t.Fatalf("the fake editor does not know how to apply %T", el)
			}
			edits[c.TextDocument.URI] = append(edits[c.TextDocument.URI], *t)
		}
	}
	for u, list := range edits {
		b := e.buffers[u]
		if b == nil {
			e.t.Fatalf("an edit for %s, which is not open", u)
		}
		b.ApplyTextEdits(list)
	}
}

// ApplyTextEdits applies edits that all refer to the text as it is.
func (b *Buffer) ApplyTextEdits(list []protocol.TextEdit) {
	b.editor.t.Helper()
	var edits []text.Edit
	for _, t := range list {
		edits = append(edits, text.Edit{Span: text.Span{Start: b.Offset(t.Range.Start), End: b.Offset(t.Range.End)}, New: t.NewText})
	}
	// From the end, so that earlier offsets hold; insertions at one place keep their order.
	slices.SortStableFunc(edits, func(a, b text.Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	for i := 1; i < len(edits); i++ {
		if edits[i].Span.Start < edits[i-1].Span.End {
			b.editor.t.Fatalf("edits overlap: %v and %v", edits[i-1], edits[i])
		}
	}
	slices.Reverse(edits)
	b.Edit(edits...)
}
