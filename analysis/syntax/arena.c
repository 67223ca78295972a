#include "sitter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// A text that is read once needs its tree for a moment, and to allocate and
// free its nodes one by one is a fifth of the work. Such a parse takes its memory from an
// arena, which is freed as a whole. What the parser gives back while it works
// stays in the arena, so this is not for large files.

typedef struct chunk {
	struct chunk *next;
	size_t size;
	_Alignas(16) char bytes[];
} chunk;

// The chunks of an arena, the newest first; the arena lies in the oldest.
struct arena {
	chunk *chunks;
	char *at, *end;
};

// Everything that the parser allocates and frees in this thread belongs to this
// arena: between enter and leave it meets no other memory.
static _Thread_local arena *current;

// Chunks of arenas that were freed, for the next one: fresh memory of the
// system is slower than all the rest.
enum { spares = 4, largest_spare = 512 << 10 };
static _Atomic(chunk *) spare[spares];

static chunk *new_chunk(size_t size) {
	for (int i = 0; size <= largest_spare && i < spares; i++) {
		chunk *c = atomic_exchange(&spare[i], NULL);
		if (c && c->size >= size) return c;
		free(c);
	}
	chunk *c = malloc(sizeof *c + size);
	if (!c) abort(); // as tree-sitter does
	c->size = size;
	return c;
}

static void free_chunk(chunk *c) {
	for (int i = 0; c->size <= largest_spare && i < spares; i++) {
		chunk *empty = NULL;
		if (atomic_compare_exchange_strong(&spare[i], &empty, c)) return;
	}
	free(c);
}

static void add_chunk(arena *a, chunk *c) {
	c->next = a->chunks;
	a->chunks = c;
	a->at = c->bytes;
	a->end = c->bytes + c->size;
}

arena *arena_new(size_t size) {
	chunk *c = new_chunk(size);
	arena *a = (arena *)c->bytes;
	*a = (arena){0};
	c->next = NULL;
	add_chunk(a, c);
	a->at += (sizeof *a + 15) & ~(size_t)15;
	return a;
}

// A parse takes about 64 bytes for each of its text.
arena *arena_for(uint32_t text) {
	enum { most = 128 << 10 };
	return text <= most ? arena_new(4096 + 64 * (size_t)text) : NULL;
}

void arena_free(arena *a) {
	for (chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free_chunk(c);
	}
}

void arena_enter(arena *a) { current = a; }
void arena_leave(void) { current = NULL; }

// Each block lies behind its size, which realloc needs.
enum { head = 16 };

static void *block(arena *a, size_t size) {
	size_t needed = head + ((size + 15) & ~(size_t)15);
	if (needed < size) abort();
	if (needed > (size_t)(a->end - a->at)) {
		size_t more = a->chunks->size;
		add_chunk(a, new_chunk(needed > more ? needed : more));
	}
	char *p = a->at;
	a->at += needed;
	*(size_t *)p = needed - head;
	return p + head;
}

static void *take(size_t size) { return current ? block(current, size) : malloc(size); }

static void *take_clear(size_t n, size_t size) {
	if (!current) return calloc(n, size);
	if (size && n > SIZE_MAX / size) abort();
	return memset(block(current, n * size), 0, n * size);
}

static void *take_more(void *p, size_t size) {
	if (!current) return realloc(p, size);
	if (!p) return block(current, size);
	size_t old = *(size_t *)((char *)p - head);
	if (size <= old) return p;
	return memcpy(block(current, size), p, old);
}

static void give(void *p) {
	if (!current) free(p);
}

// The binding routes every malloc and free of the parser through Go and back
// to libc, at the price of two language borders each: more than half of the
// time of a parse. With this the parser calls libc, or the arena.
void use_arenas(void) {
	if (ts_set_allocator) ts_set_allocator(take, take_clear, take_more, give);
}
