#include "observe/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "base/table.h"

int pool_init(struct pool *pool, const struct pool_rules *rules, size_t max, size_t *room)
{
	size_t owned = max / POOL_SHARE < *room ? max / POOL_SHARE : *room;
	*pool = (struct pool){.rules = rules, .room = room, .max = max, .owned = owned};
	pool->table = table_new(rules->key_bytes, rules->record_bytes, max);
	if (pool->table == NULL)
		return -ENOMEM;
	*room -= owned;
	return 0;
}

void pool_release(struct pool *pool)
{
	table_free(pool->table);
	*pool = (struct pool){.table = NULL};
}

void *pool_find(const struct pool *pool, const void *key, uint64_t hash)
{
	return table_find(pool->table, key, hash);
}

struct candidate {
	struct pool_weight weight;
	unsigned number; /* of equals the first met goes */
	void *record;
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a;
	const struct candidate *y = b;
	if (x->weight.class != y->weight.class)
		return x->weight.class < y->weight.class ? -1 : 1;
	if (x->weight.last_us != y->weight.last_us)
		return x->weight.last_us < y->weight.last_us ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The next record, round and round. */
static void *advance(struct pool *pool)
{
	void *record = table_next(pool->table, &pool->hand);
	if (record != NULL)
		return record;
	pool->hand = 0;
	return table_next(pool->table, &pool->hand);
}

static bool make_room(struct pool *pool, enum rank asker)
{
	if (pool->blocked[asker] > 0) {
		pool->blocked[asker]--;
		return false;
	}
	struct candidate found[POOL_LOOK] = {{.record = NULL}};
	unsigned count = 0;
	size_t look = table_count(pool->table) < POOL_LOOK ? table_count(pool->table) : POOL_LOOK;
	for (size_t i = 0; i < look; i++) {
		struct candidate *candidate = &found[count];
		candidate->record = advance(pool);
		candidate->number = count;
		count += pool->rules->may_go(candidate->record, asker, &candidate->weight);
	}
	if (count == 0) {
		pool->blocked[asker] = POOL_LOOK;
		return false;
	}
	qsort(found, count, sizeof found[0], compare_candidates);
	for (unsigned i = 0; i < (count + 1) / 2; i++) {
		if (pool->rules->on_going != NULL)
			pool->rules->on_going(pool->rules->context, found[i].record);
		table_remove(pool->table, found[i].record);
		pool->evicted++;
	}
	return true;
}

static bool take_room(struct pool *pool, enum rank rank)
{
	if (*pool->room <= rank_leaves(rank, pool->max))
		return false;
	--*pool->room;
	pool->owned++;
	return true;
}

void *pool_insert(struct pool *pool, const void *key, uint64_t hash, enum rank rank)
{
	bool has_room = table_count(pool->table) < pool->owned || take_room(pool, rank) ||
			make_room(pool, rank);
	return has_room ? table_insert(pool->table, key, hash) : NULL;
}
