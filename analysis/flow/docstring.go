package flow

import (
	"strings"
	"unicode/utf8"

	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// docstring gives the docstring of a body and its span, as Metaflow shows it.
func docstring(body syntax.Node) (string, text.Span) {
	first := body.First()
	if first.Kind() != syntax.ExpressionStatement {
		return "", text.Span{}
	}
	value := first.First()
	if l := constant(value); l.kind == stringLiteral && first.Last() == value {
		return deindent(l.text), value.Span()
	}
	return "", text.Span{}
}

// deindent is Metaflow's deindent_docstring, quirks included: the indent comes
// from the first indented line, and without one the text is not even trimmed.
func deindent(doc string) string {
	indent, sawFirst := "", false
	for _, line := range splitLines(doc) {
		if line == "" {
			continue
		}
		indent = line[:len(line)-len(strings.TrimLeft(line, "\t "))]
		if indent != "" || sawFirst {
			break
		}
		sawFirst = true
	}
	if indent == "" {
		return doc
	}
	return strings.TrimFunc(strings.ReplaceAll(doc, "\n"+indent, "\n"), isPythonSpace)
}

// splitLines is Python's str.splitlines.
func splitLines(s string) []string {
	var lines []string
	for s != "" {
		i := strings.IndexFunc(s, isLineEnd)
		if i < 0 {
			return append(lines, s)
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			size = 2
		}
		lines = append(lines, s[:i])
		s = s[i+size:]
	}
	return lines
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

func isPythonSpace(r rune) bool {
	switch r {
	case ' ', '\t', 0x1f, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000:
		return true
	}
	return isLineEnd(r) || r >= 0x2000 && r <= 0x200a
}
