package server

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader reads Python tokens from a place outside of strings and brackets up
// to the end of src, and keeps what cursor needs.
type reader struct {
	src []byte
	pos int
	c   *cursor

	// The dotted name that ends here: its text, where it begins, where its last
	// part begins. Empty text: there is none.
	name               string
	nameStart, lastDot int
	decorator          bool // an @ that begins a line stands before the name
	lineStart          bool // nothing but blanks so far on this line
	pendingDot         bool // the last token was a dot behind a name
}

func (r *reader) read() {
	r.lineStart = true
	for r.pos < len(r.src) {
		ch := r.src[r.pos]
		switch {
		case ch == '#':
			if !r.comment() {
				r.c.inComment = true
				return
			}
		case ch == '\n' || ch == '\r':
			r.pos++
			if len(r.c.calls) == 0 {
				r.forget()
				r.lineStart = true
			}
		case ch == ' ' || ch == '\t' || ch == '\f':
			r.pos++
			if r.name != "" && !r.pendingDot {
				r.spaceAfterName()
			}
		case ch == '\\':
			r.pos += 2
		case ch == '"' || ch == '\'':
			if !r.text() {
				return
			}
		case isLetter(r.src[r.pos:]):
			r.word()
		case ch >= '0' && ch <= '9':
			r.number()
		default:
			r.operator(ch)
		}
	}
	r.finish()
}

// finish sets what the cursor stands behind.
func (r *reader) finish() {
	c := r.c
	if r.name == "" && !r.pendingDot {
		c.at = r.decorator
		return
	}
	c.at = r.decorator
	if r.pendingDot {
		c.base, c.start = strings.TrimSuffix(r.name, "."), len(r.src)
	} else {
		c.start = r.lastDot
		c.partial = string(r.src[r.lastDot:])
		c.base = strings.TrimSuffix(strings.TrimSuffix(r.name, c.partial), ".")
	}
	c.attribute = r.nameStart
}

// comment skips to the end of the line; false if the cursor comes first.
func (r *reader) comment() bool {
	for r.pos < len(r.src) {
		if ch := r.src[r.pos]; ch == '\n' || ch == '\r' {
			return true
		}
		r.pos++
	}
	return false
}

// text skips a string; false if the cursor is inside it.
func (r *reader) text() bool {
	r.forget()
	quote := r.src[r.pos : r.pos+1]
	if q := r.src[r.pos:]; len(q) >= 3 && q[1] == q[0] && q[2] == q[0] {
		quote = q[:3]
	}
	r.pos += len(quote)
	begin := r.pos
	for r.pos < len(r.src) {
		switch {
		case r.src[r.pos] == '\\': // in a raw string, too, it hides a quote
			r.pos += 2
		case strings.HasPrefix(string(r.src[r.pos:min(len(r.src), r.pos+3)]), string(quote)):
			r.pos += len(quote)
			return true
		case len(quote) == 1 && (r.src[r.pos] == '\n' || r.src[r.pos] == '\r'):
			return true // not closed on its line: Python would not read on either
		default:
			r.pos++
		}
	}
	r.c.inString = true
	r.c.partial, r.c.start, r.c.attribute = string(r.src[min(begin, len(r.src)):]), min(begin, len(r.src)), begin
	return false
}

func (r *reader) word() {
	begin := r.pos
	for r.pos < len(r.src) && isWord(r.src[r.pos:]) {
		_, n := utf8.DecodeRune(r.src[r.pos:])
		r.pos += n
	}
	word := string(r.src[begin:r.pos])
	if r.pendingDot {
		r.name += word
	} else {
		r.name, r.nameStart = word, begin
	}
	r.lastDot, r.pendingDot, r.lineStart = begin, false, false
}

func (r *reader) number() {
	r.forget()
	for r.pos < len(r.src) && (isWord(r.src[r.pos:]) || r.src[r.pos] == '.') {
		_, n := utf8.DecodeRune(r.src[r.pos:])
		r.pos += n
	}
}

func (r *reader) operator(ch byte) {
	r.pos++
	switch ch {
	case '.':
		if r.name != "" && !r.pendingDot {
			r.name += "."
			r.pendingDot, r.lastDot = true, r.pos
			return
		}
	case '@':
		if r.lineStart {
			r.forget()
			r.decorator = true
			return
		}
	case '(', '[', '{':
		r.c.calls = append(r.c.calls, bracket{kind: ch, callee: strings.TrimSuffix(r.name, "."), decorator: r.decorator})
	case ')', ']', '}':
		if n := len(r.c.calls); n > 0 {
			r.c.calls = r.c.calls[:n-1]
		}
	case '=':
		r.equals()
	case ',':
		r.comma()
	case ':':
		if n := len(r.c.calls); n > 0 {
			r.c.calls[n-1].afterColon = true
		}
	}
	r.forget()
}

// equals ends the name of a keyword argument, unless it is a comparison.
func (r *reader) equals() {
	comparison := r.pos < len(r.src) && r.src[r.pos] == '='
	if r.pos >= 2 && strings.IndexByte("=!<>:", r.src[r.pos-2]) >= 0 {
		comparison = true
	}
	if n := len(r.c.calls); n > 0 && !comparison && r.name != "" && r.c.calls[n-1].keyword == "" {
		r.c.calls[n-1].keyword = r.name
	}
}

// comma ends an argument.
func (r *reader) comma() {
	n := len(r.c.calls)
	if n == 0 {
		return
	}
	b := &r.c.calls[n-1]
	if b.keyword != "" {
		b.given = append(slices.Clip(b.given), b.keyword)
	}
	b.keyword, b.afterColon = "", false
	b.arguments++
}

// spaceAfterName keeps a name before a bracket, "f (": only a word after it replaces it.
func (r *reader) spaceAfterName() {
	if r.pos < len(r.src) && (r.src[r.pos] == '(' || r.src[r.pos] == '=' || r.src[r.pos] == ' ') {
		return
	}
	r.forget()
}

func (r *reader) forget() {
	r.name, r.pendingDot, r.decorator, r.lineStart = "", false, false, false
}

func isLetter(b []byte) bool {
	c, _ := utf8.DecodeRune(b)
	return c == '_' || unicode.IsLetter(c)
}

func isWord(b []byte) bool {
	c, _ := utf8.DecodeRune(b)
	return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.Is(unicode.Mn, c)
}
