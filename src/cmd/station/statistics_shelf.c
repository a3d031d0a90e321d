#include "cmd/station/statistics_shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "cmd/station/statistics.h"

enum {
	RESTS_SHARE = 4, /* for rests with their country: a quarter of the room for rows */
	/* Rests without it: kinds times protocols, most of which nobody sends. */
	RESTS_BARE_MAX = 4096,
};

struct shelf_key {
	struct statistics_key key;
};

struct shelf {
	struct shelf_options options;
	struct table *keys;
	uint64_t seed;
	bool is_open;
	int64_t start_us;
	size_t counts[STATISTICS_LEVEL_MAX + 1]; /* by level */
	size_t fresh;
};

int shelf_new(const struct shelf_options *options, struct shelf **ret_shelf)
{
	struct shelf *shelf = calloc(1, sizeof *shelf);
	if (shelf == NULL)
		return -ENOMEM;
	shelf->options = *options;
	shelf->seed = hash_seed_random();
	shelf->keys = table_new(sizeof(struct statistics_key), sizeof(struct shelf_key),
	    options->rows_max + options->rows_max / RESTS_SHARE + RESTS_BARE_MAX);
	if (shelf->keys == NULL) {
		free(shelf);
		return -ENOMEM;
	}
	*ret_shelf = shelf;
	return 0;
}

void shelf_free(struct shelf *shelf)
{
	if (shelf == NULL)
		return;
	table_free(shelf->keys);
	free(shelf);
}

void shelf_begin(struct shelf *shelf)
{
	shelf->fresh = 0;
}

static bool has(const struct shelf *shelf, const struct statistics_key *key)
{
	return table_find(shelf->keys, key, hash_bytes(key, sizeof *key, shelf->seed)) != NULL;
}

static bool add(struct shelf *shelf, const struct statistics_key *key)
{
	if (table_insert(shelf->keys, key, hash_bytes(key, sizeof *key, shelf->seed)) == NULL)
		return false;
	shelf->counts[statistics_level(key)]++;
	return true;
}

static int visit_stat(void *context, const void *record)
{
	struct shelf *shelf = context;
	const struct store_stat *stat = record;
	const int kind = statistics_kind_find(stat->kind);
	if (kind < 0)
		return 0; /* a newer program's */
	struct statistics_key key = {
	    .start_us = stat->start_us,
	    .network = (uint32_t)stat->network,
	    .port = (int32_t)stat->port,
	    .kind = (uint8_t)kind,
	    .protocol = (uint8_t)stat->protocol,
	};
	if (strlen(stat->country) == sizeof key.country)
		memcpy(key.country, stat->country, sizeof key.country);
	if (!has(shelf, &key))
		(void)add(shelf, &key); /* more than there may be: then nothing new comes */
	return 0;
}

int shelf_go(
    struct shelf *shelf, struct store *store, int64_t start_us, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
			       .test = STORE_IS,
			       .number =
				   statistics_period_us(shelf->options.period) / WHEN_SECOND_US},
		{.column = "start_us", .test = STORE_IS, .number = start_us}},
	};
	if (shelf->is_open && shelf->start_us == start_us)
		return 0;
	table_clear(shelf->keys);
	memset(shelf->counts, 0, sizeof shelf->counts);
	shelf->start_us = start_us;
	shelf->fresh = 0;
	int result = store_each(store, &query, visit_stat, shelf, complaint);
	shelf->is_open = result == 0;
	return result;
}

static bool has_room(const struct shelf *shelf, int level)
{
	const size_t rows_max = shelf->options.rows_max;
	if (level == 0)
		return shelf->counts[0] < rows_max && shelf->fresh < shelf->options.fresh_max;
	return level > 1 || shelf->counts[1] < rows_max / RESTS_SHARE;
}

struct statistics_key shelf_place(struct shelf *shelf, const struct statistics_key *key)
{
	for (int level = statistics_level(key); level < STATISTICS_LEVEL_MAX; level++) {
		const struct statistics_key place = statistics_coarsen(key, level);
		if (has(shelf, &place))
			return place;
		if (!has_room(shelf, level) || !add(shelf, &place))
			continue;
		shelf->fresh += level == 0;
		return place;
	}
	return statistics_coarsen(key, STATISTICS_LEVEL_MAX); /* one for each kind */
}
