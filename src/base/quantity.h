/*
 * quantity.h - durations, sizes and shares as people write them: 15m, 256M, 5%.
 *
 * One whole number and one unit, nothing else: no blanks, signs, fractions or sums. What was read
 * is written again in the same form. A year is 365 days here, as is usual for keeping records.
 */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stdint.h>

#include "base/when.h"

enum {
	QUANTITY_TEXT_BYTES = 24, /* 20 digits, a unit, NUL */
	PERCENT_MAX = 100,
};

/* Longer than anybody keeps anything; sums with times stay far from the end of 64 bits. */
#define DURATION_MAX_US (100 * 365 * WHEN_DAY_US)
/* 2^60: more than any disk, and sums of some of them stay within 64 bits. */
#define SIZE_BYTES_MAX (UINT64_C(1) << 60)

/*
 * "500ms", "90s", "15m" (minutes), "25h", "7d", "2w", "5y"; "0" needs no unit. Returns 0, -EINVAL
 * when it is none, -ERANGE past DURATION_MAX_US.
 */
int duration_parse(const char *text, int64_t *ret_us);
/* In the largest unit that loses nothing; below a millisecond it is cut off. `us` is not < 0. */
void duration_format(int64_t us, char out[static QUANTITY_TEXT_BYTES]);

/* "4096", "64K", "256M", "2G", "1T", in steps of 1024. -EINVAL, or -ERANGE past SIZE_BYTES_MAX. */
int size_parse(const char *text, uint64_t *ret_bytes);
void size_format(uint64_t bytes, char out[static QUANTITY_TEXT_BYTES]);

/* "5%". Returns 0, -EINVAL, or -ERANGE past PERCENT_MAX. */
int percent_parse(const char *text, unsigned *ret_percent);

#endif
