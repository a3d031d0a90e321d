/* Blocks never overlap, come back, and never cost more than the budget. */
#include "observe/slab.h"

#include <stdint.h>
#include <string.h>

#include "base/random.h"
#include "observe/address_set.h"
#include "test.h"

enum {
	BUDGET = 1024 * 1024,
	PAGE = 4096,
	LINE = 64,
	BLOCKS_MAX = 8192,
	OPERATIONS = 20000,
	CLASSES = 5,
	SMALL = 1,
	LARGE = 4,
};

static const struct slab_sizes sizes = {
    .count = CLASSES,
    .bytes = {16, 48, 192, 4096, 12288},
};

/* Whole lines. */
static const struct slab_sizes lines = {
    .count = 3,
    .bytes = {64, 256, 1344},
};

struct taken {
	uint8_t *block;
	size_t class;
	size_t bytes;
	uint8_t mark; /* every byte of the block */
};

static bool holds_mark(const struct taken *taken)
{
	for (size_t i = 0; i < taken->bytes; i++)
		if (taken->block[i] != taken->mark)
			return false;
	return true;
}

struct soundness {
	bool apart;
	bool aligned;
};

/* Each block is filled with a mark of its own; two that overlap would spoil each other's. */
static struct soundness take_and_give(struct slab *slab, size_t alignment, size_t classes)
{
	static struct taken taken[BLOCKS_MAX];
	struct soundness sound = {true, true};
	struct random random;
	random_init(&random, 7);
	size_t count = 0;
	for (int n = 0; n < OPERATIONS; n++) {
		if (random_below(&random, 100) < 55 && count < BLOCKS_MAX) {
			struct taken *t = &taken[count];
			t->class = random_below(&random, classes);
			t->bytes = slab_block_bytes(slab, t->class);
			t->block = slab_take(slab, t->class);
			t->mark = (uint8_t)n;
			sound.aligned = sound.aligned && (uintptr_t)t->block % alignment == 0;
			if (t->block == NULL)
				continue;
			memset(t->block, t->mark, t->bytes);
			count++;
		} else if (count > 0) {
			size_t i = random_below(&random, count);
			sound.apart = sound.apart && holds_mark(&taken[i]);
			slab_give(slab, taken[i].class, taken[i].block);
			taken[i] = taken[--count];
		}
	}
	for (size_t i = 0; i < count; i++)
		sound.apart = sound.apart && holds_mark(&taken[i]);
	return sound;
}

static void test_random(void)
{
	struct slab *slab = slab_new(BUDGET, &sizes);
	struct soundness sound = take_and_give(slab, SLAB_ALIGNMENT, CLASSES);
	OK(sound.apart, "no block overlaps another");
	OK(sound.aligned, "blocks are aligned to 16 bytes");
	OK(slab_bytes(slab) <= BUDGET && slab_bytes(slab) > 0, "the budget is kept");
	slab_free(slab);

	slab = slab_new(BUDGET, &lines);
	sound = take_and_give(slab, LINE, lines.count);
	OK(sound.apart && sound.aligned, "blocks of whole lines are aligned to lines");
	slab_free(slab);
}

static size_t take_all(struct slab *slab, size_t class, void **last)
{
	size_t count = 0;
	*last = NULL;
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
		size_t class;
		size_t blocks;
	} rows[] = {
	    {"no budget: no block", 0, SMALL, 0},
	    {"a byte less than a page", PAGE - 1, SMALL, 0},
	    {"just a page", PAGE, SMALL, PAGE / 48},
	    {"a byte more is no block more", PAGE + 1, SMALL, PAGE / 48},
	    {"a page less than the largest block", 2 * PAGE, LARGE, 0},
	    {"just the largest block", 3 * PAGE, LARGE, 1},
	    {"as many as go into 40 MB", (size_t)40 << 20, LARGE, ((size_t)40 << 20) / 12288},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slab *slab = slab_new(rows[i].budget, &sizes);
		void *last = NULL;
		bool none_at_first = slab_bytes(slab) == 0;
		size_t count = take_all(slab, rows[i].class, &last);
		OK(none_at_first && count == rows[i].blocks && slab_bytes(slab) <= rows[i].budget &&
			slab_bytes(slab) >= count * slab_block_bytes(slab, rows[i].class),
		    rows[i].name);
		slab_free(slab);
	}
	OK(slab_new(SIZE_MAX / 2, &sizes) == NULL, "more than any machine has is refused");
}

static void test_reuse(void)
{
	struct slab *slab = slab_new((size_t)2 * PAGE, &sizes);
	void *last = NULL;
	size_t count = take_all(slab, 2, &last);
	OK(count == 42 && slab_take(slab, 2) == NULL, "used up");
	OK(slab_take(slab, SMALL) != NULL, "what is left at the end serves smaller ones");
	slab_give(slab, 2, last);
	OK(slab_take(slab, 2) == last, "a block that was given back serves again");
	slab_give(slab, 2, NULL);
	OK(slab_take(slab, 2) == NULL, "giving NULL gives nothing");
	slab_free(slab);
	slab_free(NULL);
}

static void test_ranks(void)
{
	struct slab *slab = slab_new(BUDGET, &sizes);
	void *last;
	slab_set_rank(slab, RANK_STRANGER);
	(void)take_all(slab, SMALL, &last);
	OK(slab_used_bytes(slab) <= BUDGET - BUDGET / 8 && slab_used_bytes(slab) > BUDGET * 3 / 4 &&
		slab_refused(slab) == 1,
	    "strangers leave an eighth");
	slab_set_rank(slab, RANK_MEMBER);
	size_t large = take_all(slab, LARGE, &last);
	OK(large >= BUDGET / 8 / 12288 && slab_bytes(slab) <= BUDGET && slab_refused(slab) == 2,
	    "which members have for blocks of any size");
	slab_free(slab);
}

/* What was cut into small blocks serves for large ones when all of it has come back. */
static void test_whole_again(void)
{
	static void *blocks[BUDGET / 48 + 1];
	struct slab *slab = slab_new(BUDGET, &sizes);
	size_t count = 0;
	void *last;
	while ((blocks[count] = slab_take(slab, SMALL)) != NULL)
		count++;
	OK(slab_take(slab, LARGE) == NULL, "all is cut into small blocks");
	size_t taken = slab_bytes(slab);
	while (count > 1)
		slab_give(slab, SMALL, blocks[--count]);
	OK(slab_take(slab, LARGE) == NULL && slab_used_bytes(slab) == 48,
	    "while one of them is out");
	slab_give(slab, SMALL, blocks[0]);
	OK(slab_used_bytes(slab) == 0 && take_all(slab, LARGE, &last) == taken / 12288,
	    "when none is, large ones can be cut again");
	OK(slab_bytes(slab) == taken, "from the same memory");
	slab_free(slab);
}

/* Small blocks find room in large ones that came back, not the other way. */
static void test_cutting(void)
{
	static void *blocks[BUDGET / 12288 + 1];
	struct slab *slab = slab_new(BUDGET, &sizes);
	size_t count = 0;
	void *last;
	while ((blocks[count] = slab_take(slab, LARGE)) != NULL)
		count++;
	while (slab_take(slab, 0) != NULL) /* the end of all memory */
		;
	slab_give(slab, LARGE, blocks[--count]);
	OK(slab_take(slab, SMALL) == blocks[count] && slab_take(slab, 3) != NULL &&
		slab_take(slab, 3) != NULL && slab_take(slab, 3) == NULL,
	    "what is left of a large block that is cut serves in large pieces");
	OK(take_all(slab, SMALL, &last) == (12288 - 2 * 4096) / 48 - 1, "and to its end");
	slab_give(slab, SMALL, last);
	OK(slab_take(slab, 3) == NULL && slab_take(slab, SMALL) == last,
	    "small ones stay what they are");
	slab_free(slab);
}

int main(void)
{
	struct slab *slab = slab_new(BUDGET, &slab_sizes_address_set);
	OK(slab_block_bytes(slab, 0) == 48 && slab_block_bytes(slab, 1) == 192 &&
		slab_block_bytes(slab, 2) == 768 && slab_block_bytes(slab, 3) == 3072 &&
		slab_block_bytes(slab, 4) == 12288 && slab_block_bytes(slab, 5) == 4096,
	    "blocks of address sets have the sizes that address_set.h states");
	slab_free(slab);
	test_random();
	test_limits();
	test_reuse();
	test_ranks();
	test_whole_again();
	test_cutting();
	return test_done();
}
