/*
 * line_arena.h - memory for cache lines, in pieces from one reserved range of huge pages.
 *
 * Records that are met in random order cost a look-up of their page besides; huge pages make these
 * few. Pages of 2 MB would leave much unused if each of 64 tables had its own: so all tables take
 * small pieces from the same pages. Pieces are never given back.
 */
#ifndef OBSERVE_LINE_ARENA_H
#define OBSERVE_LINE_ARENA_H

#include <stddef.h>

enum {
	LINE_BYTES = 64,
	PIECE_LINES = 128,
	PIECE_BYTES = PIECE_LINES * LINE_BYTES,
};

struct line_arena;

/* Room for so many pieces; memory is taken as they are. NULL when there is none. */
struct line_arena *line_arena_new(size_t pieces);
void line_arena_free(struct line_arena *arena); /* with all pieces; NULL is allowed */

/* PIECE_LINES lines, zeroed; NULL when all are taken. Any thread may call this. */
void *line_arena_take(struct line_arena *arena);

#endif
