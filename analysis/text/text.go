// Package text holds source bytes and converts between byte offsets and the
// line/column positions of editors and of people.
//
// Invariant: inside flowls every place in a file is a byte offset. Positions
// exist only at the edges (LSP, command line), and only this package converts.
package text

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// Span is a half-open range [Start, End) of byte offsets into one Text.
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether offset lies in the span or at its end, where a
// cursor behind the last character stands.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset <= s.End }

// Shift moves the span by d bytes.
func (s Span) Shift(d int) Span { return Span{s.Start + d, s.End + d} }

// Foreign is where the offsets of other files begin. A flow that takes steps
// from another file has their places in spans too, and nobody can take those
// for places of its own file: no text is that long. See flow.File.Locate.
const Foreign = 1 << 32

// Foreign reports whether the span is a place in another file.
func (s Span) Foreign() bool { return s.Start >= Foreign }

// Encoding says what one column counts.
type Encoding int

const (
	// UTF16 counts UTF-16 code units: the default of LSP.
	UTF16 Encoding = iota
	// UTF8 counts bytes: what tree-sitter counts.
	UTF8
	// CodePoints counts Unicode code points: what the command line prints.
	CodePoints
)

// Position is a zero-based line and a zero-based column in units of an Encoding.
type Position struct{ Line, Column int }

// Edit replaces the bytes of Span by New.
type Edit struct {
	Span Span
	New  string
}

// Text is an immutable source text with an index of its lines. Lines end at
// \n, \r\n or a lone \r, as LSP and Python have it.
type Text struct {
	src []byte
	// starts[i] is the offset of the first byte of line i; starts[0] is 0.
	starts []int
}

// New indexes src, which must not be changed afterwards.
func New(src []byte) *Text {
	return &Text{src: src, starts: appendStarts(make([]int, 1, 1+len(src)/24), src, 0, len(src))}
}

// appendStarts appends the starts of the lines that begin behind a line end
// in src[from:to].
func appendStarts(starts []int, src []byte, from, to int) []int {
	if bytes.IndexByte(src[from:to], '\r') < 0 {
		for {
			i := bytes.IndexByte(src[from:to], '\n')
			if i < 0 {
				return starts
			}
			from += i + 1
			starts = append(starts, from)
		}
	}
	for i := from; i < to; i++ {
		switch src[i] {
		case '\r':
			if i+1 < len(src) && src[i+1] == '\n' {
				continue // the \n ends the line
			}
			starts = append(starts, i+1)
		case '\n':
			starts = append(starts, i+1)
		}
	}
	return starts
}

// Bytes is the source; callers must not change it.
func (t *Text) Bytes() []byte { return t.src }

// Len is the number of bytes.
func (t *Text) Len() int { return len(t.src) }

// LineCount is the number of lines; an empty text has one.
func (t *Text) LineCount() int { return len(t.starts) }

// Slice is the text of a span, clamped to the text.
func (t *Text) Slice(s Span) string {
	s.Start, s.End = t.clamp(s.Start), t.clamp(s.End)
	if s.Start >= s.End {
		return ""
	}
	return string(t.src[s.Start:s.End])
}

func (t *Text) clamp(offset int) int { return max(0, min(offset, len(t.src))) }

// Line is the zero-based line that holds offset. A place of another file has
// no line here: what is made of it stays such a place.
func (t *Text) Line(offset int) int {
	if offset >= Foreign {
		return offset
	}
	offset = t.clamp(offset)
	return sort.Search(len(t.starts), func(i int) bool { return t.starts[i] > offset }) - 1
}

// LineSpan is the span of a zero-based line without its line ending; lines
// out of range are clamped.
func (t *Text) LineSpan(line int) Span {
	if line >= Foreign {
		return Span{line, line}
	}
	line = max(0, min(line, len(t.starts)-1))
	start, end := t.starts[line], len(t.src)
	if line+1 < len(t.starts) {
		end = t.starts[line+1]
	}
	if end > start && t.src[end-1] == '\n' && line+1 < len(t.starts) {
		end--
	}
	if end > start && t.src[end-1] == '\r' && line+1 < len(t.starts) {
		end--
	}
	return Span{start, end}
}

// LineEnding is the first line ending of the text, "\n" if it has none.
func (t *Text) LineEnding() string {
	if len(t.starts) < 2 {
		return "\n"
	}
	return string(t.src[t.LineSpan(0).End:t.starts[1]])
}

// Position converts a byte offset, clamped to the text. An offset inside a
// character counts as the start of that character.
func (t *Text) Position(offset int, enc Encoding) Position {
	offset = t.clamp(offset)
	line := t.Line(offset)
	start := t.starts[line]
	if enc == UTF8 {
		return Position{line, offset - start}
	}
	column := 0
	for b := t.src[start:]; start < offset; {
		width, size := units(b, enc)
		if start+size > offset {
			break
		}
		column += width
		start += size
		b = b[size:]
	}
	return Position{line, column}
}

// Offset converts a position; a line behind the text gives its end, a column
// behind its line the end of the line, a column inside a character its start.
func (t *Text) Offset(p Position, enc Encoding) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(t.starts) {
		return len(t.src)
	}
	line := t.LineSpan(p.Line)
	if p.Column <= 0 {
		return line.Start
	}
	if enc == UTF8 {
		return min(line.Start+p.Column, line.End)
	}
	offset, column := line.Start, 0
	for offset < line.End {
		width, size := units(t.src[offset:line.End], enc)
		if column+width > p.Column {
			break
		}
		column += width
		offset += size
	}
	return offset
}

// units gives the columns and bytes of the first character of b; an invalid
// byte is one of each.
func units(b []byte, enc Encoding) (width, size int) {
	if b[0] < utf8.RuneSelf {
		return 1, 1
	}
	r, size := utf8.DecodeRune(b)
	if enc == UTF16 && r > 0xFFFF {
		return 2, size
	}
	return 1, size
}

// Apply applies edits in order, each against the text after the one before;
// spans are clamped. The result shares no bytes with t unless edits is empty.
func Apply(t *Text, edits []Edit) *Text {
	for _, e := range edits {
		t = apply(t, e)
	}
	return t
}

func apply(t *Text, e Edit) *Text {
	s := t.ClampSpan(e.Span)
	src := make([]byte, 0, len(t.src)-s.Len()+len(e.New))
	src = append(src, t.src[:s.Start]...)
	src = append(src, e.New...)
	src = append(src, t.src[s.End:]...)

	// Lines up to the one before the edit stay, those behind it move; the
	// byte on either side may pair up with a \r or \n of the edit.
	delta := len(e.New) - s.Len()
	from := t.starts[t.Line(max(0, s.Start-1))]
	keep := sort.SearchInts(t.starts, from) + 1
	tail := sort.SearchInts(t.starts, s.End+2)
	to := len(src)
	if tail < len(t.starts) {
		to = t.starts[tail] + delta - 1
	}
	starts := make([]int, keep, len(t.starts)+1+len(e.New)/8)
	copy(starts, t.starts[:keep])
	starts = appendStarts(starts, src, from, to)
	for _, start := range t.starts[tail:] {
		starts = append(starts, start+delta)
	}
	return &Text{src: src, starts: starts}
}

// ClampSpan makes s a valid span of the text.
func (t *Text) ClampSpan(s Span) Span {
	start := t.clamp(s.Start)
	return Span{start, max(start, t.clamp(s.End))}
}
