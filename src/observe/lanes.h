/*
 * lanes.h - which of a few numbers in a row are equal to one, without a branch for each: on the
 * path of every packet, where nobody can foretell which it will be.
 */
#ifndef OBSERVE_LANES_H
#define OBSERVE_LANES_H

#include <stdint.h>
#ifdef __SSE2__ /* every x86-64 has it */
#include <emmintrin.h>
#endif

/* Bit i of the result: row[i] == number. */
static inline unsigned lanes_equal_4(const uint16_t row[static 4], uint16_t number)
{
#ifdef __SSE2__
	const __m128i same = _mm_cmpeq_epi16(_mm_loadu_si64(row), _mm_set1_epi16((short)number));
	return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(same, same)) & 0xf;
#else
	unsigned equal = 0;
	for (unsigned i = 0; i < 4; i++)
		equal |= (unsigned)(row[i] == number) << i;
	return equal;
#endif
}

static inline unsigned lanes_equal_8(const uint32_t row[static 8], uint32_t number)
{
#ifdef __SSE2__
	const __m128i all = _mm_set1_epi32((int)number);
	const __m128i *halves = (const __m128i *)(const void *)row;
	const __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128(halves), all);
	const __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128(halves + 1), all);
	const __m128i same = _mm_packs_epi32(low, high);
	return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(same, same)) & 0xff;
#else
	unsigned equal = 0;
	for (unsigned i = 0; i < 8; i++)
		equal |= (unsigned)(row[i] == number) << i;
	return equal;
#endif
}

#endif
