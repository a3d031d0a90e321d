#include "cmd/station/statistics_rows.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"

enum {
	WAYS = 8, /* origins of one bucket */
};

struct statistics_rows {
	struct table *table; /* one row more than may stay: the new one joins before others go */
	size_t rows_max;
	struct statistics_row *scratch; /* what moves while room is made */
	uint64_t seed;
	uint64_t folded;
	uint64_t lost;
};

struct origin {
	uint64_t hash;
	uint32_t slot; /* of five minutes, in which it was there last; 0: free */
	uint32_t most[STATISTICS_PERIODS]; /* at once, in the period of that slot */
};

struct origins {
	size_t buckets;
	struct origin *all;
};

int64_t statistics_period_us(enum statistics_period period)
{
	static const int64_t lengths[STATISTICS_PERIODS] = {
	    [STATISTICS_5M] = 5 * WHEN_MINUTE_US,
	    [STATISTICS_HOUR] = WHEN_HOUR_US,
	    [STATISTICS_DAY] = WHEN_DAY_US,
	};
	return lengths[period];
}

int64_t statistics_period_start(enum statistics_period period, int64_t time_us)
{
	const int64_t length_us = statistics_period_us(period);
	const int64_t start_us = time_us / length_us * length_us;
	return start_us > time_us ? start_us - length_us : start_us;
}

/* ---- Rows ---- */

struct statistics_key statistics_coarsen(const struct statistics_key *key, int level)
{
	struct statistics_key coarse = *key;
	if (level >= 1) {
		coarse.port = STATISTICS_NO_PORT;
		coarse.network = 0;
	}
	if (level >= 2)
		memset(coarse.country, 0, sizeof coarse.country);
	if (level >= STATISTICS_LEVEL_MAX)
		coarse.protocol = 0;
	return coarse;
}

int statistics_level(const struct statistics_key *key)
{
	int level = 0;
	while (level < STATISTICS_LEVEL_MAX) {
		const struct statistics_key next = statistics_coarsen(key, level + 1);
		if (memcmp(&next, key, sizeof next) != 0)
			break;
		level++;
	}
	return level;
}

struct statistics_rows *statistics_rows_new(size_t rows_max)
{
	assert(rows_max >= STATISTICS_ROWS_LEAST);
	struct statistics_rows *rows = calloc(1, sizeof *rows);
	if (rows == NULL)
		return NULL;
	rows->rows_max = rows_max;
	rows->seed = hash_seed_random();
	rows->table =
	    table_new(sizeof(struct statistics_key), sizeof(struct statistics_row), rows_max + 1);
	rows->scratch = calloc(rows_max + 1, sizeof *rows->scratch);
	if (rows->table == NULL || rows->scratch == NULL) {
		statistics_rows_free(rows);
		return NULL;
	}
	return rows;
}

void statistics_rows_free(struct statistics_rows *rows)
{
	if (rows == NULL)
		return;
	table_free(rows->table);
	free(rows->scratch);
	free(rows);
}

void statistics_rows_clear(struct statistics_rows *rows)
{
	table_clear(rows->table);
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > INT64_MAX - (b > INT64_MAX ? INT64_MAX : b) ? INT64_MAX : a + b;
}

/* Room is made in time; without memory for a row what it counted is lost. */
static void join(struct statistics_rows *rows, const struct statistics_row *row)
{
	const uint64_t hash = hash_bytes(&row->key, sizeof row->key, rows->seed);
	struct statistics_row *into = table_find(rows->table, &row->key, hash);
	if (into == NULL)
		into = table_insert(rows->table, &row->key, hash);
	if (into == NULL) {
		rows->lost++;
		return;
	}
	into->packets = add_up(into->packets, row->packets);
	into->bytes = add_up(into->bytes, row->bytes);
	for (size_t i = 0; i < STATISTICS_PERIODS; i++)
		into->sources[i] = add_up(into->sources[i], row->sources[i]);
}

/* The least coarse first, and of these the lightest. */
static int compare_rows(const void *a, const void *b)
{
	const struct statistics_row *x = a;
	const struct statistics_row *y = b;
	const int level_x = statistics_level(&x->key);
	const int level_y = statistics_level(&y->key);
	if (level_x != level_y)
		return level_x < level_y ? -1 : 1;
	if (x->packets != y->packets)
		return x->packets < y->packets ? -1 : 1;
	return memcmp(&x->key, &y->key, sizeof x->key);
}

/*
 * Half of the rows that are as fine as the finest become one level coarser. What is as coarse as
 * can be belongs to so many different times that no clock was right: the lightest half is lost.
 */
static void fold(struct statistics_rows *rows)
{
	size_t count = 0;
	size_t fine = 0;
	size_t position = 0;
	const struct statistics_row *row;
	while ((row = table_next(rows->table, &position)) != NULL)
		rows->scratch[count++] = *row;
	qsort(rows->scratch, count, sizeof *rows->scratch, compare_rows);
	const int level = statistics_level(&rows->scratch[0].key);
	while (fine < count && statistics_level(&rows->scratch[fine].key) == level)
		fine++;
	const size_t moving = (fine + 1) / 2;
	const bool is_last = level == STATISTICS_LEVEL_MAX;
	table_clear(rows->table);
	for (size_t i = is_last ? moving : 0; i < count; i++) {
		struct statistics_row *moved = &rows->scratch[i];
		if (i < moving)
			moved->key = statistics_coarsen(&moved->key, level + 1);
		join(rows, moved);
	}
	rows->folded += is_last ? 0 : moving;
	rows->lost += is_last ? moving : 0;
}

void statistics_rows_add(struct statistics_rows *rows, const struct statistics_row *row)
{
	join(rows, row);
	if (table_count(rows->table) <= rows->rows_max)
		return;
	/* so much at once that it is seldom */
	while (table_count(rows->table) > rows->rows_max / 4 * 3)
		fold(rows);
}

size_t statistics_rows_count(const struct statistics_rows *rows)
{
	return table_count(rows->table);
}

uint64_t statistics_rows_folded(const struct statistics_rows *rows)
{
	return rows->folded;
}

uint64_t statistics_rows_lost(const struct statistics_rows *rows)
{
	return rows->lost;
}

const struct statistics_row *statistics_rows_next(
    const struct statistics_rows *rows, size_t *position)
{
	return table_next(rows->table, position);
}

/* ---- Sources ---- */

struct origins *origins_new(size_t origins_max)
{
	struct origins *origins = calloc(1, sizeof *origins);
	if (origins == NULL)
		return NULL;
	origins->buckets = origins_max / WAYS > 0 ? origins_max / WAYS : 1;
	origins->all = calloc(origins->buckets * WAYS, sizeof *origins->all);
	if (origins->all == NULL) {
		free(origins);
		return NULL;
	}
	return origins;
}

void origins_free(struct origins *origins)
{
	if (origins == NULL)
		return;
	free(origins->all);
	free(origins);
}

/* The origin of this hash, or that of its bucket which was quiet for longest. */
static struct origin *find_origin(struct origins *origins, uint64_t hash)
{
	struct origin *bucket = &origins->all[hash % origins->buckets * WAYS];
	struct origin *oldest = bucket;
	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].slot != 0 && bucket[i].hash == hash)
			return &bucket[i];
		if (bucket[i].slot < oldest->slot)
			oldest = &bucket[i];
	}
	*oldest = (struct origin){.hash = hash};
	return oldest;
}

/* Slots are numbered from 1970 on; before it and past the year 42,000 all are one. */
static uint32_t slot_of(int64_t time_us)
{
	const int64_t slot = time_us / statistics_period_us(STATISTICS_5M);
	return slot < 1 ? 1 : slot > UINT32_MAX ? UINT32_MAX : (uint32_t)slot;
}

void origins_note(struct origins *origins, uint64_t hash, int64_t time_us, uint64_t count,
    uint64_t ret_new[static STATISTICS_PERIODS])
{
	struct origin *origin = find_origin(origins, hash);
	const uint32_t slot = slot_of(time_us);
	const uint32_t noted = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
	for (int i = 0; i < STATISTICS_PERIODS; i++) {
		const int64_t slots = statistics_period_us((enum statistics_period)i) /
				      statistics_period_us(STATISTICS_5M);
		const bool is_same = origin->slot != 0 && origin->slot / slots == slot / slots;
		const uint32_t before = is_same ? origin->most[i] : 0;
		ret_new[i] = noted > before ? noted - before : 0;
		if (is_same || slot > origin->slot)
			origin->most[i] = noted > before ? noted : before;
	}
	if (slot > origin->slot)
		origin->slot = slot;
}
