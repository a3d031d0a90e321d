#include "observe/slab.h"

#include <assert.h>
#include <stdlib.h>

#include "observe/address_set.h"

/*
 * A chunk holds blocks of one class. An eighth of the budget, so that every class finds room; at
 * most so large that little traffic stays small, at least so large that one block of
 * any class fits.
 */
enum {
	CHUNK_SHARE = 8,
	CHUNK_MAX_BYTES = 64 * 1024,
	CHUNK_MIN_BYTES = 16 * 1024,
	CHUNK_HEADER_BYTES = 16,
};

struct chunk {
	struct chunk *next;
};

struct block {
	struct block *next;
};

struct slab {
	size_t budget_bytes;
	size_t taken_bytes;
	size_t chunk_bytes;
	struct chunk *chunks;
	struct block *unused[SLAB_CLASS_COUNT];
};

static const size_t block_bytes[SLAB_CLASS_COUNT] = {
    [SLAB_ITEMS_1] = 1 * sizeof(struct address_item),
    [SLAB_ITEMS_4] = 4 * sizeof(struct address_item),
    [SLAB_ITEMS_16] = 16 * sizeof(struct address_item),
    [SLAB_ITEMS_64] = 64 * sizeof(struct address_item),
    [SLAB_ITEMS_256] = 256 * sizeof(struct address_item),
    [SLAB_REGISTERS] = ADDRESS_SET_REGISTERS,
};

static_assert(sizeof(struct chunk) <= CHUNK_HEADER_BYTES, "the header fits before the blocks");
static_assert(256 * sizeof(struct address_item) + CHUNK_HEADER_BYTES <= CHUNK_MIN_BYTES,
    "the largest block fits the smallest chunk");

struct slab *slab_new(size_t budget_bytes)
{
	struct slab *slab = calloc(1, sizeof *slab);
	if (slab == NULL)
		return NULL;
	size_t chunk_bytes = budget_bytes / CHUNK_SHARE / CHUNK_HEADER_BYTES * CHUNK_HEADER_BYTES;
	if (chunk_bytes > CHUNK_MAX_BYTES)
		chunk_bytes = CHUNK_MAX_BYTES;
	slab->chunk_bytes = chunk_bytes < CHUNK_MIN_BYTES ? CHUNK_MIN_BYTES : chunk_bytes;
	slab->budget_bytes = budget_bytes;
	return slab;
}

void slab_free(struct slab *slab)
{
	if (slab == NULL)
		return;
	while (slab->chunks != NULL) {
		struct chunk *next = slab->chunks->next;
		free(slab->chunks);
		slab->chunks = next;
	}
	free(slab);
}

static void add_chunk(struct slab *slab, enum slab_class class)
{
	if (slab->taken_bytes + slab->chunk_bytes > slab->budget_bytes)
		return;
	struct chunk *chunk = malloc(slab->chunk_bytes);
	if (chunk == NULL)
		return;
	chunk->next = slab->chunks;
	slab->chunks = chunk;
	slab->taken_bytes += slab->chunk_bytes;

	uint8_t *bytes = (uint8_t *)chunk + CHUNK_HEADER_BYTES;
	size_t count = (slab->chunk_bytes - CHUNK_HEADER_BYTES) / block_bytes[class];
	for (size_t i = count; i > 0; i--) {
		struct block *block =
		    (struct block *)(void *)(bytes + (i - 1) * block_bytes[class]);
		block->next = slab->unused[class];
		slab->unused[class] = block;
	}
}

void *slab_take(struct slab *slab, enum slab_class class)
{
	assert(class >= 0 && class < SLAB_CLASS_COUNT);
	if (slab->unused[class] == NULL)
		add_chunk(slab, class);
	struct block *block = slab->unused[class];
	if (block != NULL)
		slab->unused[class] = block->next;
	return block;
}

void slab_give(struct slab *slab, enum slab_class class, void *block)
{
	assert(class >= 0 && class < SLAB_CLASS_COUNT);
	if (block == NULL)
		return;
	struct block *unused = block;
	unused->next = slab->unused[class];
	slab->unused[class] = unused;
}

size_t slab_block_bytes(enum slab_class class)
{
	return block_bytes[class];
}

size_t slab_bytes(const struct slab *slab)
{
	return slab->taken_bytes;
}
