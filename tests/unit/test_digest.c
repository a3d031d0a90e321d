/* Regular reports over weeks of a made-up clock: each once, whatever happens in between. */
#include "cmd/station/digest.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/station/digest_facts.h"
#include "cmd/station/finding_record.h"
#include "report_case.h"
#include "store_help.h"

/* Mon 2026-02-02 08:00 in Tokyo. */
#define MONDAY_US (INT64_C(1769986800) * WHEN_SECOND_US)
#define WEEK_US   (7 * WHEN_DAY_US)

enum {
	BODY_BYTES = 16384,
};

struct desk {
	struct store *store;
	struct roster *roster;
	struct casebook *casebook;
	struct outbox *outbox;
	struct tally *tally;
	struct digest *digest;
	struct digest_clock clock;
	struct weekday_time at;
	const char *zone;
	bool is_on;
};

static struct complaint complaint;

static void must(int result)
{
	if (result == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static void read_roster(struct desk *desk)
{
	const struct roster_options options = {.language = LANGUAGE_EN, .zone = desk->zone};
	roster_free(desk->roster);
	desk->roster = NULL;
	must(roster_read(desk->store, &options, &desk->roster, &complaint));
}

static void open_parts(struct desk *desk)
{
	const struct outbox_options outbox = {.store = desk->store,
	    .casebook = desk->casebook,
	    .station = "Kita Watch",
	    .from = "hinomi@station.example",
	    .desk = "noc@example.jp",
	    .host = "station.example",
	    .identity = "0123456789abcdef"};
	const struct tally_options tally = {.store = desk->store,
	    .roster = (const struct roster *const *)&desk->roster,
	    .members_max = TALLY_MEMBERS_MAX};
	must(outbox_new(&outbox, &desk->outbox));
	must(tally_new(&tally, &desk->tally, &complaint));
	const struct digest_options digest = {.store = desk->store,
	    .outbox = desk->outbox,
	    .tally = desk->tally,
	    .is_on = desk->is_on,
	    .at = desk->at};
	must(digest_new(&digest, &desk->clock, &desk->digest, &complaint));
}

static void close_parts(struct desk *desk)
{
	digest_free(desk->digest);
	tally_free(desk->tally);
	outbox_free(desk->outbox);
}

static void open_desk(struct desk *desk, const char *at, const char *zone)
{
	const struct casebook_rules rules = {.incidents_max = 10};
	*desk = (struct desk){.zone = zone, .is_on = strcmp(at, "off") != 0};
	desk->store = open_store("memory", "", false);
	desk->clock.wall_us = MONDAY_US - 2 * WHEN_DAY_US;
	if (desk->is_on)
		must(weekday_parse(at, &desk->at));
	must(casebook_new(&rules, &desk->casebook));
	read_roster(desk);
	open_parts(desk);
}

static void close_desk(struct desk *desk)
{
	close_parts(desk);
	casebook_free(desk->casebook);
	roster_free(desk->roster);
	store_close(desk->store);
}

/* The keeper ended, and another begins. */
static void restart(struct desk *desk)
{
	close_parts(desk);
	open_parts(desk);
}

/* A turn of the keeper; true when there was something to write. */
static bool turn(struct desk *desk, bool commits)
{
	if (!digest_is_due(desk->digest, desk->roster, &desk->clock))
		return false;
	must(store_begin(desk->store, &complaint));
	must(digest_write(desk->digest, desk->roster, &desk->clock, &complaint));
	must(tally_write(desk->tally, 1, desk->clock.monotonic_us, &complaint));
	if (commits) {
		must(store_commit(desk->store, &complaint));
		digest_commit(desk->digest);
		tally_commit(desk->tally);
		return true;
	}
	store_rollback(desk->store);
	digest_forget(desk->digest);
	tally_forget(desk->tally);
	return true;
}

static void turns(struct desk *desk)
{
	while (turn(desk, true))
		;
}

/* Time passes, and windows end. */
static void pass(struct desk *desk, int64_t us)
{
	desk->clock.wall_us += us;
	desk->clock.monotonic_us += us;
	digest_note_window(desk->digest);
	turns(desk);
}

static void pass_until(struct desk *desk, int64_t wall_us)
{
	pass(desk, wall_us - desk->clock.wall_us);
}

/* The first turn of a station with these members. */
static void begin(struct desk *desk)
{
	read_roster(desk);
	turns(desk);
}

static int64_t letters(struct desk *desk)
{
	const struct store_query query = {.kind = STORE_NOTICE};
	int64_t count = -1;
	must(store_count(desk->store, &query, &count, &complaint));
	return count;
}

struct seen {
	char id[256];
	char body[BODY_BYTES];
	size_t count;
};

static int see_letter(void *context, const void *record)
{
	struct seen *seen = context;
	const struct store_notice *notice = record;
	seen->count++;
	(void)snprintf(seen->id, sizeof seen->id, "%s", notice->message_id);
	(void)snprintf(seen->body, sizeof seen->body, "%.*s", (int)notice->body.length,
	    (const char *)notice->body.data);
	/* lines that were broken are whole again */
	for (char *at = strstr(seen->body, "\\n"); at != NULL; at = strstr(at, "\\n")) {
		*at = ' ';
		memmove(at + 1, at + 2, strlen(at + 1));
	}
	return notice->kind == NOTICE_DIGEST ? 0 : -EINVAL;
}

/* The last letter to this contact. */
static const struct seen *last_to(struct desk *desk, int64_t contact)
{
	static struct seen seen;
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .number = contact}},
	    .order = "id"};
	seen = (struct seen){.count = 0};
	must(store_each(desk->store, &query, see_letter, &seen, &complaint));
	return &seen;
}

static bool says(const struct seen *seen, const char *words)
{
	bool has = strstr(seen->body, words) != NULL;
	if (!has)
		printf("# no \"%s\" in %s\n", words, seen->body);
	return has;
}

static int64_t put(struct desk *desk, struct store_record record)
{
	must(put_alone(desk->store, record));
	return *(const int64_t *)record.fields; /* each begins with its id */
}

static int64_t add_member(struct desk *desk, const char *name, const char *prefix)
{
	struct store_member member = sample_member(name);
	struct store_prefix of = {.prefix = prefix};
	of.member_id = put(desk, STORE_RECORD(&member));
	(void)put(desk, STORE_RECORD(&of));
	return of.member_id;
}

/* Web hooks, since their letters can be read as they are. */
static int64_t add_contact(
    struct desk *desk, int64_t member, const char *severity_min, enum contact_state state)
{
	struct store_contact contact = {.member_id = member,
	    .kind = CONTACT_WEBHOOK,
	    .address = "https://town.example/",
	    .language = "en",
	    .severity_min = severity_min,
	    .state = state,
	    .created_us = 1};
	return put(desk, STORE_RECORD(&contact));
}

struct plan {
	int64_t member;
	const char *subject;
	const char *severity;
	const char *state;
	const char *reason;
	int64_t last_us;
	int64_t told_us;
};

static int64_t add_incident(struct desk *desk, const struct plan *plan)
{
	struct finding finding = case_mirai();
	char *text = NULL;
	must(address_parse(plan->subject, &finding.subject));
	finding.last_us = plan->last_us;
	must(finding_record_write(&finding, "town", &text));
	struct store_incident incident = sample_incident(plan->member, plan->subject);
	incident.severity = plan->severity;
	incident.state = plan->state;
	incident.close_reason = plan->reason;
	incident.last_us = plan->last_us;
	incident.opened_us = incident.opened_wall_us = plan->last_us;
	incident.changed_us = incident.state_us = plan->last_us;
	incident.told_us = plan->told_us;
	incident.finding = text;
	int64_t id = put(desk, STORE_RECORD(&incident));
	free(text);
	return id;
}

/* ---- Weeks ---- */

static void test_weeks(void)
{
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	const int64_t contact = add_contact(&desk, town, "low", CONTACT_VERIFIED);
	begin(&desk);
	OK(letters(&desk) == 0, "a new station has nothing to report yet");
	pass_until(&desk, MONDAY_US - 1);
	OK(letters(&desk) == 0, "nor a moment before its time");
	tally_note_packets(desk.tally, 5, 1000);
	pass_until(&desk, MONDAY_US);
	const struct seen *seen = last_to(&desk, contact);
	OK(letters(&desk) == 1 &&
		strcmp(seen->id, "digest1769986800.m1.c1.0123456789abcdef@station.example") == 0,
	    "then there is one, of its reader and its time");
	OK(says(seen, "We are alive and saw 1,000 packets from 2026-01-31 08:00:00.000 JST to "
		      "2026-02-02 08:00:00.000 JST.") &&
		says(seen, "About machines of town, no packet had to be judged.") &&
		says(seen, "We watched for 2 days, without a gap.") &&
		says(seen, "Nothing was found, and nothing is open.") &&
		says(seen, "It comes every 7 days."),
	    "it says that nothing happened, and that the station is alive");
	pass(&desk, WHEN_HOUR_US);
	restart(&desk);
	pass(&desk, WHEN_HOUR_US);
	OK(letters(&desk) == 1, "there is no other, whoever begins anew");
	for (int week = 1; week <= 5; week++) {
		for (int day = 0; day < 7; day++) {
			pass(&desk, WHEN_DAY_US - WHEN_MINUTE_US);
			restart(&desk);
			pass(&desk, WHEN_MINUTE_US);
		}
		OK(letters(&desk) == 1 + week, "one each week");
	}
	OK(says(last_to(&desk, contact), "saw not a single packet"),
	    "where nothing was seen, that is told");
	close_desk(&desk);
}

static void test_away(void)
{
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	const int64_t contact = add_contact(&desk, town, "low", CONTACT_VERIFIED);
	begin(&desk);
	pass_until(&desk, MONDAY_US);
	tally_note_packets(desk.tally, 5, 10);
	turns(&desk);
	struct store_gap gap = {.source = "ring:eth0",
	    .from_us = MONDAY_US + WHEN_DAY_US,
	    .to_us = MONDAY_US + 3 * WEEK_US + 2 * WHEN_DAY_US,
	    .kind = "station-stopped"};
	desk.clock.wall_us = gap.to_us;
	restart(&desk);
	turns(&desk);
	OK(letters(&desk) == 1, "a station that is back does not report before it has looked");
	(void)put(&desk, STORE_RECORD(&gap));
	tally_note_packets(desk.tally, 6, 1);
	pass(&desk, WHEN_MINUTE_US);
	OK(letters(&desk) == 2 && says(last_to(&desk, contact), "2026-02-25 08:01:00.000 JST") &&
		says(last_to(&desk, contact),
		    "We watched for 1 day. 1 time, for 22 days in all, not everything"),
	    "then once, of all the time, with the gap");
	OK(strstr(last_to(&desk, contact)->id, "digest1771801200.") != NULL,
	    "by the time of the last that was missed");
	pass_until(&desk, MONDAY_US + 4 * WEEK_US);
	OK(letters(&desk) == 3, "and goes on as usual");
	desk.clock.wall_us += WEEK_US;
	restart(&desk);
	desk.clock.monotonic_us += DIGEST_REST_US - 1;
	turns(&desk);
	OK(letters(&desk) == 3, "where nothing comes through at all it waits");
	desk.clock.monotonic_us += 1;
	turns(&desk);
	OK(letters(&desk) == 4 && says(last_to(&desk, contact), "not a single packet"),
	    "but not for long");
	close_desk(&desk);
}

static void test_clocks(void)
{
	struct desk desk;
	open_desk(&desk, "Sun 02:30", "America/New_York");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	(void)add_contact(&desk, town, "low", CONTACT_VERIFIED);
	begin(&desk);
	pass_until(&desk, INT64_C(1772955000) * WHEN_SECOND_US - 8 * WHEN_DAY_US);
	const int64_t before = letters(&desk);
	pass_until(&desk, INT64_C(1772955000) * WHEN_SECOND_US - 1);
	OK(letters(&desk) == before + 1, "a week before the clocks are set forward");
	pass(&desk, 1);
	OK(letters(&desk) == before + 2, "at a time that they leave out, when it is over");
	pass(&desk, WHEN_DAY_US);
	OK(letters(&desk) == before + 2, "once");
	desk.zone = "Asia/Tokyo";
	read_roster(&desk);
	restart(&desk);
	pass(&desk, 5 * WHEN_DAY_US);
	OK(letters(&desk) == before + 2, "in another zone it is not time yet");
	pass(&desk, WHEN_DAY_US);
	OK(letters(&desk) == before + 3, "then it is, by its clocks");
	desk.zone = "America/New_York";
	read_roster(&desk);
	restart(&desk);
	pass(&desk, WHEN_MINUTE_US);
	OK(letters(&desk) == before + 4, "and again by those of before, 13 hours after the last");
	const int64_t now = letters(&desk);
	pass(&desk, 5 * WHEN_DAY_US);
	OK(letters(&desk) == now, "but only then");
	desk.clock.wall_us += 366 * WHEN_DAY_US;
	pass(&desk, WHEN_MINUTE_US);
	OK(letters(&desk) == now + 1, "a clock that is a year ahead");
	desk.clock.wall_us -= 366 * WHEN_DAY_US;
	pass(&desk, WHEN_MINUTE_US);
	OK(letters(&desk) == now + 1, "and set right");
	pass(&desk, WEEK_US);
	OK(letters(&desk) == now + 2, "does not silence the reports of a year");
	close_desk(&desk);
}

static void test_daily(void)
{
	struct desk desk;
	open_desk(&desk, "daily 08:00", "Asia/Tokyo");
	const int64_t contact = add_contact(&desk, 0, "low", CONTACT_VERIFIED);
	begin(&desk);
	pass_until(&desk, MONDAY_US + WHEN_HOUR_US);
	tally_note_packets(desk.tally, 5, 10);
	const int64_t before = letters(&desk);
	for (int day = 1; day <= 10; day++)
		pass(&desk, WHEN_DAY_US);
	OK(letters(&desk) == before + 10, "ten days are ten reports");
	OK(says(last_to(&desk, contact), "Report for Kita Watch"), "of the whole station");
	must(weekday_parse("daily 20:00", &desk.at));
	restart(&desk);
	pass(&desk, 10 * WHEN_HOUR_US);
	OK(letters(&desk) == before + 10, "at another time");
	pass(&desk, WHEN_HOUR_US);
	OK(letters(&desk) == before + 11, "of the day");
	desk.is_on = false;
	restart(&desk);
	pass(&desk, 30 * WHEN_DAY_US);
	OK(letters(&desk) == before + 11, "none where none are wanted");
	desk.is_on = true;
	restart(&desk);
	pass(&desk, WHEN_MINUTE_US);
	OK(letters(&desk) == before + 11, "those that are wanted again begin anew");
	tally_note_packets(desk.tally, 5, 11);
	pass(&desk, WHEN_DAY_US);
	OK(letters(&desk) == before + 12 && says(last_to(&desk, contact), "We watched for"),
	    "of the time since then");
	close_desk(&desk);
}

/* ---- Readers ---- */

static void test_readers(void)
{
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	const int64_t school = add_member(&desk, "school", "203.0.113.0/24");
	(void)add_member(&desk, "nobody", "10.0.0.0/8");
	const int64_t first = add_contact(&desk, town, "low", CONTACT_VERIFIED);
	const int64_t second = add_contact(&desk, town, "high", CONTACT_FAILING);
	const int64_t unverified = add_contact(&desk, school, "low", CONTACT_UNVERIFIED);
	const int64_t stopped = add_contact(&desk, school, "low", CONTACT_STOPPED);
	const int64_t chief = add_contact(&desk, 0, "low", CONTACT_VERIFIED);
	begin(&desk);
	pass_until(&desk, MONDAY_US);
	OK(last_to(&desk, first)->count == 1 && last_to(&desk, second)->count == 1,
	    "each contact that was verified gets one, also where letters do not arrive");
	OK(last_to(&desk, unverified)->count == 0 && last_to(&desk, stopped)->count == 0,
	    "none that was not, or wants none");
	OK(last_to(&desk, chief)->count == 1 && letters(&desk) == 3,
	    "and the operator; a member without a contact has nobody to tell");
	close_desk(&desk);
}

static int64_t count_different(struct desk *desk);

/* Many members: a few at a time, and each death in between. */
static void test_many(void)
{
	enum {
		MEMBERS = 3 * DIGEST_LETTERS_AT_ONCE + 5,
	};
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	for (int i = 0; i < MEMBERS; i++) {
		char name[32];
		char prefix[32];
		(void)snprintf(name, sizeof name, "member-%d", i);
		(void)snprintf(prefix, sizeof prefix, "10.%d.0.0/16", i);
		(void)add_contact(&desk, add_member(&desk, name, prefix), "low", CONTACT_VERIFIED);
	}
	begin(&desk);
	desk.clock.wall_us = MONDAY_US;
	digest_note_window(desk.digest);
	size_t count = 0;
	bool is_written = true;
	while (is_written) {
		const int64_t before = letters(&desk);
		OK(turn(&desk, false) && letters(&desk) == before,
		    "what was not committed is not there");
		restart(&desk);
		digest_note_window(desk.digest);
		is_written = turn(&desk, true);
		count++;
		restart(&desk);
		digest_note_window(desk.digest);
		is_written = digest_is_due(desk.digest, desk.roster, &desk.clock);
		OK(letters(&desk) - before <= DIGEST_LETTERS_AT_ONCE, "a few at a time");
	}
	OK(count == 4, "in as few turns as that takes");
	OK(letters(&desk) == MEMBERS && count_different(&desk) == MEMBERS,
	    "everybody has one, and nobody two, though the keeper died after each turn");
	close_desk(&desk);
}

static int mark_contact(void *context, const void *record)
{
	bool *seen = context;
	const struct store_notice *notice = record;
	seen[notice->contact_id] = true;
	return 0;
}

/* Contacts that have a letter. */
static int64_t count_different(struct desk *desk)
{
	static bool seen[1024];
	int64_t count = 0;
	const struct store_query query = {.kind = STORE_NOTICE};
	memset(seen, 0, sizeof seen);
	must(store_each(desk->store, &query, mark_contact, seen, &complaint));
	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
		count += seen[i];
	return count;
}

/* ---- What it tells ---- */

static void test_lists(void)
{
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	const int64_t school = add_member(&desk, "school", "203.0.113.0/24");
	const int64_t low = add_contact(&desk, town, "low", CONTACT_VERIFIED);
	const int64_t high = add_contact(&desk, town, "high", CONTACT_VERIFIED);
	const int64_t chief = add_contact(&desk, 0, "low", CONTACT_VERIFIED);
	const int64_t in_us = MONDAY_US - WHEN_DAY_US;
	const int64_t before_us = MONDAY_US - 3 * WHEN_DAY_US;
	const struct plan plans[] = {
	    {town, "198.51.100.1", "high", "notified", "", in_us, in_us},
	    {town, "198.51.100.2", "critical", "new", "", before_us, 0},
	    {town, "198.51.100.3", "low", "acknowledged", "", in_us, in_us},
	    {town, "198.51.100.4", "info", "new", "", in_us, 0},
	    {town, "198.51.100.5", "info", "new", "", before_us, 0},
	    {town, "198.51.100.6", "low", "quiet", "", in_us, in_us},
	    {town, "198.51.100.7", "high", "closed", "fixed", in_us, in_us},
	    {town, "198.51.100.8", "info", "closed", "exception", in_us, 0},
	    {town, "198.51.100.9", "low", "closed", "withdrawn", in_us, in_us},
	    {school, "203.0.113.1", "high", "new", "", in_us, in_us},
	    {ROSTER_CANARY_ID, "100::ca:0:1", "high", "new", "", in_us, in_us},
	};
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		(void)add_incident(&desk, &plans[i]);
	begin(&desk);
	tally_note_packets(desk.tally, 5, 10);
	pass_until(&desk, MONDAY_US);
	const struct seen *seen = last_to(&desk, low);
	OK(says(seen, "5 new, 2 closed, 3 open."),
	    "new, closed and open ones, without what is only watched");
	const char *critical = strstr(seen->body, "198.51.100.2:");
	const char *urgent = strstr(seen->body, "198.51.100.1:");
	const char *minor = strstr(seen->body, "198.51.100.3:");
	const char *small = strstr(seen->body, "SMALL THINGS");
	OK(critical != NULL && urgent != NULL && minor != NULL && small != NULL &&
		critical < urgent && urgent < minor && minor < small,
	    "open ones, the most urgent first");
	OK(strstr(small, "198.51.100.4:") != NULL && strstr(small, "198.51.100.5:") == NULL,
	    "small ones of this time");
	OK(strstr(seen->body, "198.51.100.6:") == NULL &&
		strstr(seen->body, "198.51.100.7:") == NULL &&
		strstr(seen->body, "198.51.100.8:") == NULL &&
		strstr(seen->body, "198.51.100.9:") == NULL,
	    "what had a letter is not small, nor what was taken back, nor what is known");
	OK(strstr(seen->body, "203.0.113.1") == NULL && strstr(seen->body, "100::ca") == NULL,
	    "nothing of others, or of the canary");
	seen = last_to(&desk, high);
	small = strstr(seen->body, "SMALL THINGS");
	OK(small != NULL && strstr(small, "198.51.100.6:") != NULL &&
		strstr(seen->body, "198.51.100.7:") == NULL,
	    "who gets letters only of what is grave reads here of what was less");
	seen = last_to(&desk, chief);
	OK(strstr(seen->body, "203.0.113.1:") != NULL &&
		strstr(seen->body, "198.51.100.2:") != NULL &&
		strstr(seen->body, "100::ca") == NULL,
	    "the operator reads of everybody");
	close_desk(&desk);
}

static void test_lengths(void)
{
	static const struct {
		size_t count;
		const char *more;
	} rows[] = {{0, NULL}, {1, NULL}, {LETTER_LINES_MAX, NULL},
	    {LETTER_LINES_MAX + 1, "And 1 more."}, {500, "And 480 more."}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct desk desk;
		open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
		const int64_t town = add_member(&desk, "town", "198.51.0.0/16");
		const int64_t contact = add_contact(&desk, town, "low", CONTACT_VERIFIED);
		for (size_t n = 0; n < rows[i].count; n++) {
			char subject[32];
			(void)snprintf(subject, sizeof subject, "198.51.%zu.%zu", n / 256, n % 256);
			const struct plan plan = {
			    town, subject, "low", "new", "", MONDAY_US - WHEN_HOUR_US, 0};
			(void)add_incident(&desk, &plan);
		}
		begin(&desk);
		turns(&desk);
		tally_note_packets(desk.tally, 5, 10);
		pass_until(&desk, MONDAY_US);
		const struct seen *seen = last_to(&desk, contact);
		char open[32];
		(void)snprintf(open, sizeof open, "%zu open.", rows[i].count);
		OK((rows[i].count == 0 ? says(seen, "Nothing was found") : says(seen, open)) &&
			(rows[i].more == NULL ? strstr(seen->body, " more.") == NULL
					      : says(seen, rows[i].more)),
		    "as many findings as there are, or the first and how many more");
		close_desk(&desk);
	}
}

static void test_limit(void)
{
	struct desk desk;
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	const int64_t town = add_member(&desk, "town", "198.51.100.0/24");
	const char *const states[] = {"quiet", "new", "notified"};
	for (size_t i = 0; i < 3; i++) {
		char subject[32];
		(void)snprintf(subject, sizeof subject, "198.51.100.%zu", i);
		const struct plan plan = {
		    town, subject, "low", states[i], "", MONDAY_US - WHEN_HOUR_US, 0};
		(void)add_incident(&desk, &plan);
	}
	begin(&desk);
	const struct digest_span span = {MONDAY_US - WHEN_DAY_US, MONDAY_US};
	const struct digest_reader reader = {desk.roster, town, SEVERITY_LOW};
	static struct digest_lines open;
	static struct digest_lines small;
	for (size_t max = 2; max <= 3; max++) {
		struct digest_facts *facts;
		must(digest_facts_read(desk.store, &span, max, &facts, &complaint));
		must(digest_facts_list(facts, &reader, DIGEST_OPEN, &open, &complaint));
		must(digest_facts_list(facts, &reader, DIGEST_SMALL, &small, &complaint));
		OK(open.count == 2 && open.listed == 2 && small.count == max - 2,
		    "of one more than is looked at, those that are open stay");
		digest_facts_free(facts);
	}
	close_desk(&desk);
}

static void add_gap(
    struct desk *desk, const char *kind, int64_t from_s, int64_t to_s, int64_t count)
{
	struct store_gap gap = {.source = "ring:eth0",
	    .from_us = MONDAY_US + from_s * WHEN_SECOND_US,
	    .to_us = MONDAY_US + to_s * WHEN_SECOND_US,
	    .kind = kind,
	    .count = count};
	(void)put(desk, STORE_RECORD(&gap));
}

static void test_gaps(void)
{
	struct desk desk;
	struct digest_facts *facts;
	struct letter_digest letter = {.days = 7};
	const struct digest_span span = {MONDAY_US, MONDAY_US + WHEN_HOUR_US};
	const struct digest_reader reader = {NULL, 0, SEVERITY_LOW};
	open_desk(&desk, "Mon 08:00", "Asia/Tokyo");
	add_gap(&desk, "station-stopped", -100, 10, 0); /* begins before */
	add_gap(&desk, "capture-ended", 5, 20, 0);      /* goes on from it */
	add_gap(&desk, "source-lost", 100, 130, 0);
	add_gap(&desk, "capture-ended", 110, 120, 0); /* within it */
	add_gap(&desk, "missing", 200, 200, 3);       /* of no length */
	add_gap(&desk, "dropped", 300, 301, 7);
	add_gap(&desk, "refused", 300, 301, 5);
	add_gap(&desk, "capture-ended", 3590, 3700, 0); /* ends later */
	add_gap(&desk, "dropped", 3600, 3601, 1000);    /* of the next */
	add_gap(&desk, "dropped", -2, -1, 1000);        /* of the one before */
	must(digest_facts_read(desk.store, &span, DIGEST_ITEMS_MAX, &facts, &complaint));
	digest_facts_count(facts, &reader, &letter);
	OK(letter.gaps == 4 && letter.gaps_us == (20 + 30 + 10) * WHEN_SECOND_US,
	    "gaps that touch are one, and of each only what is of this time");
	OK(letter.packets_lost == 12 && letter.days == 7, "packets that were lost are no gap");
	digest_facts_free(facts);
	close_desk(&desk);
}

int main(void)
{
	test_weeks();
	test_away();
	test_clocks();
	test_daily();
	test_readers();
	test_many();
	test_lists();
	test_lengths();
	test_limit();
	test_gaps();
	return test_done();
}
