/* Blocks never overlap, come back, and never cost more than the budget. */
#include "observe/slab.h"

#include <stdint.h>
#include <string.h>

#include "base/random.h"
#include "test.h"

enum {
	BUDGET = 1024 * 1024,
	CHUNK = 16 * 1024, /* what the slab takes at once */
	BLOCKS_MAX = 8192,
	OPERATIONS = 20000,
};

struct taken {
	uint8_t *block;
	enum slab_class class;
	uint8_t mark; /* every byte of the block */
};

static bool holds_mark(const struct taken *taken)
{
	for (size_t i = 0; i < slab_block_bytes(taken->class); i++)
		if (taken->block[i] != taken->mark)
			return false;
	return true;
}

/* Each block is filled with a mark of its own; two that overlap would spoil each other's. */
static void test_random(void)
{
	static struct taken taken[BLOCKS_MAX];
	struct random random;
	random_init(&random, 7);
	struct slab *slab = slab_new(BUDGET);
	size_t count = 0;
	bool apart = true;
	bool aligned = true;
	for (int n = 0; n < OPERATIONS; n++) {
		if (random_below(&random, 100) < 55 && count < BLOCKS_MAX) {
			struct taken *t = &taken[count];
			t->class = (enum slab_class)random_below(&random, SLAB_CLASS_COUNT);
			t->block = slab_take(slab, t->class);
			t->mark = (uint8_t)n;
			aligned = aligned && (uintptr_t)t->block % 8 == 0;
			if (t->block == NULL)
				continue;
			memset(t->block, t->mark, slab_block_bytes(t->class));
			count++;
		} else if (count > 0) {
			size_t i = random_below(&random, count);
			apart = apart && holds_mark(&taken[i]);
			slab_give(slab, taken[i].class, taken[i].block);
			taken[i] = taken[--count];
		}
	}
	for (size_t i = 0; i < count; i++)
		apart = apart && holds_mark(&taken[i]);
	OK(apart, "no block overlaps another");
	OK(aligned, "blocks are aligned for 64-bit fields");
	OK(slab_bytes(slab) <= BUDGET && slab_bytes(slab) > 0, "the budget is kept");
	slab_free(slab);
}

static size_t take_all(struct slab *slab, enum slab_class class, void **last)
{
	size_t count = 0;
	void *block;
	while ((block = slab_take(slab, class)) != NULL) {
		*last = block;
		count++;
	}
	return count;
}

static void test_limits(void)
{
	static const struct {
		const char *name;
		size_t budget;
		size_t most; /* blocks of 4 items */
	} rows[] = {
	    {"no budget: no block", 0, 0},
	    {"a byte too little for anything", CHUNK - 1, 0},
	    {"just one chunk", CHUNK, CHUNK / 192},
	    {"a byte more is no chunk more", CHUNK + 1, CHUNK / 192},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slab *slab = slab_new(rows[i].budget);
		void *last = NULL;
		size_t count = take_all(slab, SLAB_ITEMS_4, &last);
		OK(count <= rows[i].most && (count > 0) == (rows[i].most > 0) &&
			slab_bytes(slab) <= rows[i].budget,
		    rows[i].name);
		slab_free(slab);
	}
}

static void test_reuse(void)
{
	struct slab *slab = slab_new(CHUNK);
	void *last = NULL;
	size_t count = take_all(slab, SLAB_REGISTERS, &last);
	OK(count > 1 && slab_take(slab, SLAB_REGISTERS) == NULL, "used up");
	slab_give(slab, SLAB_REGISTERS, last);
	OK(slab_take(slab, SLAB_REGISTERS) == last, "a block that was given back serves again");
	slab_give(slab, SLAB_REGISTERS, NULL);
	OK(slab_take(slab, SLAB_REGISTERS) == NULL, "giving NULL gives nothing");
	slab_free(slab);
	slab_free(NULL);
}

int main(void)
{
	OK(slab_block_bytes(SLAB_ITEMS_4) == 192 && slab_block_bytes(SLAB_ITEMS_16) == 768 &&
		slab_block_bytes(SLAB_ITEMS_64) == 3072 &&
		slab_block_bytes(SLAB_ITEMS_256) == 12288 &&
		slab_block_bytes(SLAB_REGISTERS) == 4096,
	    "blocks have the sizes that address_set.h states");
	test_random();
	test_limits();
	test_reuse();
	return test_done();
}
