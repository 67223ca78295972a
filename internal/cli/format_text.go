package cli

import (
	"flowls/internal/near"
	"fmt"
	"io"
	"strings"
	"unicode"

	"flowls/analysis/rule"
	"flowls/analysis/text"

	"golang.org/x/text/width"
)

// textFormat writes for people: a line for each finding, on a terminal with the
// source below it.
type textFormat struct {
	w     io.Writer
	notes io.Writer
	rich  bool
	paint painter
}

// painter colours text, or leaves it as it is.
type painter bool

const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
	cyan   = "1;36"
)

func (p painter) in(style, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (f *textFormat) begin() error { return nil }

func (f *textFormat) file(r fileReport) error {
	for _, d := range r.Diagnostics {
		place := fmt.Sprintf("%s:%d:%d:", printable(r.Path), d.Range.Start.Line, d.Range.Start.Column)
		message := strings.Join(strings.Fields(d.Message), " ")
		if !f.rich {
			message += d.places()
		}
		_, err := fmt.Fprintf(f.w, "%s %s %s\n", f.paint.in(bold, place), f.paint.in(colour(d.severity), d.Severity+" "+d.Code), printable(message))
		if err == nil && f.rich {
			_, err = io.WriteString(f.w, f.excerpt(r.text, d))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func colour(s rule.Severity) string {
	switch s {
	case rule.Error:
		return red
	case rule.Warning:
		return yellow
	default:
		return cyan
	}
}

// excerptWidth is how many characters of a source line are shown.
const excerptWidth = 120

// excerpt shows the first line of the finding with the culprit underlined, and
// the advice of its fixes.
func (f *textFormat) excerpt(t *text.Text, d diagnostic) string {
	line := []rune(sourceLine(t, d.Range.Start.Line))
	from := min(d.Range.Start.Column-1, len(line))
	to := len(line)
	if d.Range.End.Line == d.Range.Start.Line {
		to = min(max(d.Range.End.Column-1, from), len(line))
	}
	// Of a very long line, show what is around the culprit.
	if skip := from - excerptWidth/2; len(line) > excerptWidth && skip > 0 {
		line, from, to = line[skip:], from-skip, to-skip
	}
	line = line[:min(len(line), excerptWidth)]
	to = min(to, len(line))
	number := fmt.Sprint(d.Range.Start.Line)
	gutter := strings.Repeat(" ", len(number))
	bar := f.paint.in(blue, "|")
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", gutter, bar)
	fmt.Fprintf(&b, "%s %s %s\n", f.paint.in(blue, number), bar, strings.TrimRight(expand(line), " "))
	fmt.Fprintf(&b, "%s %s %s%s\n", gutter, bar, strings.Repeat(" ", cells(line[:from])), f.paint.in(colour(d.severity), strings.Repeat("^", max(1, cells(line[from:to])))))
	for _, e := range d.Elsewhere {
		note := fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message)
		fmt.Fprintf(&b, "%s %s %s %s\n", gutter, f.paint.in(blue, "="), f.paint.in(bold, "note:"), printable(note))
	}
	for _, fix := range d.Fixes {
		fmt.Fprintf(&b, "%s %s %s %s\n", gutter, f.paint.in(blue, "="), f.paint.in(bold, "help:"), printable(fix))
	}
	return b.String() + "\n"
}

// places names the places in other files that explain a finding, for formats
// that have one line for it.
func (d diagnostic) places() string {
	var b strings.Builder
	for _, e := range d.Elsewhere {
		fmt.Fprintf(&b, " (%s:%d: %s)", e.Path, e.Line, e.Message)
	}
	return b.String()
}

// sourceLine returns the text of a 1-based line without its end.
func sourceLine(t *text.Text, line int) string {
	from := t.Offset(text.Position{Line: line - 1}, text.CodePoints)
	rest := t.Bytes()[from:]
	if end := strings.IndexAny(string(rest[:min(len(rest), 1<<16)]), "\r\n"); end >= 0 {
		rest = rest[:end]
	}
	return strings.TrimPrefix(string(rest[:min(len(rest), 1<<16)]), "\ufeff")
}

const tab = 4

// expand makes a line safe and even for a terminal: a tab is four spaces, other
// control characters are marked.
func expand(line []rune) string {
	var b strings.Builder
	for _, r := range line {
		switch {
		case r == '\t':
			b.WriteString(strings.Repeat(" ", tab))
		case unicode.IsControl(r):
			b.WriteRune('·')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cells counts the columns of a terminal that expand(line) takes.
func cells(line []rune) int {
	n := 0
	for _, r := range line {
		switch k := width.LookupRune(r).Kind(); {
		case r == '\t':
			n += tab
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// printable keeps control characters of file names and messages off the terminal
// and a finding on one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}

func (f *textFormat) end(s summary) error {
	found := []string{}
	for _, c := range []struct {
		n    int
		noun string
	}{{s.errors, "error"}, {s.warnings, "warning"}, {s.others, "hint"}} {
		if c.n > 0 {
			found = append(found, count(c.n, c.noun))
		}
	}
	line := "No flows found"
	switch {
	case len(found) > 0:
		line = "Found " + near.Join(found, "and")
		if s.flows > 0 {
			line += " in " + count(s.flows, "flow")
		}
	case s.flows > 0:
		line = "No mistakes in " + count(s.flows, "flow")
	}
	if s.unreadable > 0 {
		line += "; " + count(s.unreadable, "path") + " could not be checked"
	}
	_, err := fmt.Fprintln(f.notes, line+".")
	return err
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
