/*
 * bench_targets.c - what a touch of a target_set costs, in nanoseconds, by the size of the set.
 *
 *     bench_targets [TOUCHES]
 *
 * one: all touches go to one set, which the cache has. many: to sets of together 64 MB, in random
 * order, plain and prefetched: the owner's record, then the index, then the item. new:
 * filling those sets, target by target, set by set. address_set: the same touches of one
 * address_set. Prints the fastest of three passes, in processor time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "observe/target_set.h"

enum {
	PASSES = 3,
	TOUCHES_DEFAULT = 2000000,
	MANY_BYTES = 64 * 1024 * 1024,
	AHEAD = 16, /* touches between asking for one thing and for the next */
};

/* What an owner of a set may look like: a line of its own. */
struct owner {
	_Alignas(64) struct target_set set;
};

struct touch {
	uint32_t owner;
	struct address target;
};

struct bench {
	struct slab *slab;
	struct owner *owners;
	size_t owner_count;
	struct touch *touches;
	size_t touch_count;
	uint32_t targets; /* of each set */
};

static volatile uint64_t sink; /* so that nothing is left out */

static double now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* cannot fail for this clock */
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static struct address target_of(uint32_t owner, uint32_t n)
{
	return address_from_v4_u32(owner * 2654435761U + n * 97);
}

static void *need(void *memory)
{
	if (memory == NULL) {
		(void)fprintf(stderr, "bench_targets: out of memory\n");
		exit(2);
	}
	return memory;
}

static size_t bytes_for(uint32_t targets)
{
	static const size_t capacities[] = {4, 16, 64, TARGET_SET_EXACT};
	size_t class = 0;
	while (class < 4 && targets > capacities[class])
		class ++;
	return slab_sizes_target_set.bytes[class] + sizeof(struct owner);
}

static void open_bench(struct bench *bench, size_t owner_count, uint32_t targets, size_t touches)
{
	struct random random;
	random_init(&random, targets);
	bench->slab = need(slab_new((size_t)MANY_BYTES * 4, &slab_sizes_target_set));
	bench->owner_count = owner_count;
	bench->owners = need(aligned_alloc(64, owner_count * sizeof *bench->owners));
	for (size_t i = 0; i < owner_count; i++)
		bench->owners[i] = (struct owner){.set = {0}};
	bench->targets = targets;
	bench->touch_count = touches;
	bench->touches = need(malloc(touches * sizeof *bench->touches));
	for (size_t i = 0; i < touches; i++) {
		uint32_t owner = (uint32_t)random_below(&random, owner_count);
		bench->touches[i].owner = owner;
		bench->touches[i].target =
		    target_of(owner, (uint32_t)random_below(&random, targets));
	}
}

static void close_bench(struct bench *bench)
{
	slab_free(bench->slab);
	free(bench->owners);
	free(bench->touches);
}

static double fill(struct bench *bench)
{
	double before = now_ns();
	for (uint32_t owner = 0; owner < bench->owner_count; owner++)
		for (uint32_t n = 0; n < bench->targets; n++) {
			const struct address target = target_of(owner, n);
			(void)target_set_touch(
			    &bench->owners[owner].set, bench->slab, &target, n, 0);
		}
	return (now_ns() - before) / (double)bench->owner_count / bench->targets;
}

static double touch_all(struct bench *bench, bool prefetched)
{
	double before = now_ns();
	for (size_t i = 0; i < bench->touch_count; i++) {
		if (prefetched && i + 3 * AHEAD < bench->touch_count) {
			const struct touch *far = &bench->touches[i + 3 * AHEAD];
			const struct touch *near = &bench->touches[i + 2 * AHEAD];
			const struct touch *next = &bench->touches[i + AHEAD];
			__builtin_prefetch(&bench->owners[far->owner]);
			target_set_prefetch(&bench->owners[near->owner].set, &near->target);
			target_set_prefetch_item(&bench->owners[next->owner].set, &next->target);
		}
		const struct touch *touch = &bench->touches[i];
		sink += (uint64_t)target_set_touch(
		    &bench->owners[touch->owner].set, bench->slab, &touch->target, i, ITEM_DARK);
	}
	return (now_ns() - before) / (double)bench->touch_count;
}

static double fastest(struct bench *bench, bool prefetched)
{
	double best = touch_all(bench, prefetched);
	for (int pass = 1; pass < PASSES; pass++) {
		double ns = touch_all(bench, prefetched);
		best = ns < best ? ns : best;
	}
	return best;
}

static double touch_address_set(const struct bench *bench)
{
	struct slab *slab = need(slab_new((size_t)1 << 20, &slab_sizes_address_set));
	struct address_set set = {0};
	double best = 0;
	for (int pass = 0; pass < PASSES; pass++) {
		double before = now_ns();
		for (size_t i = 0; i < bench->touch_count; i++) {
			const struct address_touch touch = {(int64_t)i, (int64_t)i, 1, ITEM_DARK};
			sink += (uint64_t)address_set_touch(
			    &set, slab, &bench->touches[i].target, &touch);
		}
		double ns = (now_ns() - before) / (double)bench->touch_count;
		best = pass == 0 || ns < best ? ns : best;
	}
	slab_free(slab);
	return best;
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = {3, 12, 50, 200, 5000};
	size_t touches = argc > 1 ? strtoul(argv[1], NULL, 10) : TOUCHES_DEFAULT;
	printf("%8s %8s %8s %8s %12s %8s %12s\n", "targets", "sets", "one", "many", "prefetched",
	    "new", "address_set");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && touches > 0; i++) {
		struct bench one;
		struct bench many;
		open_bench(&one, 1, sizes[i], touches);
		open_bench(&many, MANY_BYTES / bytes_for(sizes[i]), sizes[i], touches);
		(void)fill(&one);
		double new_ns = fill(&many);
		double one_ns = fastest(&one, false);
		double many_ns = fastest(&many, false);
		double prefetched_ns = fastest(&many, true);
		printf("%8" PRIu32 " %8zu %8.1f %8.1f %12.1f %8.1f %12.1f\n", sizes[i],
		    many.owner_count, one_ns, many_ns, prefetched_ns, new_ns,
		    touch_address_set(&one));
		close_bench(&one);
		close_bench(&many);
	}
	return 0;
}
