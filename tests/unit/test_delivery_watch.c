/* Letters that do not arrive, as whoever raises alarms hears of them. */
#include "cmd/station/delivery_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "report_case.h"
#include "store_help.h"

enum {
	TOLD_BYTES = 65536,
};

static struct store *store;
static struct roster *roster;
static struct casebook *casebook;
static struct outbox *outbox;
static struct delivery_watch *watch;
static struct complaint complaint;
static int64_t now_us;
static char told[TOLD_BYTES];
static size_t told_count;

static void must(int result)
{
	if (result == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static void hear(void *context, const struct delivery_report *report)
{
	size_t at = strlen(told);
	(void)context;
	told_count++;
	(void)snprintf(told + at, sizeof told - at, "%s %s %s%s since %" PRId64 " %" PRIu64 " %s\n",
	    alarm_name(report->alarm), report->what, report->is_on ? "on" : "off",
	    report->is_new ? " new" : "", report->since_us / WHEN_SECOND_US, report->number,
	    report->detail == NULL ? "-" : report->detail);
}

static void read_roster(void)
{
	const struct roster_options options = {.language = LANGUAGE_EN, .zone = ""};
	roster_free(roster);
	roster = NULL;
	must(roster_read(store, &options, &roster, &complaint));
}

static void look(void)
{
	const struct delivery_reporter reporter = {hear, NULL};
	told[0] = '\0';
	told_count = 0;
	now_us += DELIVERY_LOOK_US;
	read_roster();
	must(delivery_watch_look(watch, roster, now_us, &reporter, &complaint));
}

static bool hears(const char *expected)
{
	bool same = strcmp(told, expected) == 0;
	if (!same)
		printf("# %s", told);
	return same;
}

static void open_watch(void)
{
	const struct casebook_rules rules = {.settle_us = 0, .incidents_max = 1000};
	const struct outbox_options options = {.station = "",
	    .from = "hinomi@station.example",
	    .desk = "",
	    .host = "station.example",
	    .identity = "0",
	    .cap = 2};
	struct outbox_options with = options;
	store = open_store("memory", "", false);
	must(casebook_new(&rules, &casebook));
	with.store = store;
	with.casebook = casebook;
	must(outbox_new(&with, &outbox));
	must(delivery_watch_new(store, outbox, &watch));
}

static void close_watch(void)
{
	delivery_watch_free(watch);
	outbox_free(outbox);
	casebook_free(casebook);
	roster_free(roster);
	roster = NULL;
	store_close(store);
}

static int64_t add_contact(enum contact_kind kind, const char *address, enum contact_state state)
{
	struct store_contact contact = {.kind = kind,
	    .address = address,
	    .language = "en",
	    .severity_min = "low",
	    .state = state,
	    .created_us = 1};
	must(put_alone(store, STORE_RECORD(&contact)));
	return contact.id;
}

struct plan {
	enum notice_state state;
	int64_t attempts;
	int64_t created_s;
	int64_t last_s;
	const char *reply;
};

static void add_letter(int64_t contact, const struct plan *plan)
{
	static int number;
	char id[32];
	(void)snprintf(id, sizeof id, "letter-%d@x", number++);
	struct store_notice notice = {.contact_id = contact,
	    .kind = NOTICE_ALARM,
	    .message_id = id,
	    .subject = "",
	    .state = plan->state,
	    .attempts = plan->attempts,
	    .created_us = plan->created_s * WHEN_SECOND_US,
	    .last_us = plan->last_s * WHEN_SECOND_US,
	    .reply = plan->reply};
	must(put_alone(store, STORE_RECORD(&notice)));
}

static void set_state(int64_t contact, enum contact_state state)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT, .conditions = {{.column = "id", .number = contact}}};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = state}};
	must(store_begin(store, &complaint));
	must(store_change(store, &which, changes, NULL, &complaint));
	must(store_commit(store, &complaint));
}

static void test_contacts(void)
{
	static const struct plan plans[] = {
	    {NOTICE_DELIVERED, 1, 10, 11, "250 ok"},
	    {NOTICE_FAILED, 3, 20, 30, "451 later"},
	    {NOTICE_WAITING, 2, 40, 60, "550 no such user"},
	    {NOTICE_SENDING, 1, 50, 55, "421 busy"},
	    {NOTICE_WAITING, 0, 70, 0, ""},
	};
	open_watch();
	const int64_t good = add_contact(CONTACT_MAIL, "good@x.example", CONTACT_VERIFIED);
	const int64_t bad = add_contact(CONTACT_MAIL, "bad@x.example", CONTACT_FAILING);
	const int64_t hook =
	    add_contact(CONTACT_WEBHOOK, "https://hook.example/secret", CONTACT_FAILING);
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		add_letter(bad, &plans[i]);
	look();
	OK(hears("delivery-failing bad@x.example on new since 20 3 550 no such user\n"
		 "delivery-failing hook.example on new since 0 0 -\n"
		 "delivery-failing good@x.example off since 0 0 -\n"
		 "notices-held local off since 0 0 -\n"
		 "notices-held hinomi-canary off since 0 0 -\n"),
	    "the first look tells how all stand: since when, how many wait, the last words; of a "
	    "web "
	    "hook its host only");
	look();
	OK(hears("delivery-failing bad@x.example on since 20 3 550 no such user\n"
		 "delivery-failing hook.example on since 0 0 -\n"),
	    "the next what is still wrong");
	told_count = 0;
	const struct delivery_reporter reporter = {hear, NULL};
	must(delivery_watch_look(
	    watch, roster, now_us + DELIVERY_LOOK_US - 1, &reporter, &complaint));
	OK(told_count == 0, "but not within the same minute");
	set_state(bad, CONTACT_VERIFIED);
	set_state(good, CONTACT_FAILING);
	look();
	OK(hears("delivery-failing good@x.example on new since 0 0 -\n"
		 "delivery-failing hook.example on since 0 0 -\n"
		 "delivery-failing bad@x.example off new since 0 0 -\n"),
	    "what begins and what is over");
	set_state(hook, CONTACT_STOPPED);
	(void)add_contact(CONTACT_MAIL, "good@x.example", CONTACT_VERIFIED);
	look();
	OK(hears("delivery-failing good@x.example on since 0 0 -\n"
		 "delivery-failing hook.example off new since 0 0 -\n"),
	    "who wants none is no trouble; an address that is good elsewhere still is");
	close_watch();
}

static void test_many_letters(void)
{
	open_watch();
	const int64_t bad = add_contact(CONTACT_MAIL, "bad@x.example", CONTACT_FAILING);
	for (int64_t i = 0; i <= DELIVERY_LETTERS_MAX; i++) {
		const struct plan plan = {NOTICE_WAITING, 1, 100 + i, 0, ""};
		add_letter(bad, &plan);
	}
	look();
	char expected[128];
	(void)snprintf(expected, sizeof expected,
	    "delivery-failing bad@x.example on new since 101 %d -\n", DELIVERY_LETTERS_MAX + 1);
	OK(strncmp(told, expected, strlen(expected)) == 0,
	    "of one letter more than is looked at the number is right, and the time the last "
	    "known");
	close_watch();
}

static void test_many_contacts(void)
{
	open_watch();
	for (int i = 0; i <= DELIVERY_WATCH_MAX; i++) {
		char address[32];
		(void)snprintf(address, sizeof address, "c%d@x.example", i);
		(void)add_contact(CONTACT_MAIL, address, CONTACT_FAILING);
	}
	look();
	look();
	OK(told_count == DELIVERY_WATCH_MAX, "one more than is told of at once is left out");
	set_state(1, CONTACT_VERIFIED);
	look();
	OK(told_count == DELIVERY_WATCH_MAX,
	    "until another is over: all but the last, and its end");
	look();
	OK(told_count == DELIVERY_WATCH_MAX && strstr(told, "c256@x.example on new") != NULL,
	    "then it is told");
	close_watch();
}

static void find(uint32_t machine, int64_t at_us)
{
	const struct casebook_clocks clocks = {at_us, at_us};
	struct finding finding = case_mirai();
	finding.subject = address_from_v4_u32(0xc6336400 + machine);
	finding.last_us = at_us;
	must(casebook_take(casebook, 1, "town", &finding, &clocks));
}

static void write_letters(int64_t at_us)
{
	const struct casebook_clocks clocks = {at_us, at_us};
	must(store_begin(store, &complaint));
	must(outbox_write_news(outbox, roster, &clocks, &complaint));
	must(store_commit(store, &complaint));
	outbox_commit(outbox);
}

static void test_held(void)
{
	const int64_t at_us = 5000 * WHEN_SECOND_US;
	struct store_member member = sample_member("town");
	struct store_prefix prefix = {.prefix = "198.51.100.0/24"};
	open_watch();
	member.zone = "";
	must(put_alone(store, STORE_RECORD(&member)));
	prefix.member_id = member.id;
	must(put_alone(store, STORE_RECORD(&prefix)));
	struct store_contact contact = {.member_id = member.id,
	    .kind = CONTACT_WEBHOOK,
	    .address = "https://town.example/",
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED};
	must(put_alone(store, STORE_RECORD(&contact)));
	read_roster();
	for (uint32_t machine = 0; machine < 5; machine++)
		find(machine, at_us);
	write_letters(at_us);
	look();
	OK(strncmp(told, "notices-held town on new since 5000 5 -\n", 40) == 0,
	    "more news than an hour may have: since when, and how much there was in it");
	write_letters(at_us + 5 * WHEN_MINUTE_US);
	look();
	OK(hears("notices-held town on since 5000 5 -\n"), "as long as it waits");
	write_letters(at_us + OUTBOX_SUMMARY_US);
	look();
	OK(hears("notices-held town off new since 0 0 -\n"), "until it was told as one");
	close_watch();
}

int main(void)
{
	test_contacts();
	test_many_letters();
	test_many_contacts();
	test_held();
	return test_done();
}
