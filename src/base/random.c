#include "base/random.h"

#include <assert.h>
#include <stdbool.h>

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void random_init(struct random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		random->state[i] = splitmix64(&seed);
}

static uint64_t rotate_left(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

uint64_t random_u64(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return result;
}

__extension__ typedef unsigned __int128 wide; /* no other way to name it under -Wpedantic */

/* Lemire 2019: the high half of a product, drawing again only where the result would be biased. */
uint64_t random_below(struct random *random, uint64_t bound)
{
	assert(bound >= 1);
	for (;;) {
		wide product = (wide)random_u64(random) * bound;
		uint64_t low = (uint64_t)product;
		if (low >= bound || low >= (UINT64_MAX - bound + 1) % bound)
			return (uint64_t)(product >> 64);
	}
}

double random_unit(struct random *random)
{
	return (double)(random_u64(random) >> 11) * 0x1p-53;
}

/*
 * Von Neumann's comparison method (1951): log() may differ in its last bit from one machine to the
 * next, comparisons do not. A falling run of uniforms u1 > u2 > ... > un that ends with n odd has
 * u1 distributed as the fraction of an exponential; each even run adds a whole unit. The uniforms
 * are compared as the whole numbers of 53 bits that they are made from.
 */
double random_exponential(struct random *random, double mean)
{
	assert(mean > 0);
	struct random local = *random; /* so that it stays in registers */
	for (double whole = 0;; whole++) {
		uint64_t first = random_u64(&local) >> 11;
		uint64_t last = first;
		bool odd = true;
		for (uint64_t next = random_u64(&local) >> 11; next < last;
		     next = random_u64(&local) >> 11) {
			last = next;
			odd = !odd;
		}
		if (odd) {
			*random = local;
			return (whole + (double)first * 0x1p-53) * mean;
		}
	}
}
