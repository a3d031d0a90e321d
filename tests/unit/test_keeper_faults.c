/*
 * A keeper over a disk of which each call fails once, or all from one on until the power is cut, or
 * until there is room again.
 *
 * What a commit said to be kept stays; nobody becomes two incidents, and no letter has two
 * Message-IDs; and when the disk is well, everything is found and told that happened meanwhile.
 */
#include "cmd/station/service.h"

#include "fault_vfs.h"
#include "town_help.h"

enum {
	MACHINES = 3,
	STEP = 7,    /* each so many-th call, when not all are tried */
	FULL_S = 40, /* a disk stays full for so long: more tries than a cap has letters */
};

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static struct town town;
static struct station_config config; /* what is removed, and when */

/* A database with its members, made once. */
static uint8_t made[1 << 20];
static size_t made_bytes;

/* What the test itself looks up does not count. */
static enum fault fault_of_trial;

static void on_work(bool begins)
{
	fault_disk.fault = begins ? fault_of_trial : FAULT_NONE;
}

static void set_fault(enum fault fault, int64_t fail_at, bool fails_on)
{
	fault_set(FAULT_NONE, fail_at, fails_on);
	fault_of_trial = fault;
}

static void prepare(void)
{
	static const char *const names[] = {"station.db", "station.db-wal", "station.db-shm",
	    "station.db-journal", "station.db-reserve", "station.db-lock"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlink(in_folder(folder, names[i]));
	fault_clear();
	fault_put_file(database, made, made_bytes);
	town_init(&town, "sqlite", database);
	town.config = &config;
	town.on_work = on_work;
}

static void load_made(void)
{
	town_init(&town, "sqlite", database);
	town.store = open_store("sqlite", database, false);
	town_fill_store(&town);
	town_add_old_gaps(&town);
	town_release(&town);
	FILE *in = fopen(database, "re");
	made_bytes = in == NULL ? 0 : fread(made, 1, sizeof made, in);
	OK(made_bytes > 0 && made_bytes < sizeof made, "a database is made");
	(void)fclose(in); /* was read */
}

/* What happens: machines that scan, one after the other, letters, and answers to them; somebody
 * changes something; what is old is removed.
 */
static void play_story(void)
{
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 2 * WHEN_SECOND_US);
	town_scan(&town, 2, 0, 40);
	town_pass(&town, WHEN_SECOND_US);
	town_scan(&town, 1, 40, 400);
	town_change(&town);
	town_scan(&town, 3, 0, 40);
	town_end_window(&town);
	town_pass(&town, WHEN_SECOND_US);
	/* what is old is looked for, and removed */
	town_turn(&town, UPKEEP_FIRST_US);
	town_pass(&town, WHEN_SECOND_US);
}

/* They go on, so that what was lost with a process that died is seen again. */
static void go_on(void)
{
	for (uint32_t machine = 1; machine <= MACHINES; machine++)
		town_scan(&town, machine, 1000, 40);
	/* a letter whose outcome was not known comes again after more than a minute */
	town_pass(&town, 5 * WHEN_SECOND_US);
	town_pass_by(&town, 2 * WHEN_MINUTE_US, WHEN_SECOND_US);
	town_turn(&town, UPKEEP_ROUND_US);
	town_pass(&town, WHEN_SECOND_US);
}

/* What somebody changed is there if that was said, and what is old is not. */
static bool is_in_order(void)
{
	const int64_t changes = town_count(&town, STORE_EXCEPTION);
	return changes >= town.changes && changes <= 1 && town_old_gaps(&town) == 0;
}

struct trial {
	const char *name;
	enum fault fault;
	int points_min; /* so that a trial that tries nothing is seen */
	bool fails_on;  /* all calls from the N-th on, */
	bool is_cut;    /* until the power is cut; */
	enum fault_survivors remain;
	int full_s; /* or for so long */
};

static struct {
	int64_t points;
	int64_t bad;
	struct town_sum sum;
} tally;

static void count_in(const struct town_sum *sum)
{
	tally.points++;
	tally.sum.acknowledged += sum->acknowledged;
	tally.sum.stored += sum->stored;
	tally.sum.missing += sum->missing;
	tally.sum.duplicate += sum->duplicate;
	tally.sum.letters += sum->letters;
	tally.sum.copies += sum->copies;
}

static bool is_sound(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	bool sound =
	    sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return sound;
}

/* The disk is well again, or the power is back. */
static void recover(const struct trial *trial, int64_t n)
{
	struct random random;
	random_init(&random, (uint64_t)n);
	if (trial->is_cut) {
		fault_set(FAULT_IO, 1, true); /* closing brings nothing to the disk */
		town_kill_keeper(&town);
		set_fault(FAULT_NONE, 0, false);
		fault_cut_power(trial->remain, &random);
	}
	set_fault(FAULT_NONE, 0, false);
}

static bool is_good(struct town_sum *ret_sum)
{
	*ret_sum = (struct town_sum){0};
	if (town.keeper == NULL || !town_sum_up(&town, ret_sum))
		return false;
	return town_is_right(&town, ret_sum) && town_is_told(&town, MACHINES) &&
	       ret_sum->waiting == 0 && is_in_order();
}

static void tell_bad(const struct trial *trial, int64_t n, const struct town_sum *sum)
{
	printf("# %s at call %" PRId64 ": acknowledged %" PRId64 ", missing %" PRId64
	       ", duplicate %" PRId64 ", altered %u, unstored %u, waiting %" PRId64
	       ", %s; %s; %s\n",
	    trial->name, n, sum->acknowledged, sum->missing, sum->duplicate, town.altered,
	    town.unstored, sum->waiting, town_is_told(&town, MACHINES) ? "told" : "not told",
	    town.last_log, town.complaint.text);
}

/* One run with a fault at the N-th call; whether there was an N-th call. */
static bool run_trial(const struct trial *trial, int64_t n)
{
	struct town_sum sum;
	prepare();
	fault_disk.remembers = trial->is_cut;
	set_fault(trial->fault, n, trial->fails_on);
	if (town_open(&town))
		play_story();
	for (int i = 0; i < trial->full_s && town.keeper != NULL; i++)
		town_turn(&town, WHEN_SECOND_US);
	const bool was_hit = fault_disk.failed > 0;
	const char *where = fault_disk.where;
	recover(trial, n);
	if (town.keeper != NULL || town_open(&town))
		go_on();
	bool good = is_good(&sum);
	count_in(&sum);
	town_release(&town);
	if (good && is_sound())
		return was_hit;
	if (tally.bad++ < 5) {
		tell_bad(trial, n, &sum);
		printf("# it was a %s\n", where);
	}
	return was_hit;
}

static const struct trial trials[] = {
    {.name = "EIO", .fault = FAULT_IO, .points_min = 100},
    {.name = "ENOSPC", .fault = FAULT_FULL, .points_min = 50},
    {.name = "short writes, then ENOSPC", .fault = FAULT_SHORT, .points_min = 50},
    {.name = "short writes, then EIO", .fault = FAULT_TORN, .points_min = 50},
    {.name = "a sync fails", .fault = FAULT_SYNC, .points_min = 5},
    {.name = "a full disk, for a while",
	.fault = FAULT_FULL,
	.points_min = 50,
	.fails_on = true,
	.full_s = FULL_S},
    {.name = "a disk that does nothing any more, for a while",
	.fault = FAULT_IO,
	.points_min = 100,
	.fails_on = true,
	.full_s = FULL_S},
    {.name = "no power, what was synced remains",
	.fault = FAULT_IO,
	.points_min = 100,
	.fails_on = true,
	.is_cut = true,
	.remain = FAULT_SYNCED},
    {.name = "no power, any of what was written remains",
	.fault = FAULT_IO,
	.points_min = 100,
	.fails_on = true,
	.is_cut = true,
	.remain = FAULT_ANY},
};

/* All N, or some: of each trial others. */
static void run_trials(const struct trial *trial)
{
	const bool all = getenv("HINOMI_SOAK") != NULL || trial->fault == FAULT_SYNC;
	const int64_t step = all ? 1 : STEP;
	int64_t n = 1 + (trial - trials) % step;
	memset(&tally, 0, sizeof tally);
	while (run_trial(trial, n))
		n += step;
	OK(tally.bad == 0 && n > trial->points_min, trial->name);
	printf("# %s: %" PRId64 " of %" PRId64 " points, %" PRId64 " bad; acknowledged %" PRId64
	       ", stored %" PRId64 ", missing %" PRId64 ", duplicate %" PRId64 "; letters %" PRId64
	       ", copies beyond %" PRId64 "\n",
	    trial->name, tally.points, n, tally.bad, tally.sum.acknowledged, tally.sum.stored,
	    tally.sum.missing, tally.sum.duplicate, tally.sum.letters, tally.sum.copies);
}

/* Of letters whose Message-ID begins so: how many, how often the mail server took one. */
struct arrived {
	int letters;
	unsigned copies;
	unsigned attempts;
};

static struct arrived count_arrived(const char *prefix)
{
	struct arrived arrived = {0};
	for (size_t i = 0; i < town.letter_count; i++) {
		const struct town_letter *letter = &town.letters[i];
		if (strncmp(letter->id, prefix, strlen(prefix)) != 0)
			continue;
		arrived.letters++;
		arrived.copies += letter->copies;
		arrived.attempts += letter->attempts;
	}
	return arrived;
}

static bool mail_is_away;

static enum courier_outcome serve_back(struct town *at, const struct town_letter *letter)
{
	(void)at;
	(void)letter;
	return mail_is_away ? COURIER_TEMPORARY : COURIER_DELIVERED;
}

/* The letter that says that nothing can be stored goes past the store. */
static void test_unstored(void)
{
	prepare();
	town.serve = serve_back;
	mail_is_away = true;
	OK(town_open(&town), "a station on a disk that gets full");
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 5 * WHEN_SECOND_US);
	set_fault(FAULT_FULL, 1, true);
	town_scan(&town, 2, 0, 40);
	town_pass(&town, 55 * WHEN_SECOND_US);
	OK(count_arrived("unstored").letters == 0, "a moment without room is nobody's worry");
	town_pass(&town, 10 * WHEN_SECOND_US);
	OK(count_arrived("unstored").attempts == 1, "a minute of it is the operator's");
	town_pass_by(&town, 16 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(count_arrived("unstored").letters == 1 && count_arrived("unstored").attempts == 2,
	    "tried again until it arrives, as the same letter");
	mail_is_away = false;
	town_pass_by(&town, 2 * WHEN_HOUR_US, 10 * WHEN_SECOND_US);
	OK(count_arrived("unstored").copies == 1 && town.altered == 0, "once");
	OK(alarms_is_on(keeper_alarms(town.keeper), ALARM_DISK_FULL, ""), "the alarm is on");
	set_fault(FAULT_NONE, 0, false);
	town_pass_by(&town, 3 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(count_arrived("unstored").letters == 1 && count_arrived("alarm").copies == 1 &&
		town.unstored == 0,
	    "when there is room again only its end is written");
	OK(!alarms_is_on(keeper_alarms(town.keeper), ALARM_DISK_FULL, ""), "and the alarm is off");
	town_release(&town);
}

static bool ask(const char *request)
{
	const struct service service = {.keeper = town.keeper};
	const struct keeper_clock clock = town_clock(&town);
	FILE *out = fopen("/dev/null", "we");
	if (out == NULL)
		abort();
	town_work(&town, true);
	int result = service_answer(&service, &clock, request, strlen(request), out);
	town_work(&town, false);
	(void)fclose(out); /* nobody reads it */
	return result == 0;
}

static int64_t count_closed(void)
{
	int64_t count = -1;
	const struct store_query closed = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .test = STORE_IS, .text = "closed"}}};
	return store_count(town.store, &closed, &count, NULL) == 0 ? count : -1;
}

/* What was found about a member is over when the member is gone, and not before. */
static void test_removal(void)
{
	static const char request[] = "{\"do\":\"member.remove\",\"name\":\"town\",\"by\":\"me\"}";
	prepare();
	OK(town_open(&town), "a station whose member is to be removed");
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 5 * WHEN_SECOND_US);
	set_fault(FAULT_FULL, 1, true);
	OK(!ask(request), "which cannot be written");
	set_fault(FAULT_NONE, 0, false);
	town_pass(&town, 10 * WHEN_SECOND_US);
	OK(count_closed() == 0, "then its incidents go on");
	OK(ask(request) && count_closed() == 1, "and end when it can");
	town_release(&town);
}

int main(void)
{
	station_config_init(&config);
	fault_install();
	make_folder_in_memory(folder);
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	load_made();
	for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++)
		run_trials(&trials[i]);
	test_unstored();
	test_removal();
	fault_release();
	remove_folder(folder);
	return test_done();
}
