#include "cmd/station/tally.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"

#define STATION_KEY   "tally.station"
#define MEMBER_PREFIX "tally.member."
#define MEMBER_END    "tally.member/" /* behind all that begin so */

#define WRITE_US (5 * WHEN_MINUTE_US)

enum {
	KEY_BYTES = sizeof MEMBER_PREFIX + 20,
	NUMBER_BYTES = 24,
	STATION_BYTES = (5 + 2 * TALLY_CAPTURES_MAX) * NUMBER_BYTES,
};

struct count {
	int64_t member_id; /* the key */
	uint64_t packets;
	bool is_changed; /* since it was written */
	bool is_reset;   /* by what is written now */
};

struct capture {
	uint64_t epoch;
	uint64_t packets; /* that are counted */
};

struct tally {
	struct tally_options options;
	struct observer_sink sink;
	struct table *counts;
	uint64_t seed;
	struct tally_station station;
	struct capture captures[TALLY_CAPTURES_MAX];
	size_t capture_count;
	size_t oldest;
	int64_t canary_us; /* when the canary that was counted last began */
	bool canary_arrived;
	int64_t order_us; /* as it is written */
	int64_t new_order_us;
	int64_t written_us; /* monotonic; INT64_MIN: not since the start */
	bool is_changed;
	bool is_reset;
};

static struct count *find_count(const struct tally *tally, int64_t member_id)
{
	return table_find(
	    tally->counts, &member_id, hash_bytes(&member_id, sizeof member_id, tally->seed));
}

/* NULL where there is no room for another. */
static struct count *count_of(struct tally *tally, int64_t member_id)
{
	struct count *count = find_count(tally, member_id);
	if (count != NULL)
		return count;
	return table_insert(
	    tally->counts, &member_id, hash_bytes(&member_id, sizeof member_id, tally->seed));
}

/* ---- What is observed ---- */

/* Each packet once for each member that it is about. */
static bool is_counted(const struct sighting *sighting)
{
	static const unsigned kinds = 1U << SIGHTING_REQUEST | 1U << SIGHTING_REPLY |
				      1U << SIGHTING_NEIGHBOUR | 1U << SIGHTING_PROBE |
				      1U << SIGHTING_FLOODED | 1U << SIGHTING_REFLECTED;
	return sighting->key.drill == 0 && sighting->packets > 0 &&
	       (kinds & 1U << sighting->key.kind) != 0;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct tally *tally = context;
	const struct roster *roster = *tally->options.roster;
	if (!is_counted(sighting))
		return;
	int number = registry_find_member(roster->registry, &sighting->key.subject);
	if (number == MEMBER_NONE)
		return;
	struct count *count = count_of(tally, roster_member(roster, number)->id);
	if (count == NULL)
		return;
	count->packets += sighting->packets;
	count->is_changed = true;
	tally->is_changed = true;
}

static void skip_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void skip_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void skip_window_end(void *context, int64_t window_us)
{
	(void)context;
	(void)window_us;
}

/* ---- What the store has ---- */

static uint64_t take_number(char **text)
{
	return strtoull(*text, text, 10); /* 0 where there is none any more */
}

/* "ORDER PACKETS SENT ARRIVED CANARY EPOCH PACKETS EPOCH PACKETS ..." */
static int visit_station(void *context, const void *record)
{
	struct tally *tally = context;
	const struct store_meta *meta = record;
	char *text = strdup(meta->value);
	char *at = text;
	if (text == NULL)
		return -ENOMEM;
	tally->order_us = strtoll(at, &at, 10);
	tally->station.packets = take_number(&at);
	tally->station.canaries_sent = take_number(&at);
	tally->station.canaries_arrived = take_number(&at);
	tally->canary_us = (int64_t)take_number(&at);
	tally->canary_arrived = true; /* one that flew is followed no more */
	while (*at == ' ' && tally->capture_count < TALLY_CAPTURES_MAX) {
		struct capture *capture = &tally->captures[tally->capture_count++];
		capture->epoch = take_number(&at);
		capture->packets = take_number(&at);
	}
	free(text);
	return 0;
}

static int visit_member(void *context, const void *record)
{
	struct tally *tally = context;
	const struct store_meta *meta = record;
	struct count *count =
	    count_of(tally, strtoll(meta->key + sizeof MEMBER_PREFIX - 1, NULL, 10));
	if (count != NULL)
		count->packets = strtoull(meta->value, NULL, 10);
	return 0;
}

static int read_all(struct tally *tally, struct complaint *complaint)
{
	const struct store_query station = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = STATION_KEY}}};
	const struct store_query members = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = MEMBER_PREFIX},
		{.column = "key", .test = STORE_BELOW, .text = MEMBER_END}},
	};
	int result = store_each(tally->options.store, &station, visit_station, tally, complaint);
	if (result == 0)
		result = store_each(tally->options.store, &members, visit_member, tally, complaint);
	return result == -ENOMEM ? complain(complaint, result, "out of memory for counts") : result;
}

int tally_new(
    const struct tally_options *options, struct tally **ret_tally, struct complaint *complaint)
{
	struct tally *tally = calloc(1, sizeof *tally);
	if (tally == NULL)
		return complain(complaint, -ENOMEM, "out of memory for counts");
	tally->options = *options;
	tally->seed = hash_seed_random();
	tally->order_us = INT64_MIN;
	tally->written_us = INT64_MIN;
	tally->sink = (struct observer_sink){
	    .context = tally,
	    .on_sighting = on_sighting,
	    .on_host = skip_host,
	    .on_carrier = skip_carrier,
	    .on_window_end = skip_window_end,
	};
	tally->counts = table_new(sizeof(int64_t), sizeof(struct count), options->members_max);
	int result = tally->counts == NULL
			 ? complain(complaint, -ENOMEM, "out of memory for counts")
			 : read_all(tally, complaint);
	if (result != 0)
		tally_free(tally);
	else
		*ret_tally = tally;
	return result;
}

void tally_free(struct tally *tally)
{
	if (tally == NULL)
		return;
	table_free(tally->counts);
	free(tally);
}

const struct observer_sink *tally_sink(struct tally *tally)
{
	return &tally->sink;
}

int64_t tally_order_us(const struct tally *tally)
{
	return tally->order_us;
}

/* ---- What the station does ---- */

static struct capture *capture_of(struct tally *tally, uint64_t epoch)
{
	for (size_t i = 0; i < tally->capture_count; i++)
		if (tally->captures[i].epoch == epoch)
			return &tally->captures[i];
	size_t at = tally->capture_count;
	if (at < TALLY_CAPTURES_MAX)
		tally->capture_count++;
	else
		at = tally->oldest++ % TALLY_CAPTURES_MAX;
	tally->captures[at] = (struct capture){.epoch = epoch};
	return &tally->captures[at];
}

void tally_note_packets(struct tally *tally, uint64_t epoch, uint64_t packets)
{
	struct capture *capture = capture_of(tally, epoch);
	if (packets <= capture->packets)
		return;
	tally->station.packets += packets - capture->packets;
	capture->packets = packets;
	tally->is_changed = true;
}

void tally_note_canary(struct tally *tally, const struct canary_flight *flight)
{
	if (flight->state == CANARY_NONE)
		return;
	if (flight->begun_us != tally->canary_us) {
		tally->canary_us = flight->begun_us;
		tally->canary_arrived = false;
		tally->station.canaries_sent++;
		tally->is_changed = true;
	}
	if (flight->state != CANARY_IS_HOME || tally->canary_arrived)
		return;
	tally->canary_arrived = true;
	tally->station.canaries_arrived++;
	tally->is_changed = true;
}

void tally_get_station(const struct tally *tally, struct tally_station *ret_station)
{
	*ret_station = tally->station;
}

uint64_t tally_member(const struct tally *tally, int64_t member_id)
{
	const struct count *count = find_count(tally, member_id);
	return count == NULL ? 0 : count->packets;
}

void tally_reset_station(struct tally *tally)
{
	tally->is_reset = true;
	tally->is_changed = true;
}

void tally_reset_member(struct tally *tally, int64_t member_id)
{
	struct count *count = find_count(tally, member_id);
	if (count == NULL)
		return;
	count->is_reset = true;
	count->is_changed = true;
	tally->is_changed = true;
}

/* ---- Writing ---- */

void tally_end(struct tally *tally)
{
	tally->written_us = INT64_MIN;
}

bool tally_is_due(const struct tally *tally, int64_t monotonic_us)
{
	return tally->is_changed &&
	       (tally->written_us == INT64_MIN || monotonic_us - tally->written_us >= WRITE_US);
}

static int put_meta(
    struct tally *tally, const char *key, const char *value, struct complaint *complaint)
{
	struct store_meta meta = {.key = key, .value = value};
	return store_put(tally->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

static int write_station(struct tally *tally, struct complaint *complaint)
{
	static const struct tally_station none;
	const struct tally_station *station = tally->is_reset ? &none : &tally->station;
	char value[STATION_BYTES];
	int length = snprintf(value, sizeof value,
	    "%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64, tally->new_order_us,
	    station->packets, station->canaries_sent, station->canaries_arrived, tally->canary_us);
	size_t at = (size_t)length;
	for (size_t i = 0; i < tally->capture_count; i++)
		at += (size_t)snprintf(value + at, sizeof value - at, " %" PRIu64 " %" PRIu64,
		    tally->captures[i].epoch, tally->captures[i].packets); /* there is room */
	return put_meta(tally, STATION_KEY, value, complaint);
}

static int write_count(struct tally *tally, const struct count *count, struct complaint *complaint)
{
	char key[KEY_BYTES];
	char value[NUMBER_BYTES];
	(void)snprintf(key, sizeof key, MEMBER_PREFIX "%" PRId64, count->member_id);
	(void)snprintf(value, sizeof value, "%" PRIu64, count->is_reset ? 0 : count->packets);
	return put_meta(tally, key, value, complaint);
}

int tally_write(
    struct tally *tally, int64_t order_us, int64_t monotonic_us, struct complaint *complaint)
{
	size_t position = 0;
	const struct count *count;
	int result;
	tally->new_order_us = order_us;
	tally->written_us = monotonic_us;
	result = write_station(tally, complaint);
	while (result == 0 && (count = table_next(tally->counts, &position)) != NULL)
		if (count->is_changed)
			result = write_count(tally, count, complaint);
	return result;
}

void tally_commit(struct tally *tally)
{
	size_t position = 0;
	struct count *count;
	while ((count = table_next(tally->counts, &position)) != NULL) {
		if (count->is_reset)
			count->packets = 0;
		count->is_reset = false;
		count->is_changed = false;
	}
	if (tally->is_reset)
		tally->station = (struct tally_station){.packets = 0};
	tally->is_reset = false;
	tally->is_changed = false;
	tally->order_us = tally->new_order_us;
}

void tally_forget(struct tally *tally)
{
	size_t position = 0;
	struct count *count;
	while ((count = table_next(tally->counts, &position)) != NULL)
		count->is_reset = false;
	tally->is_reset = false;
	tally->written_us = INT64_MIN; /* soon again */
}
