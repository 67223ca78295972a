package server

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/graph"

	"go.lsp.dev/protocol"
)

// inNext: the cursor is among the arguments of self.next, or in its dictionary.
func (c *completer) inNext() bool {
	_, ok := c.nextCall()
	return ok
}

func (c *completer) nextCall() (bracket, bool) {
	if n := len(c.calls); n > 0 {
		if b := c.calls[n-1]; b.kind == '(' && b.callee == "self.next" {
			return b, true
		}
		if n > 1 && c.calls[n-1].kind == '{' && c.calls[n-2].callee == "self.next" {
			return c.calls[n-2], true
		}
	}
	return bracket{}, false
}

// transition completes within self.next(…).
func (c *completer) transition() {
	call, _ := c.nextCall()
	i := c.view.flowAt(c.offset)
	if i < 0 {
		return
	}
	f := c.view.File.Flows[i]
	step := stepAt(f, c.offset)
	inside, _ := c.inside()
	switch {
	case c.inString && (call.keyword == "foreach" || call.keyword == "condition"):
		c.artifacts(f, step)
	case c.inString:
	case inside.kind == '{' && !inside.afterColon: // a key
	case inside.kind == '(' && call.keyword == "":
		c.targets(i, step)
		c.nextKeywords(call)
	case inside.kind == '{':
		c.targets(i, step)
	}
}

// targets offers the steps that may follow: those that nothing leads to yet
// first, then those below in the file, then the others.
func (c *completer) targets(i int, current *flow.Step) {
	if c.base != "self" && c.base != "" {
		return
	}
	f := c.view.File.Flows[i]
	named := map[string]bool{}
	for _, s := range f.Steps {
		for _, t := range targets(s) {
			// The name under the cursor is not a target yet.
			if !contains(t.Span, c.offset) {
				named[t.Name] = true
			}
		}
	}
	already := map[string]bool{}
	if current != nil {
		for _, t := range targets(current) {
			if !contains(t.Span, c.offset) {
				already[t.Name] = true
			}
		}
		for _, name := range namedSince(string(c.view.doc.Text.Bytes()[c.begin:c.attribute])) {
			already[name] = true
		}
	}
	steps := slices.Clone(f.Steps)
	slices.SortStableFunc(steps, func(a, b *flow.Step) int { return a.NameSpan.Start - b.NameSpan.Start })
	inside, _ := c.inside()
	for _, s := range steps {
		n := c.view.node(i, s.Name)
		recursive := inside.kind == '{' // a switch may lead back to its own step
		if current != nil && s.Name == current.Name && !recursive || isStart(c.view.Graphs[i], s) ||
			already[s.Name] && !recursive {
			continue
		}
		rank := 300
		switch {
		case !named[s.Name]:
			rank = 100
		case current != nil && s.NameSpan.Start > current.NameSpan.Start:
			rank = 200
		}
		item := protocol.CompletionItem{
			Label:  "self." + s.Name,
			Kind:   protocol.CompletionItemKindMethod,
			Detail: protocol.NewOptional(stepDetail(n) + " step"),
			Data:   completionData{Flow: f.Name, Step: s.Name, URI: c.view.doc.URI}.raw(),
		}
		if c.base == "self" {
			item.Label = s.Name
			c.add(rank, c.start, item, s.Name)
		} else {
			c.add(rank, c.start, item, "self."+s.Name)
		}
	}
}

// isStart: nothing may lead to the start step.
func isStart(g *graph.Graph, s *flow.Step) bool {
	return g != nil && g.Start != nil && g.Start.Step == s && len(g.Nodes) > 1
}

// namedSince are the targets written in half-typed code, of which the model
// need not know: "self.next(self.a, self." names a.
func namedSince(before string) []string {
	_, arguments, ok := cutLast(before, "self.next(")
	if !ok {
		return nil
	}
	var names []string
	for _, part := range strings.FieldsFunc(arguments, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' }) {
		if name, ok := strings.CutPrefix(part, "self."); ok && name != "" {
			names = append(names, name)
		}
	}
	return names
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// nextKeywords offers the keywords of self.next behind its first argument.
func (c *completer) nextKeywords(call bracket) {
	if c.base != "" || call.arguments != 1 || len(call.given) > 0 {
		return
	}
	for i, k := range []struct{ name, insert, snippet, doc string }{
		{"foreach", "foreach=", "foreach='${1:items}'", "Run the step once for each item of this artifact."},
		{"condition", "condition=", "condition='${1:name}'", "The artifact whose value chooses among the cases."},
		{"num_parallel", "num_parallel=", "num_parallel=${1:2}", "Run the step as a gang of so many tasks."},
	} {
		item := protocol.CompletionItem{
			Label:         k.name + "=",
			Kind:          protocol.CompletionItemKindKeyword,
			Documentation: c.server.markup(k.doc),
		}
		insert := k.insert
		if c.server.client.can.snippets {
			insert, item.InsertTextFormat = k.snippet, protocol.InsertTextFormatSnippet
		}
		c.add(400+i, c.start, item, insert)
		c.items[len(c.items)-1].FilterText = protocol.NewOptional(k.name)
	}
}

// artifacts offers names for foreach='…' and condition='…': what this step
// assigns, then what other steps assign, then parameters.
func (c *completer) artifacts(f *flow.Flow, current *flow.Step) {
	seen := map[string]bool{}
	offer := func(rank int, name, detail string) {
		if seen[name] {
			return
		}
		seen[name] = true
		c.add(rank, c.start, protocol.CompletionItem{
			Label:  name,
			Kind:   protocol.CompletionItemKindField,
			Detail: protocol.NewOptional(detail),
		}, name)
	}
	if current != nil {
		for _, a := range current.Assigns {
			offer(100, a.Name, "assigned in this step")
		}
	}
	for _, s := range f.Steps {
		for _, a := range s.Assigns {
			offer(200, a.Name, "assigned in step "+s.Name)
		}
	}
	for _, p := range f.Parameters {
		offer(300, p.Attr, p.Kind)
	}
}
