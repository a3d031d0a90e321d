/* What was observed becomes rows in a store, each packet once, whatever fails in between. */
#include "cmd/station/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/statistics_rows.h"
#include "observe/slab.h"
#include "store_help.h"
#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)

enum {
	PROTOCOL_TCP = 6,
	ROWS_MAX = 65536,
};

static struct store *store;
static struct statistics *statistics;

static struct statistics *open_statistics(void)
{
	struct statistics *opened;
	struct complaint complaint;
	const struct statistics_options options = {.store = store};
	if (statistics_new(&options, &opened, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
	return opened;
}

static void begin(void)
{
	store = open_store("memory", NULL, false);
	statistics = open_statistics();
}

static void end(void)
{
	statistics_free(statistics);
	store_close(store);
}

static struct sighting make_sighting(uint32_t source, uint16_t port, int64_t window_us)
{
	struct sighting sighting = {
	    .key = {.subject = address_from_v4_u32(source),
		.port = port,
		.kind = SIGHTING_REQUEST,
		.protocol = PROTOCOL_TCP},
	};
	sighting_init(&sighting);
	sighting.window_us = window_us;
	sighting.first_us = window_us;
	sighting.last_us = window_us + 1;
	sighting.packets = 3;
	sighting.bytes = 180;
	return sighting;
}

static void tell(const struct sighting *sighting)
{
	const struct observer_sink *sink = statistics_sink(statistics);
	sink->on_sighting(sink->context, sighting);
}

static void tell_sum(const struct sum *sum)
{
	const struct observer_sink *sink = statistics_sink(statistics);
	sink->on_sum(sink->context, sum);
}

static void end_window(int64_t window_us)
{
	const struct observer_sink *sink = statistics_sink(statistics);
	sink->on_window_end(sink->context, window_us);
}

static void ask(uint32_t source, uint16_t port, int64_t window_us)
{
	const struct sighting sighting = make_sighting(source, port, window_us);
	tell(&sighting);
}

/* One transaction of a keeper. */
static bool write_now(int64_t order_us, bool commits)
{
	struct complaint complaint = {""};
	(void)statistics_seal(statistics);
	if (store_begin(store, &complaint) != 0 ||
	    statistics_write(statistics, order_us, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
	if (!commits) {
		store_rollback(store);
		return false;
	}
	if (store_commit(store, &complaint) != 0)
		exit(1);
	return true;
}

static void write_all(int64_t order_us)
{
	if (write_now(order_us, true))
		statistics_commit(statistics);
}

/* What the store has of one period. */
struct found {
	int64_t rows;
	int64_t packets;
	int64_t sources;
	struct store_stat last;
};

static int visit(void *context, const void *record)
{
	struct found *found = context;
	const struct store_stat *stat = record;
	found->rows++;
	found->packets += stat->packets;
	found->sources += stat->sources;
	found->last = *stat;
	return 0;
}

static struct found find(enum statistics_period period, const char *kind, int64_t port)
{
	struct found found = {0};
	const struct store_query query = {
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
			       .test = STORE_IS,
			       .number = statistics_period_us(period) / WHEN_SECOND_US},
		{.column = "kind", .test = STORE_IS, .text = kind},
		{.column = "port", .test = STORE_FROM, .number = port < 0 ? -1 : port},
		{.column = "port", .test = STORE_BELOW, .number = port < 0 ? 65536 : port + 1}},
	};
	(void)store_each(store, &query, visit, &found, NULL);
	return found;
}

static void test_rows(void)
{
	begin();
	OK(!statistics_is_due(statistics, 1), "nothing observed: nothing to be written");
	ask(0x0a000001, 23, START);
	ask(0x0a000001, 23, START + WHEN_MINUTE_US);
	ask(0x0a000002, 23, START);
	ask(0x0a000002, 445, START + 4 * WHEN_MINUTE_US);
	end_window(START + 4 * WHEN_MINUTE_US);
	OK(!statistics_is_due(statistics, 1), "when five minutes end, strangers' sums are to come");
	end_window(START + 5 * WHEN_MINUTE_US);
	OK(statistics_is_due(statistics, 1), "a minute later they are due");
	write_all(100);
	OK(!statistics_is_due(statistics, 1), "and then written");
	for (int i = 0; i < STATISTICS_PERIODS; i++) {
		struct found found = find((enum statistics_period)i, "request", 23);
		OK(found.rows == 1 && found.packets == 9 && found.sources == 2 &&
			found.last.start_us == START && found.last.bytes == 540 &&
			found.last.protocol == PROTOCOL_TCP,
		    "of one port: packets, bytes, distinct sources");
		found = find((enum statistics_period)i, "request", 445);
		OK(found.rows == 1 && found.packets == 3 && found.sources == 1, "of another");
	}
	ask(0x0a000001, 23, START + 6 * WHEN_MINUTE_US);
	ask(0x0a000003, 23, START + WHEN_MINUTE_US); /* late */
	statistics_end(statistics);
	OK(statistics_is_due(statistics, 1), "at the end all is due");
	write_all(200);
	OK(find(STATISTICS_5M, "request", 23).rows == 2 &&
		find(STATISTICS_5M, "request", 23).sources == 4,
	    "the next five minutes count whoever is there again, and what comes late joins its "
	    "own");
	OK(find(STATISTICS_HOUR, "request", 23).rows == 1 &&
		find(STATISTICS_HOUR, "request", 23).packets == 15 &&
		find(STATISTICS_HOUR, "request", 23).sources == 3,
	    "the hour counts each source once");
	end();
}

/* Where there is nothing but exercises they are what is counted. */
static void test_exercise(void)
{
	begin();
	statistics_free(statistics);
	const struct statistics_options options = {.store = store, .counts_drills = true};
	struct complaint complaint;
	OK(statistics_new(&options, &statistics, &complaint) == 0, "a station of exercises");
	struct sighting sighting = make_sighting(1, 23, START);
	sighting.key.drill = 1;
	tell(&sighting);
	statistics_end(statistics);
	OK(statistics_is_due(statistics, 1), "counts them");
	end();
}

static int64_t whole_us(void)
{
	int64_t whole_us = 0;
	if (statistics_read_whole(store, &whole_us, NULL) != 0)
		exit(1);
	return whole_us;
}

/* Until when the store has all. */
static void test_whole(void)
{
	begin();
	OK(whole_us() == INT64_MIN, "before anything is written nothing is whole");
	ask(1, 23, START);
	end_window(START);
	ask(1, 23, START + 5 * WHEN_MINUTE_US);
	end_window(START + 5 * WHEN_MINUTE_US);
	write_all(1);
	OK(find(STATISTICS_5M, "request", 23).rows == 2 && whole_us() == START + 5 * WHEN_MINUTE_US,
	    "of the next five minutes a part is there, and is not told as whole");
	ask(1, 23, START + 6 * WHEN_MINUTE_US);
	OK(!statistics_is_due(statistics, 1) &&
		statistics_is_due(statistics, 1 + 10 * WHEN_MINUTE_US),
	    "ten minutes without news");
	write_all(2);
	OK(whole_us() == START + 10 * WHEN_MINUTE_US, "what there is then is all");
	end_window(START + 30 * WHEN_MINUTE_US);
	ask(1, 23, START + 31 * WHEN_MINUTE_US);
	statistics_end(statistics);
	write_all(3);
	OK(whole_us() == START + 35 * WHEN_MINUTE_US, "and where a source has ended");
	ask(1, 23, START - 5 * WHEN_MINUTE_US);
	statistics_end(statistics);
	write_all(4);
	OK(whole_us() == START + 30 * WHEN_MINUTE_US,
	    "after what comes late it goes by the clock of packets again");
	end();
}

static void test_left_out(void)
{
	begin();
	struct sighting sighting = make_sighting(1, 23, START);
	sighting.key.drill = 1;
	tell(&sighting);
	sighting.key.drill = 0;
	sighting.packets = 0; /* outcomes alone */
	tell(&sighting);
	sighting.packets = 3;
	sighting.key.kind = SIGHTING_EXCHANGE;
	tell(&sighting);
	const struct sum drill = {
	    .key = {.kind = SIGHTING_REQUEST, .protocol = PROTOCOL_TCP, .drill = 1},
	    .packets = 1,
	    .sources = 1};
	tell_sum(&drill);
	statistics_end(statistics);
	OK(!statistics_is_due(statistics, 1),
	    "exercises, outcomes without packets and what is seen twice are left out");
	sighting.key.kind = SIGHTING_NEIGHBOUR;
	sighting.key.protocol = 0;
	sighting.key.port = 0;
	tell(&sighting);
	sighting.key.kind = SIGHTING_PROBE;
	sighting.key.protocol = 47;
	sighting.key.variant = VARIANT_PROTOCOL;
	tell(&sighting);
	statistics_end(statistics);
	write_all(1);
	OK(find(STATISTICS_5M, "neighbour", -1).last.port == STATISTICS_NO_PORT &&
		find(STATISTICS_5M, "probe", -1).last.port == STATISTICS_NO_PORT &&
		find(STATISTICS_5M, "probe", -1).last.protocol == 47,
	    "what has no ports has none");
	end();
}

static void test_flooded(void)
{
	begin();
	struct slab *slab = slab_new(1 << 20, &slab_sizes_address_set);
	struct sighting sighting = make_sighting(0xc0000201, 80, START);
	sighting.key.kind = SIGHTING_FLOODED;
	for (uint32_t i = 0; i < 40; i++) {
		const struct address sender = address_from_v4_u32(0xcb007100 + i);
		const struct address_touch touch = {START, START, 1, 0};
		(void)address_set_touch(&sighting.targets, slab, &sender, &touch);
	}
	tell(&sighting);
	statistics_end(statistics);
	write_all(1);
	OK(find(STATISTICS_HOUR, "flooded", 80).sources == 40 &&
		find(STATISTICS_HOUR, "request", -1).rows == 0,
	    "what a member receives is a kind of its own, with how many sent it");
	sighting_clear(&sighting, slab);
	slab_free(slab);
	end();
}

static struct sum make_sum(uint32_t v4, uint8_t bits, uint16_t port, uint64_t sources)
{
	return (struct sum){
	    .key = {.address = address_from_v4_u32(v4),
		.bits = (uint8_t)(ADDRESS_V4_BITS + bits),
		.kind = SIGHTING_REQUEST,
		.protocol = PROTOCOL_TCP,
		.port = port},
	    .first_us = START + 10,
	    .last_us = START + 299 * WHEN_SECOND_US,
	    .packets = 10 * sources,
	    .bytes = 600 * sources,
	    .sources = sources,
	};
}

static void test_sums(void)
{
	begin();
	struct sum sum = make_sum(0xcb007100, 24, 445, 5);
	tell_sum(&sum);
	statistics_end(statistics);
	write_all(1);
	sum.first_us += 5 * WHEN_MINUTE_US;
	sum.last_us += 5 * WHEN_MINUTE_US;
	sum.sources = 7;
	tell_sum(&sum);
	statistics_end(statistics);
	write_all(2);
	OK(find(STATISTICS_5M, "request", 445).rows == 2 &&
		find(STATISTICS_5M, "request", 445).sources == 12 &&
		find(STATISTICS_HOUR, "request", 445).sources == 7 &&
		find(STATISTICS_HOUR, "request", 445).packets == 100,
	    "strangers' sums belong to the five minutes of their middle; the most at once count");
	sum = make_sum(0, 0, 0, 100);
	tell_sum(&sum);
	sum = make_sum(0xcb007100, 24, 0, 1);
	tell_sum(&sum);
	statistics_end(statistics);
	write_all(3);
	OK(find(STATISTICS_DAY, "request", -1).packets == 100 + 1010 &&
		find(STATISTICS_DAY, "request", 0).packets == 10,
	    "port 0 of all addresses stands for several; of one network it is port 0");
	end();
}

/* A keeper whose transactions fail, and one that starts anew. */
static void test_once(void)
{
	begin();
	ask(1, 23, START);
	statistics_end(statistics);
	OK(!write_now(100, false) && statistics_is_sealed(statistics) &&
		statistics_is_due(statistics, 1),
	    "what was rolled back stays due");
	ask(2, 23, START);
	write_all(150);
	OK(find(STATISTICS_5M, "request", 23).packets == 3 &&
		find(STATISTICS_5M, "request", 23).sources == 1,
	    "the next attempt writes just what was sealed");
	statistics_free(statistics);
	statistics = open_statistics();
	OK(statistics_order_us(statistics) == 150, "a restart knows which batches were counted");
	ask(2, 23, START); /* of a batch that came later: read again */
	statistics_end(statistics);
	write_all(200);
	OK(find(STATISTICS_5M, "request", 23).packets == 6 &&
		find(STATISTICS_DAY, "request", 23).rows == 1,
	    "so that nothing is counted twice");
	end();
}

static void test_unknown_outcome(void)
{
	begin();
	ask(1, 23, START);
	statistics_end(statistics);
	(void)write_now(100, true); /* it is there, but nobody heard of it */
	ask(2, 23, START);
	OK(statistics_recover(statistics, NULL) == 0, "after a commit of unknown outcome");
	write_all(170);
	OK(find(STATISTICS_5M, "request", 23).packets == 3 && !statistics_is_sealed(statistics),
	    "what is there is not written again, and the batches' new time of receipt is told");
	statistics_end(statistics);
	write_all(180);
	OK(find(STATISTICS_5M, "request", 23).packets == 6, "what came meanwhile is written then");
	statistics_free(statistics);
	statistics = open_statistics();
	OK(statistics_order_us(statistics) == 180, "with its own order");
	ask(3, 23, START);
	statistics_end(statistics);
	(void)write_now(300, false);
	OK(statistics_recover(statistics, NULL) == 0, "after one that is not there");
	write_all(350);
	OK(find(STATISTICS_5M, "request", 23).packets == 9, "it is written whole");
	end();
}

static int64_t most_rows(enum statistics_period period)
{
	int64_t count = -1;
	const struct store_query query = {
	    .kind = STORE_STAT,
	    .conditions = {{.column = "period_s",
		.test = STORE_IS,
		.number = statistics_period_us(period) / WHEN_SECOND_US}},
	};
	(void)store_count(store, &query, &count, NULL);
	return count;
}

/* A scan of all ports in every five minutes of an hour; and one port that all ask for. */
static void test_room(void)
{
	begin();
	int64_t packets = 0;
	for (int64_t slot = 0; slot < 12; slot++) {
		const int64_t window_us = START + slot * 5 * WHEN_MINUTE_US;
		for (uint32_t port = 0; port < 3000; port++) {
			ask(1 + port, (uint16_t)(1024 + slot * 3000 + port), window_us);
			ask(1, 23, window_us);
			packets += 6;
		}
		statistics_end(statistics);
		write_all(slot + 1);
	}
	OK(find(STATISTICS_5M, "request", -1).packets == packets &&
		find(STATISTICS_HOUR, "request", -1).packets == packets &&
		find(STATISTICS_DAY, "request", -1).packets == packets,
	    "no packet is lost for want of rows");
	OK(find(STATISTICS_DAY, "request", 23).packets == packets / 2,
	    "what is frequent keeps its port in every period");
	OK(most_rows(STATISTICS_HOUR) <= STATISTICS_STORED_HOUR_MAX + 1 &&
		most_rows(STATISTICS_DAY) <= STATISTICS_STORED_DAY_MAX + 1,
	    "an hour and a day have so many rows and one for the rest");
	OK(find(STATISTICS_DAY, "request", 23).rows == 1 &&
		most_rows(STATISTICS_DAY) <= 12 * STATISTICS_STORED_DAY_MAX / 16 + 1,
	    "five minutes take no more than their part of a day's room");
	statistics_free(statistics);
	statistics = open_statistics();
	const int64_t rows = most_rows(STATISTICS_HOUR);
	for (uint16_t port = 0; port < 3000; port++)
		ask(9, (uint16_t)(60000 + port), START);
	statistics_end(statistics);
	write_all(100);
	OK(most_rows(STATISTICS_HOUR) <= STATISTICS_STORED_HOUR_MAX + 1 &&
		most_rows(STATISTICS_HOUR) >= rows,
	    "after a restart the store's own rows are counted");
	end();
}

static void test_patience(void)
{
	begin();
	ask(1, 23, START);
	OK(!statistics_is_due(statistics, 5) &&
		!statistics_is_due(statistics, 5 + 9 * WHEN_MINUTE_US) &&
		statistics_is_due(statistics, 5 + 10 * WHEN_MINUTE_US),
	    "where no packet tells the time any more, rows are written after ten minutes");
	end();
}

static void test_kinds(void)
{
	int named = 0;
	for (int i = 0; i < SIGHTING_KIND_COUNT; i++) {
		const char *name = statistics_kind_name((enum sighting_kind)i);
		named += name != NULL && statistics_kind_find(name) == i;
	}
	OK(named == 6 && statistics_kind_find("exchange") == -1, "six kinds have names");
}

int main(void)
{
	test_rows();
	test_whole();
	test_left_out();
	test_exercise();
	test_flooded();
	test_sums();
	test_once();
	test_unknown_outcome();
	test_room();
	test_patience();
	test_kinds();
	return test_done();
}
