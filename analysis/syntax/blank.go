package syntax

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/text"
)

// Before a text is repaired, what is valid Python and unknown to the grammar
// is overwritten with spaces.

// blankComments overwrites the lines that hold nothing but a comment: Python
// does not care for their indentation, the grammar does in some places.
func (r *repairer) blankComments() {
	from := 0
	for i := 0; i <= len(r.lines); i++ {
		to := len(r.out)
		if i < len(r.lines) {
			to = r.lines[i].start
		}
		for from < to {
			end := to
			if n := bytes.IndexByte(r.out[from:to], '\n'); n >= 0 {
				end = from + n
			}
			if bytes.HasPrefix(bytes.TrimLeft(r.out[from:end], " \t\f"), []byte("#")) {
				for k := from; k < end; k++ {
					if r.out[k] != '\r' {
						r.out[k] = ' '
					}
				}
			}
			from = end + 1
		}
		if i < len(r.lines) {
			from = r.lines[i].end
		}
	}
}

// joinLines overwrites the line ends inside brackets: in places the grammar takes
// the indentation there for that of a block.
func (r *repairer) joinLines() {
	for _, l := range r.lines {
		for _, s := range l.joins {
			for k := s.Start; k < s.End; k++ {
				r.out[k] = ' '
			}
		}
	}
}

var typeParameters = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:async[ \t]+)?def|class|type)[ \t]+[\pL_][\pL\pN_]*[ \t]*\[`)
})

// blankDefaults overwrites the defaults of type parameters (PEP 696), which the
// grammar does not know.
func (r *repairer) blankDefaults() {
	for _, l := range r.lines {
		switch l.word {
		case "async", "def", "class", "type":
		default:
			continue
		}
		header := string(r.out[l.code:l.end])
		start := len(typeParameters().FindString(header))
		if l.fault != nil || start == 0 {
			continue
		}
		for _, s := range defaults(header, start) {
			// One item of a list: a default may be starred.
			if s := header[s.Start+1 : s.End]; strings.TrimSpace(s) == "" || !parses("["+s+"]\n") {
				continue
			}
			for k := l.code + s.Start; k < l.code+s.End; k++ {
				r.out[k] = ' '
			}
		}
	}
}

// defaults are the places from "=" to the end of the item in a list of type
// parameters that opens before i.
func defaults(src string, i int) (found []text.Span) {
	lx, depth, equals := lexer{src: src}, 0, -1
	for i < len(src) {
		c := src[i]
		if depth == 0 && equals >= 0 && (c == ',' || c == ']') {
			found = append(found, text.Span{Start: equals, End: i})
			equals = -1
		}
		switch {
		case c == '"' || c == '\'':
			i = lx.quoted(i, "", &line{})
			continue
		case c == '#':
			i = lx.lineEnd(i)
			continue
		case closers[c] != 0:
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth < 0 {
				return found
			}
		case c == '=' && depth == 0 && equals < 0:
			equals = i
		}
		i++
	}
	return found
}
