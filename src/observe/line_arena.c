#include "observe/line_arena.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE_BYTES = 2 * 1024 * 1024
};

struct line_arena {
	uint8_t *base; /* where a huge page begins; the first piece follows a line */
	void *mapped;
	size_t bytes;
	size_t pieces;
	atomic_size_t taken;
};

struct line_arena *line_arena_new(size_t pieces)
{
	assert(pieces <= LINE_ARENA_PIECES_MAX);
	struct line_arena *arena = calloc(1, sizeof *arena);
	if (arena == NULL)
		return NULL;
	arena->pieces = pieces;
	arena->bytes = LINE_BYTES + pieces * PIECE_BYTES + HUGE_PAGE_BYTES;
	void *base = mmap(NULL, arena->bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		free(arena);
		return NULL;
	}
	arena->base = (uint8_t *)base + HUGE_PAGE_BYTES - (uintptr_t)base % HUGE_PAGE_BYTES;
	arena->mapped = base;
	/* whole ones only, so that no more is given than the pieces take; slower without */
	size_t huge = pieces * PIECE_BYTES / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
	if (huge > 0)
		(void)madvise(arena->base, huge, MADV_HUGEPAGE);
	return arena;
}

void line_arena_free(struct line_arena *arena)
{
	if (arena == NULL)
		return;
	munmap(arena->mapped, arena->bytes);
	free(arena);
}

void *line_arena_take(struct line_arena *arena)
{
	size_t number = atomic_fetch_add_explicit(&arena->taken, 1, memory_order_relaxed);
	if (number >= arena->pieces)
		return NULL;
	return arena->base + LINE_BYTES + number * PIECE_BYTES;
}

void *line_arena_base(const struct line_arena *arena)
{
	return arena->base;
}
