package flow

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"

	"flowls/analysis/syntax"
)

// literal is a constant of Python's own syntax tree.
type literal struct {
	kind literalKind
	// text is the value: of a string its characters, of bytes its bytes, of a
	// number a spelling that is the same for equal numbers.
	text string
}

type literalKind int

const (
	notLiteral literalKind = iota
	stringLiteral
	bytesLiteral
	numberLiteral // int, float, complex, True and False: they compare equal across types
	noneLiteral
	ellipsisLiteral
)

// constant evaluates a node as ast.parse would make it a Constant; f-strings,
// signs and names are not.
func constant(n syntax.Node) literal {
	n = n.Unwrap()
	switch n.Kind() {
	case syntax.String:
		return stringConstant(n.Text())
	case syntax.ConcatenatedString:
		sum := literal{}
		for part := range n.Items() {
			l := stringConstant(part.Text())
			if l.kind == notLiteral || sum.kind != notLiteral && sum.kind != l.kind {
				return literal{}
			}
			sum = literal{l.kind, sum.text + l.text}
		}
		return sum
	case syntax.Integer, syntax.Float:
		return numberConstant(n.Text())
	case syntax.True:
		return literal{numberLiteral, "1"}
	case syntax.False:
		return literal{numberLiteral, "0"}
	case syntax.None:
		return literal{noneLiteral, "None"}
	case syntax.Ellipsis:
		return literal{ellipsisLiteral, "..."}
	}
	return literal{}
}

// stringConstant evaluates one string literal with its prefix and quotes.
func stringConstant(s string) literal {
	quote := strings.IndexAny(s, `'"`)
	if quote < 0 {
		return literal{}
	}
	prefix := strings.ToLower(s[:quote])
	s = s[quote:]
	width := 1
	if strings.HasPrefix(s, `'''`) || strings.HasPrefix(s, `"""`) {
		width = 3
	}
	if len(s) < 2*width || strings.ContainsAny(prefix, "ft") {
		return literal{}
	}
	s = s[width : len(s)-width]
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	kind := stringLiteral
	if strings.Contains(prefix, "b") {
		kind = bytesLiteral
	}
	if !strings.Contains(prefix, "r") {
		s = unescape(s, kind == bytesLiteral)
	}
	return literal{kind, s}
}

var simpleEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// unescape evaluates backslash escapes; unknown ones stay, as in Python.
func unescape(s string, isBytes bool) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch {
		case c >= '0' && c <= '7':
			n := 0
			for n < 2 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
				n++
			}
			value, _ := strconv.ParseUint(string(c)+s[:n], 8, 32) // three octal digits always parse
			s = s[n:]
			writeChar(&b, rune(value), isBytes)
		case c == 'x' || !isBytes && (c == 'u' || c == 'U'):
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if value, err := strconv.ParseUint(s[:min(n, len(s))], 16, 32); err == nil {
				s = s[n:]
				writeChar(&b, rune(value), isBytes)
			}
		case c == 'N' && !isBytes && strings.HasPrefix(s, "{"):
			if end := strings.IndexByte(s, '}'); end > 0 {
				if r, ok := namedRune(s[1:end]); ok {
					b.WriteRune(r)
					s = s[end+1:]
					continue
				}
			}
			b.WriteString(`\N`)
		default:
			if text, ok := simpleEscapes[c]; ok {
				b.WriteString(text)
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

func writeChar(b *strings.Builder, r rune, isBytes bool) {
	if isBytes {
		b.WriteByte(byte(r))
		return
	}
	if r >= 0xD800 && r < 0xE000 { // a lone surrogate is a character in Python
		b.Write([]byte{0xED, byte(0x80 | r>>6&0x3F), byte(0x80 | r&0x3F)})
		return
	}
	b.WriteRune(r)
}

// namedRune looks a character up by its Unicode name.
func namedRune(name string) (rune, bool) {
	name = strings.ToUpper(name)
	for r := rune(0x20); r <= 0x1FAFF; r++ {
		if utf8.ValidRune(r) && runenames.Name(r) == name {
			return r, true
		}
	}
	return 0, false
}

// numberConstant gives equal numbers the same text: 1, 1.0, 0x1 and True are
// one key of a dictionary.
func numberConstant(s string) literal {
	s = strings.ToLower(strings.ReplaceAll(s, "_", ""))
	imaginary := strings.HasSuffix(s, "j")
	s = strings.TrimSuffix(s, "j")
	text := ""
	if n, ok := new(big.Int).SetString(s, 0); ok && !imaginary {
		text = n.String()
		if f, exact := new(big.Float).SetInt(n).Float64(); exact == big.Exact {
			text = floatText(f)
		}
	} else if strings.Trim(s, "0") == "" && !imaginary {
		text = "0"
	} else if f, err := strconv.ParseFloat(s, 64); err == nil || strings.HasSuffix(err.Error(), "out of range") {
		text = floatText(f)
	} else {
		return literal{}
	}
	if imaginary && text != "0" {
		text += "j"
	}
	return literal{numberLiteral, text}
}

func floatText(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
