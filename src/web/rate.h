/*
 * rate.h - who asks too often: so much from one address (IPv6: one /64), and so much from all.
 *
 * Each has a bucket that fills with time: `burst` at once, then one each `every_us`. Of addresses
 * the last RATE_ADDRESSES_MAX are known, and who has waited longest makes room: a crowd of more is
 * held by what all may.
 */
#ifndef WEB_RATE_H
#define WEB_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum {
	RATE_ADDRESSES_MAX = 512,
};

struct rate_limit {
	unsigned burst;
	int64_t every_us; /* 1 and more */
};

struct rate_bucket {
	struct address address;
	int64_t full_us; /* it is full then, and was emptied before; monotonic. INT64_MIN: unused */
};

struct rate {
	struct rate_limit one;
	struct rate_limit all;
	struct rate_bucket everybody;
	struct rate_bucket list[RATE_ADDRESSES_MAX];
};

void rate_init(struct rate *rate, const struct rate_limit *one, const struct rate_limit *all);
/* Whether this address may now; that is counted. What is refused is not. */
bool rate_take(struct rate *rate, const struct address *address, int64_t now_us);

#endif
