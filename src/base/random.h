/*
 * random.h - seeded pseudo-random numbers for generators and tests; never for secrets.
 *
 * xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. The same seed gives the same
 * numbers on every machine, so a scenario is a name and a seed.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_u64(struct random *random);
/* Uniform in [0, bound); bound >= 1. */
uint64_t random_below(struct random *random, uint64_t bound);
/* Uniform in [0, 1). */
double random_unit(struct random *random);
/* Exponential with this mean; mean > 0. */
double random_exponential(struct random *random, double mean);

#endif
