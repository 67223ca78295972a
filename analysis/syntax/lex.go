package syntax

import (
	"strings"

	"flowls/analysis/text"
)

// line is one logical line of Python: it may span several physical lines
// through brackets, triple quotes and backslashes.
type line struct {
	start  int // of the first physical line
	code   int // first token
	end    int // behind the last token, before any comment
	indent int // column of code with tabs to multiples of 8, as in CPython
	word   string
	colon  bool // the last token is a colon
	fault  *Problem
	// joins are the line ends inside brackets, each with what is between the token
	// before it and the next.
	joins []text.Span
}

// Problem is a place that is not valid Python.
type Problem struct {
	Span    text.Span
	Message string // one line: what is wrong
}

// lexer cuts a text into logical lines. It is used only on texts that do not
// parse, to find the smallest part that is wrong: so it recovers from brackets
// and quotes that are never closed where the next statement plainly begins.
type lexer struct {
	src   string
	cut   bool // a triple-quoted string ends where a definition begins
	lines []line
	// runaway: a triple-quoted string reached the end of the file.
	runaway  bool
	comments []comment
}

func logicalLines(src string) []line { return lex(src).lines }

func lex(src string) *lexer {
	lx := &lexer{src: src}
	lx.scan()
	if lx.runaway {
		lx = &lexer{src: src, cut: true}
		lx.scan()
	}
	return lx
}

func (lx *lexer) scan() {
	i := 0
	if strings.HasPrefix(lx.src, "\ufeff") {
		i = 3
	}
	lx.lines = make([]line, 0, 1+strings.Count(lx.src, "\n"))
	for i < len(lx.src) {
		start, column := i, 0
	indentation:
		for ; i < len(lx.src); i++ {
			switch lx.src[i] {
			case ' ':
				column++
			case '\t':
				column = (column/8 + 1) * 8
			case '\f':
				column = 0
			default:
				break indentation
			}
		}
		if i == len(lx.src) {
			return
		}
		switch lx.src[i] {
		case '\n', '\r':
			i++
			continue
		case '#':
			i = lx.comment(i, true)
			continue
		}
		l := line{start: start, code: i, indent: column, word: lx.word(i)}
		i = lx.logical(&l)
		lx.lines = append(lx.lines, l)
	}
}

// comment reads the comment at i and gives its end.
func (lx *lexer) comment(i int, between bool) int {
	end := lx.lineEnd(i)
	if strings.Contains(lx.src[i:end], Pragma) {
		lx.comments = append(lx.comments, comment{text.Span{Start: i, End: end}, len(lx.lines), between})
	}
	return end
}

func (lx *lexer) lineEnd(i int) int {
	if j := strings.IndexAny(lx.src[i:], "\n\r"); j >= 0 {
		return i + j
	}
	return len(lx.src)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// word is the identifier or keyword at i, "@" for a decorator.
func (lx *lexer) word(i int) string {
	if i < len(lx.src) && lx.src[i] == '@' {
		return "@"
	}
	j := i
	for j < len(lx.src) && isWord(lx.src[j]) {
		j++
	}
	return lx.src[i:j]
}

var closers = [256]byte{'(': ')', '[': ']', '{': '}'}

// logical scans the tokens of the line from l.code and gives the offset behind it.
func (lx *lexer) logical(l *line) int {
	var open []int
	i, after := l.code, 0 // behind the last backslash that continues a line
	token := func(to int) {
		l.colon = to == i+1 && lx.src[i] == ':'
		i, l.end = to, to
	}
	for i < len(lx.src) {
		switch c := lx.src[i]; {
		case c == '\n' || c == '\r':
			if len(open) == 0 {
				return i + 1
			}
			if n := len(l.joins); n > 0 && i < l.joins[n-1].End { // an empty line, or the end of a comment
				i++
				continue
			}
			next := lx.nextLine(i + 1)
			if next < 0 || lx.begins(next, l) {
				at := open[len(open)-1]
				l.fault = &Problem{text.Span{Start: at, End: l.end}, "`" + lx.src[at:at+1] + "` is never closed."}
				return i + 1
			}
			l.joins = append(l.joins, text.Span{Start: max(l.end, after), End: next})
			i++
		case c == '#':
			i = lx.comment(i, false)
		case c == '\\':
			if end := lx.lineEnd(i); end == i+1 {
				i = end + 1
				if strings.HasPrefix(lx.src[end:], "\r\n") {
					i++
				}
				l.end, after = min(i, len(lx.src))-1, i
			} else {
				token(i + 1)
			}
		case c == '"' || c == '\'':
			token(lx.quoted(i, "", l))
		case isWord(c):
			word := lx.word(i)
			at := i
			token(i + len(word))
			if i < len(lx.src) && (lx.src[i] == '"' || lx.src[i] == '\'') && isPrefix(word) {
				i = at + len(word)
				token(lx.quoted(i, strings.ToLower(word), l))
			}
		case closers[c] != 0:
			open = append(open, i)
			token(i + 1)
		case c == ')' || c == ']' || c == '}':
			if n := len(open); n > 0 && closers[lx.src[open[n-1]]] == c {
				open = open[:n-1]
			} else if l.fault == nil {
				l.fault = &Problem{text.Span{Start: i, End: i + 1}, "`" + string(c) + "` does not close anything."}
			}
			token(i + 1)
		case c == ' ' || c == '\t' || c == '\f':
			i++
		default:
			token(i + 1)
		}
	}
	if len(open) > 0 {
		at := open[len(open)-1]
		l.fault = &Problem{text.Span{Start: at, End: l.end}, "`" + lx.src[at:at+1] + "` is never closed."}
	}
	return len(lx.src)
}

// nextLine is the offset of the next code from a line start, -1 at the end.
func (lx *lexer) nextLine(i int) int {
	for i < len(lx.src) {
		switch lx.src[i] {
		case ' ', '\t', '\f', '\n', '\r':
			i++
		case '#':
			i = lx.lineEnd(i)
		default:
			return i
		}
	}
	return -1
}

// begins reports whether the code at i plainly begins a statement, although a
// bracket of l is open: none of these words can begin a line inside brackets.
func (lx *lexer) begins(i int, l *line) bool {
	switch lx.word(i) {
	case "def", "class", "return", "import", "while", "with", "try", "raise", "pass", "break", "continue", "del", "global",
		"nonlocal", "assert", "elif", "except", "finally":
		return true
	case "async":
		return strings.HasPrefix(strings.TrimLeft(lx.src[i+len("async"):], " \t"), "def")
	case "@": // a matrix product may begin a line, but not before a def
		for lx.word(i) == "@" && i >= 0 {
			i = lx.nextLine(lx.lineEnd(i))
			if i < 0 {
				return false
			}
		}
		return lx.defines(i)
	case "self":
		return lx.column(i) <= l.indent && strings.HasPrefix(lx.src[i:], "self.next(")
	}
	return false
}

func (lx *lexer) at(i int) byte {
	if i < len(lx.src) {
		return lx.src[i]
	}
	return 0
}

// column is the indentation of the physical line that holds i.
func (lx *lexer) column(i int) int {
	start, column := strings.LastIndexAny(lx.src[:i], "\n\r")+1, 0
	for _, c := range lx.src[start:i] {
		if c == '\t' {
			column = (column/8 + 1) * 8
		} else {
			column++
		}
	}
	return column
}

func isPrefix(word string) bool {
	switch strings.ToLower(word) {
	case "r", "b", "u", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	}
	return false
}

// quoted scans the string at i and gives its end; one that is never closed
// ends with its line and is the fault of l.
func (lx *lexer) quoted(i int, prefix string, l *line) int {
	end, ok := lx.stringEnd(i, strings.ContainsAny(prefix, "ft"), l)
	if !ok {
		end = lx.lineEnd(i)
		if l.fault == nil {
			l.fault = &Problem{text.Span{Start: i, End: end}, "This string is never closed."}
		}
	}
	return end
}

func (lx *lexer) stringEnd(i int, fields bool, l *line) (int, bool) {
	quote := lx.src[i : i+1]
	triple := strings.HasPrefix(lx.src[i:], strings.Repeat(quote, 3))
	if triple {
		quote = lx.src[i : i+3]
	}
	for i += len(quote); i < len(lx.src); {
		switch c := lx.src[i]; {
		case strings.HasPrefix(lx.src[i:], quote):
			return i + len(quote), true
		case c == '\\':
			i += 2
			if strings.HasPrefix(lx.src[min(i-1, len(lx.src)):], "\r\n") {
				i++
			}
		case c == '\n' || c == '\r':
			if !triple {
				return i, false
			}
			i++
			if next := lx.nextLine(i); lx.cut && next >= 0 && lx.column(next) <= l.indent && lx.defines(next) {
				return i, false
			}
		case c == '{' && fields:
			i++
			if lx.at(i) == '{' {
				i++
			} else if end, ok := lx.field(i, triple, l); ok {
				i = end
			}
		default:
			i++
		}
	}
	lx.runaway = lx.runaway || triple
	return len(lx.src), false
}

func (lx *lexer) defines(i int) bool {
	switch lx.word(i) {
	case "@", "def", "class", "async":
		return true
	}
	return false
}

// field scans a replacement field of an f-string up to its closing brace.
func (lx *lexer) field(i int, triple bool, l *line) (int, bool) {
	depth, spec := 0, false
	for i < len(lx.src) {
		switch c := lx.src[i]; {
		case (c == '\n' || c == '\r') && !triple:
			return i, false
		case (c == '"' || c == '\'') && !spec:
			end, ok := lx.stringEnd(i, i > 0 && (lx.src[i-1]|0x20 == 'f'), l)
			if !ok {
				return i, false
			}
			i = end
			continue
		case c == '{' && spec:
			end, ok := lx.field(i+1, triple, l)
			if !ok {
				return i, false
			}
			i = end
			continue
		case closers[c] != 0:
			depth++
		case c == '}' && depth == 0:
			return i + 1, true
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == ':' && depth == 0:
			spec = true
		}
		i++
	}
	return i, false
}
