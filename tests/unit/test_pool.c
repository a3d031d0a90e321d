/* Records of shards in one room: never more than it holds, and none at the cost of a higher rank.
 */
#include "observe/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/table.h"
#include "test.h"

enum {
	POOLS = 64,
	ROOM = 1024,
	SCALE = 16,
	TURNS = 200000,
};

struct record {
	uint64_t key;
	int64_t last_us;
	uint8_t rank;
	bool stays;
};

static size_t looks;

static bool may_go(const void *record, enum rank asker, struct pool_weight *ret_weight)
{
	const struct record *one = record;
	looks++;
	*ret_weight = (struct pool_weight){.class = one->rank, .last_us = one->last_us};
	return !one->stays && one->rank <= asker;
}

static const struct pool_rules rules = {
    .key_bytes = sizeof(uint64_t),
    .record_bytes = sizeof(struct record),
    .may_go = may_go,
};

static struct record *insert(struct pool *pool, uint64_t key, enum rank rank)
{
	struct record *record = pool_insert(pool, &key, hash_bytes(&key, sizeof key, 1), rank);
	if (record != NULL) {
		record->rank = (uint8_t)rank;
		record->last_us = (int64_t)key;
	}
	return record;
}

static bool holds(const struct pool *pool, uint64_t key)
{
	return pool_find(pool, &key, hash_bytes(&key, sizeof key, 1)) != NULL;
}

static void open_pools(struct pool *pools, size_t count, size_t *room)
{
	for (size_t i = 0; i < count; i++)
		if (pool_init(&pools[i], &rules, ROOM, room) != 0)
			abort();
}

static void test_shared_room(void)
{
	static struct pool pools[POOLS];
	size_t room = ROOM;
	open_pools(pools, POOLS, &room);
	OK(room == ROOM / 2, "half of the room is dealt out in the beginning");
	uint64_t key = 0;
	while (table_count(pools[0].table) < ROOM / 2 + ROOM / POOL_SHARE - ROOM / 8)
		(void)insert(&pools[0], key++, RANK_STRANGER);
	OK(pools[0].evicted == 0, "one pool may take all the rest, but for an eighth");
	(void)insert(&pools[0], key++, RANK_STRANGER);
	OK(pools[0].evicted == POOL_LOOK / 2 && !holds(&pools[0], 0) && holds(&pools[0], key - 1),
	    "the next one costs older ones their place");
	OK(insert(&pools[1], 1, RANK_STRANGER) != NULL, "others have what was dealt out to them");
	struct random random;
	random_init(&random, 20260305);
	bool within = true;
	for (int i = 0; i < TURNS; i++) {
		struct pool *pool = &pools[random_below(&random, POOLS)];
		(void)insert(pool, ROOM + key++, (enum rank)random_below(&random, RANK_COUNT));
		within = within && table_count(pool->table) <= pool->owned;
	}
	size_t total = 0;
	for (size_t i = 0; i < POOLS; i++)
		total += pools[i].owned;
	OK(within && total == ROOM && room == 0, "and all together never more than the room");
	for (size_t i = 0; i < POOLS; i++)
		pool_release(&pools[i]);
}

static void test_ranks(void)
{
	struct pool pool;
	size_t room = ROOM;
	open_pools(&pool, 1, &room);
	for (uint64_t key = 0; key < ROOM / 4; key++)
		(void)insert(&pool, key, RANK_MEMBER);
	for (uint64_t key = ROOM; key < 20 * (uint64_t)ROOM; key++)
		(void)insert(&pool, key, RANK_STRANGER);
	size_t members = 0;
	for (uint64_t key = 0; key < ROOM / 4; key++)
		members += holds(&pool, key);
	OK(members == ROOM / 4, "strangers without number cost no member his place");
	for (uint64_t key = 100 * (uint64_t)ROOM; key < 101 * (uint64_t)ROOM; key++)
		members += insert(&pool, key, RANK_MEMBER) != NULL;
	OK(members == ROOM + ROOM / 4, "members always find room");
	pool_release(&pool);
}

/* About the oldest go, since the hand meets them in the order of their places. */
static void test_age(void)
{
	struct pool pool;
	size_t room = ROOM;
	open_pools(&pool, 1, &room);
	const uint64_t last = (uint64_t)ROOM * SCALE;
	for (uint64_t key = 0; key < last; key++)
		(void)insert(&pool, key, RANK_MEMBER);
	size_t young = 0;
	for (uint64_t key = last - ROOM / 2; key < last; key++)
		young += holds(&pool, key);
	OK(young > (ROOM / 2) * 9 / 10, "of the younger half nine tenths stay");
	pool_release(&pool);
}

/* A pool in which none may go: the cost of an attempt is bounded as well. */
static void test_cost(void)
{
	struct pool pool;
	size_t room = ROOM;
	open_pools(&pool, 1, &room);
	for (uint64_t key = 0; key < ROOM; key++)
		insert(&pool, key, RANK_MEMBER)->stays = true;
	looks = 0;
	for (uint64_t key = ROOM; key < ROOM + 10000; key++)
		(void)insert(&pool, key, RANK_MEMBER);
	OK(looks <= 10000 + POOL_LOOK && table_count(pool.table) == ROOM,
	    "where none may go an attempt costs a look at one record");
	size_t position = 0;
	struct record *record;
	while ((record = table_next(pool.table, &position)) != NULL)
		record->stays = false;
	size_t refused = 0;
	while (insert(&pool, ROOM, RANK_MEMBER) == NULL)
		refused++;
	OK(refused <= POOL_LOOK, "and soon after they may it finds room");
	looks = 0;
	for (uint64_t key = 2 * ROOM; key < 2 * ROOM + 10000; key++)
		(void)insert(&pool, key, RANK_MEMBER);
	OK(looks <= 3 * 10000, "a new record costs a look at two others");
	pool_release(&pool);
}

static void test_small(void)
{
	struct pool pool;
	size_t room = 1;
	if (pool_init(&pool, &rules, 1, &room) != 0)
		abort();
	OK(insert(&pool, 1, RANK_MEMBER) != NULL && insert(&pool, 2, RANK_MEMBER) != NULL &&
		!holds(&pool, 1) && holds(&pool, 2),
	    "room for one");
	pool_release(&pool);
	room = 0;
	if (pool_init(&pool, &rules, 1, &room) != 0)
		abort();
	OK(insert(&pool, 1, RANK_MEMBER) == NULL, "room for none");
	pool_release(&pool);
	pool_release(&pool);
}

int main(void)
{
	test_shared_room();
	test_ranks();
	test_age();
	test_cost();
	test_small();
	return test_done();
}
