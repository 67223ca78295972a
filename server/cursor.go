package server

import (
	"bytes"
	"strings"
)

// cursor is what stands around the place where something is completed. It is
// read off the text before the cursor, not off the syntax tree: while one
// types, the tree is at its worst exactly there.
type cursor struct {
	// where the cursor is
	inComment bool
	inString  bool
	// partial is the part of the word, or of the string, already typed;
	// start is the byte offset where it begins.
	partial string
	start   int
	// base is what the word is an attribute of: "self" in "self.fi|"; "" if nothing.
	base string
	// at is set behind an @ that begins a decorator; base is then its module.
	at bool
	// calls are the brackets that are open here, outermost first.
	calls []bracket
	// begin is the offset from which was read: the def, class or @ before the cursor.
	begin int
	// attribute is the offset where base begins; start if there is none.
	attribute int
}

// bracket is an open bracket.
type bracket struct {
	kind byte // ( [ {
	// callee is the dotted name before it, "" if there is none.
	callee string
	// decorator: the callee stands behind an @.
	decorator bool
	// keyword is the argument being written: "times" in "retry(times=|"; "" if positional.
	keyword string
	// given are the keywords of the arguments before this one.
	given []string
	// arguments is the number of arguments before this one.
	arguments int
	// afterColon: behind a colon of a dictionary's entry.
	afterColon bool
}

// inside is the innermost bracket.
func (c *cursor) inside() (bracket, bool) {
	if len(c.calls) == 0 {
		return bracket{}, false
	}
	return c.calls[len(c.calls)-1], true
}

// maxBefore is how many bytes before the cursor are read at most.
const maxBefore = 64 << 10

// cursorAt reads the place around an offset.
func cursorAt(source []byte, offset int) *cursor {
	begin := beginOfBlock(source, offset)
	r := &reader{src: source[:offset], pos: begin, c: &cursor{begin: begin, start: offset, attribute: offset}}
	r.read()
	return r.c
}

// beginOfBlock is the start of the last line that begins with def, class or @:
// nothing before it is open, whatever the code before looks like.
func beginOfBlock(source []byte, offset int) int {
	low := max(0, offset-maxBefore)
	for end := offset; ; {
		line := bytes.LastIndexAny(source[low:end], "\n\r") + 1 + low
		trimmed := strings.TrimLeft(string(source[line:min(offset, line+200)]), " \t\f")
		for _, word := range []string{"def ", "async def ", "class ", "@"} {
			if strings.HasPrefix(trimmed, word) {
				return line
			}
		}
		if line <= low {
			return line
		}
		end = line - 1
	}
}
