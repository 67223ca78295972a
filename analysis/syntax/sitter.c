#include "sitter.h"

#include <stdlib.h>
#include <string.h>

// A new parser for each text: it costs a microsecond and has no past.
static TSParser *new_parser(const grammar *g) {
	TSParser *parser = ts_parser_new();
	if (ts_parser_set_language(parser, g->language)) return parser;
	ts_parser_delete(parser);
	return NULL;
}

TSTree *parse_text(const grammar *g, arena *memory, const TSTree *old, const char *input, uint32_t size) {
	arena_enter(memory);
	TSParser *parser = new_parser(g);
	TSTree *tree = NULL;
	if (parser) {
		tree = ts_parser_parse_string(parser, old, input, size);
		ts_parser_delete(parser);
	}
	arena_leave();
	return tree;
}

// attempt is a parse that ends when it meets an error.
typedef struct {
	TSParser *parser;
	const char *input;
	uint32_t size, steps, every;
	bool failed;
} attempt;

static const char *read_attempt(void *payload, uint32_t at, TSPoint point, uint32_t *size) {
	const attempt *a = payload;
	(void)point;
	*size = at < a->size ? a->size - at : 0;
	return *size ? a->input + at : "";
}

static bool begins(const char *s, const char *prefix) { return !strncmp(s, prefix, strlen(prefix)); }

// The parser tells only its log that it recovers. It writes these two lines
// when it has no reading left that is free of errors, neither open nor complete.
static void watch_attempt(void *payload, int type, const char *message) {
	attempt *a = payload;
	if (type == 0 && (begins(message, "skip_token") || begins(message, "recover_to_previous"))) a->failed = true;
}

// The parser calls this every hundred operations. To write the log costs as
// much as to parse, but recovery goes on and on: a look now and then is enough.
static bool stop_attempt(TSParseState *state) {
	attempt *a = state->payload;
	bool watched = ++a->steps % a->every == 0;
	ts_parser_set_logger(a->parser, (TSLogger){a, watched ? watch_attempt : NULL});
	return a->failed || state->has_error;
}

TSTree *try_text(const grammar *g, arena *memory, const TSTree *old, const char *input, uint32_t size) {
	arena_enter(memory);
	attempt a = {.parser = new_parser(g), .input = input, .size = size, .every = old ? 4 : 128};
	TSTree *tree = NULL;
	if (a.parser) {
		tree = ts_parser_parse_with_options(a.parser, old, (TSInput){&a, read_attempt, 0, NULL}, (TSParseOptions){&a, stop_attempt});
		ts_parser_delete(a.parser);
	}
	arena_leave();
	return tree;
}

bool parses_text(const grammar *g, const char *input, uint32_t size) {
	arena *memory = arena_for(size);
	TSTree *tree = parse_text(g, memory, NULL, input, size);
	bool ok = tree && !ts_node_has_error(ts_tree_root_node(tree));
	free_tree(memory, tree);
	return ok;
}

void free_tree(arena *memory, TSTree *tree) {
	if (memory) arena_free(memory);
	else if (tree) ts_tree_delete(tree);
}

static uint8_t kind_of(const grammar *g, TSNode n) {
	uint16_t symbol = ts_node_symbol(n);
	return symbol < g->symbols ? g->kinds[symbol] : g->error; // the error symbol lies outside
}

static void *grown(void *p, uint32_t *capacity, size_t size) {
	*capacity = *capacity ? *capacity * 2 : 256;
	p = realloc(p, *capacity * size);
	if (!p) abort(); // as tree-sitter does
	return p;
}

static bool is_function(const grammar *g, TSNode n, uint8_t kind) {
	if (kind == g->decorated) {
		n = ts_node_child_by_field_id(n, g->definition);
		return n.id && kind_of(g, n) == g->function;
	}
	return kind == g->function;
}

// Deeper nodes are leaves, so that readers may recurse. Python itself refuses
// more than 100 levels of indentation and 200 of parentheses.
enum { max_depth = 1000 };

void copy_nodes(const grammar *g, walk *w, TSNode root, bool cut) {
	uint32_t open[max_depth], depth = 0;
	bool errors = ts_node_has_error(root);
	TSTreeCursor cursor = ts_tree_cursor_new(root);
	w->size = w->functions_size = 0;
	for (;;) {
		TSNode n = ts_tree_cursor_current_node(&cursor);
		if (w->size == w->capacity) w->nodes = grown(w->nodes, &w->capacity, sizeof *w->nodes);
		uint32_t at = w->size++;
		flat *f = &w->nodes[at];
		*f = (flat){
			.start = ts_node_start_byte(n),
			.end = ts_node_end_byte(n),
			.kind = kind_of(g, n),
			.field = g->fields[ts_tree_cursor_current_field_id(&cursor)],
			.missing = errors && ts_node_is_missing(n),
		};
		if (cut && is_function(g, n, f->kind)) {
			if (w->functions_size == w->functions_capacity)
				w->functions = grown(w->functions, &w->functions_capacity, sizeof *w->functions);
			w->functions[w->functions_size++] = n;
			f->function = w->functions_size;
		} else if (depth < max_depth && (!g->opaque[f->kind] || (errors && ts_node_has_error(n))) &&
		           ts_tree_cursor_goto_first_child(&cursor)) {
			open[depth++] = at;
			continue;
		}
		f->next = w->size;
		while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
			if (depth == 0) {
				ts_tree_cursor_delete(&cursor);
				return;
			}
			ts_tree_cursor_goto_parent(&cursor);
			w->nodes[open[--depth]].next = w->size;
		}
	}
}

void walk_free(walk *w) {
	free(w->nodes);
	free(w->functions);
}

// first_error finds the first place that the parser could not fit in.
bool first_error(TSNode root, uint32_t *start, uint32_t *end) {
	TSTreeCursor cursor = ts_tree_cursor_new(root);
	bool found = false, down = true;
	while (!found) {
		TSNode n = ts_tree_cursor_current_node(&cursor);
		if (down && ts_node_has_error(n)) {
			if (ts_node_is_error(n) || ts_node_is_missing(n)) {
				*start = ts_node_start_byte(n);
				*end = ts_node_end_byte(n);
				found = true;
				continue;
			}
			if (ts_tree_cursor_goto_first_child(&cursor)) continue;
		}
		down = ts_tree_cursor_goto_next_sibling(&cursor);
		if (!down && !ts_tree_cursor_goto_parent(&cursor)) break;
	}
	ts_tree_cursor_delete(&cursor);
	return found;
}
