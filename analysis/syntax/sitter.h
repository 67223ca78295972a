// The part of tree-sitter's C library that this package uses, which the Go
// binding links. The functions are weak, because this package is linked alone
// once while it is built. One call across the border of the languages costs as
// much as visiting several nodes, so whole walks happen in C.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TSLanguage TSLanguage;
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef struct { uint32_t row, column; } TSPoint;
typedef struct {
	uint32_t start_byte, old_end_byte, new_end_byte;
	TSPoint start_point, old_end_point, new_end_point;
} TSInputEdit;
typedef struct {
	void *payload;
	const char *(*read)(void *payload, uint32_t at, TSPoint, uint32_t *size);
	int encoding; // 0 for UTF-8
	uint32_t (*decode)(const uint8_t *, uint32_t, int32_t *);
} TSInput;
typedef struct {
	void *payload;
	uint32_t at;
	bool has_error;
} TSParseState;
typedef struct {
	void *payload;
	bool (*progress_callback)(TSParseState *); // true ends the parse
} TSParseOptions;
typedef struct {
	void *payload;
	void (*log)(void *payload, int type, const char *message);
} TSLogger;
typedef struct {
	uint32_t context[4];
	const void *id;
	const TSTree *tree;
} TSNode;
typedef struct {
	const void *tree, *id;
	uint32_t context[3];
} TSTreeCursor;

#pragma weak ts_set_allocator
#pragma weak ts_language_symbol_count
#pragma weak ts_language_symbol_name
#pragma weak ts_language_symbol_type
#pragma weak ts_language_field_count
#pragma weak ts_language_field_name_for_id
#pragma weak ts_parser_new
#pragma weak ts_parser_delete
#pragma weak ts_parser_set_language
#pragma weak ts_parser_parse_string
#pragma weak ts_parser_parse_with_options
#pragma weak ts_parser_set_logger
#pragma weak ts_tree_copy
#pragma weak ts_tree_delete
#pragma weak ts_tree_edit
#pragma weak ts_tree_root_node
#pragma weak ts_tree_cursor_new
#pragma weak ts_tree_cursor_delete
#pragma weak ts_tree_cursor_goto_first_child
#pragma weak ts_tree_cursor_goto_next_sibling
#pragma weak ts_tree_cursor_goto_parent
#pragma weak ts_tree_cursor_current_node
#pragma weak ts_tree_cursor_current_field_id
#pragma weak ts_node_symbol
#pragma weak ts_node_start_byte
#pragma weak ts_node_end_byte
#pragma weak ts_node_has_error
#pragma weak ts_node_is_error
#pragma weak ts_node_is_missing
#pragma weak ts_node_child_by_field_id
#pragma weak ts_node_string

void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));
uint32_t ts_language_symbol_count(const TSLanguage *);
const char *ts_language_symbol_name(const TSLanguage *, uint16_t);
int ts_language_symbol_type(const TSLanguage *, uint16_t);
uint32_t ts_language_field_count(const TSLanguage *);
const char *ts_language_field_name_for_id(const TSLanguage *, uint16_t);
TSParser *ts_parser_new(void);
void ts_parser_delete(TSParser *);
bool ts_parser_set_language(TSParser *, const TSLanguage *);
TSTree *ts_parser_parse_string(TSParser *, const TSTree *, const char *, uint32_t);
TSTree *ts_parser_parse_with_options(TSParser *, const TSTree *, TSInput, TSParseOptions);
void ts_parser_set_logger(TSParser *, TSLogger);
TSTree *ts_tree_copy(const TSTree *);
void ts_tree_delete(TSTree *);
void ts_tree_edit(TSTree *, const TSInputEdit *);
TSNode ts_tree_root_node(const TSTree *);
TSTreeCursor ts_tree_cursor_new(TSNode);
void ts_tree_cursor_delete(TSTreeCursor *);
bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
bool ts_tree_cursor_goto_parent(TSTreeCursor *);
TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
uint16_t ts_node_symbol(TSNode);
uint32_t ts_node_start_byte(TSNode);
uint32_t ts_node_end_byte(TSNode);
bool ts_node_has_error(TSNode);
bool ts_node_is_error(TSNode);
bool ts_node_is_missing(TSNode);
TSNode ts_node_child_by_field_id(TSNode, uint16_t);
char *ts_node_string(TSNode);

// flat is one node of a copied tree, in depth-first order.
typedef struct {
	uint32_t start, end; // offsets in the input
	uint32_t next;       // index behind the subtree
	uint32_t function;   // one more than its index in the list of functions, 0 if it is here
	uint8_t kind, field;
	bool missing;
} flat;

// grammar translates the numbers of tree-sitter's grammar.
typedef struct {
	const TSLanguage *language;
	uint32_t symbols;
	uint8_t kinds[1024]; // by symbol
	uint8_t fields[256];
	bool opaque[256]; // by kind: not looked into
	uint8_t error, function, decorated;
	uint16_t definition; // field
} grammar;

// walk collects the nodes of a subtree and the functions cut out of it.
typedef struct {
	flat *nodes;
	uint32_t size, capacity;
	TSNode *functions;
	uint32_t functions_size, functions_capacity;
} walk;

// arena is memory that is freed as a whole. A tree in one is never copied,
// edited or deleted by tree-sitter.
typedef struct arena arena;
void use_arenas(void);
arena *arena_new(size_t size);
void arena_free(arena *);
void arena_enter(arena *);
void arena_leave(void);
// arena_for is one for the parse of a text of that size, NULL if it is too large.
arena *arena_for(uint32_t text);

// The trees below lie in an arena if one is given; then there is no old tree.
TSTree *parse_text(const grammar *, arena *, const TSTree *old, const char *input, uint32_t size);
// try_text may give no tree if the text has errors.
TSTree *try_text(const grammar *, arena *, const TSTree *old, const char *input, uint32_t size);
void free_tree(arena *, TSTree *);
bool parses_text(const grammar *, const char *input, uint32_t size);
void copy_nodes(const grammar *, walk *, TSNode root, bool cut);
void walk_free(walk *);
bool first_error(TSNode root, uint32_t *start, uint32_t *end);
