package server_test

import (
	"fmt"
	"slices"
	"strings"

	"flowls/analysis/rule"
	"flowls/server"

	"go.lsp.dev/protocol"
)

// checks are the markers, by name.
var checks = map[string]func(*markerRun, marker){
	"hover":       checkHover,
	"nohover":     checkNoHover,
	"complete":    checkComplete,
	"offers":      checkOffers,
	"accept":      checkAccept,
	"detail":      checkDetail,
	"faded":       checkFaded,
	"symbols":     checkSymbols,
	"codeactions": checkCodeActions,
	"codeaction":  checkCodeAction,
	"fixall":      checkFixAll,
	"definition":  checkDefinition,
	"references":  checkReferences,
	"highlight":   checkHighlight,
	"graph":       checkGraph,
	"related":     checkRelated,
	"no":          checkNo,
	"severity":    checkSeverity,
}

// no(place, code…): these rules find nothing on the line of the place, although
// the code there is near to what they look for.
func checkNo(r *markerRun, m marker) {
	r.Helper()
	at := r.buffer.Range(m.place(r.T, r.source).span)
	for _, code := range m.args[1:] {
		if known := rule.Lookup(code); known == nil || known.Code != code {
			r.Errorf("%s: no rule has the code %s", m, code)
		}
		for _, d := range r.diagnostics {
			if d.Code == protocol.String(code) && d.Range.Start.Line <= at.End.Line && d.Range.End.Line >= at.Start.Line {
				r.Errorf("%s: found %s at %v: %s", m, code, d.Range, d.Message)
			}
		}
	}
}

// hover(place, @golden) or hover(place, "part of the text"…)
func checkHover(r *markerRun, m marker) {
	r.Helper()
	at := m.place(r.T, r.source)
	var h *protocol.Hover
	r.editor.Call(protocol.MethodTextDocumentHover,
		&protocol.HoverParams{TextDocumentPositionParams: r.buffer.At(at.span.Start)}, &h)
	if h == nil {
		r.Errorf("%s: no hover", m)
		return
	}
	if !strings.Contains(m.args[0], "|") && (h.Range == nil || *h.Range != r.buffer.Range(at.span)) {
		r.Errorf("%s: the hover is about %v, not %v", m, h.Range, r.buffer.Range(at.span))
	}
	content := h.Contents.(*protocol.MarkupContent).Value
	for _, want := range m.args[1:] {
		if strings.HasPrefix(want, "@") {
			r.golden(m, want, content)
		} else if !strings.Contains(content, want) {
			r.Errorf("%s: the hover is\n%s", m, content)
		}
	}
}

// nohover(place)
func checkNoHover(r *markerRun, m marker) {
	r.Helper()
	var h *protocol.Hover
	r.editor.Call(protocol.MethodTextDocumentHover,
		&protocol.HoverParams{TextDocumentPositionParams: r.buffer.At(m.place(r.T, r.source).span.Start)}, &h)
	if h != nil {
		r.Errorf("%s: %+v", m, h.Contents)
	}
}

// severity(place, code, "warning"): how bad that finding there is said to be.
func checkSeverity(r *markerRun, m marker) {
	r.Helper()
	at := r.buffer.Range(m.place(r.T, r.source).span)
	i := slices.IndexFunc(r.diagnostics, func(d protocol.Diagnostic) bool { return d.Range == at && d.Code == protocol.String(m.args[1]) })
	if i < 0 {
		r.Errorf("%s: there is no such finding", m)
		return
	}
	names := map[protocol.DiagnosticSeverity]string{
		protocol.DiagnosticSeverityError: "error", protocol.DiagnosticSeverityWarning: "warning",
		protocol.DiagnosticSeverityInformation: "info", protocol.DiagnosticSeverityHint: "hint",
	}
	if got := names[r.diagnostics[i].Severity]; got != m.args[2] {
		r.Errorf("%s: it is %s", m, got)
	}
}

func (r *markerRun) completion(m marker) []protocol.CompletionItem {
	r.Helper()
	at := m.place(r.T, r.source)
	var list protocol.CompletionList
	r.editor.Call(protocol.MethodTextDocumentCompletion,
		&protocol.CompletionParams{TextDocumentPositionParams: r.buffer.At(at.span.Start)}, &list)
	slices.SortStableFunc(list.Items, func(a, b protocol.CompletionItem) int {
		x, _ := a.SortText.Get()
		y, _ := b.SortText.Get()
		return strings.Compare(x, y)
	})
	return list.Items
}

func labels(items []protocol.CompletionItem) []string {
	list := []string{}
	for _, i := range items {
		list = append(list, i.Label)
	}
	return list
}

// complete(place, "label"…): exactly these, in this order.
func checkComplete(r *markerRun, m marker) {
	r.Helper()
	if got := labels(r.completion(m)); !slices.Equal(got, m.args[1:]) {
		r.Errorf("%s: offered %q", m, got)
	}
}

// offers(place, "label"…, "!label"…): these are among the items, those with ! are not.
func checkOffers(r *markerRun, m marker) {
	r.Helper()
	got := labels(r.completion(m))
	for _, want := range m.args[1:] {
		unwanted, not := strings.CutPrefix(want, "!")
		if slices.Contains(got, unwanted) == not {
			r.Errorf("%s: offered %q", m, got)
		}
	}
}

// accept(place, "label", @golden, "part of the documentation"…): the item with
// this label, accepted. The golden is the whole text; a snippet's stop is |.
func checkAccept(r *markerRun, m marker) {
	r.Helper()
	for _, item := range r.completion(m) {
		if item.Label != m.args[1] {
			continue
		}
		r.editor.Call(protocol.MethodCompletionItemResolve, &item, &item)
		for _, part := range m.args[3:] {
			doc, ok := item.Documentation.(*protocol.MarkupContent)
			if !ok || !strings.Contains(doc.Value, part) {
				r.Errorf("%s: the documentation is %+v", m, item.Documentation)
			}
		}
		edit := *item.TextEdit.(*protocol.TextEdit)
		edit.NewText = strings.ReplaceAll(edit.NewText, "$0", "|")
		r.apply(m, m.args[2], append([]protocol.TextEdit{edit}, item.AdditionalTextEdits...))
		return
	}
	r.Errorf("%s: there is no such item", m)
}

// apply compares the text after edits with a golden, and undoes them.
func (r *markerRun) apply(m marker, golden string, edits []protocol.TextEdit) []protocol.Diagnostic {
	r.Helper()
	r.buffer.ApplyTextEdits(edits)
	r.golden(m, golden, r.buffer.Text())
	after := r.buffer.Diagnostics()
	r.buffer.Replace(r.source)
	r.buffer.Diagnostics()
	return after
}

// detail(place, "label", "detail"): what stands beside the item with this label.
func checkDetail(r *markerRun, m marker) {
	r.Helper()
	for _, item := range r.completion(m) {
		if item.Label != m.args[1] {
			continue
		}
		if got, _ := item.Detail.Get(); got != m.args[2] {
			r.Errorf("%s: the detail is %q", m, got)
		}
		return
	}
	r.Errorf("%s: there is no such item", m)
}

// faded(place, code): that finding there says that the code is unnecessary.
func checkFaded(r *markerRun, m marker) {
	r.Helper()
	at := r.buffer.Range(m.place(r.T, r.source).span)
	i := slices.IndexFunc(r.diagnostics, func(d protocol.Diagnostic) bool { return d.Range == at && d.Code == protocol.String(m.args[1]) })
	if i < 0 {
		r.Errorf("%s: there is no such finding", m)
		return
	}
	if tags := r.diagnostics[i].Tags.Slice(); !slices.Contains(tags, protocol.DiagnosticTagUnnecessary) {
		r.Errorf("%s: its tags are %v", m, tags)
	}
}

// symbols(@golden): the outline of the whole file.
func checkSymbols(r *markerRun, m marker) {
	r.Helper()
	var symbols protocol.DocumentSymbolSlice
	r.editor.Call(protocol.MethodTextDocumentDocumentSymbol,
		&protocol.DocumentSymbolParams{TextDocument: protocol.TextDocumentIdentifier{URI: r.buffer.URI}}, &symbols)
	var b strings.Builder
	var print func(list []protocol.DocumentSymbol, indent string)
	print = func(list []protocol.DocumentSymbol, indent string) {
		for _, s := range list {
			fmt.Fprintf(&b, "%s%s (%s) lines %d-%d\n", indent, s.Name, *s.Detail, s.Range.Start.Line+1, s.Range.End.Line+1)
			print(s.Children, indent+"  ")
		}
	}
	print(symbols, "")
	r.golden(m, m.args[0], b.String())
}

func (r *markerRun) codeActions(m marker, only ...protocol.CodeActionKind) []protocol.CodeAction {
	r.Helper()
	at := m.place(r.T, r.source)
	var actions []protocol.CodeAction
	r.editor.Call(protocol.MethodTextDocumentCodeAction, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: r.buffer.URI},
		Range:        r.buffer.Range(at.span),
		Context:      protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{}, Only: only},
	}, &actions)
	return actions
}

// codeactions(place, "title"…): exactly these; a preferred one begins with *.
// Those that mend all findings of a rule are left to fixall.
func checkCodeActions(r *markerRun, m marker) {
	r.Helper()
	titles := []string{}
	for _, a := range r.codeActions(m) {
		title := a.Title
		if strings.HasPrefix(title, "Fix all ") {
			continue
		}
		if a.IsPreferred != nil && *a.IsPreferred {
			title = "*" + title
		}
		titles = append(titles, title)
	}
	if !slices.Equal(titles, m.args[1:]) {
		r.Errorf("%s: offered %q", m, titles)
	}
}

// codeaction(place, "title", @golden): the whole text after the action. The
// finding that it repairs must be gone.
func checkCodeAction(r *markerRun, m marker) {
	r.Helper()
	for _, a := range r.codeActions(m) {
		if a.Title != m.args[1] {
			continue
		}
		if a.Kind == nil || *a.Kind != protocol.CodeActionKindQuickFix || len(a.Diagnostics) != 1 {
			r.Errorf("%s: %+v", m, a)
			return
		}
		r.editor.Apply(a.Edit)
		r.golden(m, m.args[2], r.buffer.Text())
		of := a.Diagnostics[0].Code
		count := func(list []protocol.Diagnostic) (n int) {
			for _, d := range list {
				if d.Code == of {
					n++
				}
			}
			return n
		}
		if count(r.buffer.Diagnostics()) >= count(r.diagnostics) {
			r.Errorf("%s: %v is still found", m, of)
		}
		r.buffer.Replace(r.source)
		r.buffer.Diagnostics()
		return
	}
	r.Errorf("%s: there is no such action", m)
}

// fixall(place, "MF107", @golden): the whole text after all fixes of a rule,
// offered at the place; with "" instead of a code, after all fixes of all rules.
func checkFixAll(r *markerRun, m marker) {
	r.Helper()
	title, kind := "Fix all "+m.args[1]+" in this file", protocol.CodeActionKindQuickFix
	if m.args[1] == "" {
		title, kind = "Fix all that flowls can fix", protocol.CodeActionKindSourceFixAll
	}
	for _, a := range r.codeActions(m, kind) {
		if a.Title != title {
			continue
		}
		if a.Edit == nil {
			r.editor.Call(protocol.MethodCodeActionResolve, &a, &a)
		}
		r.editor.Apply(a.Edit)
		r.golden(m, m.args[2], r.buffer.Text())
		if after := len(r.buffer.Diagnostics()); after >= len(r.diagnostics) {
			r.Errorf("%s: %d findings before, %d after", m, len(r.diagnostics), after)
		}
		r.buffer.Replace(r.source)
		r.buffer.Diagnostics()
		return
	}
	r.Errorf("%s: there is no such action", m)
}

// definition(place, name) where def(place, name) is the target; without a name: nowhere.
func checkDefinition(r *markerRun, m marker) {
	r.Helper()
	var found protocol.LocationSlice
	r.editor.Call(protocol.MethodTextDocumentDefinition,
		&protocol.DefinitionParams{TextDocumentPositionParams: r.buffer.At(m.place(r.T, r.source).span.Start)}, &found)
	r.sameRanges(m, found)
}

// references(place, name…): with the declaration.
func checkReferences(r *markerRun, m marker) {
	r.Helper()
	var found protocol.LocationSlice
	r.editor.Call(protocol.MethodTextDocumentReferences, &protocol.ReferenceParams{
		TextDocumentPositionParams: r.buffer.At(m.place(r.T, r.source).span.Start),
		Context:                    protocol.ReferenceContext{IncludeDeclaration: true},
	}, &found)
	r.sameRanges(m, found)
}

// related(place, code, name…): what explains that finding there, in this order.
func checkRelated(r *markerRun, m marker) {
	r.Helper()
	at := r.buffer.Range(m.place(r.T, r.source).span)
	i := slices.IndexFunc(r.diagnostics, func(d protocol.Diagnostic) bool { return d.Range == at && d.Code == protocol.String(m.args[1]) })
	if i < 0 {
		r.Errorf("%s: there is no such finding", m)
		return
	}
	var found []protocol.Location
	for _, info := range r.diagnostics[i].RelatedInformation {
		found = append(found, info.Location)
	}
	if want := r.named(m, m.args[2:]); !slices.Equal(found, want) {
		r.Errorf("%s: got %v, want %v", m, found, want)
	}
}

func (r *markerRun) sameRanges(m marker, found []protocol.Location) {
	r.Helper()
	if want := r.named(m, m.args[1:]); !slices.Equal(found, want) {
		r.Errorf("%s: got %v, want %v", m, found, want)
	}
}

// highlight(place, name…): the declaration first.
func checkHighlight(r *markerRun, m marker) {
	r.Helper()
	var found []protocol.DocumentHighlight
	r.editor.Call(protocol.MethodTextDocumentDocumentHighlight,
		&protocol.DocumentHighlightParams{TextDocumentPositionParams: r.buffer.At(m.place(r.T, r.source).span.Start)}, &found)
	var ranges []protocol.Location
	for _, h := range found {
		ranges = append(ranges, protocol.Location{URI: r.buffer.URI, Range: h.Range})
	}
	if want := r.named(m, m.args[1:]); !slices.Equal(ranges, want) {
		r.Errorf("%s: got %v, want %v", m, ranges, want)
	}
}

// graph("flow", @golden): the answer of the command flowls.showGraph.
func checkGraph(r *markerRun, m marker) {
	r.Helper()
	var got server.GraphResult
	execute(r.T, r.editor, "flowls.showGraph", map[string]any{"uri": r.buffer.URI, "flow": m.args[0]}, &got)
	r.golden(m, m.args[1], got.Text)
}
