package syntax

/*
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include <stdlib.h>
#include "sitter.h"
*/
import "C"

import (
	"sync"
	"unsafe"

	// Links tree-sitter's C library; its Go side is not used.
	_ "github.com/tree-sitter/go-tree-sitter"
	python "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"flowls/analysis/text"
)

// sitterTree is a tree of tree-sitter's, in C's memory: close frees it. One
// in an arena cannot be cloned or edited.
type sitterTree struct {
	c     *C.TSTree
	arena *C.arena
}

// sitterNode is one of its nodes, valid as long as the tree is.
type sitterNode struct{ c C.TSNode }

// grammar holds the tables of the Python grammar for C.
var grammar = sync.OnceValue(func() *C.grammar {
	C.use_arenas()
	language := (*C.TSLanguage)(python.Language())
	// In C's memory, and never freed: there is one.
	g := (*C.grammar)(C.calloc(1, C.sizeof_grammar))
	g.language = language
	g.symbols = C.ts_language_symbol_count(language)
	if int(g.symbols) > len(g.kinds) || int(C.ts_language_field_count(language)) >= len(g.fields) {
		panic("syntax: the grammar has outgrown its tables")
	}
	for id := range C.uint16_t(g.symbols) {
		if C.ts_language_symbol_type(language, id) == 0 { // a named kind
			g.kinds[id] = C.uint8_t(kindNames[C.GoString(C.ts_language_symbol_name(language, id))])
		}
	}
	for id := range C.uint16_t(C.ts_language_field_count(language)) + 1 {
		if id == 0 {
			continue
		}
		field := fieldNames[C.GoString(C.ts_language_field_name_for_id(language, id))]
		g.fields[id] = C.uint8_t(field)
		if field == FieldDefinition {
			g.definition = id
		}
	}
	for kind, is := range opaque {
		g.opaque[kind] = C.bool(is)
	}
	g.error, g.function, g.decorated = C.uint8_t(Error), C.uint8_t(FunctionDefinition), C.uint8_t(DecoratedDefinition)
	return g
})

// parseInput parses; what old, edited to fit the input, already holds is taken
// over from it. old may be no tree; once has none, and gives one in an arena.
func parseInput(input []byte, old sitterTree, once bool) sitterTree {
	g, arena := grammar(), arenaFor(input, once)
	tree := C.parse_text(g, arena, old.c, (*C.char)(unsafe.Pointer(unsafe.SliceData(input))), C.uint32_t(len(input)))
	if tree == nil {
		panic("syntax: the parser does not know its grammar") // it is linked in: only a broken build gets here
	}
	return sitterTree{tree, arena}
}

// arenaFor is the memory of a parse that is read once, nil where it is better
// allocated and freed piece by piece.
func arenaFor(input []byte, once bool) *C.arena {
	if !once {
		return nil
	}
	return C.arena_for(C.uint32_t(len(input)))
}

// parseValid parses as parseInput does, but gives no tree if the input has
// errors: recovering from them costs more than all the rest. It reports whether
// there is none.
func parseValid(input []byte, old sitterTree, once bool) (sitterTree, bool) {
	g, arena := grammar(), arenaFor(input, once)
	t := sitterTree{C.try_text(g, arena, old.c, (*C.char)(unsafe.Pointer(unsafe.SliceData(input))), C.uint32_t(len(input))), arena}
	if !t.valid() || t.root().hasError() {
		t.close()
		return sitterTree{}, false
	}
	return t, true
}

// parses reports whether a text is valid by itself.
func parses(s string) bool {
	return bool(C.parses_text(grammar(), (*C.char)(unsafe.Pointer(unsafe.StringData(s))), C.uint32_t(len(s))))
}

// close frees the tree; closing no tree does nothing.
func (t sitterTree) close() {
	if t.c != nil || t.arena != nil {
		C.free_tree(t.arena, t.c)
	}
}

func (t sitterTree) valid() bool { return t.c != nil }

// clone is a copy that can be edited; it shares its nodes with t.
func (t sitterTree) clone() sitterTree { return sitterTree{c: C.ts_tree_copy(t.c)} }

// edit moves the nodes as the text was edited.
func (t sitterTree) edit(start, oldEnd, newEnd int, startAt, oldEndAt, newEndAt text.Position) {
	point := func(p text.Position) C.TSPoint { return C.TSPoint{C.uint32_t(p.Line), C.uint32_t(p.Column)} }
	C.ts_tree_edit(t.c, &C.TSInputEdit{
		start_byte: C.uint32_t(start), old_end_byte: C.uint32_t(oldEnd), new_end_byte: C.uint32_t(newEnd),
		start_point: point(startAt), old_end_point: point(oldEndAt), new_end_point: point(newEndAt),
	})
}

func (t sitterTree) root() sitterNode { return sitterNode{C.ts_tree_root_node(t.c)} }

func (n sitterNode) hasError() bool { return bool(C.ts_node_has_error(n.c)) }

// firstError is the first place below n that the parser could not fit in.
func (n sitterNode) firstError() (text.Span, bool) {
	var start, end C.uint32_t
	found := C.first_error(n.c, &start, &end)
	return text.Span{Start: int(start), End: int(end)}, bool(found)
}

// expression is the s-expression of the subtree.
func (n sitterNode) expression() string {
	s := C.ts_node_string(n.c)
	defer C.free(unsafe.Pointer(s))
	return C.GoString(s)
}

// sitterWalk copies subtrees. It holds C's memory: close frees it.
type sitterWalk struct{ c *C.walk }

func newSitterWalk() sitterWalk { return sitterWalk{(*C.walk)(C.calloc(1, C.sizeof_walk))} }

func (w sitterWalk) close() {
	C.walk_free(w.c)
	C.free(unsafe.Pointer(w.c))
}

// copy gives the nodes below n in depth-first order, with offsets that place
// maps. With cut, functions are leaves and listed, in the order of their
// node's part.
func (w sitterWalk) copy(n sitterNode, cut bool, place func(int) int) (nodes []node, functions []sitterNode) {
	C.copy_nodes(grammar(), w.c, n.c, C.bool(cut))
	nodes = make([]node, w.c.size)
	for i, f := range unsafe.Slice(w.c.nodes, w.c.size) {
		nodes[i] = node{
			kind: Kind(f.kind), field: Field(f.field), missing: bool(f.missing),
			start: int32(place(int(f.start))), end: int32(place(int(f.end))),
			next: int32(f.next), part: int32(f.function),
		}
	}
	functions = make([]sitterNode, w.c.functions_size)
	for i, f := range unsafe.Slice(w.c.functions, w.c.functions_size) {
		functions[i] = sitterNode{f}
	}
	return nodes, functions
}
