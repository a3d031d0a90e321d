/*
 * A keeper for which memory runs out: each allocation of ours fails once, and all for a while from
 * each on; so do SQLite's, some of them, and in the soak each.
 *
 * It goes on, or cannot begin and says so. What was kept stays, nobody becomes two incidents, and
 * when there is memory again, everything is found and told. What is left behind in our code is
 * found by the sanitizer at the end.
 */
#include "fault_memory.h"

#include "town_help.h"

enum {
	MACHINES = 3,
	POINTS = 40, /* of SQLite's some thousand, when not all are tried */
};

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static char template[PATH_BYTES];
static struct town town;
static struct station_config config; /* what is removed, and when */

static struct {
	int64_t points;
	int64_t bad;
	struct town_sum sum;
} tally;

static void on_work(bool begins)
{
	memory.is_on = begins && memory.fail_at >= 0;
}

static void copy_template(void)
{
	static char bytes[1 << 20];
	static const char *const logs[] = {"station.db-wal", "station.db-shm"};
	for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++)
		(void)unlink(in_folder(folder, logs[i]));
	FILE *in = fopen(template, "re");
	size_t count = in == NULL ? 0 : fread(bytes, 1, sizeof bytes, in);
	FILE *out = fopen(database, "we");
	if (count == 0 || out == NULL || fwrite(bytes, 1, count, out) != count || fclose(out) != 0)
		abort();
	(void)fclose(in); /* was read */
}

static void make_template(void)
{
	town_init(&town, "sqlite", template);
	town.store = open_store("sqlite", template, false);
	town_fill_store(&town);
	town_add_old_gaps(&town);
	town_release(&town);
}

/* Machines that scan, one after the other, letters, and answers to them; somebody changes
 * something.
 */
static void play_story(void)
{
	struct complaint complaint;
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 2 * WHEN_SECOND_US);
	town_scan(&town, 2, 0, 40);
	town_scan(&town, 1, 40, 400);
	town_pass(&town, WHEN_SECOND_US);
	on_work(true);
	(void)keeper_read_roster(
	    town.keeper, &complaint); /* without memory that of before serves */
	on_work(false);
	town_change(&town);
	town_scan(&town, 3, 0, 40);
	town_end_window(&town);
	town_pass(&town, WHEN_SECOND_US);
	/* what is old is looked for, and removed */
	town_turn(&town, UPKEEP_FIRST_US);
	town_pass(&town, WHEN_SECOND_US);
}

/* There is memory; the machines go on. */
static void go_on(void)
{
	for (uint32_t machine = 1; machine <= MACHINES; machine++)
		town_scan(&town, machine, 1000, 40);
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

static bool is_good(struct town_sum *ret_sum)
{
	*ret_sum = (struct town_sum){0};
	if (town.keeper == NULL || !town_sum_up(&town, ret_sum))
		return false;
	return town_is_right(&town, ret_sum) && town_is_told(&town, MACHINES) &&
	       ret_sum->waiting == 0 && is_in_order();
}

static void count_in(const struct town_sum *sum)
{
	tally.points++;
	tally.sum.acknowledged += sum->acknowledged;
	tally.sum.stored += sum->stored;
	tally.sum.missing += sum->missing;
	tally.sum.duplicate += sum->duplicate;
}

/* With the n-th allocation failing (0: none). Returns how many there were. */
static int64_t run_once(int64_t n, bool fails_on)
{
	struct town_sum sum;
	copy_template();
	town_init(&town, "sqlite", database);
	town.config = &config;
	town.on_work = on_work;
	memory.fail_at = n;
	memory.fails_on = fails_on;
	memory.calls = 0;
	if (town_open(&town))
		play_story();
	const int64_t calls = memory.calls;
	memory.fail_at = -1;
	if (town.keeper != NULL || town_open(&town))
		go_on();
	const bool good = is_good(&sum);
	count_in(&sum);
	if (!good && tally.bad++ < 5)
		printf("# %s allocation %" PRId64 "%s: acknowledged %" PRId64 ", missing %" PRId64
		       ", duplicate %" PRId64 ", altered %u, unstored %u, waiting %" PRId64
		       ", %s; %s\n",
		    memory.owner == OWNER_SQLITE ? "SQLite's" : "our", n,
		    fails_on ? " and all after it" : "", sum.acknowledged, sum.missing,
		    sum.duplicate, town.altered, town.unstored, sum.waiting,
		    town_is_told(&town, MACHINES) ? "told" : "not told", town.last_log);
	town_release(&town);
	return calls;
}

static void run_trials(enum owner owner, bool fails_on, const char *name)
{
	const bool is_soak = getenv("HINOMI_SOAK") != NULL;
	memset(&tally, 0, sizeof tally);
	memory.owner = owner;
	const int64_t total = run_once(0, false);
	const int64_t step = is_soak || owner == OWNER_HINOMI ? 1 : total / POINTS + 1;
	for (int64_t n = 1; n <= total; n += step)
		(void)run_once(n, fails_on);
	OK(tally.bad == 0 && total > POINTS, name);
	printf("# %" PRId64 " of %" PRId64 " allocations; acknowledged %" PRId64 ", stored %" PRId64
	       ", missing %" PRId64 ", duplicate %" PRId64 "\n",
	    tally.points, total, tally.sum.acknowledged, tally.sum.stored, tally.sum.missing,
	    tally.sum.duplicate);
}

int main(void)
{
	station_config_init(&config);
	install();
	make_folder_in_memory(folder);
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	(void)snprintf(template, sizeof template, "%s", in_folder(folder, "template.db"));
	memory.fail_at = -1;
	make_template();
	run_trials(OWNER_HINOMI, false, "an allocation of ours fails");
	run_trials(OWNER_HINOMI, true, "ours fail for a while");
	run_trials(OWNER_SQLITE, false, "one of SQLite's fails");
	run_trials(OWNER_SQLITE, true, "SQLite's fail for a while");
	remove_folder(folder);
	return test_done();
}
