package server

import (
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/imports"
	"flowls/analysis/text"

	"go.lsp.dev/protocol"
)

// decorators offers what may stand behind an @: the decorators of steps above
// a def in a class, those of flows above a class.
func (c *completer) decorators() {
	source := c.view.doc.Text.Bytes()
	level, given := decorates(source, c.offset)
	if level == "" {
		return
	}
	im := imports.Of(source)
	if c.base != "" && c.base != im.Module {
		return
	}
	var list []catalog.Decorator
	if level == catalog.StepLevel {
		marker := catalog.Default().Marker
		marker.Name = "step"
		list = append([]catalog.Decorator{marker}, catalog.Default().StepDecorators()...)
	} else {
		list = catalog.Default().FlowDecorators()
	}
	for i := range list {
		d := &list[i]
		if given[d.Name] && !d.Multiple {
			continue
		}
		c.decorator(d, level, im)
	}
}

func (c *completer) decorator(d *catalog.Decorator, level catalog.Level, im imports.Imports) {
	rank := 200
	if d.Name == "step" {
		rank = 100
	}
	item := protocol.CompletionItem{
		Label:  d.Name,
		Kind:   protocol.CompletionItemKindFunction,
		Detail: protocol.NewOptional(string(level) + " decorator"),
		Data:   completionData{Decorator: d.Name, Level: level}.raw(),
	}
	written := d.Name
	if c.base == "" { // not behind "mf."
		var edits []text.Edit
		if written, edits = im.Write(d.Name); edits != nil {
			item.AdditionalTextEdits = c.view.doc.edits(edits)
			item.LabelDetails = &protocol.CompletionItemLabelDetails{Description: new("import from metaflow")}
		}
	}
	item.Label = written
	insert := written
	if c.server.client.can.snippets && needsArguments(d) {
		insert, item.InsertTextFormat = written+"($0)", protocol.InsertTextFormatSnippet
	}
	c.add(rank, c.start, item, insert)
	c.items[len(c.items)-1].FilterText = protocol.NewOptional(written)
}

// needsArguments: without arguments the decorator makes no sense or is refused.
func needsArguments(d *catalog.Decorator) bool {
	for _, a := range d.Args {
		if a.Default == "" {
			return true
		}
	}
	return false
}

// decoratorArguments offers the arguments that are not given yet.
func (c *completer) decoratorArguments(call bracket) {
	if c.inString || call.keyword != "" || c.base != "" {
		return
	}
	d, ok := c.called(call.callee)
	if !ok {
		return
	}
	given := map[string]bool{}
	for _, name := range append(call.given, c.argumentsBehind(d)...) {
		given[name] = true
	}
	for i := range d.Args {
		a := &d.Args[i]
		if given[a.Name] {
			continue
		}
		detail := a.Type
		if a.Default != "" {
			detail = strings.TrimSpace(detail + " = " + a.Default)
		}
		rank := 200
		if a.Default == "" {
			rank = 100
		}
		c.add(rank, c.start, protocol.CompletionItem{
			Label:         a.Name + "=",
			Kind:          protocol.CompletionItemKindProperty,
			Detail:        protocol.NewOptional(detail),
			Documentation: c.server.markup(a.Markdown()),
		}, a.Name+"=")
	}
}

// called finds the decorator of a call in the catalogue, by the name as written.
func (c *completer) called(written string) (*catalog.Decorator, bool) {
	source := c.view.doc.Text.Bytes()
	im := imports.Of(source)
	name, ok := im.Canonical(written)
	if !ok {
		return nil, false
	}
	level, _ := decorates(source, c.offset)
	if level == catalog.FlowLevel {
		return catalog.Default().Flow(name)
	}
	if name == "step" {
		marker := catalog.Default().Marker
		return &marker, true
	}
	return catalog.Default().Step(name)
}

// argumentsBehind are the keywords that stand behind the cursor in the same
// call, as the model has them.
func (c *completer) argumentsBehind(d *catalog.Decorator) []string {
	p, ok := c.view.decoratorAt(c.offset)
	if !ok || p.decorator.Name != d.Name {
		return nil
	}
	var names []string
	for _, a := range p.decorator.Args {
		if a.Name != "" && !contains(a.NameSpan, c.offset) {
			names = append(names, a.Name)
		}
	}
	return names
}
