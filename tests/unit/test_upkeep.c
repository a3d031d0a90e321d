/* What goes, and what never does: by age, by size, and where the disk is full. */
#include "cmd/station/upkeep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/roster.h"
#include "store_help.h"
#include "test.h"

#define NOW (INT64_C(1775001600) * WHEN_SECOND_US)

static struct station_config config;
static struct store *store;
static struct upkeep *upkeep;
static struct upkeep_clock now;
static int64_t step_us; /* what a step takes, by the clock it sees */
static int64_t passed_us;
static int64_t kept_incident; /* that still has something to be written */
static char told[4096];       /* events of the log */
static size_t lines;

static bool may_remove(void *context, int64_t incident)
{
	(void)context;
	return incident != kept_incident;
}

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	lines++;
	(void)snprintf(told, sizeof told, "%s: %s", event, text);
}

static int64_t monotonic_us(void *context)
{
	(void)context;
	passed_us += step_us;
	return passed_us;
}

static void open_upkeep(const char *path)
{
	struct complaint complaint;
	const struct upkeep_options options = {
	    .store = store,
	    .config = &config,
	    .path = path,
	    .may_remove = may_remove,
	    .log = log_event,
	    .monotonic_us = monotonic_us,
	};
	if (upkeep_new(&options, &upkeep, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
}

static void begin(void)
{
	station_config_init(&config);
	now = (struct upkeep_clock){.wall_us = NOW, .monotonic_us = 1, .observed_us = NOW};
	step_us = 0;
	passed_us = 0;
	kept_incident = 0;
	lines = 0;
	told[0] = '\0';
	store = open_store("memory", NULL, false);
	open_upkeep(NULL);
	(void)upkeep_run(upkeep, &now);
	now.monotonic_us += UPKEEP_FIRST_US;
}

static void end(void)
{
	upkeep_free(upkeep);
	store_close(store);
}

static void put(struct store_record record)
{
	if (put_alone(store, record) != 0)
		exit(1);
}

/* All that is to be done now. Returns how many steps. */
static int run(void)
{
	int steps = 1;
	while (upkeep_run(upkeep, &now) && steps < 100000)
		steps++;
	return steps;
}

static void put_stat(int64_t period_s, int64_t start_us, int64_t port)
{
	struct store_stat stat = sample_stat(start_us, port);
	stat.period_s = period_s;
	put(STORE_RECORD(&stat));
}

static int64_t put_incident(const char *state, int64_t changed_us)
{
	struct store_incident incident = sample_incident(1, "192.0.2.5");
	incident.state = state;
	incident.close_reason = strcmp(state, "closed") == 0 ? "quiet" : "";
	incident.changed_us = changed_us;
	put(STORE_RECORD(&incident));
	return incident.id;
}

static void put_event(int64_t incident, int64_t at_us)
{
	struct store_event event = sample_event(incident);
	event.at_us = at_us;
	put(STORE_RECORD(&event));
}

static void put_notice(int64_t incident, enum notice_state state, int64_t created_us)
{
	static int number;
	char id[32];
	(void)snprintf(id, sizeof id, "n%d@test", number++);
	struct store_notice notice = sample_notice(incident, id);
	notice.state = state;
	notice.created_us = created_us;
	put(STORE_RECORD(&notice));
}

static void put_gap(int64_t to_us)
{
	struct store_gap gap = {.source = "eth0",
	    .from_us = to_us - 1,
	    .to_us = to_us,
	    .kind = "dropped",
	    .count = 5,
	    .detail = ""};
	put(STORE_RECORD(&gap));
}

static void put_batch(int64_t sequence, int64_t received_us, size_t bytes)
{
	static char body[4096];
	struct store_batch batch = sample_batch(1, sequence);
	batch.received_us = received_us;
	batch.body = (struct store_bytes){body, bytes};
	put(STORE_RECORD(&batch));
	upkeep_note_batches(upkeep, bytes);
}

static void put_audit(int64_t at_us)
{
	struct store_audit audit = {.at_us = at_us,
	    .by = "hanako",
	    .from = "control",
	    .what = "incident.ack",
	    .on = "1",
	    .outcome = "ok"};
	if (put_alone(store, STORE_RECORD(&audit)) != 0)
		exit(1);
}

static struct upkeep_removed removed_of(enum upkeep_class class)
{
	struct upkeep_removed removed[UPKEEP_CLASSES];
	if (upkeep_read_removed(store, removed, NULL) != 0)
		exit(1);
	return removed[class];
}

/* One too old and one just young enough, of each class. */
static void test_age(void)
{
	begin();
	const struct station_config_retention *keep = &config.store.retention;
	for (int64_t young = 0; young <= 1; young++) {
		put_stat(300, NOW - keep->statistics_5m_us - 1 + young, 1 + young);
		put_stat(3600, NOW - keep->statistics_hour_us - 1 + young, 1 + young);
		put_stat(86400, NOW - keep->statistics_day_us - 1 + young, 1 + young);
		put_batch(1 + young, NOW - keep->batches_us - 1 + young, 100);
		put_gap(NOW - keep->gaps_us - 1 + young);
		put_audit(NOW - keep->audit_us - 1 + young);
	}
	(void)run();
	OK(count_of(store, STORE_STAT) == 3 && count_of(store, STORE_BATCH) == 1 &&
		count_of(store, STORE_GAP) == 1 && count_of(store, STORE_AUDIT) == 1,
	    "what is older than its retention goes, what is as old stays");
	OK(lines == 1 && strcmp(told, "store.removed: statistics_5m 1, statistics_hour 1, "
				      "statistics_day 1, batches 1, gaps 1, audit 1: older than "
				      "store.retention says") == 0,
	    "one line says how much of each class went");
	const struct upkeep_removed removed = removed_of(UPKEEP_GAPS);
	OK(removed.count == 1 && removed.until_us == NOW - keep->gaps_us - 1 &&
		removed.at_us == NOW && !removed.for_space,
	    "the store tells how much, up to when, and why");
	now.wall_us += 10;
	now.observed_us += 10;
	OK(run() == 1 && lines == 1, "within the hour nothing is looked for");
	now.monotonic_us += UPKEEP_ROUND_US;
	(void)run();
	OK(count_of(store, STORE_STAT) == 0 && removed_of(UPKEEP_GAPS).count == 2,
	    "an hour later what has grown old since goes as well");
	upkeep_free(upkeep);
	open_upkeep(NULL);
	struct upkeep_counts counts;
	upkeep_get_counts(upkeep, &counts);
	OK(counts.removed[UPKEEP_BATCHES] == 2, "a restart knows what went before");
	end();
}

/* Clocks that do not agree. */
static void test_clocks(void)
{
	begin();
	const struct station_config_retention *keep = &config.store.retention;
	put_stat(300, NOW - keep->statistics_5m_us - WHEN_HOUR_US, 1);
	put_gap(NOW - keep->gaps_us - 1);
	now.observed_us = NOW - WHEN_DAY_US;
	(void)run();
	OK(count_of(store, STORE_STAT) == 1 && count_of(store, STORE_GAP) == 0,
	    "statistics are as old as what was observed last: a replay's stay");
	now.observed_us = INT64_MIN;
	now.monotonic_us += UPKEEP_ROUND_US;
	(void)run();
	OK(count_of(store, STORE_STAT) == 1, "before anything was observed none goes by age");
	now.observed_us = NOW + 100 * WHEN_DAY_US;
	now.wall_us = NOW - 2 * WHEN_HOUR_US;
	now.monotonic_us += UPKEEP_ROUND_US;
	(void)run();
	OK(count_of(store, STORE_STAT) == 1, "a packet of the far future makes nothing old");
	end();
	begin();
	put_stat(300, 1, 1);
	upkeep_free(upkeep);
	open_upkeep(NULL);
	(void)run();
	now.monotonic_us += UPKEEP_FIRST_US - 1;
	(void)run();
	OK(count_of(store, STORE_STAT) == 1, "in the first minutes the clock may be wrong");
	now.monotonic_us++;
	(void)run();
	OK(count_of(store, STORE_STAT) == 0, "then it counts");
	end();
}

static void test_incidents(void)
{
	begin();
	const int64_t old_us = NOW - config.store.retention.incidents_us - 1;
	const int64_t open = put_incident("acknowledged", old_us);
	const int64_t quiet = put_incident("quiet", old_us);
	const int64_t closed = put_incident("closed", old_us);
	const int64_t busy = put_incident("closed", old_us);
	const int64_t young = put_incident("closed", NOW);
	kept_incident = busy;
	put_event(open, old_us);
	put_event(closed, old_us);
	put_event(young, old_us);
	put_notice(open, NOTICE_DELIVERED, old_us);
	put_notice(young, NOTICE_DELIVERED, old_us);
	put_notice(young, NOTICE_WAITING, old_us);
	put_notice(0, NOTICE_FAILED, old_us);
	put_notice(0, NOTICE_SENDING, old_us);
	(void)run();
	OK(count_of(store, STORE_INCIDENT) == 4 && quiet > 0,
	    "of incidents only the closed go; one of which something is to be written stays");
	OK(count_of(store, STORE_EVENT) == 1, "the history of an open one stays whole");
	OK(count_of(store, STORE_NOTICE) == 3,
	    "letters about it stay, and those that wait or are under way");
	kept_incident = 0;
	now.monotonic_us += UPKEEP_ROUND_US;
	(void)run();
	OK(count_of(store, STORE_INCIDENT) == 3, "the other goes when all of it is written");
	end();
}

/* Open incidents with histories longer than one step looks at. */
static void test_walk(void)
{
	begin();
	const int64_t old_us = NOW - config.store.retention.events_us - 1;
	const int64_t open = put_incident("new", NOW);
	const int64_t closed = put_incident("closed", NOW);
	for (int i = 0; i < 3000; i++)
		put_event(i % 10 == 0 ? closed : open, old_us);
	(void)run();
	OK(count_of(store, STORE_EVENT) == 2700 && removed_of(UPKEEP_EVENTS).count == 300,
	    "what has to stay does not keep the rest from going");
	end();
}

static void test_size(void)
{
	begin();
	config.store.batches_max = 100 * 4096;
	for (int64_t i = 1; i <= 100; i++)
		put_batch(i, NOW - 1000 + i, 4096);
	(void)run();
	OK(count_of(store, STORE_BATCH) == 100, "as large as they may be, batches stay");
	put_batch(101, NOW, 1);
	(void)run();
	const int64_t left = count_of(store, STORE_BATCH);
	struct upkeep_counts counts;
	upkeep_get_counts(upkeep, &counts);
	OK(left < 100 && left > 0 && counts.batch_bytes <= config.store.batches_max,
	    "one byte more: the oldest go");
	OK(removed_of(UPKEEP_BATCHES).for_space && lines == 2,
	    "and it is told how far back a restart remembers");
	end();
}

/* The clock was years ahead for a moment: what comes after stands behind what came then. */
static void test_size_of_future(void)
{
	const int64_t ahead_us = NOW + 70 * 365 * WHEN_DAY_US;
	struct upkeep_counts counts;
	begin();
	config.store.batches_max = 100 * 4096;
	for (int64_t i = 1; i <= 150; i++)
		put_batch(i, ahead_us + i, 4096);
	(void)run();
	upkeep_get_counts(upkeep, &counts);
	const int64_t left = count_of(store, STORE_BATCH);
	OK(left > 0 && left <= 100 && counts.batch_bytes == (uint64_t)left * 4096,
	    "batches of a clock that was wrong have no more room than others");
	end();
}

static void test_steps(void)
{
	begin();
	const int64_t old_us = NOW - config.store.retention.statistics_5m_us - WHEN_DAY_US;
	for (int64_t i = 0; i < 3000; i++)
		put_stat(300, old_us + i, 1);
	step_us = UPKEEP_STEP_US + 1;
	const int slow = run();
	OK(count_of(store, STORE_STAT) == 0 && slow > 3000 / 128,
	    "where removing takes long, steps get smaller");
	for (int64_t i = 0; i < 3000; i++)
		put_stat(300, old_us + i, 1);
	step_us = 0;
	now.monotonic_us += UPKEEP_ROUND_US;
	const int quick = run();
	OK(count_of(store, STORE_STAT) == 0 && quick < slow / 2, "where it is quick, larger");
	end();
}

/* A full disk: what is least valuable goes first, and some never. */
static void test_full(void)
{
	static const struct {
		enum store_kind kind;
		int64_t left;
	} whole[] = {{STORE_STAT, 1}, {STORE_BATCH, 1}, {STORE_GAP, 0}, {STORE_AUDIT, 1},
	    {STORE_NOTICE, 2}, {STORE_INCIDENT, 2}, {STORE_EVENT, 1}};
	begin();
	put_stat(300, NOW - 1, 1);
	put_stat(3600, NOW - 1, 1);
	put_stat(86400, NOW, 1);
	put_batch(1, NOW - UPKEEP_KEEP_US - 1, 100);
	put_batch(2, NOW - UPKEEP_KEEP_US + 1, 100);
	put_gap(NOW - 1);
	put_audit(NOW - 1);
	const int64_t open = put_incident("new", NOW);
	const int64_t closed = put_incident("closed", NOW);
	put_event(open, NOW);
	put_notice(open, NOTICE_DELIVERED, NOW - 1);
	put_notice(closed, NOTICE_DELIVERED, NOW - 1);
	put_notice(closed, NOTICE_WAITING, NOW - 1);
	(void)run();
	OK(removed_of(UPKEEP_STATISTICS_5M).count == 0, "as long as there is room all stays");
	upkeep_note_full(upkeep, &now);
	struct upkeep_disk disk;
	upkeep_get_disk(upkeep, &disk);
	OK(disk.is_full && disk.full_us == NOW, "a commit found no room");
	(void)upkeep_run(upkeep, &now);
	OK(removed_of(UPKEEP_STATISTICS_5M).count == 1 &&
		removed_of(UPKEEP_STATISTICS_HOUR).count == 0,
	    "statistics of five minutes go first");
	for (int i = 0; i < 2; i++)
		(void)upkeep_run(upkeep, &now);
	OK(removed_of(UPKEEP_STATISTICS_HOUR).count == 1 && removed_of(UPKEEP_BATCHES).count == 0,
	    "then those of an hour");
	for (int i = 0; i < 20; i++)
		(void)upkeep_run(upkeep, &now);
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		OK(count_of(store, whole[i].kind) == whole[i].left,
		    record_kind(whole[i].kind)->name);
	OK(removed_of(UPKEEP_NOTICES).count == 1 && removed_of(UPKEEP_NOTICES).for_space,
	    "open incidents, their letters and those that wait are there");
	bool was_full = false;
	upkeep_note_commit(upkeep, &was_full);
	upkeep_get_disk(upkeep, &disk);
	OK(was_full && !disk.is_full, "a commit that goes well ends it");
	put_stat(300, NOW - 1, 1);
	now.monotonic_us += WHEN_MINUTE_US;
	(void)run();
	OK(count_of(store, STORE_STAT) == 2, "and nothing more goes");
	end();
}

/* Somebody else has filled the disk: to give up all we have would not help. */
static void test_others(void)
{
	char folder[FOLDER_BYTES];
	begin();
	end();
	make_folder(folder);
	const char *path = in_folder(folder, "station.db");
	store = open_store("sqlite", path, false);
	config.store.low_disk.percent = 0;
	config.store.low_disk.bytes = UINT64_C(1) << 60;
	open_upkeep(path);
	for (int64_t i = 0; i < 3000; i++)
		put_stat(300, NOW - 1000000 + i, 1);
	(void)run();
	struct upkeep_disk disk;
	upkeep_get_disk(upkeep, &disk);
	OK(disk.is_low && disk.percent <= 100, "the disk has less room than it should");
	/* our few kilobytes do not make it well, but they are what is free for us again */
	struct upkeep_counts counts;
	upkeep_get_counts(upkeep, &counts);
	OK(counts.removed[UPKEEP_STATISTICS_5M] > 0 && !disk.is_full,
	    "the station takes care that it need not grow");
	OK(counts.health.bytes > 0 && counts.longest_us >= 0, "the store is measured");
	upkeep_free(upkeep);
	config.store.low_disk.bytes = 1;
	open_upkeep(path);
	put_stat(300, NOW - 1, 7);
	const int64_t rows = count_of(store, STORE_STAT);
	(void)run();
	upkeep_get_disk(upkeep, &disk);
	OK(!disk.is_low && count_of(store, STORE_STAT) == rows,
	    "where there is room, nothing goes");
	end();
	remove_folder(folder);
}

static void test_names(void)
{
	OK(strcmp(upkeep_class_name(UPKEEP_STATISTICS_5M), "statistics_5m") == 0 &&
		strcmp(upkeep_class_name(UPKEEP_INCIDENTS), "incidents") == 0,
	    "classes are called as in station.yaml");
}

static void put_canary(const char *state, int64_t changed_us)
{
	struct store_incident incident = sample_incident(1, "100::ca:0:7");
	incident.member_id = ROSTER_CANARY_ID;
	incident.member = ROSTER_CANARY_MEMBER;
	incident.state = state;
	incident.close_reason = strcmp(state, "closed") == 0 ? "fixed" : "";
	incident.changed_us = changed_us;
	put(STORE_RECORD(&incident));
	put_event(incident.id, changed_us);
	put_notice(incident.id, NOTICE_DELIVERED, changed_us);
}

/* A week of canaries beside what is somebody's. */
static void test_canaries(void)
{
	begin();
	const int64_t other = put_incident("closed", NOW - 6 * WHEN_DAY_US);
	put_event(other, NOW - 6 * WHEN_DAY_US);
	put_notice(other, NOTICE_DELIVERED, NOW - 6 * WHEN_DAY_US);
	put_notice(0, NOTICE_DELIVERED, NOW - 6 * WHEN_DAY_US);
	for (int i = 1; i <= 7 * 96; i++)
		put_canary("closed", NOW - i * 15 * WHEN_MINUTE_US);
	put_canary("quiet", NOW - 5 * WHEN_DAY_US);
	(void)run();
	OK(count_of(store, STORE_INCIDENT) == 1 + 96 + 1,
	    "of canaries those of a day stay, and one that is open");
	OK(count_of(store, STORE_EVENT) == 98 && count_of(store, STORE_NOTICE) == 99,
	    "the others go with their letters and histories, and nothing else does");
	end();
}

int main(void)
{
	test_canaries();
	test_age();
	test_clocks();
	test_incidents();
	test_walk();
	test_size();
	test_size_of_future();
	test_steps();
	test_full();
	test_others();
	test_names();
	return test_done();
}
