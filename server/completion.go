package server

import (
	"bytes"
	"context"
	"fmt"

	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// Completion offers what may stand at the cursor: steps in self.next, artifacts
// in its strings and behind self and inputs, decorators behind an @ and their
// arguments. Elsewhere it leaves the field to the Python language server.
func (s *server) Completion(ctx context.Context, params *protocol.CompletionParams) (protocol.CompletionResult, error) {
	position := params.Position
	v, err := s.beginDocument(ctx, params.TextDocument.URI)
	if err != nil || v == nil {
		return nil, err
	}
	c := &completer{server: s, view: v, offset: v.doc.offset(position)}
	c.cursor = cursorAt(v.doc.Text.Bytes(), c.offset)
	c.complete()
	items := c.items
	if items == nil {
		items = []protocol.CompletionItem{}
	}
	return &protocol.CompletionList{Items: items}, nil
}

// completer collects the items of one request.
type completer struct {
	*cursor
	server *server
	view   *view
	offset int
	items  []protocol.CompletionItem
}

func (c *completer) complete() {
	if c.inComment || len(c.view.File.Flows) == 0 && !bytes.Contains(c.view.doc.Text.Bytes(), []byte("metaflow")) {
		return
	}
	inside, in := c.inside()
	switch {
	case c.clusterNames():
	case c.at && !in:
		c.decorators()
	case in && inside.decorator && inside.kind == '(':
		c.decoratorArguments(inside)
	case c.inNext():
		c.transition()
	case !c.inString && c.start > 0 && c.view.doc.Text.Bytes()[c.start-1] == '.':
		c.members()
	}
}

// add puts an item that replaces from start to the cursor. Rank orders items:
// smaller first.
func (c *completer) add(rank, start int, item protocol.CompletionItem, insert string) {
	item.SortText = protocol.NewOptional(fmt.Sprintf("%03d", rank))
	if item.InsertTextFormat == 0 {
		item.InsertTextFormat = protocol.InsertTextFormatPlainText
	}
	item.TextEdit = &protocol.TextEdit{
		Range:   c.view.doc.rangeOf(text.Span{Start: start, End: c.offset}),
		NewText: insert,
	}
	// The editor filters by what stands in the replaced range.
	item.FilterText = protocol.NewOptional(insert)
	c.items = append(c.items, item)
}
