#include "web/rate.h"

#include <string.h>

enum {
	V6_SITE_BYTES = 8, /* of one network, all of whose addresses one host can take */
};

void rate_init(struct rate *rate, const struct rate_limit *one, const struct rate_limit *all)
{
	*rate = (struct rate){.one = *one, .all = *all, .everybody = {.full_us = INT64_MIN}};
	for (size_t i = 0; i < RATE_ADDRESSES_MAX; i++)
		rate->list[i].full_us = INT64_MIN;
}

static bool is_same(const struct address *a, const struct address *b)
{
	const size_t bytes = address_is_v4(a) ? ADDRESS_BYTES : V6_SITE_BYTES;
	return memcmp(a->bytes, b->bytes, bytes) == 0;
}

/* Its own, or the one that is full longest: whose that is has nothing to lose. */
static struct rate_bucket *find_bucket(struct rate *rate, const struct address *address)
{
	struct rate_bucket *oldest = &rate->list[0];
	for (size_t i = 0; i < RATE_ADDRESSES_MAX; i++) {
		struct rate_bucket *bucket = &rate->list[i];
		if (bucket->full_us != INT64_MIN && is_same(&bucket->address, address))
			return bucket;
		if (bucket->full_us < oldest->full_us)
			oldest = bucket;
	}
	*oldest = (struct rate_bucket){.address = *address, .full_us = INT64_MIN};
	return oldest;
}

/* What it will be once one more is taken. */
static int64_t next_full_us(
    const struct rate_bucket *bucket, const struct rate_limit *limit, int64_t now_us)
{
	const int64_t from_us = bucket->full_us > now_us ? bucket->full_us : now_us;
	return from_us + limit->every_us;
}

static bool has_room(
    const struct rate_bucket *bucket, const struct rate_limit *limit, int64_t now_us)
{
	return next_full_us(bucket, limit, now_us) - now_us <=
	       (int64_t)limit->burst * limit->every_us;
}

bool rate_take(struct rate *rate, const struct address *address, int64_t now_us)
{
	struct rate_bucket *own = find_bucket(rate, address);
	if (!has_room(own, &rate->one, now_us) || !has_room(&rate->everybody, &rate->all, now_us))
		return false;
	own->full_us = next_full_us(own, &rate->one, now_us);
	rate->everybody.full_us = next_full_us(&rate->everybody, &rate->all, now_us);
	return true;
}
