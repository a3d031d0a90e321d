#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "test.h"

enum {
	DRAWS = 200000
};

static void test_same(void)
{
	struct random a;
	struct random b;
	struct random c;
	bool same = true;
	bool other_differs = false;
	random_init(&a, 42);
	random_init(&b, 42);
	random_init(&c, 43);
	for (int i = 0; i < 1000; i++) {
		uint64_t value = random_u64(&a);
		same = same && value == random_u64(&b);
		other_differs = other_differs || value != random_u64(&c);
	}
	OK(same, "the same seed gives the same numbers");
	OK(other_differs, "another seed others");
}

/* With the state 1, 2, 3, 4 the reference program prints these. */
static void test_known(void)
{
	static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
	struct random random = {.state = {1, 2, 3, 4}};
	bool same = true;
	for (int i = 0; i < 4; i++)
		same = same && random_u64(&random) == expected[i];
	OK(same, "xoshiro256** as published");

	/* splitmix64 from 0, as published. */
	static const uint64_t seeded[] = {UINT64_C(0xe220a8397b1dcdaf),
	    UINT64_C(0x6e789e6aa1b965f4), UINT64_C(0x06c45d188009454f),
	    UINT64_C(0xf88bb8a8724c81ec)};
	random_init(&random, 0);
	OK(memcmp(random.state, seeded, sizeof seeded) == 0, "splitmix64 as published");

	random_init(&random, 1);
	OK(random_u64(&random) == UINT64_C(0xb3f2af6d0fc710c5) &&
		random_below(&random, 1000) == 520,
	    "the first numbers of seed 1");
	OK(random_unit(&random) == 0x1.25f12eac10548p-1 &&
		random_exponential(&random, 3) == 0x1.2c8a55734733ep+0,
	    "to the last bit of a fraction");
}

static void test_below(void)
{
	static const uint64_t bounds[] = {
	    1, 2, 3, 10, 1000, UINT64_C(1) << 32, (UINT64_C(1) << 63) + 1, UINT64_MAX};
	struct random random;
	random_init(&random, 5);
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		bool inside = true;
		double sum = 0;
		char name[64];
		for (int k = 0; k < DRAWS; k++) {
			uint64_t value = random_below(&random, bounds[i]);
			inside = inside && value < bounds[i];
			sum += (double)value / (double)bounds[i];
		}
		double middle = 0.5 - 0.5 / (double)bounds[i];
		(void)snprintf(name, sizeof name, "below %llu", (unsigned long long)bounds[i]);
		OK(inside && fabs(sum / DRAWS - middle) < 0.005, name);
	}

	unsigned seen[3] = {0};
	for (int k = 0; k < DRAWS; k++)
		seen[random_below(&random, 3)]++;
	OK(seen[0] > DRAWS / 3 - 1500 && seen[1] > DRAWS / 3 - 1500 && seen[2] > DRAWS / 3 - 1500,
	    "each of three as often");
}

static void test_fractions(void)
{
	struct random random;
	random_init(&random, 6);
	bool inside = true;
	double unit_sum = 0;
	double sum = 0;
	double square_sum = 0;
	int above_mean = 0;
	for (int k = 0; k < DRAWS; k++) {
		double unit = random_unit(&random);
		double value = random_exponential(&random, 4);
		inside = inside && unit >= 0 && unit < 1 && value >= 0 && isfinite(value);
		unit_sum += unit;
		sum += value;
		square_sum += value * value;
		above_mean += value > 4;
	}
	double mean = sum / DRAWS;
	OK(inside, "all in their range");
	OK(fabs(unit_sum / DRAWS - 0.5) < 0.005, "uniform: the mean");
	OK(fabs(mean - 4) < 0.05, "exponential: the mean");
	OK(fabs(square_sum / DRAWS - mean * mean - 16) < 0.5, "the variance is its square");
	OK(fabs((double)above_mean / DRAWS - exp(-1)) < 0.005, "1/e lie above the mean");
}

int main(void)
{
	test_same();
	test_known();
	test_below();
	test_fractions();
	return test_done();
}
