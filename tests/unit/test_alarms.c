/* What is wrong with the station itself: one letter when it begins, one each day, one at its end.
 */
#include "cmd/station/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)
#define REST  ALARM_REST_US

/* A station's store, and what a keeper has beside the alarms. */
static struct store *store;
static struct casebook *casebook;
static struct outbox *outbox;
static struct roster *roster;
static struct alarms *alarms;

static void must(int result, const char *what)
{
	if (result == 0)
		return;
	printf("# %s: %d\n", what, result);
	exit(1);
}

static void open_alarms(int64_t wall_us)
{
	const struct alarms_options options = {.store = store, .rest_us = REST};
	must(alarms_new(&options, wall_us, &alarms, NULL), "alarms");
}

static void begin(void)
{
	const struct store_options memory = {.engine = "memory"};
	const struct casebook_rules rules = {.incidents_max = 16};
	const struct roster_options roster_options = {.language = LANGUAGE_EN, .zone = ""};
	struct store_contact operator= {
	    .kind = CONTACT_MAIL,
	    .address = "operator@example.jp",
	    .language = "en",
	    .severity_min = "info",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1,
	};
	must(store_open(&memory, &store, NULL), "store");
	must(store_begin(store, NULL), "begin");
	must(store_put(store, STORE_RECORD(&operator), STORE_REPLACE, NULL), "contact");
	must(store_commit(store, NULL), "commit");
	must(roster_read(store, &roster_options, &roster, NULL), "roster");
	must(casebook_new(&rules, &casebook), "casebook");
	const struct outbox_options options = {
	    .store = store,
	    .casebook = casebook,
	    .station = "north",
	    .from = "hinomi@example.jp",
	    .desk = "",
	    .host = "example.jp",
	    .identity = "1",
	};
	must(outbox_new(&options, &outbox), "outbox");
	open_alarms(START);
}

static void end(void)
{
	alarms_free(alarms);
	outbox_free(outbox);
	casebook_free(casebook);
	roster_free(roster);
	store_close(store);
}

static bool report(bool is_on, int64_t wall_us)
{
	const struct alarm_report one = {
	    .alarm = ALARM_DISK_FILLING, .what = "/var/lib/hinomi", .is_on = is_on, .number = 4};
	return alarms_report(alarms, &one, wall_us);
}

static void write_letters(int64_t wall_us, bool commits)
{
	must(store_begin(store, NULL), "begin");
	must(alarms_write(alarms, outbox, roster, wall_us, NULL), "write");
	if (!commits) {
		store_rollback(store);
		alarms_forget(alarms);
		return;
	}
	must(store_commit(store, NULL), "commit");
	alarms_commit(alarms);
}

static int64_t count_metas(void)
{
	int64_t count = -1;
	const struct store_query ours = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = "alarm."},
		{.column = "key", .test = STORE_BELOW, .text = "alarm/"}},
	};
	(void)store_count(store, &ours, &count, NULL);
	return count;
}

struct mailbox {
	int64_t count;
	char subject[256]; /* of the last one */
};

static int visit_notice(void *context, const void *record)
{
	struct mailbox *mailbox = context;
	const struct store_notice *notice = record;
	mailbox->count++;
	(void)snprintf(mailbox->subject, sizeof mailbox->subject, "%s", notice->subject);
	return 0;
}

static struct mailbox look(void)
{
	struct mailbox mailbox = {0};
	const struct store_query query = {.kind = STORE_NOTICE};
	(void)store_each(store, &query, visit_notice, &mailbox, NULL);
	return mailbox;
}

static void test_life(void)
{
	begin();
	OK(!report(false, START) && !alarms_are_due(alarms, START), "all is well: no letter");
	OK(report(true, START) && !report(true, START + 1), "it begins once");
	OK(alarms_are_due(alarms, START) &&
		alarms_is_on(alarms, ALARM_DISK_FILLING, "/var/lib/hinomi"),
	    "a letter is due");
	write_letters(START, false);
	OK(alarms_are_due(alarms, START) && look().count == 0, "as long as it was not committed");
	write_letters(START, true);
	struct mailbox mailbox = look();
	OK(mailbox.count == 1 && strstr(mailbox.subject, "the disk fills up") != NULL &&
		!alarms_are_due(alarms, START),
	    "then it is told");
	(void)report(true, START + WHEN_HOUR_US);
	OK(!alarms_are_due(alarms, START + 23 * WHEN_HOUR_US), "and not again the same day");
	OK(alarms_are_due(alarms, START + WHEN_DAY_US), "but after a day");
	write_letters(START + WHEN_DAY_US, true);
	OK(look().count == 2 && !alarms_are_due(alarms, START + WHEN_DAY_US + WHEN_HOUR_US),
	    "once a day");
	const int64_t off_us = START + 30 * WHEN_HOUR_US;
	OK(report(false, off_us) && !report(false, off_us + 1), "it goes off once");
	OK(!alarms_are_due(alarms, off_us + REST - 1) && alarms_are_due(alarms, off_us + REST),
	    "it is over when it stayed off for a while");
	write_letters(off_us + REST, true);
	mailbox = look();
	OK(mailbox.count == 3 && strstr(mailbox.subject, "alarm over") != NULL,
	    "which is told as well");
	OK(!alarms_are_due(alarms, off_us + 3 * WHEN_DAY_US) && count_metas() == 0,
	    "and nothing is left of it");
	end();
}

static void test_flapping(void)
{
	begin();
	(void)report(true, START);
	write_letters(START, true);
	size_t said = 0;
	for (int64_t i = 1; i < 100; i++) {
		const int64_t now_us = START + i * REST / 2;
		said += report(i % 2 == 0, now_us);
		if (alarms_are_due(alarms, now_us))
			write_letters(now_us, true);
	}
	OK(look().count == 1, "what flaps goes on, and makes one letter");
	OK(said > 10 && said <= 100 * REST / 2 / (10 * WHEN_MINUTE_US) * ALARM_LINES_MAX,
	    "and a few lines in the log");
	end();
}

/* Nothing could be written while it was on: then it is told before it is over. */
static void test_untold(void)
{
	begin();
	(void)report(true, START);
	(void)report(false, START + 1);
	OK(!alarms_are_due(alarms, START + 2), "it was over before anybody could be told");
	write_letters(START + REST + 1, true);
	OK(look().count == 0, "then nobody needs to be told of its end");
	(void)report(true, START + WHEN_HOUR_US);
	write_letters(START + WHEN_HOUR_US, true);
	OK(look().count == 1, "and the next time is a beginning");
	end();
}

static void test_restart(void)
{
	begin();
	(void)report(true, START);
	write_letters(START, true);
	alarms_free(alarms);
	open_alarms(START + WHEN_MINUTE_US);
	OK(!alarms_are_due(alarms, START + WHEN_MINUTE_US), "after a restart nothing is due");
	OK(!report(true, START + WHEN_MINUTE_US) && !alarms_are_due(alarms, START + WHEN_MINUTE_US),
	    "what goes on is not told again");
	alarms_free(alarms);
	open_alarms(START + WHEN_HOUR_US);
	OK(report(false, START + WHEN_HOUR_US), "what has ended meanwhile ends now");
	write_letters(START + WHEN_HOUR_US + REST, true);
	OK(look().count == 2, "and is told");
	(void)report(true, START + 2 * WHEN_HOUR_US);
	write_letters(START + 2 * WHEN_HOUR_US, true);
	alarms_free(alarms);
	open_alarms(START + 3 * WHEN_HOUR_US);
	OK(!alarms_are_due(alarms, START + 26 * WHEN_HOUR_US) &&
		alarms_are_due(alarms, START + 27 * WHEN_HOUR_US),
	    "what nobody watches any more is forgotten after a day");
	write_letters(START + 27 * WHEN_HOUR_US, true);
	OK(look().count == 3 && count_metas() == 0, "without a letter");
	end();
}

static void test_apart(void)
{
	begin();
	struct alarm_report one = {.alarm = ALARM_INTERFACE_DOWN, .what = "eth0", .is_on = true};
	(void)alarms_report(alarms, &one, START);
	one.what = "eth1";
	one.detail = "it is gone";
	(void)alarms_report(alarms, &one, START);
	one.alarm = ALARM_CANARY_LATE;
	one.what = NULL;
	one.lasting_us = WHEN_HOUR_US;
	(void)alarms_report(alarms, &one, START);
	write_letters(START, true);
	OK(look().count == 3, "each thing has its own letter");
	size_t position = 0;
	size_t count = 0;
	struct alarm_standing standing;
	while (alarms_next(alarms, &position, &standing))
		count += standing.was_told && standing.since_us == START;
	OK(count == 3, "all of them stand");
	end();
}

static void test_limit(void)
{
	begin();
	char what[ALARM_WHAT_BYTES + 64];
	struct alarm_report one = {.alarm = ALARM_DELIVERY_FAILING, .what = what, .is_on = true};
	for (int i = 0; i < ALARMS_MAX; i++) {
		(void)snprintf(what, sizeof what, "contact%d@example.jp", i);
		(void)alarms_report(alarms, &one, START);
	}
	OK(alarms_refused(alarms) == 0, "as many at once as there is room for");
	(void)snprintf(what, sizeof what, "one more");
	OK(!alarms_report(alarms, &one, START) && alarms_refused(alarms) == 1,
	    "one more is left out, and counted");
	end();
	begin();
	memset(what, 'x', sizeof what);
	what[sizeof what - 1] = '\0';
	(void)alarms_report(alarms, &one, START);
	OK(!alarms_report(alarms, &one, START), "a name that is too long is found again");
	write_letters(START, true);
	alarms_free(alarms);
	open_alarms(START);
	OK(!alarms_report(alarms, &one, START) && look().count == 1, "also after a restart");
	end();
}

static void test_clock(void)
{
	begin();
	(void)report(true, START);
	write_letters(START, true);
	(void)report(false, START + WHEN_HOUR_US);
	OK(!alarms_are_due(alarms, START + WHEN_HOUR_US - 1000),
	    "what was reported within a turn is not over since it is younger than the turn");
	(void)report(true, START - WHEN_DAY_US);
	OK(alarms_are_due(alarms, START - WHEN_DAY_US),
	    "where the clock was set back, it is told again rather than never");
	end();
}

static void test_event(void)
{
	const struct alarm_report jump = {
	    .alarm = ALARM_CLOCK_STEPPED, .is_on = true, .lasting_us = WHEN_HOUR_US};
	begin();
	(void)alarms_report(alarms, &jump, START);
	write_letters(START, true);
	struct mailbox mailbox = look();
	OK(mailbox.count == 1 && strstr(mailbox.subject, "the clock jumped") != NULL,
	    "what happens once is told");
	OK(!alarms_is_on(alarms, ALARM_CLOCK_STEPPED, "") && count_metas() == 0,
	    "and stands no more");
	OK(alarms_are_due(alarms, START + REST), "after a while it is forgotten");
	write_letters(START + REST, true);
	OK(look().count == 1, "and not told to be over");
	(void)alarms_report(alarms, &jump, START + REST + 1);
	write_letters(START + REST + 1, true);
	OK(look().count == 2, "what happens again is told again");
	end();
}

int main(void)
{
	test_life();
	test_flapping();
	test_untold();
	test_restart();
	test_apart();
	test_limit();
	test_clock();
	test_event();
	return test_done();
}
