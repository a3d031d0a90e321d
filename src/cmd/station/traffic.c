#include "cmd/station/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "cmd/station/statistics.h"

struct line {
	struct statistics_key key;
	struct traffic_row sum;
	int64_t start_us; /* of the period that is being added up */
	uint64_t sources; /* in it */
};

struct traffic {
	struct traffic_filter filter;
	struct table *groups[TRAFFIC_GROUPS];
	struct line total;
	uint64_t seed;
	uint64_t left_out;
};

static struct statistics_key key_of(enum traffic_group group, const struct statistics_key *full)
{
	struct statistics_key key = {.start_us = 0};
	switch (group) {
	case TRAFFIC_BY_TIME:
		key.start_us = full->start_us;
		break;
	case TRAFFIC_BY_PORT:
		key.protocol = full->protocol;
		key.port = full->port;
		break;
	case TRAFFIC_BY_COUNTRY:
		memcpy(key.country, full->country, sizeof key.country);
		break;
	case TRAFFIC_BY_NETWORK:
		key.network = full->network;
		break;
	case TRAFFIC_BY_KIND:
		key.kind = full->kind;
		break;
	case TRAFFIC_GROUPS:
		break;
	}
	return key;
}

static uint64_t number_of(int64_t stored)
{
	return stored < 0 ? 0 : (uint64_t)stored;
}

static void add(struct line *line, int64_t start_us, const struct store_stat *stat)
{
	if (line->start_us != start_us) {
		line->start_us = start_us;
		line->sources = 0;
	}
	line->sources += number_of(stat->sources);
	line->sum.packets += number_of(stat->packets);
	line->sum.bytes += number_of(stat->bytes);
	if (line->sources > line->sum.sources)
		line->sum.sources = line->sources;
}

static struct line *get_line(
    struct traffic *traffic, enum traffic_group group, const struct statistics_key *full)
{
	const struct statistics_key key = key_of(group, full);
	const uint64_t hash = hash_bytes(&key, sizeof key, traffic->seed);
	struct line *line = table_find(traffic->groups[group], &key, hash);
	if (line != NULL)
		return line;
	line = table_insert(traffic->groups[group], &key, hash);
	if (line != NULL) {
		line->sum.key = key;
		line->start_us = INT64_MIN;
	}
	return line;
}

static bool is_wanted(const struct traffic_filter *filter, const struct store_stat *stat, int kind)
{
	if (kind < 0)
		return false; /* a newer program's */
	if (filter->kind == TRAFFIC_ANY ? !statistics_kind_is_sent((enum sighting_kind)kind)
					: filter->kind != kind)
		return false;
	return (filter->port == TRAFFIC_ANY || filter->port == stat->port) &&
	       (filter->protocol == TRAFFIC_ANY || filter->protocol == stat->protocol) &&
	       (filter->network == TRAFFIC_ANY || filter->network == stat->network) &&
	       (filter->country[0] == '\0' || strcmp(filter->country, stat->country) == 0);
}

static int visit_stat(void *context, const void *record)
{
	struct traffic *traffic = context;
	const struct store_stat *stat = record;
	const int kind = statistics_kind_find(stat->kind);
	if (!is_wanted(&traffic->filter, stat, kind))
		return 0;
	struct statistics_key full = {
	    .start_us = stat->start_us,
	    .network = (uint32_t)stat->network,
	    .port = (int32_t)stat->port,
	    .kind = (uint8_t)kind,
	    .protocol = (uint8_t)stat->protocol,
	};
	if (strlen(stat->country) == sizeof full.country)
		memcpy(full.country, stat->country, sizeof full.country);
	for (int i = 0; i < TRAFFIC_GROUPS; i++) {
		struct line *line = get_line(traffic, (enum traffic_group)i, &full);
		if (line == NULL)
			traffic->left_out++;
		else
			add(line, stat->start_us, stat);
	}
	add(&traffic->total, stat->start_us, stat);
	return 0;
}

static int open_groups(struct traffic *traffic)
{
	for (size_t i = 0; i < TRAFFIC_GROUPS; i++) {
		traffic->groups[i] =
		    table_new(sizeof(struct statistics_key), sizeof(struct line), TRAFFIC_ROWS_MAX);
		if (traffic->groups[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* By key, which is in order of time. */
static int read_all(struct traffic *traffic, struct store *store, struct complaint *complaint)
{
	const struct traffic_filter *filter = &traffic->filter;
	const struct store_query query = {
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
			       .test = STORE_IS,
			       .number = statistics_period_us(filter->period) / WHEN_SECOND_US},
		{.column = "start_us", .test = STORE_FROM, .number = filter->from_us},
		{.column = "start_us", .test = STORE_BELOW, .number = filter->to_us}},
	};
	return store_each(store, &query, visit_stat, traffic, complaint);
}

int traffic_read(struct store *store, const struct traffic_filter *filter,
    struct traffic **ret_traffic, struct complaint *complaint)
{
	struct traffic *traffic = calloc(1, sizeof *traffic);
	if (traffic == NULL)
		return complain(complaint, -ENOMEM, "out of memory for statistics");
	traffic->filter = *filter;
	traffic->seed = hash_seed_random();
	traffic->total.start_us = INT64_MIN;
	int result = open_groups(traffic);
	result = result != 0 ? complain(complaint, result, "out of memory for statistics")
			     : read_all(traffic, store, complaint);
	if (result != 0)
		traffic_free(traffic);
	else
		*ret_traffic = traffic;
	return result;
}

void traffic_free(struct traffic *traffic)
{
	if (traffic == NULL)
		return;
	for (size_t i = 0; i < TRAFFIC_GROUPS; i++)
		table_free(traffic->groups[i]);
	free(traffic);
}

static int visit_latest(void *context, const void *record)
{
	const struct store_stat *stat = record;
	*(int64_t *)context = stat->start_us;
	return 0;
}

int traffic_find_latest(struct store *store, enum statistics_period period, int64_t *ret_start_us,
    struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
		.test = STORE_IS,
		.number = statistics_period_us(period) / WHEN_SECOND_US}},
	    .order = "start_us",
	    .descending = true,
	    .limit = 1,
	};
	*ret_start_us = INT64_MIN;
	return store_each(store, &query, visit_latest, ret_start_us, complaint);
}

int traffic_find_whole(struct store *store, int64_t *ret_until_us, struct complaint *complaint)
{
	int64_t latest_us;
	int64_t whole_us;
	*ret_until_us = INT64_MIN;
	int result = traffic_find_latest(store, STATISTICS_5M, &latest_us, complaint);
	if (result == 0)
		result = statistics_read_whole(store, &whole_us, complaint);
	if (result != 0 || latest_us == INT64_MIN)
		return result;
	*ret_until_us = latest_us + statistics_period_us(STATISTICS_5M);
	if (whole_us != INT64_MIN && whole_us < *ret_until_us)
		*ret_until_us = statistics_period_start(STATISTICS_5M, whole_us);
	return 0;
}

struct traffic_row traffic_total(const struct traffic *traffic)
{
	return traffic->total.sum;
}

size_t traffic_count(const struct traffic *traffic, enum traffic_group group)
{
	return table_count(traffic->groups[group]);
}

uint64_t traffic_left_out(const struct traffic *traffic)
{
	return traffic->left_out;
}

/* Those with a time in its order, the others by their packets. */
static int compare(const void *a, const void *b)
{
	const struct traffic_row *x = *(const struct traffic_row *const *)a;
	const struct traffic_row *y = *(const struct traffic_row *const *)b;
	if (x->key.start_us != y->key.start_us)
		return x->key.start_us < y->key.start_us ? -1 : 1;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	return memcmp(&x->key, &y->key, sizeof x->key);
}

size_t traffic_get(
    const struct traffic *traffic, enum traffic_group group, struct traffic_row *out, size_t max)
{
	const struct table *lines = traffic->groups[group];
	const size_t count = table_count(lines);
	const struct traffic_row **sorted = calloc(count + 1, sizeof(struct traffic_row *));
	size_t position = 0;
	size_t filled = 0;
	const struct line *line;
	if (sorted == NULL)
		return 0;
	while ((line = table_next(lines, &position)) != NULL)
		sorted[filled++] = &line->sum;
	qsort(sorted, filled, sizeof(struct traffic_row *), compare);
	const size_t given = filled < max ? filled : max;
	for (size_t i = 0; i < given; i++)
		out[i] = *sorted[i];
	free(sorted);
	return given;
}
