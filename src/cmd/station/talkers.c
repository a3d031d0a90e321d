#include "cmd/station/talkers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/when.h"
#include "cmd/station/statistics.h"
#include "cmd/station/statistics_rows.h"

enum {
	/* Of more sources together nobody knows who it was. */
	BITS_V4_MIN = ADDRESS_V4_BITS + 24,
	BITS_V6_MIN = 64,
};

struct talker {
	struct prefix from;
	uint64_t packets;
	uint64_t not_its; /* of these: of those who were there before */
	uint64_t of_port; /* the most in one sighting, */
	uint16_t port;    /* which was of this */
	uint8_t protocol;
};

struct board {
	int64_t start_us; /* INT64_MIN: there was nothing yet */
	uint32_t count;
	uint32_t tags[TALKERS_ROOM]; /* by which one is found without looking at all */
	struct talker list[TALKERS_ROOM];
};

struct talkers {
	struct observer_sink sink;
	struct store *store;
	struct geo *geo;
	const struct roster *roster; /* NULL: nobody is known */
	uint64_t seed;
	bool is_changed; /* since the last five minutes that were told, */
	bool is_due;     /* and others have ended */
	bool is_written;
	struct board now[STATISTICS_PERIODS];
	struct board before[STATISTICS_PERIODS];
};

/* ---- Counting ---- */

static void turn(struct talkers *talkers, enum statistics_period period, int64_t time_us)
{
	struct board *now = &talkers->now[period];
	struct board *before = &talkers->before[period];
	const int64_t start_us = statistics_period_start(period, time_us);
	const int64_t length_us = statistics_period_us(period);
	const bool is_late = now->start_us != INT64_MIN && start_us < now->start_us &&
			     now->start_us - start_us <= length_us;
	if (start_us == now->start_us || is_late)
		return;
	if (now->start_us != INT64_MIN && start_us == now->start_us + length_us)
		*before = *now;
	else
		*before = (struct board){.start_us = INT64_MIN}; /* or a clock that was set */
	now->start_us = start_us;
	now->count = 0;
}

static uint32_t find(const struct board *board, const struct prefix *from, uint32_t tag)
{
	for (uint32_t i = 0; i < board->count; i++)
		if (board->tags[i] == tag && board->list[i].from.bits == from->bits &&
		    address_equal(&board->list[i].from.address, &from->address))
			return i;
	return board->count;
}

static uint32_t find_lightest(const struct board *board)
{
	uint32_t lightest = 0;
	for (uint32_t i = 1; i < board->count; i++)
		if (board->list[i].packets < board->list[lightest].packets)
			lightest = i;
	return lightest;
}

static void note(struct board *board, const struct talker *one, uint32_t tag)
{
	uint32_t at = find(board, &one->from, tag);
	struct talker *known = &board->list[at];
	if (at == board->count && at < TALKERS_ROOM) {
		board->count++;
		*known = *one;
	} else if (at == board->count) {
		at = find_lightest(board);
		known = &board->list[at];
		const uint64_t others = known->packets;
		*known = *one;
		known->packets += others;
		known->not_its = others;
	} else {
		known->packets += one->packets;
		if (one->of_port > known->of_port) {
			known->of_port = one->of_port;
			known->port = one->port;
			known->protocol = one->protocol;
		}
	}
	board->tags[at] = tag;
}

static void count(struct talkers *talkers, const struct talker *one, int64_t time_us)
{
	const uint32_t tag = (uint32_t)hash_address(&one->from.address, talkers->seed);
	for (int i = 0; i < STATISTICS_PERIODS; i++) {
		turn(talkers, (enum statistics_period)i, time_us);
		note(&talkers->now[i], one, tag);
	}
	talkers->is_changed = true;
}

static bool is_stranger(const struct talkers *talkers, const struct address *address)
{
	return talkers->roster != NULL && !address_is_private(address) &&
	       registry_find_member(talkers->roster->registry, address) == MEMBER_NONE;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct talkers *talkers = context;
	const struct sighting_key *key = &sighting->key;
	const struct talker one = {
	    .from = {key->subject, ADDRESS_BITS},
	    .packets = sighting->packets,
	    .of_port = sighting->packets,
	    .port = key->port,
	    .protocol = key->protocol,
	};
	if (key->drill == 0 && sighting->packets > 0 &&
	    statistics_kind_is_sent((enum sighting_kind)key->kind) &&
	    is_stranger(talkers, &key->subject))
		count(talkers, &one, sighting->last_us);
}

static void on_sum(void *context, const struct sum *sum)
{
	struct talkers *talkers = context;
	const struct sum_key *key = &sum->key;
	const struct talker one = {
	    .from = {key->address, key->bits},
	    .packets = sum->packets,
	    .of_port = sum->packets,
	    .port = key->port,
	    .protocol = key->protocol,
	};
	if (key->drill == 0 && sum->packets > 0 &&
	    statistics_kind_is_sent((enum sighting_kind)key->kind) &&
	    key->bits >= (address_is_v4(&key->address) ? BITS_V4_MIN : BITS_V6_MIN) &&
	    is_stranger(talkers, &key->address))
		count(talkers, &one, sum->last_us);
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

/* What strangers sent has come when the first minute after it has ended. */
static void on_window_end(void *context, int64_t window_us)
{
	struct talkers *talkers = context;
	const struct board *before = &talkers->before[STATISTICS_5M];
	const struct board *now = &talkers->now[STATISTICS_5M];
	const int64_t slot_us = statistics_period_start(STATISTICS_5M, window_us);
	if (talkers->is_changed && (before->count > 0 || slot_us > now->start_us))
		talkers->is_due = true;
}

/* ---- Writing ---- */

static int compare(const void *a, const void *b)
{
	const struct talker *one = a;
	const struct talker *other = b;
	const uint64_t x = one->packets - one->not_its;
	const uint64_t y = other->packets - other->not_its;
	if (x != y)
		return x > y ? -1 : 1;
	return address_compare(&one->from.address, &other->from.address);
}

static void put_talker(struct json *json, struct geo *geo, const struct talker *talker)
{
	const struct geo_place place = geo_find(geo, &talker->from.address);
	char text[PREFIX_TEXT_BYTES];
	if (talker->from.bits == ADDRESS_BITS)
		address_format(&talker->from.address, text);
	else
		prefix_format(&talker->from, text);
	json_open_array(json, NULL);
	json_string(json, NULL, text);
	json_string(json, NULL, place.country[0] != '\0' ? place.country : NULL);
	json_unsigned(json, NULL, talker->protocol);
	json_unsigned(json, NULL, talker->port);
	json_unsigned(json, NULL, talker->packets - talker->not_its);
	json_close_array(json);
}

/* The time before and that under way, as one. */
static int put_period(const struct talkers *talkers, struct json *json, const char *name,
    enum statistics_period period)
{
	const struct board *now = &talkers->now[period];
	const struct board *before = &talkers->before[period];
	struct board *both = malloc(sizeof *both);
	char text[WHEN_TEXT_BYTES];
	if (both == NULL)
		return -ENOMEM;
	*both = *before;
	for (uint32_t i = 0; i < now->count; i++) {
		struct talker own = now->list[i];
		own.packets -= own.not_its;
		own.not_its = 0;
		note(both, &own, now->tags[i]);
	}
	qsort(both->list, both->count, sizeof both->list[0], compare);
	when_format_utc(before->start_us != INT64_MIN ? before->start_us : now->start_us, text);
	json_open_object(json, name);
	json_string(json, "from", text);
	json_open_array(json, "list");
	for (uint32_t i = 0; i < both->count && i < TALKERS_TOLD; i++)
		put_talker(json, talkers->geo, &both->list[i]);
	json_close_array(json);
	json_close_object(json);
	free(both);
	return 0;
}

static int write_text(const struct talkers *talkers, FILE *out)
{
	struct json json;
	json_init(&json, out);
	json_open_object(&json, NULL);
	int result = put_period(talkers, &json, "5m", STATISTICS_5M);
	if (result == 0)
		result = put_period(talkers, &json, "hour", STATISTICS_HOUR);
	if (result == 0)
		result = put_period(talkers, &json, "day", STATISTICS_DAY);
	json_close_object(&json);
	return result;
}

bool talkers_are_due(const struct talkers *talkers)
{
	return talkers->is_due;
}

int talkers_write(struct talkers *talkers, struct complaint *complaint)
{
	char *text = NULL;
	size_t length = 0;
	if (!talkers->is_due)
		return 0;
	FILE *out = open_memstream(&text, &length);
	int result = out == NULL ? -ENOMEM : write_text(talkers, out);
	if (out != NULL && fclose(out) != 0)
		result = -ENOMEM;
	if (result != 0) {
		free(text);
		return complain(complaint, result, "out of memory for top sources");
	}
	struct store_meta meta = {.key = TALKERS_KEY, .value = text};
	result = store_put(talkers->store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
	free(text);
	talkers->is_written = result == 0;
	return result;
}

void talkers_commit(struct talkers *talkers)
{
	if (!talkers->is_written)
		return;
	talkers->is_written = false;
	talkers->is_due = false;
	talkers->is_changed = false;
}

/* ---- The whole ---- */

int talkers_new(struct store *store, struct geo *geo, struct talkers **ret_talkers)
{
	struct talkers *talkers = calloc(1, sizeof *talkers);
	if (talkers == NULL)
		return -ENOMEM;
	talkers->store = store;
	talkers->geo = geo;
	talkers->seed = hash_seed_random();
	for (int i = 0; i < STATISTICS_PERIODS; i++) {
		talkers->now[i].start_us = INT64_MIN;
		talkers->before[i].start_us = INT64_MIN;
	}
	talkers->sink = (struct observer_sink){
	    .context = talkers,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	    .on_sum = on_sum,
	};
	*ret_talkers = talkers;
	return 0;
}

void talkers_free(struct talkers *talkers)
{
	free(talkers);
}

void talkers_set_roster(struct talkers *talkers, const struct roster *roster)
{
	talkers->roster = roster;
}

const struct observer_sink *talkers_sink(struct talkers *talkers)
{
	return &talkers->sink;
}
