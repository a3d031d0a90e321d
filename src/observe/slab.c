#include "observe/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
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
	size_t used_bytes; /* of blocks that are out */
	size_t cut_bytes;  /* of chunks that blocks were cut from */
	uint64_t refused;
	enum rank rank;
	size_t chunk_bytes;
	struct chunk *chunks; /* from which blocks were cut, the newest first */
	struct chunk *whole;  /* from which none is cut */
	uint8_t *rest;        /* of the newest chunk: not yet cut */
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
	slab->rank = RANK_MEMBER;
	return slab;
}

/* No block is out: the chunks can be cut anew. */
static void make_whole(struct slab *slab)
{
	while (slab->chunks != NULL) {
		struct chunk *next = slab->chunks->next;
		slab->chunks->next = slab->whole;
		slab->whole = slab->chunks;
		slab->chunks = next;
	}
	memset(slab->unused, 0, sizeof slab->unused);
	slab->rest = NULL;
	slab->rest_bytes = 0;
	slab->cut_bytes = 0;
}

void slab_free(struct slab *slab)
{
	if (slab == NULL)
		return;
	make_whole(slab);
	while (slab->whole != NULL) {
		struct chunk *next = slab->whole->next;
		(void)munmap(slab->whole, slab->whole->bytes); /* fails for none of ours */
		slab->whole = next;
	}
	free(slab);
}

void slab_set_rank(struct slab *slab, enum rank rank)
{
	slab->rank = rank;
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

static struct chunk *new_chunk(struct slab *slab)
{
	struct chunk *chunk = slab->whole;
	if (chunk != NULL) {
		slab->whole = chunk->next;
		return chunk;
	}
	void *memory = mmap(
	    NULL, slab->chunk_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	chunk = memory;
	chunk->bytes = slab->chunk_bytes;
	slab->taken_bytes += slab->chunk_bytes;
	return chunk;
}

static bool add_chunk(struct slab *slab)
{
	size_t budget = slab->budget_bytes - rank_leaves(slab->rank, slab->budget_bytes);
	if (slab->cut_bytes + slab->chunk_bytes > budget)
		return false;
	struct chunk *chunk = new_chunk(slab);
	if (chunk == NULL)
		return false;
	use_rest(slab);
	chunk->next = slab->chunks;
	slab->chunks = chunk;
	slab->cut_bytes += slab->chunk_bytes;
	slab->rest = (uint8_t *)(chunk + 1);
	slab->rest_bytes = slab->chunk_bytes - sizeof *chunk;
	return true;
}

void *slab_take(struct slab *slab, size_t class)
{
	assert(class < slab->sizes->count);
	struct block *block = slab->unused[class];
	size_t bytes = slab->sizes->bytes[class];
	if (block != NULL) {
		slab->unused[class] = block->next;
		slab->used_bytes += bytes;
		return block;
	}
	if (slab->rest_bytes < bytes && !add_chunk(slab)) {
		slab->refused++;
		return NULL;
	}
	slab->used_bytes += bytes;
	void *cut = slab->rest;
	slab->rest += bytes;
	slab->rest_bytes -= bytes;
	return cut;
}

void slab_give(struct slab *slab, size_t class, void *block)
{
	assert(class < slab->sizes->count);
	if (block == NULL)
		return;
	add_unused(slab, class, block);
	slab->used_bytes -= slab->sizes->bytes[class];
	if (slab->used_bytes == 0)
		make_whole(slab);
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

size_t slab_used_bytes(const struct slab *slab)
{
	return slab->used_bytes;
}

uint64_t slab_refused(const struct slab *slab)
{
	return slab->refused;
}
