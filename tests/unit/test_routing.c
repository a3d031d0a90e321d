/* Whom an incident is told to, and when: hours, rules, second contacts, reminders, many at once. */
#include "cmd/station/routing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/archive.h"
#include "cmd/station/message_text.h"
#include "cmd/station/outbox.h"
#include "test.h"

enum {
	CAP = 3,
	STORM = 5000,
};

struct desk {
	struct store *store;
	struct casebook *casebook;
	struct archive *archive;
	struct outbox *outbox;
	struct roster *roster;
	struct casebook_clocks clocks;
	int64_t town;
};

/* In Japan. */
static int64_t at(const char *text)
{
	char whole[64];
	int64_t time_us = 0;
	(void)snprintf(whole, sizeof whole, "%s:00+09:00", text);
	if (when_parse(whole, &time_us) != 0)
		abort();
	return time_us;
}

static void begin(struct desk *desk)
{
	if (store_begin(desk->store, NULL) != 0)
		abort();
}

static void put(struct desk *desk, struct store_record record)
{
	struct complaint complaint;
	if (store_put(desk->store, record, STORE_REPLACE, &complaint) == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static void commit(struct desk *desk)
{
	if (store_commit(desk->store, NULL) != 0)
		abort();
}

static void read_roster(struct desk *desk)
{
	const struct roster_options options = {
	    .language = LANGUAGE_EN, .zone = "Asia/Tokyo", .hours = "business 08:30-17:15"};
	struct complaint complaint;
	roster_free(desk->roster);
	desk->roster = NULL;
	if (roster_read(desk->store, &options, &desk->roster, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
}

/* A contact of the town (or, by false, of the operator), with these wishes. */
static void add_contact(
    struct desk *desk, const char *address, int64_t tier, const char *rules, const char *hours)
{
	struct store_contact contact = {
	    .member_id = strncmp(address, "operator", 8) == 0 ? 0 : desk->town,
	    .kind = CONTACT_MAIL,
	    .address = address,
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1,
	    .tier = tier,
	    .rules = rules,
	    .hours = hours,
	};
	begin(desk);
	put(desk, STORE_RECORD(&contact));
	commit(desk);
	read_roster(desk);
}

static void fill_store(struct desk *desk, const char *egress)
{
	struct store_member member = {.name = "town",
	    .language = "en",
	    .zone = "Asia/Tokyo",
	    .note = "",
	    .created_us = 1,
	    .egress = egress};
	struct store_prefix prefix = {.prefix = "198.51.0.0/16"};
	begin(desk);
	put(desk, STORE_RECORD(&member));
	desk->town = prefix.member_id = member.id;
	put(desk, STORE_RECORD(&prefix));
	commit(desk);
	read_roster(desk);
}

static void open_desk(struct desk *desk, const char *time, const char *egress)
{
	const struct store_options store = {.engine = "memory"};
	const struct casebook_rules rules = {.quiet_us = 6 * WHEN_HOUR_US,
	    .close_us = 30 * WHEN_DAY_US,
	    .update_gap_us = 10 * WHEN_MINUTE_US,
	    .incidents_max = STORM + 10};
	*desk = (struct desk){.clocks = {at(time), at(time)}};
	if (store_open(&store, &desk->store, NULL) != 0 ||
	    casebook_new(&rules, &desk->casebook) != 0 ||
	    archive_new(desk->store, desk->casebook, &desk->archive) != 0)
		abort();
	const struct outbox_options outbox = {.store = desk->store,
	    .casebook = desk->casebook,
	    .station = "test",
	    .from = "hinomi@station.example",
	    .desk = "",
	    .host = "station.example",
	    .identity = "0123456789abcdef",
	    .cap = CAP,
	    .remind_us = 8 * WHEN_HOUR_US};
	if (outbox_new(&outbox, &desk->outbox) != 0)
		abort();
	fill_store(desk, egress);
}

static void close_desk(struct desk *desk)
{
	outbox_free(desk->outbox);
	archive_free(desk->archive);
	casebook_free(desk->casebook);
	roster_free(desk->roster);
	store_close(desk->store);
}

/* As a keeper's: incidents, letters, what was told. */
static void turn(struct desk *desk)
{
	struct complaint complaint;
	struct incident told;
	size_t position = 0;
	casebook_tick(desk->casebook, &desk->clocks);
	begin(desk);
	int result = archive_write(desk->archive, true, desk->clocks.observed_us, &complaint);
	if (result == 0)
		result = outbox_write_news(desk->outbox, desk->roster, &desk->clocks, &complaint);
	while (result == 0 && outbox_next_told(desk->outbox, &position, &told))
		result = archive_write_told(desk->archive, &told, &complaint);
	if (result != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
	commit(desk);
	archive_commit(desk->archive);
	outbox_commit(desk->outbox);
}

static void go_to(struct desk *desk, const char *time)
{
	desk->clocks = (struct casebook_clocks){at(time), at(time)};
	turn(desk);
}

/* Machine n searches for others. */
static void find(struct desk *desk, uint32_t n, enum rule rule, enum severity severity)
{
	const struct finding finding = {
	    .rule = rule,
	    .severity = severity,
	    .subject = address_from_v4_u32(0xc6330000 + n),
	    .first_us = desk->clocks.observed_us,
	    .last_us = desk->clocks.observed_us,
	    .packets = 20,
	    .targets = 20,
	    .port_count = 1,
	    .ports_listed = 1,
	    .ports = {{.port = 445, .protocol = 6, .searched = true, .packets = 20, .targets = 20}},
	    .tool = -1,
	    .confidence = 0.9,
	    .attribution = ATTRIBUTION_HANDSHAKE,
	};
	if (casebook_take(desk->casebook, desk->town, "town", &finding, &desk->clocks) != 0)
		abort();
}

/* The first machine goes on with what it does until then. */
static void go_on(struct desk *desk, const char *time, enum severity severity)
{
	const int64_t step_us = 5 * WHEN_HOUR_US;
	while (desk->clocks.observed_us < at(time)) {
		const int64_t left_us = at(time) - desk->clocks.observed_us;
		const int64_t now_us =
		    desk->clocks.observed_us + (left_us < step_us ? left_us : step_us);
		desk->clocks = (struct casebook_clocks){now_us, now_us};
		find(desk, 1, RULE_SCAN_DARK, severity);
		turn(desk);
	}
}

/* What lies in the outbox for one contact. */
struct seen {
	size_t count;
	size_t by_kind[NOTICE_CERTIFICATE + 1];
	int64_t next_us; /* of the last, as all */
	enum notice_kind kind;
	char *text;
	size_t bytes;
};

static int see(void *context, const void *record)
{
	struct seen *seen = context;
	const struct store_notice *notice = record;
	seen->count++;
	seen->by_kind[notice->kind]++;
	seen->next_us = notice->next_us;
	seen->kind = notice->kind;
	free(seen->text);
	seen->text = message_text(notice->body.data, notice->body.length);
	seen->bytes = notice->body.length;
	return 0;
}

static struct seen letters_to(const struct desk *desk, const char *address)
{
	struct seen seen = {.count = 0};
	for (size_t i = 0; i < desk->roster->contact_count; i++) {
		const struct store_query query = {.kind = STORE_NOTICE,
		    .conditions = {{.column = "contact_id",
			.number = desk->roster->contacts[i].id}},
		    .order = "id"};
		if (strcmp(desk->roster->contacts[i].address, address) == 0 &&
		    store_each(desk->store, &query, see, &seen, NULL) != 0)
			abort();
	}
	return seen;
}

static bool has(const struct desk *desk, const char *address, size_t count)
{
	const struct seen seen = letters_to(desk, address);
	free(seen.text);
	if (seen.count != count)
		printf("# %s has %zu\n", address, seen.count);
	return seen.count == count;
}

static bool has_of(
    const struct desk *desk, const char *address, enum notice_kind kind, size_t count)
{
	const struct seen seen = letters_to(desk, address);
	free(seen.text);
	if (seen.by_kind[kind] != count)
		printf("# %s has %zu\n", address, seen.by_kind[kind]);
	return seen.by_kind[kind] == count;
}

static bool last_is(
    const struct desk *desk, const char *address, enum notice_kind kind, const char *words)
{
	const struct seen seen = letters_to(desk, address);
	const bool is = seen.count > 0 && seen.kind == kind && seen.text != NULL &&
			strstr(seen.text, words) != NULL;
	if (!is)
		printf("# %s: kind %d: %s\n", address, (int)seen.kind, seen.text);
	free(seen.text);
	return is;
}

static bool waits_until(const struct desk *desk, const char *address, const char *time)
{
	const struct seen seen = letters_to(desk, address);
	free(seen.text);
	return seen.count > 0 && seen.next_us == at(time);
}

static void test_hours(void)
{
	struct desk desk;
	open_desk(&desk, "2026-11-28T22:00", ""); /* a Saturday */
	add_contact(&desk, "day@town.example", 0, "", "business 08:30-17:15");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_MEDIUM);
	turn(&desk);
	OK(waits_until(&desk, "day@town.example", "2026-11-30T08:30"),
	    "what is medium waits for the hours of its reader");
	find(&desk, 2, RULE_SCAN_DARK, SEVERITY_HIGH);
	turn(&desk);
	OK(waits_until(&desk, "day@town.example", "2026-11-28T22:00"),
	    "what is high does not where nobody is there");
	close_desk(&desk);

	open_desk(&desk, "2026-11-28T22:00", "");
	add_contact(&desk, "day@town.example", 0, "", "business 08:30-17:15");
	add_contact(
	    &desk, "night@town.example", 0, "", "business 17:15-08:30,holidays 00:00-24:00");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_HIGH);
	turn(&desk);
	OK(waits_until(&desk, "night@town.example", "2026-11-28T22:00") &&
		waits_until(&desk, "day@town.example", "2026-11-30T08:30"),
	    "it does for the others where somebody is");
	find(&desk, 2, RULE_SCAN_DARK, SEVERITY_CRITICAL);
	turn(&desk);
	OK(waits_until(&desk, "day@town.example", "2026-11-28T22:00"),
	    "what is critical waits for nobody");
	close_desk(&desk);
}

static void test_rules(void)
{
	struct desk desk;
	open_desk(&desk, "2026-11-27T10:00", "");
	add_contact(&desk, "scans@town.example", 0, "scan.dark,scan.live", "");
	add_contact(&desk, "all@town.example", 0, "", "");
	find(&desk, 1, RULE_DDOS_VICTIM, SEVERITY_HIGH);
	turn(&desk);
	OK(has(&desk, "scans@town.example", 0) && has(&desk, "all@town.example", 1),
	    "a contact hears of the rules that it asked for alone");
	find(&desk, 1, RULE_SCAN_LIVE, SEVERITY_HIGH);
	turn(&desk);
	OK(has(&desk, "scans@town.example", 1) && has(&desk, "all@town.example", 2),
	    "and of those");
	close_desk(&desk);

	routing_rules rules;
	struct complaint complaint;
	OK(routing_parse_rules("scan.dark,", &rules, &complaint) == -EINVAL &&
		routing_parse_rules("scan", &rules, &complaint) == -EINVAL &&
		routing_parse_rules(",", &rules, &complaint) == -EINVAL &&
		routing_parse_rules("all", &rules, &complaint) == 0 && rules == 0,
	    "a list of rules is one");
}

static void test_unanswered(void)
{
	struct desk desk;
	open_desk(&desk, "2026-11-30T10:00", ""); /* a Monday; a day has 8 h 45 min */
	add_contact(&desk, "first@town.example", 0, "", "");
	add_contact(&desk, "second@town.example", 1, "", "");
	add_contact(&desk, "operator@station.example", 0, "", "");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_HIGH);
	turn(&desk);
	OK(has(&desk, "first@town.example", 1) && has(&desk, "second@town.example", 0),
	    "the first contacts are told first");
	go_on(&desk, "2026-12-01T09:14", SEVERITY_HIGH);
	OK(has_of(&desk, "first@town.example", NOTICE_REMINDER, 0),
	    "eight hours of the office are not over yet");
	go_on(&desk, "2026-12-01T09:15", SEVERITY_HIGH);
	OK(last_is(&desk, "first@town.example", NOTICE_REMINDER, "NO ANSWER SO FAR"),
	    "then who has not answered is reminded");
	go_on(&desk, "2026-12-01T17:14", SEVERITY_HIGH);
	OK(has(&desk, "second@town.example", 0), "and has as long again");
	go_on(&desk, "2026-12-01T17:15", SEVERITY_HIGH);
	OK(has_of(&desk, "first@town.example", NOTICE_REMINDER, 1) &&
		last_is(&desk, "second@town.example", NOTICE_ESCALATION, "has answered"),
	    "until the second contact is told");
	go_on(&desk, "2026-12-02T16:29", SEVERITY_HIGH);
	OK(has(&desk, "operator@station.example", 0), "a night does not count");
	go_on(&desk, "2026-12-02T16:30", SEVERITY_HIGH);
	OK(last_is(&desk, "operator@station.example", NOTICE_ESCALATION, "has answered"),
	    "last the operator");
	go_on(&desk, "2026-12-08T12:00", SEVERITY_HIGH);
	OK(has_of(&desk, "first@town.example", NOTICE_REMINDER, 1) &&
		has_of(&desk, "second@town.example", NOTICE_ESCALATION, 1) &&
		has_of(&desk, "operator@station.example", NOTICE_ESCALATION, 1),
	    "and then nobody any more");
	go_to(&desk, "2026-12-20T12:00");
	OK(last_is(&desk, "operator@station.example", NOTICE_QUIET, "") &&
		last_is(&desk, "second@town.example", NOTICE_QUIET, "") &&
		last_is(&desk, "first@town.example", NOTICE_QUIET, ""),
	    "but that it is quiet, to all who were told");
	close_desk(&desk);
}

static void test_answered(void)
{
	struct desk desk;
	size_t position = 0;
	const struct incident_deed ack = {.event = INCIDENT_ACK, .by = "x", .note = ""};
	open_desk(&desk, "2026-11-30T10:00", "");
	add_contact(&desk, "first@town.example", 0, "", "");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_HIGH);
	find(&desk, 2, RULE_SCAN_DARK, SEVERITY_LOW);
	turn(&desk);
	struct incident *incident = casebook_next(desk.casebook, &position);
	OK(casebook_do(desk.casebook, incident, &ack, desk.clocks.observed_us) == 0, "an answer");
	go_to(&desk, "2026-11-30T15:59");
	go_to(&desk, "2026-12-01T15:00");
	const struct seen seen = letters_to(&desk, "first@town.example");
	OK(seen.kind == NOTICE_QUIET && seen.count == 4,
	    "ends reminders; of what is low there are none");
	free(seen.text);
	close_desk(&desk);

	open_desk(&desk, "2026-11-28T03:00", "");
	add_contact(&desk, "second@town.example", 1, "", "");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_CRITICAL);
	turn(&desk);
	OK(has(&desk, "second@town.example", 1),
	    "where there is no first contact, the second is it");
	go_to(&desk, "2026-11-28T05:00");
	OK(last_is(&desk, "second@town.example", NOTICE_REMINDER, "NO ANSWER"),
	    "what is critical waits a quarter, by the clock");
	close_desk(&desk);
}

static int see_told(void *context, const void *record)
{
	const struct store_incident *incident = record;
	*(int *)context += incident->told_us != 0 && incident->told_letters == 1;
	return 0;
}

static size_t lines_of(const char *text)
{
	size_t lines = 0;
	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

/* Thousands at once: some alone, the others as one. */
static void test_storm(const char *address)
{
	struct desk desk;
	int told = 0;
	open_desk(&desk, "2026-11-30T10:00", "");
	add_contact(&desk, address, 0, "", "");
	for (uint32_t n = 0; n < STORM; n++)
		find(&desk, n, n % 2 == 0 ? RULE_SCAN_DARK : RULE_SCAN_SWEEP,
		    n % 100 == 0 ? SEVERITY_HIGH : SEVERITY_MEDIUM);
	turn(&desk);
	OK(has(&desk, address, CAP), "the most urgent are told one by one");
	go_to(&desk, "2026-11-30T10:09");
	OK(has(&desk, address, CAP), "the others gather");
	go_to(&desk, "2026-11-30T10:10");
	const struct seen seen = letters_to(&desk, address);
	OK(seen.count == CAP + 1 && seen.kind == NOTICE_SUMMARY &&
		strstr(seen.text, "4,997 incidents were found since") != NULL &&
		strstr(seen.text, "HIGH: 47") != NULL && lines_of(seen.text) < 120,
	    "and are told as one that can be read");
	if (seen.text != NULL && lines_of(seen.text) >= 120)
		printf("# %zu lines\n", lines_of(seen.text));
	OK(seen.bytes < 120 * 1024, "and be sent");
	free(seen.text);
	const struct store_query all = {.kind = STORE_INCIDENT};
	OK(store_each(desk.store, &all, see_told, &told, NULL) == 0 && told == STORM,
	    "none is lost");
	go_to(&desk, "2026-11-30T11:30");
	go_to(&desk, "2026-11-30T12:30");
	OK(has(&desk, address, CAP + 1), "nor told again");
	find(&desk, 4990, RULE_SCAN_DARK, SEVERITY_CRITICAL);
	turn(&desk);
	OK(last_is(&desk, address, NOTICE_UPDATE, "198.51.19.126"),
	    "what changes of one is news of it");
	close_desk(&desk);
}

static void test_egress(void)
{
	struct desk desk;
	open_desk(&desk, "2026-11-30T10:00", "the proxy's access log");
	add_contact(&desk, "noc@cloud.example", 0, "", "");
	find(&desk, 1, RULE_SCAN_DARK, SEVERITY_HIGH);
	turn(&desk);
	OK(last_is(&desk, "noc@cloud.example", NOTICE_FIRST,
	       "Several organisations share the address") &&
		last_is(&desk, "noc@cloud.example", NOTICE_FIRST, "the proxy's access log"),
	    "who runs what several share is told where it stands whose it was");
	close_desk(&desk);
}

int main(void)
{
	test_hours();
	test_rules();
	test_unanswered();
	test_answered();
	test_storm("soc@town.example");
	test_storm("operator@station.example"); /* who reads for a town without contacts */
	test_egress();
	return test_done();
}
