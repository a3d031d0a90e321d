/* Statistics out of the store, added up in several ways; gaps of one source and kind as one. */
#include "cmd/station/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/gap_list.h"
#include "observe/sighting.h"
#include "store_help.h"
#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)

static struct store *store;

static void put(
    int64_t start_us, const char *kind, int64_t port, const char *country, int64_t packets)
{
	struct store_stat stat = {
	    .period_s = 3600,
	    .start_us = start_us,
	    .kind = kind,
	    .protocol = 6,
	    .port = port,
	    .country = country,
	    .network = 7,
	    .packets = packets,
	    .bytes = packets * 60,
	    .sources = packets / 2,
	};
	if (put_alone(store, STORE_RECORD(&stat)) != 0)
		exit(1);
}

static struct traffic_filter whole(void)
{
	return (struct traffic_filter){
	    .period = STATISTICS_HOUR,
	    .from_us = START,
	    .to_us = INT64_MAX,
	    .port = TRAFFIC_ANY,
	    .protocol = TRAFFIC_ANY,
	    .kind = TRAFFIC_ANY,
	    .network = TRAFFIC_ANY,
	};
}

static uint64_t count_packets(const struct traffic_filter *filter)
{
	struct traffic *traffic;
	if (traffic_read(store, filter, &traffic, NULL) != 0)
		exit(1);
	const uint64_t packets = traffic_total(traffic).packets;
	traffic_free(traffic);
	return packets;
}

static void fill(void)
{
	put(START - WHEN_HOUR_US, "request", 23, "JP", 1000);
	put(START, "request", 23, "JP", 10);
	put(START, "request", 445, "JP", 20);
	put(START, "request", STATISTICS_NO_PORT, "", 4);
	put(START, "reply", 80, "DE", 6);
	put(START, "flooded", 80, "", 500);
	put(START, "newer", 80, "", 500);
	put(START + WHEN_HOUR_US, "request", 23, "DE", 40);
	struct store_stat other = sample_stat(START, 23); /* of five minutes */
	other.packets = 9999;
	if (put_alone(store, STORE_RECORD(&other)) != 0)
		exit(1);
}

static void test_groups(void)
{
	const struct traffic_filter filter = whole();
	struct traffic *traffic;
	struct traffic_row rows[8];
	if (traffic_read(store, &filter, &traffic, NULL) != 0)
		exit(1);
	const struct traffic_row total = traffic_total(traffic);
	OK(total.packets == 80 && total.bytes == 4800 && total.sources == 20,
	    "all that was sent, of one period, from then on");
	OK(traffic_get(traffic, TRAFFIC_BY_TIME, rows, 8) == 2 && rows[0].key.start_us == START &&
		rows[0].packets == 40 && rows[1].packets == 40,
	    "by time, in its order");
	OK(traffic_get(traffic, TRAFFIC_BY_PORT, rows, 8) == 4 && rows[0].key.port == 23 &&
		rows[0].packets == 50 && rows[3].key.port == STATISTICS_NO_PORT,
	    "by port, the most first");
	OK(rows[0].sources == 20, "senders of the period that had the most");
	OK(traffic_get(traffic, TRAFFIC_BY_COUNTRY, rows, 2) == 2 &&
		traffic_count(traffic, TRAFFIC_BY_COUNTRY) == 3 &&
		memcmp(rows[0].key.country, "DE", 2) == 0 && rows[0].packets == 46,
	    "by country; of three the first two");
	OK(traffic_get(traffic, TRAFFIC_BY_NETWORK, rows, 8) == 1 && rows[0].key.network == 7,
	    "by network");
	OK(traffic_get(traffic, TRAFFIC_BY_KIND, rows, 8) == 2 &&
		rows[0].key.kind == SIGHTING_REQUEST && traffic_left_out(traffic) == 0,
	    "by kind: what members received and what is not known are no part");
	traffic_free(traffic);
}

static void test_filters(void)
{
	struct traffic_filter filter = whole();
	filter.port = 23;
	OK(count_packets(&filter) == 50, "one port");
	filter.port = STATISTICS_NO_PORT;
	OK(count_packets(&filter) == 4, "what has none is a port of its own");
	filter = whole();
	filter.kind = SIGHTING_FLOODED;
	OK(count_packets(&filter) == 500, "one kind, also of what was received");
	filter = whole();
	filter.protocol = 17;
	OK(count_packets(&filter) == 0, "one protocol");
	filter = whole();
	memcpy(filter.country, "JP", 3);
	OK(count_packets(&filter) == 30, "one country");
	filter = whole();
	filter.network = 8;
	OK(count_packets(&filter) == 0, "one network");
	filter = whole();
	filter.to_us = START + WHEN_HOUR_US;
	OK(count_packets(&filter) == 40, "before a time");
	filter = whole();
	filter.period = STATISTICS_5M;
	OK(count_packets(&filter) == 9999, "another period");
}

static void test_latest(void)
{
	int64_t latest_us;
	OK(traffic_find_latest(store, STATISTICS_HOUR, &latest_us, NULL) == 0 &&
		latest_us == START + WHEN_HOUR_US,
	    "the latest hour");
	OK(traffic_find_latest(store, STATISTICS_DAY, &latest_us, NULL) == 0 &&
		latest_us == INT64_MIN,
	    "there is no day");
}

static void put_gap(const char *source, const char *kind, int64_t from_us, int64_t count)
{
	struct store_gap gap = {.source = source,
	    .from_us = from_us,
	    .to_us = from_us + 1,
	    .kind = kind,
	    .count = count,
	    .detail = ""};
	if (put_alone(store, STORE_RECORD(&gap)) != 0)
		exit(1);
}

static void test_gaps(void)
{
	static struct gap_list list;
	put_gap("eth0", "dropped", START - 100, 1000);
	put_gap("eth0", "dropped", START, 5);
	put_gap("eth0", "dropped", START + 100, 7);
	put_gap("eth0", "refused", START + 100, 0);
	OK(gap_list_read(store, START, &list, NULL) == 0 && list.count == 2 &&
		list.lines[0].times == 2 && list.lines[0].lost == 12 &&
		list.lines[0].first_us == START && list.lines[0].last_us == START + 101,
	    "gaps of one source and kind are one line");
	for (int i = 0; i < GAP_LIST_MAX - 2; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "source%d", i);
		put_gap(name, "missing", START + 200, 1);
	}
	OK(gap_list_read(store, START, &list, NULL) == 0 && list.count == GAP_LIST_MAX,
	    "as many lines as there are");
	put_gap("one more", "missing", START + 300, 3);
	put_gap("and another", "missing", START + 300, 4);
	OK(gap_list_read(store, START, &list, NULL) == 0 && list.count == GAP_LIST_MAX + 1 &&
		list.lines[GAP_LIST_MAX].source[0] == '\0' && list.lines[GAP_LIST_MAX].lost == 7,
	    "past it the others are one");
}

int main(void)
{
	store = open_store("memory", NULL, false);
	fill();
	test_groups();
	test_filters();
	test_latest();
	test_gaps();
	store_close(store);
	return test_done();
}
