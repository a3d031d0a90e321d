/*
 * bench_sums.c - what an addition to a `sums` costs, in nanoseconds, by how many sums there are.
 *
 *     bench_sums [ADDITIONS]
 *
 * plain: additions in random order. prefetched: asked for some additions before. forged: every
 * addition is a new source of all IPv4 and a new port, into 100 kB and 64 MB: room is made over and
 * over. Prints the fastest of three passes, in processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "observe/sums.h"

enum {
	PASSES = 3,
	ADDITIONS_DEFAULT = 2000000,
	KEY_BYTES = 128, /* room for a key: load below one half */
};

static double now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* cannot fail for this clock */
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void *need(void *memory)
{
	if (memory == NULL) {
		(void)fprintf(stderr, "bench_sums: out of memory\n");
		exit(2);
	}
	return memory;
}

/* What distinguishes the additions: a number for each, made into a sum when it is its turn. */
struct additions {
	uint64_t *drawn;
	size_t count;
	size_t keys; /* of /24; 0: any address and port */
};

static struct sum sum_of(const struct additions *additions, size_t i)
{
	uint64_t drawn = additions->drawn[i];
	uint32_t address =
	    additions->keys > 0 ? (uint32_t)(drawn % additions->keys) << 8 : (uint32_t)drawn;
	return (struct sum){
	    .key = {.address = address_from_v4_u32(address),
		.bits = ADDRESS_BITS,
		.protocol = 6,
		.port = additions->keys > 0 ? 23 : (uint16_t)(drawn >> 32)},
	    .first_us = (int64_t)i,
	    .last_us = (int64_t)i,
	    .packets = 1,
	    .bytes = 60,
	    .sources = 1,
	};
}

static double add_all(struct sums *sums, const struct additions *additions)
{
	double before = now_ns();
	for (size_t i = 0; i < additions->count; i++) {
		const struct sum one = sum_of(additions, i);
		sums_add(sums, &one);
	}
	return (now_ns() - before) / (double)additions->count;
}

static double fastest(struct sums *sums, const struct additions *additions)
{
	double best = add_all(sums, additions);
	for (int pass = 1; pass < PASSES; pass++) {
		double ns = add_all(sums, additions);
		best = ns < best ? ns : best;
	}
	return best;
}

static void measure(const char *name, size_t keys, size_t budget, size_t count)
{
	struct sums *sums = need(sums_new(budget));
	struct additions additions = {need(malloc(count * sizeof(uint64_t))), count, keys};
	struct random random;
	random_init(&random, keys);
	for (size_t i = 0; i < count; i++)
		additions.drawn[i] = random_u64(&random);
	(void)add_all(sums, &additions); /* so that the sums are there */
	double ns = fastest(sums, &additions);
	struct sums_counts counts;
	sums_get_counts(sums, &counts);
	printf("%-20s %9zu sums, level %u: %6.1f\n", name, (size_t)counts.records[SUMS_V4],
	    counts.level[SUMS_V4], ns);
	free(additions.drawn);
	sums_free(sums);
}

int main(int argc, char **argv)
{
	size_t additions = argc > 1 ? strtoul(argv[1], NULL, 10) : ADDITIONS_DEFAULT;
	if (additions == 0)
		return 2;
	measure("1,000 keys", 1000, (size_t)1000 * KEY_BYTES + SUMS_BYTES_MIN, additions);
	measure("30,000 keys", 30000, (size_t)30000 * KEY_BYTES, additions);
	measure("1,000,000 keys", 1000000, (size_t)1000000 * KEY_BYTES, additions);
	measure("forged, 100 kB", 0, (size_t)100 * 1024, additions);
	measure("forged, 64 MB", 0, (size_t)64 << 20, additions);
	return 0;
}
