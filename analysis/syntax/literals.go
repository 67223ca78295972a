package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"flowls/analysis/text"
)

func init() {
	strict[TypeConversion] = func(_ *Part, n Node, list *[]Problem) {
		switch strings.TrimSpace(strings.TrimPrefix(n.Text(), "!")) {
		case "r", "s", "a":
		default:
			*list = append(*list, Problem{n.Span(), "A conversion in an f-string is one of `!s`, `!r` and `!a`."})
		}
	}
	strict[ConcatenatedString] = func(_ *Part, n Node, list *[]Problem) {
		bytes, seen := false, false
		for c := range n.Items() {
			if c.Kind() != String {
				continue
			}
			is := strings.ContainsAny(c.prefix(), "bB")
			if seen && is != bytes {
				*list = append(*list, Problem{n.Span(), "Bytes and text cannot be mixed in one literal."})
				return
			}
			bytes, seen = is, true
		}
	}
}

// prefix is what stands before the quotes of a string.
func (n Node) prefix() string {
	s := n.Text()
	return s[:max(0, strings.IndexAny(s, `'"`))]
}

// checkEscapes checks the escapes that must be complete. Any other backslash is kept as it is.
func checkEscapes(n Node, list *[]Problem) {
	prefix := n.prefix()
	if strings.ContainsAny(prefix, "rR") || !strings.Contains(n.Text(), `\`) {
		return
	}
	bytes := strings.ContainsAny(prefix, "bB")
	for c := range n.Items() {
		if c.Kind() != StringContent {
			continue
		}
		s, start := c.Text(), c.Span().Start
		for i := strings.IndexByte(s, '\\'); i >= 0 && i+1 < len(s); {
			if end := escapeEnd(s[i:], bytes); end < 0 {
				_, size := utf8.DecodeRuneInString(s[i+1:])
				*list = append(*list, Problem{text.Span{Start: start + i, End: start + i + 1 + size},
					"This escape is not complete: write a backslash as `\\\\`, or the string as `r\"...\"`."})
				return
			}
			i += 2
			if j := strings.IndexByte(s[min(i, len(s)):], '\\'); j < 0 {
				break
			} else {
				i += j
			}
		}
	}
}

// escapeEnd is the end of the escape at the start of s, -1 if Python refuses it.
func escapeEnd(s string, bytes bool) int {
	digits := 0
	switch c := s[1]; {
	case c == 'x':
		digits = 2
	case c == 'u' && !bytes:
		digits = 4
	case c == 'U' && !bytes:
		digits = 8
	case c == 'N' && !bytes:
		if end := strings.IndexByte(s, '}'); strings.HasPrefix(s[2:], "{") && end > 3 {
			return end
		}
		return -1
	default:
		return 2
	}
	if len(s) < 2+digits {
		return -1
	}
	if v, err := strconv.ParseUint(s[2:2+digits], 16, 32); err != nil || v > utf8.MaxRune {
		return -1
	}
	return 2 + digits
}
