/*
 * pool.h - the records of one shard, in room that all shards share; the least of them make room.
 *
 * A pool may hold `owned` records. It begins with a small part of the room and takes more, one by
 * one, as long as there is any; it never gives any back, so that all pools together never hold more
 * than the room. When it may not take more, a hand goes on through the records, in order of their
 * places, looks at POOL_LOOK of them and gives up the lesser half of those that may go: so the
 * cost of each new record is bounded, whatever there is in the pool, and about the oldest go first.
 * After a look that found nothing, as many attempts fail without one.
 */
#ifndef OBSERVE_POOL_H
#define OBSERVE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe/rank.h"

struct table;

enum {
	POOL_LOOK = 64,
	POOL_SHARE = 128, /* of the room is each pool's from the beginning: half of it for 64 */
};

/* Who goes first: a lower class, then an earlier time. */
struct pool_weight {
	unsigned class;
	int64_t last_us;
};

struct pool_rules {
	size_t key_bytes;
	size_t record_bytes;
	/* Whether the record may make room for one of this rank, and what it weighs. */
	bool (*may_go)(const void *record, enum rank asker, struct pool_weight *ret_weight);
	/* Called before a record goes; NULL: nothing is to be done. */
	void (*on_going)(void *context, void *record);
	void *context;
};

struct pool {
	const struct pool_rules *rules;
	struct table *table;
	size_t *room; /* what is left for all that share it */
	size_t max;   /* of the room */
	size_t owned;
	size_t hand;                /* a position in the table */
	size_t blocked[RANK_COUNT]; /* attempts that fail without a look */
	uint64_t evicted;
};

/* At most `max` records; `rules` and `room` are borrowed. Returns 0 or -ENOMEM. */
int pool_init(struct pool *pool, const struct pool_rules *rules, size_t max, size_t *room);
void pool_release(struct pool *pool); /* a zeroed one is allowed */

void *pool_find(const struct pool *pool, const void *key, uint64_t hash);
/* A new record, zeroed but for its key; NULL when there is no room for this rank. */
void *pool_insert(struct pool *pool, const void *key, uint64_t hash, enum rank rank);

#endif
