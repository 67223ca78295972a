package syntax

import (
	"bytes"

	"flowls/analysis/text"
)

// difference edits the tree of a to fit b: line by line if as many lines
// differ in both, because a repair touches lines that lie far apart.
func (t sitterTree) difference(a, b []byte) {
	start := commonPrefix(a, b)
	end := commonSuffix(a[start:], b[start:])
	at := text.Position{Line: bytes.Count(a[:start], newline), Column: start - 1 - bytes.LastIndexByte(a[:start], '\n')}
	a, b = a[start:len(a)-end], b[start:len(b)-end]
	if bytes.Count(a, newline) != bytes.Count(b, newline) {
		t.edit(start, start+len(a), start+len(b), at, advance(at, a), advance(at, b))
		return
	}
	for more := true; more; {
		var before, after []byte
		before, a, more = bytes.Cut(a, newline)
		after, b, _ = bytes.Cut(b, newline)
		if !bytes.Equal(before, after) {
			t.edit(start, start+len(before), start+len(after), at, advance(at, before), advance(at, after))
		}
		start += len(after) + len(newline)
		at = text.Position{Line: at.Line + 1}
	}
}

var newline = []byte{'\n'}

// advance is the position behind s, which begins at a position.
func advance(at text.Position, s []byte) text.Position {
	if i := bytes.LastIndexByte(s, '\n'); i >= 0 {
		return text.Position{Line: at.Line + bytes.Count(s, newline), Column: len(s) - 1 - i}
	}
	return text.Position{Line: at.Line, Column: at.Column + len(s)}
}

// block is how many bytes are compared at once.
const block = 256

func commonPrefix(a, b []byte) int {
	i, n := 0, min(len(a), len(b))
	for i+block <= n && bytes.Equal(a[i:i+block], b[i:i+block]) {
		i += block
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b []byte) int {
	i, n := 0, min(len(a), len(b))
	for i+block <= n && bytes.Equal(a[len(a)-i-block:len(a)-i], b[len(b)-i-block:len(b)-i]) {
		i += block
	}
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
