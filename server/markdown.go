package server

import (
	"fmt"
	"strings"

	"go.lsp.dev/protocol"
)

// markdown builds documentation. Text from the user's file goes in through
// quote or code only, so that it cannot become links, images or HTML.
type markdown struct{ strings.Builder }

// code is an inline code span. A newline or backtick cannot end it early.
func code(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

func codes(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = code(n)
	}
	return strings.Join(quoted, ", ")
}

// paragraph adds a paragraph of our own Markdown.
func (m *markdown) paragraph(format string, args ...any) {
	if m.Len() > 0 {
		m.WriteString("\n\n")
	}
	fmt.Fprintf(m, format, args...)
}

// python adds a code block. The text must not contain a fence of its own.
func (m *markdown) python(source string) {
	m.paragraph("```python\n%s\n```", strings.ReplaceAll(source, "```", "'''"))
}

// quote adds text of the user's file, line by line as it is.
func (m *markdown) quote(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = escape(strings.TrimRight(line, " \t\r"))
	}
	// Two spaces keep the line break; an empty line stays a paragraph.
	m.paragraph("%s", strings.ReplaceAll(strings.Join(lines, "  \n"), "\n  \n", "\n\n"))
}

// escape takes from a line of text every character its meaning in Markdown and HTML.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		first := strings.TrimLeft(s[:i], " \t") == ""
		if strings.ContainsRune("\\`*_[]<>#|!&~", r) || first && strings.ContainsRune("-+=", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markup is text in the richest form that the client shows in hovers.
func (s *server) markup(text string) *protocol.MarkupContent {
	kind := protocol.MarkupKindPlainText
	if s.client.can.markdown {
		kind = protocol.MarkupKindMarkdown
	}
	return &protocol.MarkupContent{Kind: kind, Value: text}
}
