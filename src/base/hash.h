/*
 * hash.h - the hashes of this program's tables.
 *
 * Table keys are chosen by whoever sends packets, so each process draws a seed (hash_seed_random)
 * and every hash that only decides *where* something is kept uses it. Hashes that decide *what is
 * reported* (sketches, samples, shards) use HASH_SEED_FIXED, so that the same frames always give
 * the same findings.
 *
 * All are XXH3 (libxxhash), which gives the same value on every machine.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#define XXH_INLINE_ALL /* a hash of 16 bytes is fewer instructions than a call of it */
#include <xxhash.h>

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define HASH_SEED_FIXED UINT64_C(0x48696e6f6d690001)

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

/* On the path of every packet: inline. */
static inline uint64_t hash_address(const struct address *address, uint64_t seed)
{
	return XXH3_64bits_withSeed(address->bytes, ADDRESS_BYTES, seed);
}

/*
 * Of one number: two rounds of multiplying and shifting, with the constants of SplitMix64 (Steele,
 * Lea and Flood 2014), a quarter of the instructions of XXH3 over four bytes.
 */
static inline uint64_t hash_u32(uint32_t number, uint64_t seed)
{
	uint64_t mixed = (number ^ seed) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 32) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 29;
}

/* From the kernel's random source; never fails (falls back to time and pid before boot entropy). */
uint64_t hash_seed_random(void);

#endif
