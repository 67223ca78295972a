// Package syntax is the only package that knows tree-sitter. It parses Python
// and hands out plain values; nodes of the tree never leave it.
package syntax

import (
	"bytes"
	"runtime"
	"unicode/utf8"

	"flowls/analysis/text"
)

// Tree is the parse of one text: immutable. It holds memory outside of Go's
// heap, which Close frees early and the garbage collector frees otherwise.
type Tree struct {
	text *text.Text
	// input is what the parser read: the source, or a copy of the same length
	// in which bytes that tree-sitter and Python read differently are replaced.
	input []byte
	// repaired is the text with its wrong statements replaced; none if it has
	// no errors.
	repaired *repaired
	// valid is the last text without errors, up to this one, and fixed the last
	// that was repaired: a repair changes comments everywhere, so each is read
	// from the last of its own sort.
	valid, fixed parsed
	good         map[string]struct{} // statements that parse by themselves

	cleanups [2]runtime.Cleanup
}

// Parse parses a text from nothing.
func Parse(t *text.Text) *Tree { return parse(t, &Tree{}, nil, false) }

// Once is Parse for a tree that is soon closed or shed, which is cheaper. It is
// not edited before.
func Once(t *text.Text) *Tree { return parse(t, &Tree{}, nil, true) }

// Edit parses now, which is another version of t's text, and reads only what
// differs; ast is that of t, which stays valid. This is the only place that
// parses incrementally.
func (t *Tree) Edit(now *text.Text, ast *AST) *Tree { return parse(now, t, ast, false) }

func parse(t *text.Text, previous *Tree, ast *AST, once bool) *Tree {
	result := &Tree{text: t, input: parserInput(t.Bytes())}
	old := previous.valid.or(previous.fixed).fitted(result.input)
	tree, ok := parseValid(result.input, old, once)
	old.close()
	if ok {
		result.valid, result.fixed = parsed{result.input, tree}, previous.fixed.clone()
	} else {
		result.repaired, result.good = repair(result.input, func(statement string) bool {
			_, good := previous.good[statement]
			return good || ast != nil && ast.parts[statement] != nil
		})
		old = previous.fixed.or(previous.valid).fitted(result.repaired.input)
		result.valid, result.fixed = previous.valid.clone(), parsed{result.repaired.input, parseInput(result.repaired.input, old, once)}
		old.close()
	}
	result.cleanups[0] = runtime.AddCleanup(result, sitterTree.close, result.valid.tree)
	result.cleanups[1] = runtime.AddCleanup(result, sitterTree.close, result.fixed.tree)
	return result
}

// parsed is an input with its tree; the zero value is none.
type parsed struct {
	input []byte
	tree  sitterTree
}

func (p parsed) or(q parsed) parsed {
	if p.tree.valid() {
		return p
	}
	return q
}

func (p parsed) clone() parsed {
	if p.tree.valid() {
		p.tree = p.tree.clone()
	}
	return p
}

// fitted is a copy of the tree, edited to fit an input.
func (p parsed) fitted(input []byte) sitterTree {
	c := p.clone().tree
	if c.valid() {
		c.difference(p.input, input)
	}
	return c
}

// Close frees the tree. The tree must not be used afterwards.
func (t *Tree) Close() {
	for _, c := range t.cleanups {
		c.Stop()
	}
	t.valid.tree.close()
	t.fixed.tree.close()
}

// Shed frees the tree of a text that may never be edited; the first Edit then
// parses from nothing. It must come before others can see t.
func (t *Tree) Shed() {
	t.Close()
	t.valid, t.fixed = parsed{}, parsed{}
	t.cleanups = [2]runtime.Cleanup{}
}

// root is that of the text, or of the repaired text.
func (t *Tree) root() sitterNode {
	if t.repaired != nil {
		return t.fixed.tree.root()
	}
	return t.valid.tree.root()
}

// Text is the text that was parsed.
func (t *Tree) Text() *text.Text { return t.text }

// HasError reports whether any part of the text is not valid Python.
func (t *Tree) HasError() bool { return t.repaired != nil }

// String is the s-expression of the tree, for tests. Errors are repaired in it.
func (t *Tree) String() string { return t.root().expression() }

// parserInput gives src as the parser is to see it, of the same length: a
// lone \r ends a line in Python but not in the grammar, and bytes that are null
// or not UTF-8, which are reported by themselves, would be errors even inside
// comments.
func parserInput(src []byte) []byte {
	hasCR := false
	for i := 0; ; {
		j := bytes.IndexByte(src[i:], '\r')
		if j < 0 {
			break
		}
		i += j + 1
		if i == len(src) || src[i] != '\n' {
			hasCR = true
			break
		}
	}
	if !hasCR && utf8.Valid(src) && bytes.IndexByte(src, 0) < 0 {
		return src
	}
	out := bytes.Clone(src)
	for i := 0; i < len(out); {
		if out[i] == '\r' && (i+1 == len(out) || out[i+1] != '\n') {
			out[i] = '\n'
		}
		if out[i] == 0 {
			out[i] = ' '
		}
		r, size := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && size == 1 {
			out[i] = '_'
		}
		i += size
	}
	return out
}
