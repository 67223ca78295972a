package ignore

import (
	"sort"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Input is a file with what the rules found in it, sorted.
type Input struct {
	File  *flow.File
	Notes []syntax.Note
	// Valid: the file is valid Python.
	Valid bool
	Found []rule.Diagnostic
}

// Apply takes away the findings that comments silence, and adds one for every
// comment that silences nothing. Input.Found is not changed.
//
// A comment at the end of a line is about the findings that start or end on
// that line; on the first or the last line of a statement, about those that
// start anywhere in it. A comment with a line of its own is about the next
// statement with its decorators or, inside of brackets, about the next line.
func Apply(in Input) []rule.Diagnostic {
	if len(in.Notes) == 0 {
		return in.Found
	}
	c := newComments(in.File.Text, in.Notes)
	if len(c.all) == 0 {
		return in.Found
	}
	kept := make([]rule.Diagnostic, 0, len(in.Found))
	for _, d := range in.Found {
		if !c.silence(d) {
			kept = append(kept, d)
		}
	}
	unused := c.unused(in)
	if len(unused) > 0 {
		kept = append(kept, unused...)
		rule.Sort(kept)
	}
	return kept
}

// Keep is what comments leave of findings that were made elsewhere.
func Keep(file *flow.File, notes []syntax.Note, found []rule.Diagnostic) []rule.Diagnostic {
	if len(notes) == 0 || len(found) == 0 {
		return found
	}
	c := newComments(file.Text, notes)
	var kept []rule.Diagnostic
	for _, d := range found {
		if !c.silence(d) {
			kept = append(kept, d)
		}
	}
	return kept
}

// group is the directives about one place.
type group struct {
	statement  text.Span
	directives []*directive
	known      map[*rule.Rule]bool // by rule: whether it is silenced
	outer      *group              // further directives about the same place
}

func (g *group) silences(r *rule.Rule) bool {
	if g == nil {
		return false
	}
	silenced, known := g.known[r]
	if known {
		return silenced
	}
	silenced = g.outer.silences(r)
	for _, d := range g.directives {
		silenced = d.silences(r) || silenced
	}
	if g.known == nil {
		g.known = map[*rule.Rule]bool{}
	}
	g.known[r] = silenced
	return silenced
}

// comments are the directives of a file, by what they are about.
type comments struct {
	text  *text.Text
	all   []*directive
	file  *group
	lines map[int]*group
	// By statement: comments on its lines, and those above it.
	on, above []*group
}

func newComments(t *text.Text, notes []syntax.Note) *comments {
	c := &comments{text: t, file: &group{}, lines: map[int]*group{}}
	next := codeLines{text: t}
	inside := map[*syntax.Note]int{} // the lines that comments inside of brackets are about
	for i := len(notes) - 1; i >= 0; i-- {
		if n := &notes[i]; n.Alone && n.Span.Start > n.Statement.Start && n.Span.Start < n.Statement.End {
			inside[n] = next.after(t.Line(n.Span.Start))
		}
	}
	for i := range notes {
		n := &notes[i]
		for _, d := range parse(t, n) {
			c.all = append(c.all, d)
			line, isInside := inside[n]
			switch {
			case d.file && n.Top:
				c.file.directives = append(c.file.directives, d)
			case d.file:
				d.wrong = "`ignore-file` counts only above the first statement of the file, on a line of its own. Move it there."
			case isInside:
				c.onLine(line, d)
			case n.Alone:
				c.above = onStatement(c.above, d)
			default:
				line := t.Line(n.Span.Start)
				c.onLine(line, d)
				if s := n.Statement; s.Len() > 0 && (t.Line(s.Start) == line || t.Line(s.End) == line) {
					c.on = onStatement(c.on, d)
				}
			}
		}
	}
	return c
}

func (c *comments) onLine(line int, d *directive) {
	g := c.lines[line]
	if g == nil {
		g = &group{}
		c.lines[line] = g
	}
	g.directives = append(g.directives, d)
}

// onStatement adds to groups, in the order of the file. A comment above a
// decorator is about the header too, so the statement of the next one, below
// that decorator, may lie inside of its own.
func onStatement(groups []*group, d *directive) []*group {
	s := d.note.Statement
	if s.Len() == 0 {
		return groups
	}
	var last *group
	if n := len(groups); n > 0 {
		last = groups[n-1]
	}
	if last == nil || last.statement != s {
		g := &group{statement: s}
		if last != nil && last.statement.End == s.End {
			g.outer = last
		}
		groups = append(groups, g)
	}
	g := groups[len(groups)-1]
	g.directives = append(g.directives, d)
	return groups
}

// silence reports whether any comment silences a finding; all that do are needed.
func (c *comments) silence(d rule.Diagnostic) bool {
	if d.Rule.FromRun {
		return false
	}
	first := c.text.Line(d.Span.Start)
	silenced := c.file.silences(d.Rule)
	silenced = c.lines[first].silences(d.Rule) || silenced
	if last := c.text.Line(max(d.Span.Start, d.Span.End-1)); last != first {
		silenced = c.lines[last].silences(d.Rule) || silenced
	}
	for _, groups := range [][]*group{c.on, c.above} {
		i := sort.Search(len(groups), func(i int) bool { return d.Span.Start < groups[i].statement.Start }) - 1
		if i >= 0 && d.Span.Start < groups[i].statement.End {
			silenced = groups[i].silences(d.Rule) || silenced
		}
	}
	return silenced
}

// codeLines finds lines of code. It must be asked from the last line to the
// first: so no line is looked at twice.
type codeLines struct {
	text     *text.Text
	from, to int // known: the next line of code behind line from is to
}

// after is the next line of code behind a line.
func (l *codeLines) after(line int) int {
	at := line + 1
	for ; at < l.text.LineCount(); at++ {
		if l.to > 0 && at == l.from {
			at = l.to
			break
		}
		if s := strings.TrimSpace(l.text.Slice(l.text.LineSpan(at))); s != "" && s[0] != '#' {
			break
		}
	}
	l.from, l.to = line, at
	return at
}
