/*
 * The clock is set, an hour forward and back and by years, while a keeper runs: nothing is lost or
 * told twice, nothing waits for an hour, the canary raises no alarm, gaps stay sane.
 */
#include "town_help.h"

#define HOUR_US WHEN_HOUR_US

static struct town town;

static void begin(void)
{
	town_init(&town, "memory", NULL);
	(void)town_open_in_memory(&town);
}

static void end(void)
{
	town_release(&town);
}

/* Somebody, or the network's time, sets it. */
static void set_clock(int64_t by_us)
{
	town.wall_us += by_us;
}

static bool is_right(void)
{
	struct town_sum sum;
	if (!town_sum_up(&town, &sum))
		return false;
	if (!town_is_right(&town, &sum) || sum.waiting > 0)
		printf("# missing %" PRId64 ", duplicate %" PRId64 ", waiting %" PRId64 "\n",
		    sum.missing, sum.duplicate, sum.waiting);
	return town_is_right(&town, &sum) && sum.waiting == 0;
}

/* Of letters about machines: that the clock was set is told as well. */
static unsigned attempts(void)
{
	unsigned count = 0;
	for (size_t i = 0; i < town.letter_count; i++)
		count += town.letters[i].kind != NOTICE_ALARM ? town.letters[i].attempts : 0;
	return count;
}

/* The first attempts fail. */
static enum courier_outcome serve_second(struct town *at, const struct town_letter *letter)
{
	(void)at;
	return letter->attempts > 1 ? COURIER_DELIVERED : COURIER_TEMPORARY;
}

struct subjects {
	const char *words;
	int count;
};

static int visit_subject(void *context, const void *record)
{
	struct subjects *subjects = context;
	const struct store_notice *notice = record;
	subjects->count +=
	    notice->kind == NOTICE_ALARM && strstr(notice->subject, subjects->words) != NULL;
	return 0;
}

static int count_alarms(const char *words)
{
	struct subjects subjects = {.words = words};
	const struct store_query query = {.kind = STORE_NOTICE};
	return store_each(town.store, &query, visit_subject, &subjects, NULL) == 0 ? subjects.count
										   : -1;
}

static void test_before_telling(int64_t by_us, const char *name)
{
	begin();
	town_scan(&town, 1, 0, 40);
	town_pass(&town, TOWN_TURN_US);
	set_clock(by_us);
	town_pass(&town, 5 * WHEN_SECOND_US);
	OK(town_is_told(&town, 1) && is_right(), name);
	end();
}

static void test_new_scan(int64_t by_us, const char *name)
{
	begin();
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	town_end_window(&town);
	set_clock(by_us);
	town_pass(&town, WHEN_SECOND_US);
	town_scan(&town, 2, 0, 40);
	town_pass(&town, 5 * WHEN_SECOND_US);
	OK(town_is_told(&town, 2) && is_right(), name);
	end();
}

static void test_retry(int64_t by_us, const char *name)
{
	begin();
	town.serve = serve_second;
	for (uint32_t machine = 1; machine <= 5; machine++)
		town_scan(&town, machine, 0, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	OK(attempts() == 5, "letters that were not taken wait");
	set_clock(by_us);
	town_pass_by(&town, 2 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(town_is_told(&town, 5) && attempts() == 10 && is_right(), name);
	end();
}

/* Nothing waits that was to wait for the hour that the clock lost, after a restart as well. */
static void test_restart(int64_t by_us, const char *name)
{
	begin();
	town.serve = serve_second;
	for (uint32_t machine = 1; machine <= 5; machine++)
		town_scan(&town, machine, 0, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	set_clock(by_us);
	town_restart_in_memory(&town);
	town_scan(&town, 6, 0, 40);
	town_pass_by(&town, 3 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(town_is_told(&town, 6) && is_right(), name);
	end();
}

/* To and fro, as a clock does that two masters set. */
static void test_to_and_fro(void)
{
	begin();
	for (uint32_t i = 1; i <= 10; i++) {
		if (i <= 4)
			town_scan(&town, i, 0, 40);
		town_pass(&town, 3 * WHEN_SECOND_US);
		set_clock(i % 2 == 0 ? -HOUR_US : HOUR_US);
		town_pass(&town, 3 * WHEN_SECOND_US);
		town_end_window(&town);
	}
	town_pass(&town, 5 * WHEN_SECOND_US);
	OK(town_is_told(&town, 4) && is_right() && attempts() == 4,
	    "set to and fro ten times: each of four machines is told of once");
	OK(count_alarms("the clock jumped") == 1, "and the operator hears of it once");
	end();
}

static bool has_log(const char *word)
{
	return strstr(town.last_log, word) != NULL;
}

static void test_canary(int64_t by_us, const char *name)
{
	begin();
	town.canary_every_us = 15 * WHEN_MINUTE_US;
	town_restart_in_memory(&town);
	/* one is on its way */
	while (town.canaries == 0)
		town_pass(&town, TOWN_TURN_US);
	set_clock(by_us);
	town_pass(&town, 10 * WHEN_SECOND_US);
	OK(canary_last(keeper_canary(town.keeper))->state == CANARY_IS_HOME && !has_log("canary"),
	    name);
	const int before = town.canaries;
	town_pass_by(&town, HOUR_US, WHEN_SECOND_US);
	OK(town.canaries - before >= 3 && town.canaries - before <= 5,
	    "they go on as often as before");
	OK(canary_last(keeper_canary(town.keeper))->state == CANARY_IS_HOME && !has_log("canary"),
	    "and come home");
	end();
}

static int visit_gap(void *context, const void *record)
{
	const struct store_gap *gap = record;
	int64_t *longest_us = context;
	const int64_t lasting_us = gap->to_us - gap->from_us;
	if (lasting_us < 0)
		return 1;
	if (lasting_us > *longest_us)
		*longest_us = lasting_us;
	return 0;
}

/* The capture of a source that is watched all the time reports each second; then it is started
 * anew.
 */
static void report(uint64_t epoch, uint64_t sequence, int64_t since_us)
{
	const struct attendance_state state = {
	    .epoch = epoch, .sequence = sequence, .since_us = since_us, .until_us = town.wall_us};
	(void)keeper_note_report(town.keeper, 0, &state);
}

static int visit_clock(void *context, const void *record)
{
	const struct store_gap *gap = record;
	if (strcmp(gap->kind, "clock-set") == 0)
		(void)snprintf(context, 128, "%s", gap->detail);
	return 0;
}

static void test_gaps(int64_t by_us, const char *name)
{
	int64_t longest_us = 0;
	const struct store_query gaps = {.kind = STORE_GAP};
	begin();
	const int64_t since_us = town.wall_us;
	for (uint64_t i = 1; i <= 20; i++) {
		report(1, i, since_us);
		town_pass(&town, WHEN_SECOND_US);
	}
	set_clock(by_us);
	for (uint64_t i = 21; i <= 40; i++) {
		report(1, i, since_us);
		town_pass(&town, WHEN_SECOND_US);
	}
	town_pass(&town, 3 * WHEN_SECOND_US);
	report(2, 1, town.wall_us);
	town_pass(&town, WHEN_SECOND_US);
	OK(store_each(town.store, &gaps, visit_gap, &longest_us, NULL) == 0, name);
	OK(longest_us >= 3 * WHEN_SECOND_US && longest_us <= HOUR_US + WHEN_MINUTE_US,
	    "each as long as nothing was seen, and not longer than the clock was wrong");
	printf("# longest gap %" PRId64 " s\n", longest_us / WHEN_SECOND_US);
	char detail[128] = "";
	OK(store_each(town.store, &gaps, visit_clock, detail, NULL) == 0 &&
		strstr(detail, by_us < 0 ? "back by 3600" : "forward by 3600") != NULL,
	    "that it was set is written down");
	OK(count_alarms("the clock jumped") == 1, "and the operator hears of it, once");
	end();
}

/* Who went quiet by a clock that ran ahead, and goes on in the hour that comes once more. */
static void test_relapse(void)
{
	begin();
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	town_pass_by(&town, 7 * HOUR_US, WHEN_MINUTE_US);
	town_scan(&town, 2, 0, 40); /* time is told by what is observed */
	town_pass(&town, WHEN_SECOND_US);
	const struct incident *incident = casebook_find(keeper_casebook(town.keeper), 1);
	OK(incident->state == INCIDENT_QUIET, "who was not seen for long is quiet");
	town_end_window(&town);
	set_clock(-HOUR_US);
	town_pass(&town, WHEN_SECOND_US);
	town_scan(&town, 1, 1000, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	OK(incident->relapses == 1, "and is no more when it goes on");
	end();
}

/* A machine without a battery for its clock. */
static void test_years(int64_t by_us, const char *name)
{
	begin();
	set_clock(by_us);
	town_restart_in_memory(&town);
	town.serve = serve_second;
	town_scan(&town, 1, 0, 40);
	town_pass(&town, 3 * WHEN_SECOND_US);
	set_clock(-by_us);
	town_pass(&town, WHEN_SECOND_US);
	town_scan(&town, 1, 100, 40);
	town_scan(&town, 2, 0, 40);
	town_pass_by(&town, 3 * WHEN_MINUTE_US, WHEN_SECOND_US);
	OK(town_is_told(&town, 2) && is_right() && attempts() <= 8, name);
	town_pass_by(&town, 7 * HOUR_US, WHEN_MINUTE_US);
	town_scan(&town, 3, 0, 40);
	town_pass(&town, WHEN_SECOND_US);
	OK(casebook_find(keeper_casebook(town.keeper), 1)->state == INCIDENT_QUIET,
	    "what was seen ahead of its time becomes quiet as everything else");
	end();
}

int main(void)
{
	test_before_telling(-HOUR_US, "set back before a letter was due: it comes all the same");
	test_before_telling(HOUR_US, "set forward: likewise");
	test_new_scan(-HOUR_US, "set back: who scans then is found and told of");
	test_new_scan(-HOUR_US + WHEN_MINUTE_US, "by a little less than an hour: likewise");
	test_new_scan(-WHEN_MINUTE_US, "by a minute: likewise");
	test_new_scan(-3 * HOUR_US, "by more: likewise");
	test_new_scan(HOUR_US, "set forward: likewise");
	test_retry(-HOUR_US, "set back: they are tried again when it was planned");
	test_retry(HOUR_US, "set forward: each is tried once more, no oftener");
	test_restart(-HOUR_US, "set back while it does not run: nothing waits for that hour");
	test_restart(HOUR_US, "set forward meanwhile: likewise");
	test_restart(-10 * HOUR_US * 24 * 365, "by ten years: likewise");
	test_to_and_fro();
	test_canary(HOUR_US, "set forward: a canary on its way is not late");
	test_canary(-HOUR_US, "set back: it comes home");
	test_gaps(HOUR_US, "set forward: gaps end after they begin");
	test_gaps(-HOUR_US, "set back: likewise");
	test_relapse();
	test_years(20 * 365 * WHEN_DAY_US, "started twenty years ahead, and set right");
	test_years(-20 * 365 * WHEN_DAY_US, "started twenty years behind, and set right");
	return test_done();
}
