/* What is counted for regular reports: each packet once for its member, over restarts. */
#include "cmd/station/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "store_help.h"

enum {
	TOWN = 1,
	SCHOOL = 2,
};

static struct store *store;
static struct roster *roster;
static struct tally *tally;
static struct complaint complaint;
static void open_tally_for(size_t members_max)
{
	const struct tally_options options = {.store = store,
	    .roster = (const struct roster *const *)&roster,
	    .members_max = members_max};
	if (tally_new(&options, &tally, &complaint) != 0)
		abort();
}

static void open_tally(void)
{
	open_tally_for(TALLY_MEMBERS_MAX);
}

/* Another keeper begins. */
static void restart(void)
{
	tally_free(tally);
	open_tally();
}

static void write_now(int64_t order_us, bool commits)
{
	if (store_begin(store, NULL) != 0 || tally_write(tally, order_us, 0, &complaint) != 0)
		abort();
	if (!commits) {
		store_rollback(store);
		tally_forget(tally);
		return;
	}
	if (store_commit(store, &complaint) != 0)
		abort();
	tally_commit(tally);
}

static void see(const struct observer_sink *sink, const char *subject, uint8_t kind, bool drill)
{
	struct sighting sighting = {.key = {.kind = kind, .drill = drill}};
	if (address_parse(subject, &sighting.key.subject) != 0)
		abort();
	sighting_init(&sighting);
	sighting.packets = 5;
	sink->on_sighting(sink->context, &sighting);
}

static struct tally_station station(void)
{
	struct tally_station now;
	tally_get_station(tally, &now);
	return now;
}

static void test_members(void)
{
	static const struct {
		const char *name;
		const char *subject;
		uint8_t kind;
		bool drill;
		uint64_t town; /* after it */
		uint64_t school;
	} rows[] = {
	    {"what a machine asks", "198.51.100.1", SIGHTING_REQUEST, false, 5, 0},
	    {"what it replies unasked", "198.51.100.2", SIGHTING_REPLY, false, 10, 0},
	    {"what it asks on the wire", "198.51.100.2", SIGHTING_NEIGHBOUR, false, 15, 0},
	    {"what it probes", "198.51.100.2", SIGHTING_PROBE, false, 20, 0},
	    {"what it is asked", "203.0.113.1", SIGHTING_FLOODED, false, 20, 5},
	    {"what it gets unasked", "203.0.113.1", SIGHTING_REFLECTED, false, 20, 10},
	    {"an exchange, whose packets were counted", "203.0.113.1", SIGHTING_EXCHANGE, false, 20,
		10},
	    {"an exercise", "198.51.100.1", SIGHTING_REQUEST, true, 20, 10},
	    {"a stranger", "192.0.2.1", SIGHTING_REQUEST, false, 20, 10},
	};
	open_tally();
	const struct observer_sink *sink = tally_sink(tally);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		see(sink, rows[i].subject, rows[i].kind, rows[i].drill);
		OK(tally_member(tally, TOWN) == rows[i].town &&
			tally_member(tally, SCHOOL) == rows[i].school,
		    rows[i].name);
	}
	sink->on_host(sink->context, NULL);
	sink->on_carrier(sink->context, NULL);
	sink->on_window_end(sink->context, 0);
	see(sink, "198.51.100.1", SIGHTING_REQUEST, false);
	OK(tally_member(tally, TOWN) == 25 && sink->on_sum == NULL,
	    "hosts and windows are no packets");
	OK(tally_order_us(tally) == INT64_MIN && tally_is_due(tally, 0),
	    "nothing was written before, and now it is time");
	write_now(77, true);
	OK(tally_order_us(tally) == 77 && !tally_is_due(tally, 0),
	    "what was written is not due again");
	see(sink, "198.51.100.1", SIGHTING_REQUEST, false);
	OK(!tally_is_due(tally, 5 * WHEN_MINUTE_US - 1) && tally_is_due(tally, 5 * WHEN_MINUTE_US),
	    "until five minutes later, when something is new");
	tally_end(tally);
	OK(tally_is_due(tally, 1), "or in the end");
	restart();
	OK(tally_order_us(tally) == 77 && tally_member(tally, TOWN) == 25 &&
		tally_member(tally, SCHOOL) == 10,
	    "after a restart all is there that was written, and up to which batch");
	tally_free(tally);
}

static void test_reset(void)
{
	open_tally();
	const struct observer_sink *sink = tally_sink(tally);
	see(sink, "198.51.100.1", SIGHTING_REQUEST, false);
	see(sink, "203.0.113.1", SIGHTING_REQUEST, false);
	const uint64_t town = tally_member(tally, TOWN);
	const uint64_t school = tally_member(tally, SCHOOL);
	tally_note_packets(tally, 9, 100);
	tally_reset_member(tally, TOWN);
	tally_reset_member(tally, 99);
	tally_reset_station(tally);
	OK(tally_member(tally, TOWN) == town && station().packets == 100,
	    "what is to begin anew counts until that is kept");
	write_now(80, false);
	OK(tally_member(tally, TOWN) == town && station().packets == 100 && tally_is_due(tally, 0),
	    "also where it was not");
	write_now(81, true);
	OK(tally_member(tally, TOWN) == town && station().packets == 100,
	    "and is not reset by another write");
	tally_reset_member(tally, TOWN);
	tally_reset_station(tally);
	write_now(82, true);
	OK(tally_member(tally, TOWN) == 0 && tally_member(tally, SCHOOL) == school &&
		station().packets == 0,
	    "it is when it is kept");
	tally_note_packets(tally, 9, 130);
	OK(station().packets == 30, "what a capture reads goes on");
	restart();
	OK(tally_member(tally, TOWN) == 0 && tally_member(tally, SCHOOL) == school &&
		station().packets == 0,
	    "over a restart as well");
	tally_note_packets(tally, 9, 130);
	OK(station().packets == 30, "of a capture that lived on nothing is missing");
	tally_free(tally);
}

static void test_captures(void)
{
	open_tally();
	tally_reset_station(tally);
	write_now(90, true);
	tally_note_packets(tally, 1, 10);
	tally_note_packets(tally, 2, 5);
	tally_note_packets(tally, 1, 10);
	tally_note_packets(tally, 1, 8);
	OK(station().packets == 15, "captures count for themselves, and never backwards");
	tally_note_packets(tally, 3, 4);
	OK(station().packets == 19, "one that begins anew begins with nothing");
	for (uint64_t epoch = 100; epoch < 100 + TALLY_CAPTURES_MAX; epoch++)
		tally_note_packets(tally, epoch, 1);
	OK(station().packets == 19 + TALLY_CAPTURES_MAX, "more captures than are known");
	tally_note_packets(tally, 100 + TALLY_CAPTURES_MAX - 1, 2);
	OK(station().packets == 20 + TALLY_CAPTURES_MAX, "the last of them is");
	write_now(91, true);
	restart();
	OK(station().packets == 20 + TALLY_CAPTURES_MAX, "all of it fits into the store");
	tally_note_packets(tally, 100 + TALLY_CAPTURES_MAX - 1, 2);
	OK(station().packets == 20 + TALLY_CAPTURES_MAX, "and comes back from there");
	tally_free(tally);
}

static void test_canaries(void)
{
	struct canary_flight flight = {.state = CANARY_NONE};
	open_tally();
	tally_reset_station(tally);
	write_now(95, true);
	tally_note_canary(tally, &flight);
	OK(station().canaries_sent == 0, "none was sent");
	flight = (struct canary_flight){.state = CANARY_FLIES, .begun_us = 7};
	tally_note_canary(tally, &flight);
	tally_note_canary(tally, &flight);
	OK(station().canaries_sent == 1 && station().canaries_arrived == 0, "one flies");
	flight.state = CANARY_IS_LATE;
	tally_note_canary(tally, &flight);
	OK(station().canaries_arrived == 0, "is late");
	flight.state = CANARY_IS_HOME;
	tally_note_canary(tally, &flight);
	tally_note_canary(tally, &flight);
	OK(station().canaries_sent == 1 && station().canaries_arrived == 1, "and arrives, once");
	write_now(96, true);
	restart();
	OK(station().canaries_sent == 1 && station().canaries_arrived == 1, "that is kept");
	tally_free(tally);
}

static void test_room(void)
{
	open_tally_for(2); /* there are two from before */
	const struct observer_sink *sink = tally_sink(tally);
	const uint64_t town = tally_member(tally, TOWN);
	see(sink, "10.0.0.1", SIGHTING_REQUEST, false);
	see(sink, "198.51.100.1", SIGHTING_REQUEST, false);
	OK(tally_member(tally, 3) == 0 && tally_member(tally, TOWN) == town + 5,
	    "one member more than there is room for is not counted, the others are");
	tally_free(tally);
}

static void add_member(const char *name, const char *prefix)
{
	struct store_member member = sample_member(name);
	struct store_prefix of = {.prefix = prefix};
	member.zone = "";
	if (put_alone(store, STORE_RECORD(&member)) != 0)
		abort();
	of.member_id = member.id;
	if (put_alone(store, STORE_RECORD(&of)) != 0)
		abort();
}

int main(void)
{
	const struct roster_options options = {.language = LANGUAGE_EN, .zone = ""};
	store = open_store("memory", "", false);
	add_member("town", "198.51.100.0/24");
	add_member("school", "203.0.113.0/24");
	add_member("office", "10.0.0.0/8");
	if (roster_read(store, &options, &roster, &complaint) != 0)
		abort();
	test_members();
	test_reset();
	test_captures();
	test_canaries();
	test_room();
	roster_free(roster);
	store_close(store);
	return test_done();
}
