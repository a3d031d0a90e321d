/*
 * retry.h - when a notice that could not be delivered is sent again: a pure function.
 *
 * Soon at first, since greylisting and restarts pass in minutes, then hourly for five days
 * (RFC 5321 section 4.5.4.1), with a spread so that what failed together does not come back
 * together. Attempts are counted, not time: a clock that is set forward makes nothing give up.
 */
#ifndef NOTIFY_RETRY_H
#define NOTIFY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "notify/courier.h"

enum {
	RETRY_ATTEMPTS_MAX = 124, /* six within two hours, then hourly for five days */
	/* Each outcome that is not known may have been a delivery: so many copies at most. */
	RETRY_UNKNOWN_MAX = 8,
	RETRY_AMBER_ATTEMPTS = 4, /* after 8 minutes it is no hiccup: the operator should know */
	RETRY_SPREAD_PERCENT = 20,
};

enum retry_verdict {
	RETRY_DELIVERED,
	RETRY_AGAIN,
	RETRY_FAILED, /* given up */
};

struct retry_history {
	unsigned attempts; /* made by now, the last one included: 1 and more */
	unsigned unknown;  /* so many of them with COURIER_UNKNOWN */
};

struct retry_plan {
	enum retry_verdict verdict;
	int64_t next_us; /* RETRY_AGAIN: when; wall time */
	bool is_amber;   /* the contact is marked as one that notices do not reach */
};

/* After an attempt on the notice `id` ended so at `now_us`. */
struct retry_plan retry_plan(
    const struct retry_history *history, enum courier_outcome outcome, uint64_t id, int64_t now_us);

#endif
