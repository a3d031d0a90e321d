#include "cmd/station/statistics.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/statistics_rows.h"
#include "cmd/station/statistics_shelf.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	/* What one prefix of a sum may hold and still be of one place. */
	PLACE_V4_BITS = ADDRESS_V4_BITS + 24,
	PLACE_V6_BITS = 48,
	NUMBER_BYTES = 24,
	FRESH_HOUR_SHARE = 4, /* of an hour's room, for five minutes */
	FRESH_DAY_SHARE = 16,
};

/* Where nothing tells the time of packets any more, rows are written after so long. */
#define PATIENCE_US (10 * WHEN_MINUTE_US)

struct statistics {
	struct statistics_options options;
	struct observer_sink sink;
	struct statistics_rows *open;   /* being tallied */
	struct statistics_rows *sealed; /* being written */
	struct origins *origins;
	struct shelf *shelves[STATISTICS_PERIODS];
	struct statistics_row *sorted; /* what is written, in order */
	uint64_t seed;
	int64_t slot_us;   /* that is open by the time of packets; INT64_MIN before */
	int64_t window_us; /* of the last minute that has ended; likewise */
	int64_t latest_us; /* the last slot of what is open; likewise */
	int64_t whole_us;  /* when what is sealed is written, all that was sent before is counted */
	int64_t since_us;  /* monotonic; when rows were there first; 0: none are */
	bool is_due;
	bool has_ended; /* no more is coming for now */
	bool is_sealed;
	bool is_kept;         /* what was sealed is in the store, but its order must be told anew */
	int64_t order_us;     /* told by the store */
	int64_t attempted_us; /* order of the last writing; INT64_MIN: none */
	struct statistics_counts counts;
};

/* ---- Kinds ---- */

static const struct {
	const char *name;
	bool is_sent;
} kinds[SIGHTING_KIND_COUNT] = {
    [SIGHTING_REQUEST] = {"request", true},
    [SIGHTING_REPLY] = {"reply", true},
    [SIGHTING_NEIGHBOUR] = {"neighbour", true},
    [SIGHTING_PROBE] = {"probe", true},
    [SIGHTING_FLOODED] = {"flooded", false},
    [SIGHTING_REFLECTED] = {"reflected", false},
};

const char *statistics_kind_name(enum sighting_kind kind)
{
	return kinds[kind].name;
}

int statistics_kind_find(const char *name)
{
	for (int i = 0; i < SIGHTING_KIND_COUNT; i++)
		if (kinds[i].name != NULL && strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

bool statistics_kind_is_sent(enum sighting_kind kind)
{
	return kinds[kind].is_sent;
}

/* ---- Tallying ---- */

/* What was observed, before it has a row. */
struct tally {
	int64_t time_us;
	struct address from; /* who sent it, or a prefix of them */
	uint8_t kind;
	uint8_t protocol;
	int32_t port;
	struct geo_place place;
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources; /* at once, under `from` */
};

static int32_t port_of(uint8_t protocol, uint16_t port)
{
	switch (protocol) {
	case PROTOCOL_ICMP:
	case PROTOCOL_TCP:
	case PROTOCOL_UDP:
	case PROTOCOL_ICMP6:
		return port;
	default:
		return STATISTICS_NO_PORT;
	}
}

/* Of a row and of where its sources are; the time is no part of it. */
static uint64_t hash_origin(const struct statistics *statistics, const struct statistics_key *key,
    const struct tally *tally)
{
	struct {
		struct statistics_key key;
		struct address from;
	} origin = {*key, tally->from};
	origin.key.start_us = 0;
	return hash_bytes(&origin, sizeof origin, statistics->seed);
}

static void count(struct statistics *statistics, const struct tally *tally)
{
	struct statistics_row row = {
	    .key =
		{
		    .start_us = statistics_period_start(STATISTICS_5M, tally->time_us),
		    .network = tally->place.network,
		    .port = tally->port,
		    .kind = tally->kind,
		    .protocol = tally->protocol,
		},
	    .packets = tally->packets,
	    .bytes = tally->bytes,
	};
	memcpy(row.key.country, tally->place.country, sizeof row.key.country);
	if (row.key.start_us > statistics->latest_us)
		statistics->latest_us = row.key.start_us;
	origins_note(statistics->origins, hash_origin(statistics, &row.key, tally), tally->time_us,
	    tally->sources, row.sources);
	statistics_rows_add(statistics->open, &row);
}

static bool is_counted(const struct statistics *statistics, enum sighting_kind kind, uint8_t drill)
{
	return kinds[kind].name != NULL && (drill == 0 || statistics->options.counts_drills);
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct statistics *statistics = context;
	const struct sighting_key *key = &sighting->key;
	if (!is_counted(statistics, key->kind, key->drill) || sighting->packets == 0)
		return;
	const bool is_sent = kinds[key->kind].is_sent;
	const bool is_bare = key->kind == SIGHTING_NEIGHBOUR || key->variant == VARIANT_PROTOCOL;
	struct tally tally = {
	    .time_us = sighting->window_us,
	    .from = key->subject,
	    .kind = key->kind,
	    .protocol = key->protocol,
	    .port = is_bare ? STATISTICS_NO_PORT : port_of(key->protocol, key->port),
	    .packets = sighting->packets,
	    .bytes = sighting->bytes,
	    .sources = is_sent ? 1 : address_set_distinct(&sighting->targets),
	};
	if (is_sent)
		tally.place = geo_find(statistics->options.geo, &key->subject);
	count(statistics, &tally);
}

static bool is_one_place(const struct sum_key *key)
{
	return key->bits >= (address_is_v4(&key->address) ? PLACE_V4_BITS : PLACE_V6_BITS);
}

/* All of its family: then a port of 0 stands for several. */
static bool is_everywhere(const struct sum_key *key)
{
	return key->bits <= (address_is_v4(&key->address) ? ADDRESS_V4_BITS : 0);
}

static void on_sum(void *context, const struct sum *sum)
{
	struct statistics *statistics = context;
	const struct sum_key *key = &sum->key;
	if (!is_counted(statistics, key->kind, key->drill))
		return;
	const bool is_bare = key->kind == SIGHTING_NEIGHBOUR || key->variant == VARIANT_PROTOCOL ||
			     (key->port == 0 && is_everywhere(key));
	struct tally tally = {
	    .time_us = sum->first_us + (sum->last_us - sum->first_us) / 2,
	    .from = key->address,
	    .kind = key->kind,
	    .protocol = key->protocol,
	    .port = is_bare ? STATISTICS_NO_PORT : port_of(key->protocol, key->port),
	    .packets = sum->packets,
	    .bytes = sum->bytes,
	    .sources = sum->sources,
	};
	if (is_one_place(key))
		tally.place = geo_find(statistics->options.geo, &key->address);
	count(statistics, &tally);
}

static void on_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

/* A slot is due when the first minute after it has ended: strangers' sums have come by then. */
static void on_window_end(void *context, int64_t window_us)
{
	struct statistics *statistics = context;
	const int64_t slot_us = statistics_period_start(STATISTICS_5M, window_us);
	if (statistics->slot_us != INT64_MIN && slot_us != statistics->slot_us)
		statistics->is_due = true;
	statistics->slot_us = slot_us;
	statistics->window_us = window_us;
}

/* ---- The beginning and the end ---- */

static int visit_number(void *context, const void *record)
{
	const struct store_meta *meta = record;
	char *end;
	const long long number = strtoll(meta->value, &end, 10);
	if (*end == '\0' && end != meta->value)
		*(int64_t *)context = number;
	return 0;
}

/* INT64_MIN where there is none. */
static int read_number(
    struct store *store, const char *key, int64_t *ret_number, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = key}},
	};
	*ret_number = INT64_MIN;
	return store_each(store, &query, visit_number, ret_number, complaint);
}

static int read_order(
    const struct statistics *statistics, int64_t *ret_order_us, struct complaint *complaint)
{
	return read_number(statistics->options.store, STATISTICS_ORDER, ret_order_us, complaint);
}

int statistics_read_whole(struct store *store, int64_t *ret_whole_us, struct complaint *complaint)
{
	return read_number(store, STATISTICS_WHOLE, ret_whole_us, complaint);
}

static int open_shelves(struct statistics *statistics)
{
	static const struct shelf_options options[STATISTICS_PERIODS] = {
	    {STATISTICS_5M, STATISTICS_STORED_5M_MAX, STATISTICS_STORED_5M_MAX},
	    {STATISTICS_HOUR, STATISTICS_STORED_HOUR_MAX,
		STATISTICS_STORED_HOUR_MAX / FRESH_HOUR_SHARE},
	    {STATISTICS_DAY, STATISTICS_STORED_DAY_MAX,
		STATISTICS_STORED_DAY_MAX / FRESH_DAY_SHARE},
	};
	int result = 0;
	for (size_t i = 0; i < STATISTICS_PERIODS && result == 0; i++)
		result = shelf_new(&options[i], &statistics->shelves[i]);
	return result;
}

static int open_all(struct statistics *statistics, struct complaint *complaint)
{
	statistics->open = statistics_rows_new(STATISTICS_ROWS_MAX);
	statistics->sealed = statistics_rows_new(STATISTICS_ROWS_MAX);
	statistics->origins = origins_new(ORIGINS_MAX);
	statistics->sorted = calloc(STATISTICS_ROWS_MAX, sizeof *statistics->sorted);
	if (statistics->open == NULL || statistics->sealed == NULL || statistics->origins == NULL ||
	    statistics->sorted == NULL || open_shelves(statistics) != 0)
		return complain(complaint, -ENOMEM, "out of memory for statistics");
	return read_order(statistics, &statistics->order_us, complaint);
}

int statistics_new(const struct statistics_options *options, struct statistics **ret_statistics,
    struct complaint *complaint)
{
	struct statistics *statistics = calloc(1, sizeof *statistics);
	if (statistics == NULL)
		return complain(complaint, -ENOMEM, "out of memory for statistics");
	statistics->options = *options;
	statistics->seed = hash_seed_random();
	statistics->slot_us = statistics->window_us = statistics->latest_us = INT64_MIN;
	statistics->attempted_us = INT64_MIN;
	statistics->sink = (struct observer_sink){
	    .context = statistics,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	    .on_sum = on_sum,
	};
	int result = open_all(statistics, complaint);
	if (result != 0)
		statistics_free(statistics);
	else
		*ret_statistics = statistics;
	return result;
}

void statistics_free(struct statistics *statistics)
{
	if (statistics == NULL)
		return;
	statistics_rows_free(statistics->open);
	statistics_rows_free(statistics->sealed);
	origins_free(statistics->origins);
	for (size_t i = 0; i < STATISTICS_PERIODS; i++)
		shelf_free(statistics->shelves[i]);
	free(statistics->sorted);
	free(statistics);
}

const struct observer_sink *statistics_sink(struct statistics *statistics)
{
	return &statistics->sink;
}

int64_t statistics_order_us(const struct statistics *statistics)
{
	return statistics->order_us;
}

/* ---- Writing ---- */

bool statistics_is_due(struct statistics *statistics, int64_t monotonic_us)
{
	if (statistics->is_sealed)
		return true;
	if (statistics_rows_count(statistics->open) == 0) {
		statistics->is_due = false;
		statistics->since_us = 0;
		return false;
	}
	if (statistics->since_us == 0)
		statistics->since_us = monotonic_us;
	return statistics->is_due || monotonic_us - statistics->since_us >= PATIENCE_US;
}

void statistics_end(struct statistics *statistics)
{
	statistics->is_due = true;
	statistics->has_ended = true;
}

/*
 * Before the last minute that has ended: its strangers' sums may come yet. Where no more is coming
 * for now, what there is is all.
 */
static int64_t find_whole(const struct statistics *statistics)
{
	const bool is_all = statistics->has_ended || !statistics->is_due;
	const int64_t end_us = statistics->latest_us == INT64_MIN
				   ? INT64_MIN
				   : statistics->latest_us + statistics_period_us(STATISTICS_5M);
	return is_all && end_us > statistics->window_us ? end_us : statistics->window_us;
}

bool statistics_seal(struct statistics *statistics)
{
	if (statistics->is_sealed)
		return false;
	struct statistics_rows *empty = statistics->sealed;
	statistics->sealed = statistics->open;
	statistics->open = empty;
	statistics->is_sealed = true;
	statistics->whole_us = find_whole(statistics);
	statistics->latest_us = INT64_MIN;
	statistics->has_ended = false;
	statistics->is_due = false;
	statistics->since_us = 0;
	return true;
}

bool statistics_is_sealed(const struct statistics *statistics)
{
	return statistics->is_sealed;
}

/* By their period's begin, of each the heaviest first: who comes first finds room. */
static int compare_rows(const void *a, const void *b)
{
	const struct statistics_row *x = a;
	const struct statistics_row *y = b;
	if (x->key.start_us != y->key.start_us)
		return x->key.start_us < y->key.start_us ? -1 : 1;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	return memcmp(&x->key, &y->key, sizeof x->key);
}

static int64_t stored(uint64_t number)
{
	return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

static int put_row(struct statistics *statistics, enum statistics_period period,
    const struct statistics_row *row, struct complaint *complaint)
{
	const struct statistics_key place = shelf_place(statistics->shelves[period], &row->key);
	char country[GEO_COUNTRY_BYTES] = "";
	memcpy(country, place.country, sizeof place.country);
	struct store_stat stat = {
	    .period_s = statistics_period_us(period) / WHEN_SECOND_US,
	    .start_us = place.start_us,
	    .kind = kinds[place.kind].name,
	    .protocol = place.protocol,
	    .port = place.port,
	    .country = country,
	    .network = place.network,
	    .packets = stored(row->packets),
	    .bytes = stored(row->bytes),
	    .sources = stored(row->sources[period]),
	};
	statistics->counts.written++;
	statistics->counts.crowded += memcmp(&place, &row->key, sizeof place) != 0;
	return store_put(statistics->options.store, STORE_RECORD(&stat), STORE_ADD, complaint);
}

static int write_period(
    struct statistics *statistics, enum statistics_period period, struct complaint *complaint)
{
	struct shelf *shelf = statistics->shelves[period];
	size_t count = 0;
	size_t position = 0;
	const struct statistics_row *row;
	int result = 0;
	while ((row = statistics_rows_next(statistics->sealed, &position)) != NULL) {
		assert(count < STATISTICS_ROWS_MAX);
		statistics->sorted[count] = *row;
		statistics->sorted[count++].key.start_us =
		    statistics_period_start(period, row->key.start_us);
	}
	qsort(statistics->sorted, count, sizeof *statistics->sorted, compare_rows);
	shelf_begin(shelf);
	for (size_t i = 0; i < count && result == 0; i++) {
		row = &statistics->sorted[i];
		result = shelf_go(shelf, statistics->options.store, row->key.start_us, complaint);
		if (result == 0)
			result = put_row(statistics, period, row, complaint);
	}
	return result;
}

static int put_number(struct store *store, char *key, int64_t number, struct complaint *complaint)
{
	char value[NUMBER_BYTES];
	struct store_meta meta = {.key = key, .value = value};
	(void)snprintf(value, sizeof value, "%" PRId64, number);
	return store_put(store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

int statistics_write(struct statistics *statistics, int64_t order_us, struct complaint *complaint)
{
	int result = 0;
	if (!statistics->is_sealed)
		return 0;
	for (int i = 0; i < STATISTICS_PERIODS && result == 0 && !statistics->is_kept; i++)
		result = write_period(statistics, (enum statistics_period)i, complaint);
	if (result == 0 && statistics->whole_us != INT64_MIN)
		result = put_number(
		    statistics->options.store, STATISTICS_WHOLE, statistics->whole_us, complaint);
	if (result != 0)
		return result;
	statistics->attempted_us = order_us;
	return put_number(statistics->options.store, STATISTICS_ORDER, order_us, complaint);
}

void statistics_commit(struct statistics *statistics)
{
	if (!statistics->is_sealed || statistics->attempted_us == INT64_MIN)
		return;
	statistics_rows_clear(statistics->sealed);
	statistics->order_us = statistics->attempted_us;
	statistics->attempted_us = INT64_MIN;
	statistics->is_sealed = false;
	statistics->is_kept = false;
}

int statistics_recover(struct statistics *statistics, struct complaint *complaint)
{
	int64_t order_us;
	int result = read_order(statistics, &order_us, complaint);
	if (result == 0 && statistics->is_sealed && statistics->attempted_us != INT64_MIN &&
	    order_us == statistics->attempted_us)
		statistics->is_kept = true;
	return result;
}

void statistics_get_counts(
    const struct statistics *statistics, struct statistics_counts *ret_counts)
{
	*ret_counts = statistics->counts;
	ret_counts->rows = statistics_rows_count(statistics->open);
	ret_counts->folded =
	    statistics_rows_folded(statistics->open) + statistics_rows_folded(statistics->sealed);
	ret_counts->lost =
	    statistics_rows_lost(statistics->open) + statistics_rows_lost(statistics->sealed);
}
