/* Who of the strangers sent the most: counted rightly, never too much, and by the time of packets.
 */
#include "cmd/station/talkers.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/when.h"
#include "cmd/station/surveys.h"
#include "store_help.h"
#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)
#define SLOT  (5 * WHEN_MINUTE_US)

static struct store *store;
static struct roster *roster;
static struct talkers *talkers;
static struct json_node *told;

static void begin(void)
{
	struct complaint complaint;
	struct store_member member = {.name = "city", .language = "ja", .zone = ""};
	const struct roster_options options = {.zone = ""};
	store = open_store("memory", NULL, false);
	if (store_begin(store, NULL) != 0 ||
	    store_put(store, STORE_RECORD(&member), STORE_REPLACE, NULL) != 0)
		exit(1);
	struct store_prefix prefix = {.member_id = member.id, .prefix = "203.0.113.0/24"};
	if (store_put(store, STORE_RECORD(&prefix), STORE_REPLACE, NULL) != 0 ||
	    store_commit(store, NULL) != 0 ||
	    roster_read(store, &options, &roster, &complaint) != 0 ||
	    talkers_new(store, NULL, &talkers) != 0)
		exit(1);
	talkers_set_roster(talkers, roster);
}

static void end(void)
{
	json_read_free(told);
	told = NULL;
	talkers_free(talkers);
	roster_free(roster);
	store_close(store);
}

static void hear(uint32_t source, uint16_t port, uint64_t packets, int64_t time_us)
{
	const struct observer_sink *sink = talkers_sink(talkers);
	struct sighting sighting = {
	    .key = {.subject = address_from_v4_u32(source),
		.port = port,
		.kind = SIGHTING_REQUEST,
		.protocol = 6},
	};
	sighting_init(&sighting);
	sighting.packets = packets;
	sighting.first_us = time_us;
	sighting.last_us = time_us;
	sink->on_sighting(sink->context, &sighting);
}

static void end_window(int64_t time_us)
{
	const struct observer_sink *sink = talkers_sink(talkers);
	sink->on_window_end(sink->context, time_us);
}

static int visit(void *context, const void *record)
{
	const struct store_meta *meta = record;
	(void)context;
	return json_read(meta->value, strlen(meta->value), &told, NULL);
}

/* Writes, and reads it again. */
static void tell(void)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = TALKERS_KEY}},
	};
	json_read_free(told);
	told = NULL;
	if (store_begin(store, NULL) != 0 || talkers_write(talkers, NULL) != 0 ||
	    store_commit(store, NULL) != 0 || store_each(store, &query, visit, NULL, NULL) != 0)
		exit(1);
	talkers_commit(talkers);
}

static const struct json_node *list_of(const char *period)
{
	return json_read_member(json_read_member(told, period), "list");
}

static bool has(const char *period, size_t at, const char *source, int64_t packets)
{
	const struct json_node *row = json_read_item(list_of(period), at);
	const char *text = "";
	int64_t number = -1;
	(void)json_read_text(json_read_item(row, 0), &text);
	(void)json_read_whole(json_read_item(row, 4), &number);
	if (strcmp(text, source) != 0 || number != packets)
		printf("# %s %s: %" PRId64 "\n", period, text, number);
	return strcmp(text, source) == 0 && number == packets;
}

static void test_order(void)
{
	begin();
	hear(0x08080808, 53, 3, START);
	hear(0x09090909, 22, 5, START + 1);
	hear(0x08080808, 23, 9, START + 2);
	hear(0xcb007105, 22, 99, START + 3); /* a member's machine */
	hear(0x0a000001, 22, 99, START + 3); /* nobody's */
	end_window(START);
	OK(!talkers_are_due(talkers), "as long as five minutes have not ended nothing is told");
	end_window(START + SLOT);
	OK(talkers_are_due(talkers), "then it is");
	tell();
	OK(!talkers_are_due(talkers), "once");
	OK(json_read_count(list_of("5m")) == 2 && has("5m", 0, "8.8.8.8", 12) &&
		has("5m", 1, "9.9.9.9", 5),
	    "strangers, those with the most first");
	int64_t port = 0;
	(void)json_read_whole(json_read_item(json_read_item(list_of("5m"), 0), 3), &port);
	OK(port == 23, "with the port that had the most at once");
	OK(has("hour", 0, "8.8.8.8", 12) && has("day", 0, "8.8.8.8", 12), "in each length of time");
	end();
}

static void test_time(void)
{
	begin();
	hear(0x08080808, 53, 3, START);
	hear(0x09090909, 22, 5, START + SLOT);
	hear(0x08080808, 53, 1, START + 1); /* late */
	end_window(START + SLOT);
	tell();
	OK(has("5m", 0, "9.9.9.9", 5) && has("5m", 1, "8.8.8.8", 4),
	    "the five minutes before, and those under way");
	hear(0x07070707, 22, 2, START + 3 * SLOT);
	end_window(START + 4 * SLOT);
	tell();
	OK(json_read_count(list_of("5m")) == 1 && has("5m", 0, "7.7.7.7", 2),
	    "what was before a pause is forgotten");
	OK(json_read_count(list_of("hour")) == 3, "but for the hour");
	hear(0x06060606, 22, 1, START - WHEN_DAY_US * 9);
	end_window(START + 9 * SLOT);
	tell();
	OK(json_read_count(list_of("day")) == 1, "a clock that was set back begins anew");
	end();
}

static void test_room(void)
{
	begin();
	for (uint32_t i = 0; i < TALKERS_ROOM; i++)
		hear(0x08000000 + i, 22, 10, START);
	hear(0x09090909, 22, 100, START);
	end_window(START + SLOT);
	tell();
	OK(has("5m", 0, "9.9.9.9", 100) && json_read_count(list_of("5m")) == TALKERS_TOLD,
	    "one more than there is room for takes a place, and nothing that is another's");
	for (uint32_t i = 0; i < 5000; i++)
		hear(0x20000000 + i, 22, 1, START + SLOT);
	hear(0x09090909, 22, 50, START + SLOT);
	end_window(START + 2 * SLOT);
	tell();
	OK(has("5m", 0, "9.9.9.9", 150), "a crowd of light ones does not hide who is heavy");
	end();
}

static void test_others(void)
{
	begin();
	const struct observer_sink *sink = talkers_sink(talkers);
	struct sum sum = {.key = {.address = address_from_v4_u32(0x08080800),
			      .bits = 120,
			      .kind = SIGHTING_REQUEST,
			      .protocol = 6,
			      .port = 23},
	    .last_us = START,
	    .packets = 7};
	sink->on_sum(sink->context, &sum);
	sum.key.bits = 112;
	sink->on_sum(sink->context, &sum);
	sum.key.bits = 128;
	sum.key.drill = 1;
	sink->on_sum(sink->context, &sum);
	end_window(START + SLOT);
	tell();
	OK(json_read_count(list_of("5m")) == 1 && has("5m", 0, "8.8.8.0/24", 7),
	    "a small network counts as one, a large one as nobody, an exercise not at all");
	end();
}

static void test_surveys(void)
{
	static const struct {
		const char *source;
		const char *name;
	} rows[] = {
	    {"162.142.125.7", "Censys"},
	    {"162.142.126.7", NULL},
	    {"137.226.113.0/26", "RWTH Aachen University"},
	    {"137.226.113.0/24", NULL}, /* others are in it */
	    {"2620:96:e000:b0cc:e::1", "Censys"},
	    {"2620:96:e000:b0cd:e::1", NULL},
	    {"0.0.0.0/0", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct prefix source;
		const char *why;
		const char *name =
		    prefix_parse(rows[i].source, &source, &why) == 0 ? survey_name(&source) : "?";
		OK(name == rows[i].name ||
			(name != NULL && rows[i].name != NULL && strcmp(name, rows[i].name) == 0),
		    rows[i].source);
	}
}

int main(void)
{
	test_order();
	test_time();
	test_room();
	test_others();
	test_surveys();
	return test_done();
}
