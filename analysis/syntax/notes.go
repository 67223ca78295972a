package syntax

import (
	"strings"

	"flowls/analysis/text"
)

// Pragma is what a comment must hold to be listed: those that speak to flowls.
const Pragma = "flowls:"

// Note is a comment that holds Pragma, with the statement that it is about:
// what Python calls a logical line, so of a compound statement the header alone.
type Note struct {
	Span text.Span // from # to the end of the line
	// Statement is the one on whose lines the comment stands; for a comment
	// between statements the next one, to which the decorators of a header
	// belong. Empty if there is none.
	Statement text.Span
	// Alone: nothing else stands on the comment's line.
	Alone bool
	// Top: nothing but comments and a docstring stands before it in the file.
	Top bool
}

// Notes lists the comments that hold Pragma, by position. In a file without
// any it costs a search for the word; in others only functions are read that
// no earlier version had, and what is outside of functions.
func (a *AST) Notes() []Note {
	if !strings.Contains(a.Source, Pragma) {
		return nil
	}
	c := noteList{source: a.Source, top: a.afterDocstring()}
	at := 0
	for _, function := range a.Part.parts {
		start := int(function.start)
		c.add(newScan(a.Source[min(at, start):start]), at)
		c.add(function.part.scanned(), start)
		at = start + len(function.part.Source)
	}
	c.add(newScan(a.Source[at:]), at)
	return c.found
}

// afterDocstring is where the first statement begins that is no docstring.
func (a *AST) afterDocstring() int {
	for n := range a.Root().Items() {
		if n.Kind() != ExpressionStatement || n.First().Kind() != String {
			return n.Span().Start
		}
	}
	return len(a.Source)
}

// noteList puts the comments of pieces of a file together.
type noteList struct {
	source string
	top    int
	found  []Note
	// waiting are those of found whose statement has not come yet.
	waiting []int
	last    text.Span // the last statement so far
}

func (l *noteList) add(s *scan, base int) {
	if len(s.statements) > 0 {
		for _, i := range l.waiting {
			l.found[i].Statement = s.decorated(0).Shift(base)
		}
		l.waiting = l.waiting[:0]
	}
	for _, m := range s.comments {
		c := Note{Span: m.span.Shift(base)}
		c.Alone = l.alone(c.Span.Start)
		c.Top = c.Alone && c.Span.Start < l.top
		switch {
		case !c.Alone && m.between: // the piece begins behind a function that ends on this line
			c.Statement = l.last
		case !m.between:
			c.Statement = s.statements[m.statement].Shift(base)
		case m.statement < len(s.statements):
			c.Statement = s.decorated(m.statement).Shift(base)
		default:
			l.waiting = append(l.waiting, len(l.found))
		}
		l.found = append(l.found, c)
	}
	if n := len(s.statements); n > 0 {
		l.last = s.statements[n-1].Shift(base)
	}
}

// alone reports whether only white space stands before an offset on its line.
func (l *noteList) alone(offset int) bool {
	before := strings.TrimRight(l.source[:offset], " \t\f")
	return before == "" || before == "\ufeff" || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, "\r")
}

// scan is what a piece of a file holds, relative to its start.
type scan struct {
	statements []text.Span
	comments   []comment
	// headers are the ends of the headers below decorators, by index of the decorator.
	headers map[int]int
}

// decorated is a statement; from a decorator on to the end of the header below it.
func (s *scan) decorated(i int) text.Span {
	span := s.statements[i]
	if end, ok := s.headers[i]; ok {
		span.End = end
	}
	return span
}

// comment is one that holds Pragma.
type comment struct {
	span      text.Span
	statement int  // index of the one that it stands in, or else of the next
	between   bool // it stands in none
}

func newScan(source string) *scan {
	if strings.TrimSpace(source) == "" {
		return &scan{}
	}
	lx := lex(source)
	s := &scan{comments: lx.comments, statements: make([]text.Span, len(lx.lines)), headers: map[int]int{}}
	for i := len(lx.lines) - 1; i >= 0; i-- {
		l := lx.lines[i]
		s.statements[i] = text.Span{Start: l.code, End: l.end}
		if l.word == "@" && i+1 < len(lx.lines) && decorable(lx.lines[i+1].word) {
			s.headers[i] = s.decorated(i + 1).End
		}
	}
	return s
}

// scanned is the scan of a function: of one text at most once, or by several
// goroutines at a time.
func (p *Part) scanned() *scan {
	if known := p.scan.Load(); known != nil {
		return known
	}
	made := newScan(p.Source)
	p.scan.Store(made)
	return made
}
