#include "notify/retry.h"

#include <assert.h>

#include "base/hash.h"
#include "base/when.h"

/* After the first attempt, the second, ...: the last holds for all that follow. */
static const int64_t waits_us[] = {
    1 * WHEN_MINUTE_US,
    2 * WHEN_MINUTE_US,
    5 * WHEN_MINUTE_US,
    15 * WHEN_MINUTE_US,
    30 * WHEN_MINUTE_US,
    60 * WHEN_MINUTE_US,
};

/* Up to a fifth longer, by the notice and the attempt: the same whenever it is asked. */
static int64_t spread_us(int64_t wait_us, uint64_t id, unsigned attempts)
{
	const uint64_t key[] = {id, attempts};
	uint64_t share = hash_bytes(key, sizeof key, HASH_SEED_FIXED) % 1000;
	return wait_us / 100 * RETRY_SPREAD_PERCENT / 1000 * (int64_t)share;
}

static int64_t next_us(unsigned attempts, uint64_t id, int64_t now_us)
{
	size_t count = sizeof waits_us / sizeof waits_us[0];
	size_t step = attempts < count ? attempts - 1 : count - 1;
	int64_t wait_us = waits_us[step] + spread_us(waits_us[step], id, attempts);
	int64_t next_us;
	return __builtin_add_overflow(now_us, wait_us, &next_us) ? INT64_MAX : next_us;
}

struct retry_plan retry_plan(
    const struct retry_history *history, enum courier_outcome outcome, uint64_t id, int64_t now_us)
{
	struct retry_plan plan = {.verdict = RETRY_AGAIN};
	assert(history->attempts >= 1);
	if (outcome == COURIER_DELIVERED) {
		plan.verdict = RETRY_DELIVERED;
		return plan;
	}
	if (outcome == COURIER_PERMANENT || history->attempts >= RETRY_ATTEMPTS_MAX ||
	    history->unknown >= RETRY_UNKNOWN_MAX) {
		plan.verdict = RETRY_FAILED;
		plan.is_amber = true;
		return plan;
	}
	plan.next_us = next_us(history->attempts, id, now_us);
	plan.is_amber = history->attempts >= RETRY_AMBER_ATTEMPTS;
	return plan;
}
