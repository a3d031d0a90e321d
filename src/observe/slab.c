#include "observe/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	PAGE_BYTES = 4096,
	HUGE_PAGE_BYTES = 2 * 1024 * 1024,
	/* With less the huge pages that nobody needs would be a good part of it. */
	HUGE_BUDGET_MIN = 4 * HUGE_PAGE_BYTES,
};

struct block {
	struct block *next;
};

struct slab {
	const struct slab_sizes *sizes;
	uint8_t *memory; /* all of the budget; NULL where that is no page */
	size_t memory_bytes;
	size_t cut_bytes;  /* of it, from its start */
	size_t most_bytes; /* that were ever cut */
	size_t used_bytes; /* of blocks that are out */
	uint64_t refused;
	enum rank rank;
	struct block *unused[SLAB_CLASSES_MAX];
};

static bool reserve(struct slab *slab, size_t budget_bytes)
{
	slab->memory_bytes = budget_bytes / PAGE_BYTES * PAGE_BYTES;
	if (slab->memory_bytes == 0)
		return true;
	void *memory = mmap(NULL, slab->memory_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	slab->memory = memory;
	if (slab->memory_bytes >= HUGE_BUDGET_MIN) /* only slower without */
		(void)madvise(memory, slab->memory_bytes, MADV_HUGEPAGE);
	return true;
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
	slab->rank = RANK_MEMBER;
	if (!reserve(slab, budget_bytes)) {
		free(slab);
		return NULL;
	}
	return slab;
}

void slab_free(struct slab *slab)
{
	if (slab == NULL)
		return;
	if (slab->memory != NULL)
		(void)munmap(slab->memory, slab->memory_bytes); /* cannot fail for ours */
	free(slab);
}

void slab_set_rank(struct slab *slab, enum rank rank)
{
	slab->rank = rank;
}

static void *cut(struct slab *slab, size_t bytes)
{
	size_t most = slab->memory_bytes - rank_leaves(slab->rank, slab->memory_bytes);
	if (slab->cut_bytes + bytes > most)
		return NULL;
	void *block = slab->memory + slab->cut_bytes;
	slab->cut_bytes += bytes;
	if (slab->most_bytes < slab->cut_bytes)
		slab->most_bytes = slab->cut_bytes;
	return block;
}

static void add_unused(struct slab *slab, size_t class, void *memory)
{
	struct block *block = memory;
	block->next = slab->unused[class];
	slab->unused[class] = block;
}

/* The class of the largest blocks that fit; as many as there are classes where none does. */
static size_t largest_within(const struct slab_sizes *sizes, size_t bytes)
{
	size_t best = sizes->count;
	for (size_t i = 0; i < sizes->count; i++)
		if (sizes->bytes[i] <= bytes &&
		    (best == sizes->count || sizes->bytes[i] > sizes->bytes[best]))
			best = i;
	return best;
}

/* Cuts the smallest unused block that is larger; what is left of it serves in large pieces. */
static void *cut_unused(struct slab *slab, size_t bytes)
{
	const struct slab_sizes *sizes = slab->sizes;
	size_t from = sizes->count;
	for (size_t i = 0; i < sizes->count; i++)
		if (slab->unused[i] != NULL && sizes->bytes[i] > bytes &&
		    (from == sizes->count || sizes->bytes[i] < sizes->bytes[from]))
			from = i;
	if (from == sizes->count)
		return NULL;
	struct block *block = slab->unused[from];
	slab->unused[from] = block->next;
	uint8_t *rest = (uint8_t *)block + bytes;
	size_t rest_bytes = sizes->bytes[from] - bytes;
	size_t class;
	while ((class = largest_within(sizes, rest_bytes)) < sizes->count) {
		add_unused(slab, class, rest);
		rest += sizes->bytes[class];
		rest_bytes -= sizes->bytes[class];
	}
	return block;
}

void *slab_take(struct slab *slab, size_t class)
{
	assert(class < slab->sizes->count);
	struct block *unused = slab->unused[class];
	size_t bytes = slab->sizes->bytes[class];
	void *block = unused;
	if (unused != NULL)
		slab->unused[class] = unused->next;
	else
		block = cut(slab, bytes);
	if (block == NULL)
		block = cut_unused(slab, bytes);
	if (block == NULL)
		slab->refused++;
	else
		slab->used_bytes += bytes;
	return block;
}

/* No block is out: all can be cut anew. */
static void make_whole(struct slab *slab)
{
	memset(slab->unused, 0, sizeof slab->unused);
	slab->cut_bytes = 0;
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
	size_t page = slab->memory_bytes >= HUGE_BUDGET_MIN ? HUGE_PAGE_BYTES : PAGE_BYTES;
	size_t bytes = (slab->most_bytes + page - 1) / page * page;
	return bytes < slab->memory_bytes ? bytes : slab->memory_bytes;
}

size_t slab_used_bytes(const struct slab *slab)
{
	return slab->used_bytes;
}

uint64_t slab_refused(const struct slab *slab)
{
	return slab->refused;
}
