#include "observe/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	PAGE_BYTES = 4096,
	LINE_BYTES = 64,
	/* A chunk is this part of a small budget: what is left unused at its end stays small. */
	CHUNK_SHARE = 16,
};

/* The first line of a chunk; blocks follow. */
struct chunk {
	struct chunk *next;
	size_t bytes;
	uint8_t unused[LINE_BYTES - 2 * sizeof(size_t)];
};

static_assert(sizeof(struct chunk) == LINE_BYTES, "blocks begin on a line");

struct block {
	struct block *next;
};

struct slab {
	const struct slab_sizes *sizes;
	size_t budget_bytes;
	size_t taken_bytes;
	size_t chunk_bytes;
	struct chunk *chunks;
	uint8_t *rest; /* of the newest chunk: not yet cut */
	size_t rest_bytes;
	struct block *unused[SLAB_CLASSES_MAX];
};

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t choose_chunk(size_t budget_bytes, const struct slab_sizes *sizes)
{
	size_t largest = 0;
	for (size_t i = 0; i < sizes->count; i++)
		largest = sizes->bytes[i] > largest ? sizes->bytes[i] : largest;
	size_t least = whole_pages(largest + sizeof(struct chunk));
	size_t share = budget_bytes / CHUNK_SHARE / PAGE_BYTES * PAGE_BYTES;
	size_t chunk_bytes = whole_pages(sizes->chunk_bytes);
	if (chunk_bytes > share)
		chunk_bytes = share;
	return chunk_bytes < least ? least : chunk_bytes;
}

struct slab *slab_new(size_t budget_bytes, const struct slab_sizes *sizes)
{
	assert(sizes->count <= SLAB_CLASSES_MAX);
	for (size_t i = 0; i < sizes->count; i++)
		assert(sizes->bytes[i] > 0 && sizes->bytes[i] % SLAB_ALIGNMENT == 0);

	struct slab *slab = calloc(1, sizeof *slab);
	if (slab == NULL)
		return NULL;
	slab->sizes = sizes;
	slab->chunk_bytes = choose_chunk(budget_bytes, sizes);
	slab->budget_bytes = budget_bytes;
	return slab;
}

void slab_free(struct slab *slab)
{
	if (slab == NULL)
		return;
	while (slab->chunks != NULL) {
		struct chunk *next = slab->chunks->next;
		(void)munmap(slab->chunks, slab->chunks->bytes); /* fails for none of ours */
		slab->chunks = next;
	}
	free(slab);
}

static void add_unused(struct slab *slab, size_t class, void *memory)
{
	struct block *block = memory;
	block->next = slab->unused[class];
	slab->unused[class] = block;
}

static size_t largest_within(const struct slab_sizes *sizes, size_t bytes)
{
	size_t best = sizes->count;
	for (size_t i = 0; i < sizes->count; i++)
		if (sizes->bytes[i] <= bytes &&
		    (best == sizes->count || sizes->bytes[i] > sizes->bytes[best]))
			best = i;
	return best;
}

/* What is too short for the block that is wanted still serves smaller ones. */
static void use_rest(struct slab *slab)
{
	size_t class;
	while ((class = largest_within(slab->sizes, slab->rest_bytes)) < slab->sizes->count) {
		add_unused(slab, class, slab->rest);
		slab->rest += slab->sizes->bytes[class];
		slab->rest_bytes -= slab->sizes->bytes[class];
	}
}

static bool add_chunk(struct slab *slab)
{
	if (slab->taken_bytes + slab->chunk_bytes > slab->budget_bytes)
		return false;
	void *memory = mmap(
	    NULL, slab->chunk_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	use_rest(slab);
	struct chunk *chunk = memory;
	chunk->next = slab->chunks;
	chunk->bytes = slab->chunk_bytes;
	slab->chunks = chunk;
	slab->taken_bytes += slab->chunk_bytes;
	slab->rest = (uint8_t *)(chunk + 1);
	slab->rest_bytes = slab->chunk_bytes - sizeof *chunk;
	return true;
}

void *slab_take(struct slab *slab, size_t class)
{
	assert(class < slab->sizes->count);
	struct block *block = slab->unused[class];
	if (block != NULL) {
		slab->unused[class] = block->next;
		return block;
	}
	size_t bytes = slab->sizes->bytes[class];
	if (slab->rest_bytes < bytes && !add_chunk(slab))
		return NULL;
	void *cut = slab->rest;
	slab->rest += bytes;
	slab->rest_bytes -= bytes;
	return cut;
}

void slab_give(struct slab *slab, size_t class, void *block)
{
	assert(class < slab->sizes->count);
	if (block != NULL)
		add_unused(slab, class, block);
}

size_t slab_block_bytes(const struct slab *slab, size_t class)
{
	assert(class < slab->sizes->count);
	return slab->sizes->bytes[class];
}

size_t slab_bytes(const struct slab *slab)
{
	return slab->taken_bytes;
}
