/*
 * duty_backoff.h - how long to wait before a duty is started again. Used by proc/duties.c alone.
 */
#ifndef PROC_DUTY_BACKOFF_H
#define PROC_DUTY_BACKOFF_H

#include <stdint.h>

#define DUTY_BACKOFF_MIN_US INT64_C(100000)
#define DUTY_BACKOFF_MAX_US INT64_C(30000000)
/* Who lived so long did not die of how it was started. */
#define DUTY_LIVED_WELL_US INT64_C(60000000)

/* `last_us` is how long it was before the last start, 0 when that was the first. */
static inline int64_t duty_backoff_us(int64_t last_us, int64_t lived_us)
{
	if (last_us == 0 || lived_us >= DUTY_LIVED_WELL_US)
		return DUTY_BACKOFF_MIN_US;
	return last_us < DUTY_BACKOFF_MAX_US / 2 ? 2 * last_us : DUTY_BACKOFF_MAX_US;
}

#endif
