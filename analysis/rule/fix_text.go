package rule

import (
	"strings"

	"flowls/analysis/text"
)

// insert is an edit that adds text.
func insert(at int, added string) []text.Edit {
	return []text.Edit{{Span: text.Span{Start: at, End: at}, New: added}}
}

// indentAt is what stands before an offset on its line; alone: only white space.
func (c *checker) indentAt(at int) (indent string, alone bool) {
	before := c.file.Slice(text.Span{Start: c.lineSpan(at).Start, End: at})
	return before, strings.TrimLeft(before, " \t\f") == ""
}

func (c *checker) lineSpan(at int) text.Span { return c.file.LineSpan(at) }

// standsAlone reports whether a span shares its lines with nothing but white
// space and a comment behind it.
func (c *checker) standsAlone(span text.Span) bool {
	_, alone := c.indentAt(span.Start)
	behind := strings.TrimLeft(c.file.Slice(text.Span{Start: span.End, End: c.lineSpan(span.End).End}), " \t\f")
	return alone && (behind == "" || behind[0] == '#')
}

// removeLine takes the lines of a span away, nil if they hold anything else.
func (c *checker) removeLine(span text.Span) []text.Edit {
	if !c.standsAlone(span) {
		return nil
	}
	last := c.file.Text.Line(span.End)
	if last+1 >= c.file.Text.LineCount() {
		return nil
	}
	return []text.Edit{{Span: text.Span{Start: c.lineSpan(span.Start).Start, End: c.file.Text.LineSpan(last + 1).Start}}}
}

func trimLeft(line string) string { return strings.TrimLeft(line, " \t\f") }
