/* What a keeper knows of incidents, written and read again: nothing is lost on the way. */
#include "cmd/station/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "report_case.h"
#include "store_help.h"

#define AT_US (INT64_C(1700000000) * WHEN_SECOND_US)

static const struct casebook_rules rules = {
    .quiet_us = 6 * WHEN_HOUR_US, .close_us = 14 * WHEN_DAY_US, .incidents_max = 100};

static struct store *store;
static struct roster *roster;
static struct complaint complaint;

static bool is_same_told(const struct incident_told *a, const struct incident_told *b)
{
	bool same = a->at_us == b->at_us && a->letters == b->letters &&
		    a->severity == b->severity && a->extent == b->extent &&
		    a->port_count == b->port_count && a->ports_listed == b->ports_listed;
	for (size_t i = 0; same && i < a->ports_listed; i++)
		same = a->ports[i].port == b->ports[i].port &&
		       a->ports[i].protocol == b->ports[i].protocol;
	return same;
}

/* But for finding and marks of what is to be written. */
static bool is_same(const struct incident *a, const struct incident *b)
{
	return a->id == b->id && a->member_id == b->member_id &&
	       strcmp(a->member, b->member) == 0 && address_equal(&a->subject, &b->subject) &&
	       a->rule == b->rule && a->drill == b->drill && a->state == b->state &&
	       a->reason == b->reason && a->severity == b->severity &&
	       a->opened_us == b->opened_us && a->opened_wall_us == b->opened_wall_us &&
	       a->first_us == b->first_us && a->last_us == b->last_us &&
	       a->state_us == b->state_us && a->rested_us == b->rested_us &&
	       a->packets == b->packets && a->extent == b->extent &&
	       a->port_count == b->port_count && a->relapses == b->relapses && a->owed == b->owed &&
	       a->retraction == b->retraction && a->retraction_rule == b->retraction_rule &&
	       (a->finding == NULL) == (b->finding == NULL) && is_same_told(&a->told, &b->told);
}

static struct incident *only(const struct casebook *casebook)
{
	size_t position = 0;
	return casebook_next(casebook, &position);
}

/* Writes the casebook, and reads it as a keeper that starts does. */
static struct casebook *again(struct casebook *casebook)
{
	struct archive *archive;
	struct casebook *read;
	if (archive_new(store, casebook, &archive) != 0 || store_begin(store, NULL) != 0 ||
	    archive_write(archive, true, AT_US, &complaint) != 0 ||
	    store_commit(store, &complaint) != 0)
		abort();
	archive_commit(archive);
	archive_free(archive);
	if (casebook_new(&rules, &read) != 0 || archive_new(store, read, &archive) != 0 ||
	    archive_load(archive, roster, 0, &complaint) != 0)
		abort();
	archive_free(archive);
	return read;
}

static void forget_all(void)
{
	if (store_begin(store, NULL) != 0 ||
	    store_remove(store, &(struct store_query){.kind = STORE_INCIDENT}, NULL, &complaint) !=
		0 ||
	    store_commit(store, NULL) != 0)
		abort();
}

static struct finding finding_at(int64_t last_us)
{
	struct finding finding = case_mirai();
	finding.first_us = AT_US - WHEN_MINUTE_US;
	finding.last_us = last_us;
	return finding;
}

static const struct casebook_clocks clocks = {AT_US, AT_US + 777};

static struct casebook *open_casebook(void)
{
	struct casebook *casebook;
	const struct finding finding = finding_at(AT_US);
	if (casebook_new(&rules, &casebook) != 0 ||
	    casebook_take(casebook, 1, "town", &finding, &clocks) != 0)
		abort();
	only(casebook)->told.at_us = 0;
	return casebook;
}

static void do_nothing(struct casebook *casebook)
{
	(void)casebook;
}

static void tell(struct casebook *casebook)
{
	casebook_told(casebook, only(casebook), AT_US + 1);
	only(casebook)->is_changed = true; /* who tells writes it by archive_write_told() */
}

static void tell_often(struct casebook *casebook)
{
	tell(casebook);
	tell(casebook);
	tell(casebook);
}

static void tell_many_ports(struct casebook *casebook)
{
	struct finding *finding = only(casebook)->finding;
	finding->ports_listed = FINDING_PORTS_MAX;
	for (size_t i = 0; i < FINDING_PORTS_MAX; i++) {
		finding->ports[i] = finding->ports[0];
		finding->ports[i].port = (uint16_t)(UINT16_MAX - i);
		finding->ports[i].protocol = 17;
	}
	tell(casebook);
}

static void go_quiet(struct casebook *casebook)
{
	const struct casebook_clocks later = {AT_US + 7 * WHEN_HOUR_US, AT_US};
	tell(casebook);
	casebook_tick(casebook, &later);
}

static void relapse(struct casebook *casebook)
{
	const struct finding finding = finding_at(AT_US + 8 * WHEN_HOUR_US);
	go_quiet(casebook);
	casebook_told(casebook, only(casebook), AT_US + 7 * WHEN_HOUR_US);
	(void)casebook_take(casebook, 1, "town", &finding, &clocks);
}

static void withdraw_as(struct casebook *casebook, enum retraction why)
{
	const struct casebook_withdrawal withdrawal = {.subject = only(casebook)->subject,
	    .rule = only(casebook)->rule,
	    .why = why,
	    .other = RULE_CONFIG_STRAY};
	tell(casebook);
	casebook_withdraw(casebook, 1, &withdrawal, &clocks);
}

static void withdraw_forged(struct casebook *casebook)
{
	withdraw_as(casebook, RETRACTION_FORGED);
}

static void withdraw_other(struct casebook *casebook)
{
	withdraw_as(casebook, RETRACTION_OTHER);
}

static void close_untold(struct casebook *casebook)
{
	const struct incident_deed deed = {
	    .event = INCIDENT_CLOSE, .reason = CLOSE_HARMLESS, .by = "hanako", .note = "ours"};
	(void)casebook_do(casebook, only(casebook), &deed, AT_US + 5);
}

static void test_round(void)
{
	static const struct {
		const char *name;
		void (*act)(struct casebook *casebook);
		enum news owed;
	} rows[] = {
	    {"new", do_nothing, NEWS_NONE},
	    {"told", tell, NEWS_NONE},
	    {"told three times", tell_often, NEWS_NONE},
	    {"told with as many ports as a finding has", tell_many_ports, NEWS_NONE},
	    {"quiet, and that is not told yet", go_quiet, NEWS_QUIET},
	    {"a relapse that is not told yet", relapse, NEWS_RELAPSE},
	    {"forged, which is not taken back yet", withdraw_forged, NEWS_RETRACTION},
	    {"something else, likewise", withdraw_other, NEWS_RETRACTION},
	    {"closed before it was ever written", close_untold, NEWS_NONE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct casebook *casebook = open_casebook();
		rows[i].act(casebook);
		struct casebook *read = again(casebook);
		OK(only(read) != NULL && only(casebook)->owed == rows[i].owed &&
			is_same(only(casebook), only(read)),
		    rows[i].name);
		OK(only(read)->finding == NULL || only(read)->finding->member >= 0,
		    "and the finding is a member's");
		casebook_free(casebook);
		casebook_free(read);
		forget_all();
	}
}

/* With the letter, before anybody says that it is safe. */
static void test_told(void)
{
	struct archive *archive;
	struct incident told;
	struct casebook *casebook = open_casebook();
	struct casebook *read = again(casebook);
	if (archive_new(store, read, &archive) != 0 || store_begin(store, NULL) != 0)
		abort();
	casebook_tell(only(read), AT_US + 9, &told);
	OK(archive_write_told(archive, &told, &complaint) == 0 && only(read)->told.at_us == 0,
	    "what was told is written before it counts");
	if (store_commit(store, NULL) != 0)
		abort();
	archive_free(archive);
	struct casebook *after = NULL;
	if (casebook_new(&rules, &after) != 0 || archive_new(store, after, &archive) != 0 ||
	    archive_load(archive, roster, 0, &complaint) != 0)
		abort();
	OK(only(after)->told.letters == 1 && only(after)->told.at_us == AT_US + 9 &&
		only(after)->told.ports_listed == told.told.ports_listed,
	    "and known to whoever starts then");
	archive_free(archive);
	casebook_free(casebook);
	casebook_free(read);
	casebook_free(after);
	forget_all();
}

static void change(const char *column, const char *text)
{
	const struct store_change changes[STORE_CHANGES_MAX] = {{.column = column, .text = text}};
	if (store_begin(store, NULL) != 0 ||
	    store_change(store, &(struct store_query){.kind = STORE_INCIDENT}, changes, NULL,
		&complaint) != 0 ||
	    store_commit(store, NULL) != 0)
		abort();
}

/* What stands in the store is not believed. */
static void test_wrong(void)
{
	static const struct {
		const char *column;
		const char *text;
		size_t ports; /* SIZE_MAX: it is not read at all */
	} rows[] = {
	    {"told_named", "6/23 17/53", 2},
	    {"told_named", "6/23 17/53 ", 2},
	    {"told_named", "6/23 17/", 1},
	    {"told_named", "6/23 17", 1},
	    {"told_named", "6/65535 256/1", 1},
	    {"told_named", "255/65536 6/23", 0},
	    {"told_named", "6/-1", 0},
	    {"told_named", "6/99999999999999999999999", 0},
	    {"told_named", "x", 0},
	    {"owed", "letters", SIZE_MAX},
	    {"retraction", "because", SIZE_MAX},
	};
	struct casebook *casebook = open_casebook();
	casebook_free(again(casebook));
	casebook_free(casebook);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct archive *archive;
		struct archive_counts counts;
		change(rows[i].column, rows[i].text);
		if (casebook_new(&rules, &casebook) != 0 ||
		    archive_new(store, casebook, &archive) != 0 ||
		    archive_load(archive, roster, 0, &complaint) != 0)
			abort();
		archive_get_counts(archive, &counts);
		const struct incident *incident = only(casebook);
		OK(rows[i].ports == SIZE_MAX
			? incident == NULL && counts.unreadable == 1
			: incident != NULL && incident->told.ports_listed == rows[i].ports,
		    rows[i].text);
		archive_free(archive);
		casebook_free(casebook);
		change(rows[i].column, "");
	}
	forget_all();
}

/* One port more than are kept. */
static void test_limit(void)
{
	char text[(INCIDENT_TOLD_PORTS + 1) * 10];
	size_t at = 0;
	for (size_t i = 0; i <= INCIDENT_TOLD_PORTS; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s6/%zu", i > 0 ? " " : "", i);
	struct casebook *casebook = open_casebook();
	casebook_free(again(casebook));
	casebook_free(casebook);
	change("told_named", text);
	struct archive *archive;
	if (casebook_new(&rules, &casebook) != 0 || archive_new(store, casebook, &archive) != 0 ||
	    archive_load(archive, roster, 0, &complaint) != 0)
		abort();
	OK(only(casebook)->told.ports_listed == INCIDENT_TOLD_PORTS,
	    "one more port than can be kept is left out");
	archive_free(archive);
	casebook_free(casebook);
	forget_all();
}

enum {
	ROOM = 100, /* as the rules have it */
};

static int64_t put_incident(size_t n, const char *state, const char *severity)
{
	char subject[sizeof "192.0.2.255"];
	(void)snprintf(subject, sizeof subject, "192.0.2.%zu", n); /* fits */
	struct store_incident record = {
	    .member_id = 1,
	    .member = "town",
	    .subject = subject,
	    .rule = "scan.dark",
	    .state = state,
	    .close_reason = strcmp(state, "closed") == 0 ? "fixed" : "",
	    .severity = severity,
	    .first_us = AT_US,
	    .last_us = AT_US + (int64_t)n,
	    .opened_us = AT_US,
	    .changed_us = AT_US,
	    .state_us = AT_US,
	    .told_severity = "",
	    .finding = "",
	    .told_named = "",
	    .owed = "",
	    .retraction = "",
	};
	if (put_alone(store, STORE_RECORD(&record)) != 0)
		abort();
	return record.id;
}

static int64_t count_where(const char *column, const char *text)
{
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = column, .test = STORE_IS, .text = text}},
	};
	int64_t count = -1;
	return store_count(store, &query, &count, &complaint) == 0 ? count : -1;
}

static int64_t count_closings(int64_t incident)
{
	const struct store_query query = {
	    .kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = incident},
		{.column = "what", .test = STORE_IS, .text = "close"},
		{.column = "note", .test = STORE_IS, .text = "more than 100 incidents were open"}},
	};
	int64_t count = -1;
	return store_count(store, &query, &count, &complaint) == 0 ? count : -1;
}

/* A start, with so many written of what found no room; how many incidents are known then. */
static size_t start(bool is_committed, uint64_t *ret_left)
{
	struct casebook *casebook;
	struct archive *archive;
	struct archive_counts counts;
	struct casebook_counts known;
	if (casebook_new(&rules, &casebook) != 0 || archive_new(store, casebook, &archive) != 0 ||
	    archive_load(archive, roster, 0, &complaint) != 0)
		abort();
	archive_get_counts(archive, &counts);
	casebook_get_counts(casebook, &known);
	*ret_left = counts.left;
	const bool is_due = archive_is_due(archive);
	OK(is_due || counts.left == 0, "what found no room is to be written");
	if (store_begin(store, NULL) != 0 ||
	    archive_write(archive, true, AT_US + 5, &complaint) != 0)
		abort();
	if (is_committed && store_commit(store, &complaint) == 0) {
		archive_commit(archive);
	} else {
		store_rollback(store);
		archive_forget(archive);
	}
	OK(archive_is_due(archive) == (is_due && !is_committed), "and is once committed");
	archive_free(archive);
	casebook_free(casebook);
	return known.incidents;
}

/* As many open ones as there is room for, one more, and what is not open. */
static void test_room(void)
{
	uint64_t left;
	const int64_t least = put_incident(0, "new", "low");
	for (size_t n = 1; n < ROOM; n++)
		(void)put_incident(n, "notified", n % 2 == 0 ? "low" : "high");
	/* of what is seen last one more than has room: the least urgent of these is quiet */
	for (size_t n = 0; n <= ROOM / 4; n++)
		(void)put_incident(200 + n, n % 2 == 0 ? "quiet" : "closed", "critical");
	const size_t most = ROOM + ROOM / 4;
	OK(start(true, &left) == most && left == 0 && count_where("state", "quiet") == 12 &&
		count_where("close_reason", "no-room") == 1,
	    "all that are open are known, and a quarter as many others; what is quiet is closed");
	(void)put_incident(ROOM, "relapsed", "low");
	OK(start(false, &left) == most && left == 1 && count_where("close_reason", "no-room") == 1,
	    "one more: it starts all the same; what was not committed is not done");
	OK(start(true, &left) == most && left == 1 && count_where("close_reason", "no-room") == 2 &&
		count_closings(least) == 1,
	    "the least urgent is closed, and its history says so");
	(void)start(true, &left);
	OK(left == 0 && count_where("close_reason", "no-room") == 2, "once");
	forget_all();
}

static void fill_store(void)
{
	struct store_member member = sample_member("town");
	struct store_prefix prefix = {.prefix = "192.0.2.0/24"};
	const struct roster_options options = {.language = LANGUAGE_EN, .zone = ""};
	member.zone = "";
	if (put_alone(store, STORE_RECORD(&member)) != 0)
		abort();
	prefix.member_id = member.id;
	if (put_alone(store, STORE_RECORD(&prefix)) != 0 ||
	    roster_read(store, &options, &roster, &complaint) != 0)
		abort();
}

int main(void)
{
	static const char *const engines[] = {"memory", "sqlite"};
	static char folder[FOLDER_BYTES];
	make_folder(folder);
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
		store = open_store(engines[i], in_folder(folder, "station.db"), false);
		fill_store();
		test_round();
		test_told();
		test_wrong();
		test_limit();
		test_room();
		roster_free(roster);
		store_close(store);
	}
	remove_folder(folder);
	return test_done();
}
