#include "link/arena.h"

#include <stdlib.h>

enum {
	ALIGNMENT = 16,
	/* Most messages fit one chunk; it is kept from one to the next. */
	CHUNK_BYTES = 128 << 10,
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t bytes; /* of `data` */
	_Alignas(ALIGNMENT) unsigned char data[];
};

void arena_init(struct arena *arena, size_t max_bytes)
{
	*arena = (struct arena){.max_bytes = max_bytes};
}

static void free_after(struct arena *arena, struct arena_chunk *kept)
{
	struct arena_chunk **rest = kept == NULL ? &arena->chunks : &kept->next;
	while (*rest != NULL) {
		struct arena_chunk *next = (*rest)->next;
		free(*rest);
		*rest = next;
	}
}

void arena_release(struct arena *arena)
{
	free_after(arena, NULL);
	arena_init(arena, arena->max_bytes);
}

static int add_chunk(struct arena *arena, size_t bytes)
{
	size_t chunk_bytes = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
	if (chunk_bytes > arena->max_bytes - arena->taken_bytes)
		return -1;
	struct arena_chunk *chunk = malloc(sizeof *chunk + chunk_bytes);
	if (chunk == NULL)
		return -1;
	chunk->next = arena->chunks;
	chunk->bytes = chunk_bytes;
	arena->chunks = chunk;
	arena->taken_bytes += chunk_bytes;
	arena->used_bytes = 0;
	return 0;
}

void *arena_take(struct arena *arena, size_t bytes)
{
	if (bytes > arena->max_bytes)
		return NULL;
	size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct arena_chunk *chunk = arena->chunks;
	if (chunk == NULL || rounded > chunk->bytes - arena->used_bytes) {
		if (add_chunk(arena, rounded) != 0)
			return NULL;
		chunk = arena->chunks;
	}
	void *taken = chunk->data + arena->used_bytes;
	arena->used_bytes += rounded;
	return taken;
}

void arena_clear(struct arena *arena)
{
	struct arena_chunk *newest = arena->chunks;
	if (newest == NULL)
		return;
	if (newest->bytes > CHUNK_BYTES) {
		arena_release(arena);
		return;
	}
	free_after(arena, newest);
	arena->used_bytes = 0;
	arena->taken_bytes = newest->bytes;
}
