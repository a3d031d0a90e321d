#include "notify/retry.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

/* 2026-01-31T23:59:59.000001Z */
#define NOW_US INT64_C(1769903999000001)

static struct retry_plan plan_after(unsigned attempts, enum courier_outcome outcome, uint64_t id)
{
	const struct retry_history history = {.attempts = attempts};
	return retry_plan(&history, outcome, id, NOW_US);
}

static const struct {
	unsigned attempts;
	int minutes; /* at least; at most a fifth more */
} waits[] = {
    {1, 1},
    {2, 2},
    {3, 5},
    {4, 15},
    {5, 30},
    {6, 60},
    {7, 60},
    {RETRY_ATTEMPTS_MAX - 1, 60},
};

static void test_schedule(void)
{
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		char name[64];
		bool within = true;
		int64_t wait_us = waits[i].minutes * WHEN_MINUTE_US;
		for (uint64_t id = 0; id < 1000; id++) {
			struct retry_plan plan =
			    plan_after(waits[i].attempts, COURIER_TEMPORARY, id);
			int64_t longer_us = plan.next_us - NOW_US - wait_us;
			within = within && plan.verdict == RETRY_AGAIN && longer_us >= 0 &&
				 longer_us < wait_us / 5;
		}
		(void)snprintf(name, sizeof name, "after attempt %u again in %d minutes and a bit",
		    waits[i].attempts, waits[i].minutes);
		OK(within, name);
	}
}

static void test_end(void)
{
	int64_t us = 0;
	for (unsigned attempts = 1; attempts < RETRY_ATTEMPTS_MAX; attempts++)
		us += plan_after(attempts, COURIER_TEMPORARY, 7).next_us - NOW_US;
	OK(us >= 4 * WHEN_DAY_US + 23 * WHEN_HOUR_US && us <= 6 * WHEN_DAY_US,
	    "it is tried for five days");
	struct retry_plan last = plan_after(RETRY_ATTEMPTS_MAX - 1, COURIER_TEMPORARY, 7);
	struct retry_plan over = plan_after(RETRY_ATTEMPTS_MAX, COURIER_TEMPORARY, 7);
	OK(last.verdict == RETRY_AGAIN && over.verdict == RETRY_FAILED && over.is_amber,
	    "then it is given up, and the contact marked");
}

static void test_outcomes(void)
{
	struct retry_plan plan = plan_after(1, COURIER_DELIVERED, 7);
	OK(plan.verdict == RETRY_DELIVERED && !plan.is_amber, "delivered is the end");
	plan = plan_after(1, COURIER_PERMANENT, 7);
	OK(plan.verdict == RETRY_FAILED && plan.is_amber, "refused for good: failed at once");
	plan = plan_after(1, COURIER_UNKNOWN, 7);
	OK(plan.verdict == RETRY_AGAIN, "perhaps delivered: again, under the same Message-ID");
	plan = plan_after(RETRY_ATTEMPTS_MAX, COURIER_DELIVERED, 7);
	OK(plan.verdict == RETRY_DELIVERED, "delivered at the last attempt is delivered");
}

static void test_copies(void)
{
	struct retry_history history = {.attempts = 20, .unknown = RETRY_UNKNOWN_MAX - 1};
	OK(retry_plan(&history, COURIER_UNKNOWN, 7, NOW_US).verdict == RETRY_AGAIN,
	    "as many copies as there may be");
	history.unknown = RETRY_UNKNOWN_MAX;
	OK(retry_plan(&history, COURIER_UNKNOWN, 7, NOW_US).verdict == RETRY_FAILED,
	    "and not one more");
}

static void test_amber(void)
{
	OK(!plan_after(RETRY_AMBER_ATTEMPTS - 1, COURIER_TEMPORARY, 7).is_amber,
	    "a hiccup marks no contact");
	OK(plan_after(RETRY_AMBER_ATTEMPTS, COURIER_TEMPORARY, 7).is_amber,
	    "one attempt more does");
}

static void test_spread(void)
{
	int64_t first = plan_after(6, COURIER_TEMPORARY, 1).next_us;
	int64_t least = first;
	int64_t most = first;
	for (uint64_t id = 2; id < 200; id++) {
		int64_t next = plan_after(6, COURIER_TEMPORARY, id).next_us;
		least = next < least ? next : least;
		most = next > most ? next : most;
	}
	OK(plan_after(6, COURIER_TEMPORARY, 1).next_us == first, "asked again it says the same");
	OK(most - least > 10 * WHEN_MINUTE_US, "what failed together does not come back together");
	const struct retry_history history = {.attempts = 1};
	OK(retry_plan(&history, COURIER_TEMPORARY, 1, INT64_MAX).next_us == INT64_MAX,
	    "the end of time is not passed");
}

int main(void)
{
	test_schedule();
	test_end();
	test_outcomes();
	test_copies();
	test_amber();
	test_spread();
	return test_done();
}
