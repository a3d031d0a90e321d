/* Who asks too often, and that others may. */
#include "web/rate.h"

#include <stdlib.h>

#include "test.h"

#define SECOND_US INT64_C(1000000)
#define LATER_US  (200 * SECOND_US)

static const struct rate_limit one = {.burst = 3, .every_us = SECOND_US};
static const struct rate_limit many = {.burst = 1000, .every_us = SECOND_US / 1000};

static struct address address_of(const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return address;
}

static unsigned take(struct rate *rate, const char *text, unsigned times, int64_t now_us)
{
	const struct address address = address_of(text);
	unsigned taken = 0;
	for (unsigned i = 0; i < times; i++)
		taken += rate_take(rate, &address, now_us);
	return taken;
}

static void test_one(struct rate *rate)
{
	rate_init(rate, &one, &many);
	OK(take(rate, "192.0.2.1", 10, 0) == 3, "so many at once, and not one more");
	OK(take(rate, "192.0.2.2", 10, 0) == 3, "another address has its own");
	OK(take(rate, "192.0.2.1", 1, SECOND_US - 1) == 0, "before its time there is none");
	OK(take(rate, "192.0.2.1", 5, SECOND_US) == 1, "then one");
	OK(take(rate, "192.0.2.1", 9, 100 * SECOND_US) == 3, "who waits long has no more than all");
	OK(take(rate, "2001:db8::1", 2, LATER_US) == 2 &&
		take(rate, "2001:db8::ffff", 9, LATER_US) == 1,
	    "of IPv6 a whole network is one");
	OK(take(rate, "2001:db8:0:1::1", 9, LATER_US) == 3, "and the next network another");
}

static void test_all(struct rate *rate)
{
	static const struct rate_limit few = {.burst = 5, .every_us = SECOND_US};
	rate_init(rate, &one, &few);
	OK(take(rate, "192.0.2.1", 9, 0) + take(rate, "192.0.2.2", 9, 0) +
		    take(rate, "192.0.2.3", 9, 0) ==
		5,
	    "all together have so many");
	OK(take(rate, "192.0.2.3", 9, SECOND_US) == 1, "and then as many as come with time");
}

/* More addresses than are known: those that are busy are not forgotten first. */
static void test_crowd(struct rate *rate)
{
	static const struct rate_limit endless = {.burst = 1000000, .every_us = 1};
	bool all_taken = true;
	rate_init(rate, &one, &endless);
	const unsigned busy = take(rate, "192.0.2.1", 3, 0);
	for (unsigned i = 0; i < 3 * RATE_ADDRESSES_MAX; i++) {
		const struct address address = address_from_v4_u32(0x0a000000U + i);
		all_taken = all_taken && rate_take(rate, &address, 0);
	}
	OK(all_taken, "each of a crowd of strangers may once");
	OK(busy == 3 && take(rate, "192.0.2.1", 1, 0) == 0, "who was busy is known still");
}

int main(void)
{
	struct rate *rate = malloc(sizeof *rate);
	if (rate == NULL)
		abort();
	test_one(rate);
	test_all(rate);
	test_crowd(rate);
	free(rate);
	return test_done();
}
