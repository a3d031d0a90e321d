/*
 * line_arena.h - memory for cache lines, in pieces from one reserved range of huge pages.
 *
 * Records that are met in random order cost a look-up of their page besides; huge pages make these
 * few. Pages of 2 MB would leave much unused if each of 64 tables had its own: so all tables take
 * small pieces from the same pages. Pieces are never given back.
 *
 * Lines have numbers from the base on, so that 32 bits name one. Number 0 is never given: it stays
 * zero, and stands for none.
 */
#ifndef OBSERVE_LINE_ARENA_H
#define OBSERVE_LINE_ARENA_H

#include <stddef.h>

enum {
	LINE_BYTES = 64,
	PIECE_LINES = 128,
	PIECE_BYTES = PIECE_LINES * LINE_BYTES,
	LINE_ARENA_PIECES_MAX = ((1 << 26) - 1) / PIECE_LINES,
};

struct line_arena;

/* Room for so many pieces, up to _MAX; memory is taken as they are. NULL when there is none. */
struct line_arena *line_arena_new(size_t pieces);
void line_arena_free(struct line_arena *arena); /* with all pieces; NULL is allowed */

/* Where line 0 is: the others follow it by their numbers. */
void *line_arena_base(const struct line_arena *arena);

/* PIECE_LINES lines, zeroed; NULL when all are taken. Any thread may call this. */
void *line_arena_take(struct line_arena *arena);

#endif
