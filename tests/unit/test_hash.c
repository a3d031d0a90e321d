#include "base/hash.h"

#include <math.h>

#include "test.h"

/* XXH3_64bits of nothing and of the ASCII text, with seed 0, as the library itself gives them. */
static void test_known(void)
{
	OK(hash_bytes("", 0, 0) == UINT64_C(0x2d06800538d394c2), "nothing");
	OK(hash_bytes("hinomi", 6, 0) == UINT64_C(0x3cb15e0b675bd604), "a word");
}

static void test_address(void)
{
	struct address a = address_from_v4_u32(0xc0000201);
	struct address b = address_from_v4_u32(0xc0000202);
	OK(hash_address(&a, 7) == hash_bytes(a.bytes, sizeof a.bytes, 7),
	    "an address is hashed as its bytes");
	OK(hash_address(&a, 7) != hash_address(&b, 7), "neighbours differ");
	OK(hash_address(&a, 7) != hash_address(&a, 8), "seeds differ");
	OK(hash_address(&a, HASH_SEED_FIXED) == UINT64_C(0x8ceeed8c79d88b5d),
	    "the same on every machine");
}

/* Sequential addresses, the usual keys, into buckets by the low and by the high bits. */
static void test_spread(void)
{
	enum {
		KEYS = 1 << 18,
		BUCKETS = 1 << 10
	};
	static unsigned low[BUCKETS];
	static unsigned high[BUCKETS];
	double mean = (double)KEYS / BUCKETS;
	double low_sum = 0;
	double high_sum = 0;
	for (uint32_t i = 0; i < KEYS; i++) {
		struct address address = address_from_v4_u32(0x0a000000 + i);
		uint64_t hash = hash_address(&address, HASH_SEED_FIXED);
		low[hash % BUCKETS]++;
		high[hash >> 54]++;
	}
	for (int i = 0; i < BUCKETS; i++) {
		low_sum += (low[i] - mean) * (low[i] - mean) / mean;
		high_sum += (high[i] - mean) * (high[i] - mean) / mean;
	}
	/* Chi squared with 1023 degrees: mean 1023, deviation 45; five of those either way. */
	OK(fabs(low_sum - (BUCKETS - 1)) < 5 * 45.2, "low bits spread evenly");
	OK(fabs(high_sum - (BUCKETS - 1)) < 5 * 45.2, "high bits spread evenly");
}

/* Numbers that a telescope sees or an attacker may choose; one seed in a hundred may look odd. */
static void test_numbers(void)
{
	enum {
		KEYS = 1 << 16,
		BUCKETS = 1 << 8,
		SEEDS = 200,
	};
	static const unsigned shifts[] = {0, 1, 8, 12, 16};
	for (size_t s = 0; s < sizeof shifts / sizeof shifts[0]; s++) {
		size_t uneven = 0;
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			unsigned low[BUCKETS] = {0};
			unsigned high[BUCKETS] = {0};
			unsigned most = 0;
			for (uint32_t i = 0; i < KEYS; i++) {
				uint64_t hash =
				    hash_u32(i << shifts[s], hash_bytes(&seed, sizeof seed, 1));
				unsigned a = ++low[hash % BUCKETS];
				unsigned b = ++high[hash >> 56];
				most = a > most ? a : most;
				most = b > most ? b : most;
			}
			/* 256 on average, deviation 16: of 512 buckets one beyond six is rare */
			uneven += most > KEYS / BUCKETS + 6 * 16;
		}
		OK(uneven <= SEEDS / 100, "numbers spread evenly by low bits and by high ones");
	}
}

int main(void)
{
	test_numbers();
	test_known();
	test_address();
	test_spread();
	OK(hash_seed_random() != hash_seed_random(), "two seeds differ");
	return test_done();
}
