#include "cmd/station/clock_watch.h"

int64_t clock_watch_look(struct clock_watch *watch, int64_t wall_us, int64_t monotonic_us)
{
	const int64_t ahead_us = wall_us - monotonic_us;
	const int64_t by_us = ahead_us - watch->ahead_us;
	const bool is_first = !watch->has_begun;
	watch->has_begun = true;
	if (is_first)
		watch->set_us = INT64_MIN;
	/* small differences add up to nothing that is a step: each look begins anew */
	watch->ahead_us = ahead_us;
	if (is_first || (by_us < CLOCK_SET_MIN_US && by_us > -CLOCK_SET_MIN_US))
		return 0;
	watch->set_us = monotonic_us;
	return by_us;
}

int64_t clock_watch_fall_us(const struct clock_watch *watch, int64_t monotonic_us)
{
	const bool is_settling = watch->has_begun && watch->set_us != INT64_MIN &&
				 monotonic_us - watch->set_us < CLOCK_SETTLE_US;
	return is_settling ? CLOCK_FALL_SETTLE_US : CLOCK_FALL_US;
}
