package analysis_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// typist retypes a piece of a flow key by key. Errors and warnings elsewhere
// that stand neither before nor after the session are flicker: the author is
// told off for what is right.
type typist struct {
	t       *testing.T
	name    string
	allowed map[string]bool
	doc     *analysis.Document
	from    int // where the typing begins
	at      int // the cursor
	keys    int
}

// key names a finding apart from where it stands.
func key(d *analysis.Document, f rule.Diagnostic) string {
	return fmt.Sprintf("%s %s.%s %q", f.Rule.Code, f.Flow, f.Step, d.Text.Slice(f.Span))
}

func (p *typist) allow(d *analysis.Document) {
	for _, f := range d.Diagnostics {
		p.allowed[key(d, f)] = true
	}
}

// edit applies one key and looks at what it did to the rest of the file.
func (p *typist) edit(e text.Edit, cursor int) {
	next := p.doc.Edit([]text.Edit{e})
	p.doc.Close()
	p.doc, p.at, p.keys = next, cursor, p.keys+1
	first, last := next.Text.Line(p.from), next.Text.Line(p.at)
	complete := whole(next, p.at)
	for _, f := range next.Diagnostics {
		switch {
		case f.Rule.Severity < rule.Warning, p.allowed[key(next, f)]:
			continue
		case next.Text.Line(f.Span.End) >= first && next.Text.Line(f.Span.Start) <= last, inStep(next, f, p.at):
			continue // where the author types
		case complete && f.Rule.Code < "MF130":
			continue // this text means it: Metaflow's linter would say the same
		}
		p.t.Errorf("%s: flicker on line %d: %s %s\nafter typing %q at line %d", p.name, next.Text.Line(f.Span.Start)+1, f.Rule.Code, f.Message,
			next.Text.Slice(text.Span{Start: next.Text.LineSpan(last).Start, End: p.at}), last+1)
		p.allowed[key(next, f)] = true // once is enough
	}
}

// inStep reports whether a finding is in the step in which an offset lies.
func inStep(d *analysis.Document, f rule.Diagnostic, at int) bool {
	for _, fl := range d.File.Flows {
		for _, s := range fl.Steps {
			if s.Span.Start <= at && at <= s.Span.End && f.Step == s.Name && f.Flow == fl.Name {
				return true
			}
		}
	}
	return false
}

// whole reports whether the text is a flow as it stands: no syntax error, and
// the step at the offset leads to steps that exist.
func whole(d *analysis.Document, at int) bool {
	if len(d.File.SyntaxErrors) > 0 {
		return false
	}
	for i, f := range d.File.Flows {
		for _, s := range f.Steps {
			if s.Span.Start > at || at > s.Span.End {
				continue
			}
			if s.Next == nil {
				return false
			}
			for _, t := range s.Next.Targets {
				if d.Graphs[i].Nodes[t.Name] == nil {
					return false
				}
			}
		}
	}
	return true
}

var closers = map[byte]string{'(': ")", '[': "]", '{': "}", '"': `"`, '\'': "'"}

// write types s; with pairs, an opening bracket or quote brings the closing
// one, which is typed over, as editors do it.
func (p *typist) write(s string, pairs bool) {
	var open []byte
	for i, letter := range s {
		c := s[i]
		here := text.Span{Start: p.at, End: p.at}
		switch {
		case pairs && len(open) > 0 && open[len(open)-1] == c && (i == 0 || s[i-1] != '\\'):
			open = open[:len(open)-1]
			p.at++
		case pairs && closers[c] != "" && (c != '\'' && c != '"' || i+1 < len(s) && strings.ContainsRune(s[i+1:], rune(c))):
			open = append(open, closers[c][0])
			p.edit(text.Edit{Span: here, New: string(letter) + closers[c]}, p.at+1)
		default:
			p.edit(text.Edit{Span: here, New: string(letter)}, p.at+utf8.RuneLen(letter))
		}
	}
}

// retype takes a piece away and types it anew.
func retype(t *testing.T, name string, src []byte, piece text.Span, pairs bool) int {
	whole := analysis.New(src)
	defer whole.Close()
	without := whole.Edit([]text.Edit{{Span: piece}})
	p := &typist{t: t, name: name, allowed: map[string]bool{}, doc: without, from: piece.Start, at: piece.Start}
	p.allow(whole)
	p.allow(without)
	p.write(string(src[piece.Start:piece.End]), pairs)
	if !pairs && string(p.doc.Text.Bytes()) != string(src) {
		t.Errorf("%s: typing did not restore the file", name)
	}
	p.doc.Close()
	return p.keys
}

// pieces are what an author might type in one go: statements of steps, whole
// bodies, decorators, and whole steps.
func pieces(d *analysis.Document) map[string]text.Span {
	list := map[string]text.Span{}
	for _, f := range d.File.Flows {
		for _, s := range f.Steps {
			if s.Class != f.Name {
				continue
			}
			where := f.Name + "." + s.Name
			list[where+" body"] = text.Span{Start: s.BodySpan.Start, End: s.BodySpan.End}
			list[where+" step"] = text.Span{Start: s.Span.Start, End: s.Span.End}
			if s.Next != nil {
				list[where+" next"] = s.Next.StatementSpan
			}
			for i, a := range s.Assigns {
				if i < 2 && a.StatementEnd > a.Span.Start {
					list[fmt.Sprintf("%s assignment of %s", where, a.Name)] = text.Span{Start: a.Span.Start, End: a.StatementEnd}
				}
			}
			for _, deco := range s.Decorators {
				list[where+" @"+deco.Name] = deco.Span
			}
		}
	}
	return list
}

// TestTyping replays editing sessions, key by key, on realistic flows.
func TestTyping(t *testing.T) {
	files := corpus(t)
	keys, flows := 0, 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		src := files[name]
		if !strings.HasPrefix(name, "valid/realistic/") || len(src) > 9000 {
			continue
		}
		flows++
		d := analysis.New(src)
		all := pieces(d)
		d.Close()
		for k, what := range slices.Sorted(maps.Keys(all)) {
			// A part of the pieces of each flow, another part in the next; files of other folders
			// do not change which.
			if piece := all[what]; (k+flows)%12 == 0 && piece.Len() < 1000 {
				keys += retype(t, name+" "+what, src, piece, k%2 == 0)
			}
		}
	}
	if flows < 20 || keys < 8_000 {
		t.Errorf("only %d keys in %d flows", keys, flows)
	}
}
