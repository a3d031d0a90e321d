/*
 * bench_store.c - how many commits and rows a second the store takes.
 *
 *     bench_store DIRECTORY
 *
 * All lines take turns, each with a store of its own in that directory; medians are shown, of the
 * wall's time, since commits wait for the disk, and of the processor's. Rows are events of an
 * incident, or statistics of 1,000 ports that are added to. The bare loop inserts the same bytes
 * into a table without indices, with a statement of its own: what the disk and SQLite could do.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

enum {
	ROUNDS = 9,
	ROUND_US = 300000,
	PATH_BYTES = 256,
};

static char database[PATH_BYTES];
static struct complaint complaint;

static int64_t now_us(clockid_t clock)
{
	struct timespec time;
	(void)clock_gettime(clock, &time); /* is there */
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void check(int error)
{
	if (error == 0)
		return;
	(void)fprintf(stderr, "bench_store: %s\n", complaint.text);
	exit(2);
}

static void remove_database(void)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-lock", "-reserve"};
	char name[PATH_BYTES + 16];
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", database, endings[i]);
		(void)unlink(name); /* may not be there */
	}
}

static struct store *open_engine(const char *engine)
{
	struct store *store = NULL;
	const struct store_options options = {.engine = engine, .path = database};
	remove_database();
	check(store_open(&options, &store, &complaint));
	return store;
}

static void put_event(struct store *store, int64_t n)
{
	struct store_event event = {.incident_id = 1,
	    .at_us = n,
	    .from_state = "new",
	    .to_state = "notified",
	    .what = "notice",
	    .by = "keeper",
	    .note = "the quick brown fox jumps over the lazy dog"};
	check(store_put(store, STORE_RECORD(&event), STORE_REPLACE, &complaint));
}

static void add_stat(struct store *store, int64_t n)
{
	struct store_stat stat = {.period_s = 300,
	    .start_us = n / 100000,
	    .kind = "request",
	    .protocol = 6,
	    .port = n % 1000,
	    .country = "JP",
	    .packets = 1,
	    .bytes = 60};
	check(store_put(store, STORE_RECORD(&stat), STORE_ADD, &complaint));
}

static void put_incident(struct store *store)
{
	struct store_incident incident = {.member = "",
	    .subject = "192.0.2.1",
	    .rule = "scan.dark",
	    .state = "new",
	    .severity = "low",
	    .finding = "{}"};
	check(store_begin(store, &complaint));
	check(store_put(store, STORE_RECORD(&incident), STORE_REPLACE, &complaint));
	check(store_commit(store, &complaint));
}

struct line {
	const char *name;
	const char *engine; /* NULL: the bare loop */
	void (*put)(struct store *store, int64_t n);
	int rows; /* of a commit */
	int64_t commits_a_s[ROUNDS];
	int64_t ns_a_row[ROUNDS];
};

/* Until the round is over; the commits. */
static int64_t commit_rows(const struct line *line, int64_t until_us)
{
	struct store *store = open_engine(line->engine);
	int64_t commits = 0;
	put_incident(store);
	for (; now_us(CLOCK_MONOTONIC) < until_us; commits++) {
		check(store_begin(store, &complaint));
		for (int i = 0; i < line->rows; i++)
			line->put(store, commits * line->rows + i);
		check(store_commit(store, &complaint));
	}
	store_close(store);
	return commits;
}

static void check_bare(sqlite3 *db, int result)
{
	if (result == SQLITE_OK || result == SQLITE_DONE)
		return;
	(void)fprintf(stderr, "bench_store: %s\n", sqlite3_errmsg(db));
	exit(2);
}

static int64_t commit_bare(const struct line *line, int64_t until_us)
{
	static const char SETUP[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				    "CREATE TABLE event (id INTEGER PRIMARY KEY, incident INTEGER,"
				    " at INTEGER, text TEXT)";
	static const char INSERT[] = "INSERT INTO event VALUES (NULL, 1, ?, 'new notified notice "
				     "keeper the quick brown fox jumps over the lazy dog')";
	sqlite3 *db = NULL;
	sqlite3_stmt *insert = NULL;
	int64_t commits = 0;
	remove_database();
	check_bare(db, sqlite3_open(database, &db));
	check_bare(db, sqlite3_exec(db, SETUP, NULL, NULL, NULL));
	check_bare(db, sqlite3_prepare_v2(db, INSERT, -1, &insert, NULL));
	for (; now_us(CLOCK_MONOTONIC) < until_us; commits++) {
		check_bare(db, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
		for (int i = 0; i < line->rows; i++) {
			check_bare(db, sqlite3_bind_int64(insert, 1, i));
			check_bare(db, sqlite3_step(insert));
			check_bare(db, sqlite3_reset(insert));
		}
		check_bare(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
	}
	(void)sqlite3_finalize(insert); /* did no harm so far */
	(void)sqlite3_close(db);
	return commits;
}

static void measure(struct line *line, int round)
{
	int64_t began_us = now_us(CLOCK_MONOTONIC);
	int64_t processor_us = now_us(CLOCK_PROCESS_CPUTIME_ID);
	int64_t commits = line->engine != NULL ? commit_rows(line, began_us + ROUND_US)
					       : commit_bare(line, began_us + ROUND_US);
	int64_t took_us = now_us(CLOCK_MONOTONIC) - began_us;
	processor_us = now_us(CLOCK_PROCESS_CPUTIME_ID) - processor_us;
	line->commits_a_s[round] = commits * 1000000 / took_us;
	line->ns_a_row[round] = processor_us * 1000 / (commits * line->rows + 1);
}

static int compare(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a;
	int64_t second = *(const int64_t *)b;
	return (first > second) - (first < second);
}

static int64_t median(int64_t values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof values[0], compare);
	return values[ROUNDS / 2];
}

int main(int count, char **arguments)
{
	static struct line lines[] = {
	    {.name = "events", .engine = "sqlite", .put = put_event, .rows = 1},
	    {.name = "statistics", .engine = "sqlite", .put = add_stat, .rows = 1},
	    {.name = "bare loop", .rows = 1},
	    {.name = "events", .engine = "sqlite", .put = put_event, .rows = 100},
	    {.name = "statistics", .engine = "sqlite", .put = add_stat, .rows = 100},
	    {.name = "bare loop", .rows = 100},
	    {.name = "events, in memory", .engine = "memory", .put = put_event, .rows = 100},
	    {.name = "events, to nowhere", .engine = "null", .put = put_event, .rows = 100},
	};
	const size_t line_count = sizeof lines / sizeof lines[0];
	if (count != 2) {
		(void)fprintf(stderr, "usage: bench_store DIRECTORY\n");
		return 2;
	}
	(void)snprintf(database, sizeof database, "%s/bench.db", arguments[1]);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < line_count; i++)
			measure(&lines[i], round);
	}
	printf("| what | rows a commit | commits/s | rows/s | processor, us a row |\n");
	printf("| --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < line_count; i++) {
		int64_t commits = median(lines[i].commits_a_s);
		printf("| %s | %d | %" PRId64 " | %" PRId64 " | %.1f |\n", lines[i].name,
		    lines[i].rows, commits, commits * lines[i].rows,
		    (double)median(lines[i].ns_a_row) / 1000);
	}
	remove_database();
	return 0;
}
