package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"flowls/analysis/text"
)

// marker is one expectation, written in a comment "#@ name(arguments), …" of
// the file that it is about. The comment is taken out before the file is
// opened; a line that holds nothing else goes away, and its markers are about
// the line above.
//
// An argument is a string, or @name: a golden section of the archive. The
// first string is a place on the marker's line: the text there, "te|xt" with the
// cursor inside, "text…" for a place of which only the start is known, and
// "text"#2 for the second occurrence.
type marker struct {
	name string
	args []string
	line int // of the text that is opened, zero-based
	nth  int // of the first argument
}

func (m marker) String() string {
	return fmt.Sprintf("line %d: %s(%s)", m.line+1, m.name, strings.Join(m.args, ", "))
}

// parseMarkers takes the markers out of a file.
func parseMarkers(t *testing.T, source string) (plain string, markers []marker) {
	t.Helper()
	var out []string
	for _, line := range strings.SplitAfter(source, "\n") {
		code, comment, ok := strings.Cut(line, "#@ ")
		if !ok {
			out = append(out, line)
			continue
		}
		at := len(out)
		if strings.TrimSpace(code) == "" {
			at--
		} else {
			out = append(out, strings.TrimRight(code, " ")+line[len(strings.TrimRight(line, "\n")):])
		}
		for _, m := range parseComment(t, strings.TrimSpace(comment)) {
			m.line = at
			markers = append(markers, m)
		}
	}
	return strings.Join(out, ""), markers
}

func parseComment(t *testing.T, s string) []marker {
	t.Helper()
	var markers []marker
	for s != "" {
		name, rest, ok := strings.Cut(s, "(")
		if !ok {
			t.Fatalf("marker without parentheses: %q", s)
		}
		m := marker{name: strings.TrimSpace(name), nth: 1}
		for !strings.HasPrefix(rest, ")") {
			var arg string
			arg, rest = parseArgument(t, rest)
			if strings.HasPrefix(rest, "#") {
				m.nth, rest = int(rest[1]-'0'), rest[2:]
			}
			m.args = append(m.args, arg)
			rest = strings.TrimLeft(rest, ", ")
			if rest == "" {
				t.Fatalf("marker without end: %q", s)
			}
		}
		markers = append(markers, m)
		s = strings.TrimLeft(rest[1:], ", ")
	}
	return markers
}

func parseArgument(t *testing.T, s string) (arg, rest string) {
	t.Helper()
	if s[0] == '"' || s[0] == '`' {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			t.Fatalf("%v in %q", err, s)
		}
		arg, err = strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%v in %q", err, s)
		}
		return arg, s[len(quoted):]
	}
	i := strings.IndexAny(s, ",)# ")
	if i <= 0 {
		t.Fatalf("an argument is a string or @name: %q", s)
	}
	return s[:i], s[i:]
}

// place is where a marker's first argument stands in the text.
type place struct {
	span text.Span
	// openEnd: only the start is known.
	openEnd bool
}

func (m marker) place(t *testing.T, source string) place {
	t.Helper()
	if len(m.args) == 0 {
		t.Fatalf("%s: no place", m)
	}
	pattern, openEnd := strings.CutSuffix(m.args[0], "…")
	cursor := -1
	if before, after, ok := strings.Cut(pattern, "|"); ok {
		cursor, pattern = len(before), before+after
	}
	start := 0
	for range m.line {
		start += strings.IndexByte(source[start:], '\n') + 1
	}
	line := source[start:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	at := -1
	for range m.nth {
		i := strings.Index(line[at+1:], pattern)
		if i < 0 {
			t.Fatalf("%s: %q is not on the line %q", m, pattern, line)
		}
		at += 1 + i
	}
	span := text.Span{Start: start + at, End: start + at + len(pattern)}
	if cursor >= 0 {
		span.Start += cursor
		span.End = span.Start
	}
	return place{span, openEnd}
}
