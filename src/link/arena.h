/*
 * arena.h - bounded memory for one decoded message, all of it given back at once.
 *
 * A message of 1 MiB can claim to be made of half a million parts. What it may take is bounded
 * here, whatever it claims: the allocation that would exceed the bound fails.
 */
#ifndef LINK_ARENA_H
#define LINK_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* the newest first */
	size_t used_bytes;          /* of the newest */
	size_t taken_bytes;         /* of all */
	size_t max_bytes;
};

void arena_init(struct arena *arena, size_t max_bytes);
void arena_release(struct arena *arena);

/* Memory aligned for anything, or NULL when the bound is reached or memory is out. */
void *arena_take(struct arena *arena, size_t bytes);
/* Everything taken is free again; a little is kept for the next message. */
void arena_clear(struct arena *arena);

#endif
