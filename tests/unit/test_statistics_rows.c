/* Rows of statistics: totals are kept however many there are; sources count once. */
#include "cmd/station/statistics_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "observe/sighting.h"
#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)

static struct statistics_row make_row(uint32_t port, uint32_t network, const char *country)
{
	struct statistics_row row = {
	    .key = {.start_us = START,
		.network = network,
		.port = (int32_t)port,
		.kind = SIGHTING_REQUEST,
		.protocol = 6},
	    .packets = 1,
	    .bytes = 60,
	    .sources = {1, 1, 1},
	};
	memcpy(row.key.country, country, 2);
	return row;
}

static const struct statistics_row *find(
    const struct statistics_rows *rows, const struct statistics_key *key)
{
	size_t position = 0;
	const struct statistics_row *row;
	while ((row = statistics_rows_next(rows, &position)) != NULL)
		if (memcmp(&row->key, key, sizeof *key) == 0)
			return row;
	return NULL;
}

static uint64_t sum_packets(const struct statistics_rows *rows)
{
	size_t position = 0;
	uint64_t packets = 0;
	const struct statistics_row *row;
	while ((row = statistics_rows_next(rows, &position)) != NULL)
		packets += row->packets;
	return packets;
}

static void test_periods(void)
{
	OK(statistics_period_start(STATISTICS_5M, START + 299 * WHEN_SECOND_US) == START &&
		statistics_period_start(STATISTICS_5M, START + 300 * WHEN_SECOND_US) ==
		    START + 300 * WHEN_SECOND_US,
	    "five minutes begin at full five minutes");
	OK(statistics_period_start(STATISTICS_DAY, START + 1) == START &&
		statistics_period_start(STATISTICS_HOUR, -1) == -WHEN_HOUR_US,
	    "days and hours likewise, also before 1970");
}

static void test_levels(void)
{
	const struct statistics_row row = make_row(445, 2497, "JP");
	struct statistics_key key = row.key;
	OK(statistics_level(&key) == 0, "a row with a port is as fine as can be");
	key = statistics_coarsen(&row.key, 1);
	OK(key.port == STATISTICS_NO_PORT && key.network == 0 && key.country[0] == 'J' &&
		statistics_level(&key) == 1,
	    "then it keeps its country");
	key = statistics_coarsen(&row.key, 2);
	OK(key.country[0] == '\0' && key.protocol == 6 && statistics_level(&key) == 2,
	    "then its protocol");
	key = statistics_coarsen(&row.key, 3);
	OK(key.protocol == 0 && key.kind == SIGHTING_REQUEST && key.start_us == START &&
		statistics_level(&key) == 3,
	    "kind and time always");
}

static void test_adding(void)
{
	struct statistics_rows *rows = statistics_rows_new(STATISTICS_ROWS_LEAST);
	struct statistics_row row = make_row(23, 0, "\0");
	row.packets = UINT64_MAX;
	statistics_rows_add(rows, &row);
	statistics_rows_add(rows, &row);
	const struct statistics_row *sum = find(rows, &row.key);
	OK(statistics_rows_count(rows) == 1 && sum->packets == INT64_MAX && sum->bytes == 120 &&
		sum->sources[STATISTICS_DAY] == 2,
	    "rows of one key add up, as far as a store can hold");
	statistics_rows_clear(rows);
	OK(statistics_rows_count(rows) == 0, "and are gone when they are cleared");
	statistics_rows_free(rows);
}

/* Exactly as many as there is room for, and one more. */
static void test_limit(void)
{
	struct statistics_rows *rows = statistics_rows_new(STATISTICS_ROWS_LEAST);
	for (uint32_t i = 0; i < STATISTICS_ROWS_LEAST; i++) {
		const struct statistics_row row = make_row(i, 0, "\0");
		statistics_rows_add(rows, &row);
	}
	OK(statistics_rows_count(rows) == STATISTICS_ROWS_LEAST &&
		statistics_rows_folded(rows) == 0,
	    "as many as there is room for stay as they are");
	const struct statistics_row one = make_row(STATISTICS_ROWS_LEAST, 0, "\0");
	statistics_rows_add(rows, &one);
	OK(statistics_rows_count(rows) <= STATISTICS_ROWS_LEAST * 3 / 4 &&
		statistics_rows_folded(rows) > 0 && sum_packets(rows) == STATISTICS_ROWS_LEAST + 1,
	    "one more: a part becomes the rest, and no packet is lost");
	statistics_rows_free(rows);
}

/* A frequent port keeps its name among a hundred thousand that are not. */
static void test_frequent(void)
{
	struct statistics_rows *rows = statistics_rows_new(4096);
	uint64_t packets = 0;
	for (uint32_t i = 0; i < 100000; i++) {
		const struct statistics_row rare = make_row(1024 + i % 60000, i / 7, "DE");
		const struct statistics_row frequent = make_row(23, 2497, "JP");
		statistics_rows_add(rows, &rare);
		statistics_rows_add(rows, &frequent);
		packets += 2;
	}
	const struct statistics_row frequent = make_row(23, 2497, "JP");
	const struct statistics_row *found = find(rows, &frequent.key);
	OK(found != NULL && found->packets == 100000, "what is frequent keeps its port");
	const struct statistics_row german = make_row(0, 0, "DE");
	const struct statistics_key rest = statistics_coarsen(&german.key, 1);
	found = find(rows, &rest);
	OK(found != NULL && found->packets > 90000 && sum_packets(rows) == packets,
	    "what is rare is the rest of its country");
	statistics_rows_free(rows);
}

/* Whatever is sent, of whatever protocol and country, there is an end to rows. */
static void test_coarsest(void)
{
	struct statistics_rows *rows = statistics_rows_new(STATISTICS_ROWS_LEAST);
	uint64_t packets = 0;
	for (uint32_t i = 0; i < 20000; i++) {
		const char country[2] = {(char)('A' + i % 26), (char)('A' + i / 26 % 26)};
		struct statistics_row row = make_row(i, i, country);
		row.key.protocol = (uint8_t)(i % 251);
		row.key.kind = (uint8_t)(i % SIGHTING_EXCHANGE);
		statistics_rows_add(rows, &row);
		packets++;
	}
	OK(statistics_rows_count(rows) <= STATISTICS_ROWS_LEAST && sum_packets(rows) == packets &&
		statistics_rows_lost(rows) == 0,
	    "countries and protocols without end: kinds are left");
	for (uint32_t i = 0; i < 1000; i++) {
		struct statistics_row row = make_row(1, 0, "\0");
		row.key.start_us += i * statistics_period_us(STATISTICS_5M);
		statistics_rows_add(rows, &row);
	}
	OK(statistics_rows_count(rows) <= STATISTICS_ROWS_LEAST && statistics_rows_lost(rows) > 0,
	    "times without end: the lightest are lost, and counted");
	statistics_rows_free(rows);
}

static const struct {
	const char *name;
	int64_t after_s; /* the start */
	uint64_t count;
	uint64_t fresh[STATISTICS_PERIODS];
} visits[] = {
    {"two sources are new to every row", 0, 2, {2, 2, 2}},
    {"the same once more within five minutes", 100, 2, {0, 0, 0}},
    {"a third", 200, 3, {1, 1, 1}},
    {"in the next five minutes fewer: new there alone", 300, 1, {1, 0, 0}},
    {"in the next hour", 3600, 3, {3, 3, 0}},
    {"one of an earlier time that comes late", 3300, 1, {1, 1, 0}},
    {"on the next day", 86400, 4, {4, 4, 4}},
};

static void test_origins(void)
{
	struct origins *origins = origins_new(64);
	for (size_t i = 0; i < sizeof visits / sizeof visits[0]; i++) {
		uint64_t fresh[STATISTICS_PERIODS];
		origins_note(
		    origins, 7, START + visits[i].after_s * WHEN_SECOND_US, visits[i].count, fresh);
		OK(memcmp(fresh, visits[i].fresh, sizeof fresh) == 0, visits[i].name);
	}
	origins_free(origins);
}

/* More than are remembered: those that were quiet for longest go, and count again. */
static void test_many_origins(void)
{
	enum {
		MAX = 1024
	};
	struct origins *origins = origins_new(MAX);
	uint64_t fresh[STATISTICS_PERIODS];
	uint64_t counted = 0;
	for (uint64_t i = 0; i < MAX / 2; i++)
		origins_note(origins, i * UINT64_C(0x9e3779b97f4a7c15), START, 1, fresh);
	for (uint64_t i = 0; i < MAX / 2; i++) {
		origins_note(origins, i * UINT64_C(0x9e3779b97f4a7c15), START, 1, fresh);
		counted += fresh[STATISTICS_DAY];
	}
	OK(counted < MAX / 50, "half as many as there is room for: nearly all are known again");
	for (uint64_t i = 0; i < 100 * MAX; i++)
		origins_note(origins, i * UINT64_C(0xbf58476d1ce4e5b9) + 1, START + WHEN_MINUTE_US,
		    1, fresh);
	origins_note(origins, 0, START + WHEN_MINUTE_US, 1, fresh);
	OK(fresh[STATISTICS_DAY] == 1, "a flood of others: it counts again");
	origins_note(origins, 0, INT64_MIN, 1, fresh);
	origins_note(origins, 0, INT64_MAX, UINT64_MAX, fresh);
	OK(fresh[STATISTICS_5M] == UINT32_MAX, "any time and any count do no harm");
	origins_free(origins);
}

int main(void)
{
	test_periods();
	test_levels();
	test_adding();
	test_limit();
	test_frequent();
	test_coarsest();
	test_origins();
	test_many_origins();
	return test_done();
}
