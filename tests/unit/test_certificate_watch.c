/* Certificates that end: who is told, when, and once. */
#include "cmd/station/certificate_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "report_case.h"
#include "store_help.h"

#define NOW_US (1000 * WHEN_DAY_US)

static struct store *store;
static struct roster *roster;
static struct casebook *casebook;
static struct outbox *outbox;
static struct certificate_watch *watch;
static struct certificate_facts own;
static struct complaint complaint;
static int64_t monotonic_us;
static char told[8192];

static void must(int result)
{
	if (result == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static void open_watch(void)
{
	const struct certificate_watch_options options = {
	    .store = store, .outbox = outbox, .own = &own, .address = "hinomi@station.example"};
	certificate_watch_free(watch);
	must(certificate_watch_new(&options, &watch, &complaint));
}

static int64_t add_contact(int64_t member, const char *address, int64_t until_us)
{
	struct store_contact contact = {.member_id = member,
	    .kind = CONTACT_MAIL,
	    .address = address,
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .certificate = {"x", until_us != 0},
	    .certificate_until_us = until_us,
	    .created_us = 1};
	must(put_alone(store, STORE_RECORD(&contact)));
	return contact.id;
}

static int visit_notice(void *context, const void *record)
{
	const struct store_notice *notice = record;
	const size_t used = strlen(told);
	(void)context;
	(void)snprintf(told + used, sizeof told - used, "%d %s\n", (int)notice->contact_id,
	    notice->subject + strlen("[hinomi] CERTIFICATE: "));
	return 0;
}

/* What is told at this time, since the one before. */
static const char *tell(int64_t wall_us, bool commits)
{
	const struct roster_options options = {.language = LANGUAGE_EN, .zone = ""};
	const struct store_query all = {.kind = STORE_NOTICE};
	roster_free(roster);
	roster = NULL;
	must(roster_read(store, &options, &roster, &complaint));
	monotonic_us += WHEN_MINUTE_US;
	told[0] = '\0';
	const bool is_due = certificate_watch_is_due(watch, roster, wall_us, monotonic_us);
	if (!is_due)
		return "";
	must(store_begin(store, &complaint));
	must(certificate_watch_write(watch, roster, wall_us, &complaint));
	must(store_each(store, &all, visit_notice, NULL, &complaint));
	if (!commits) {
		store_rollback(store);
		certificate_watch_forget(watch);
		return told;
	}
	must(store_remove(store, &all, NULL, &complaint));
	must(store_commit(store, &complaint));
	certificate_watch_commit(watch);
	return told;
}

static bool is(const char *got, const char *expected)
{
	if (strcmp(got, expected) == 0)
		return true;
	printf("# got %s\n# expected %s\n", got, expected);
	return false;
}

static void test_own(void)
{
	own = (struct certificate_facts){.until_us = NOW_US + 30 * WHEN_DAY_US};
	OK(is(tell(NOW_US - 1, true), ""), "31 days before its end nothing is told");
	OK(is(tell(NOW_US, true), "1 the certificate that signs mail ends in 30 days\n"),
	    "30 days");
	OK(is(tell(NOW_US + WHEN_DAY_US, true), ""), "once");
	open_watch();
	OK(is(tell(NOW_US + 2 * WHEN_DAY_US, true), ""), "also when the keeper starts anew");
	OK(is(tell(NOW_US + 16 * WHEN_DAY_US, false),
	       "1 the certificate that signs mail ends in 14 days\n"),
	    "14 days");
	OK(is(tell(NOW_US + 16 * WHEN_DAY_US, true),
	       "1 the certificate that signs mail ends in 14 days\n"),
	    "again, where it could not be written");
	OK(is(tell(NOW_US + 27 * WHEN_DAY_US, true),
	       "1 the certificate that signs mail ends in 3 days\n"),
	    "3 days");
	OK(is(tell(NOW_US + 30 * WHEN_DAY_US - 1, true), ""), "as long as it lasts");
	OK(is(tell(NOW_US + 30 * WHEN_DAY_US, true),
	       "1 the certificate that signs mail has ended\n"),
	    "its end");
	OK(is(tell(NOW_US + 90 * WHEN_DAY_US, true), ""), "is told once");
	own.until_us = NOW_US + 99 * WHEN_DAY_US;
	OK(is(tell(NOW_US + 90 * WHEN_DAY_US, true),
	       "1 the certificate that signs mail ends in 9 days\n"),
	    "another one begins anew, with what is left of it");
	own.until_us = 0;
	OK(is(tell(NOW_US + 200 * WHEN_DAY_US, true), ""), "where nothing is signed nothing ends");
}

static void test_contacts(void)
{
	struct store_member member = {
	    .name = "town", .language = "en", .zone = "", .note = "", .created_us = 1};
	must(put_alone(store, STORE_RECORD(&member)));
	const int64_t soon = add_contact(member.id, "soon@town.example", NOW_US + 3 * WHEN_DAY_US);
	(void)add_contact(member.id, "none@town.example", 0);
	OK(is(tell(NOW_US, true), "2 your certificate ends in 3 days\n"
				  "1 the certificate of soon@town.example ends in 3 days\n"),
	    "of a contact's the contact and the operator are told");
	open_watch();
	OK(is(tell(NOW_US, true), ""), "once");
	OK(is(tell(NOW_US + 3 * WHEN_DAY_US, true),
	       "2 your certificate has ended\n1 the certificate of soon@town.example has ended\n"),
	    "and of its end");
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = soon}},
	};
	const struct store_change stopped[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = CONTACT_STOPPED},
	    {.column = "certificate_until_us", .number = NOW_US + WHEN_DAY_US}};
	must(store_begin(store, &complaint));
	must(store_change(store, &which, stopped, NULL, &complaint));
	must(store_commit(store, &complaint));
	OK(is(tell(NOW_US, true), ""), "who wants no letters is left alone");
}

int main(void)
{
	const struct casebook_rules rules = {.settle_us = 0, .incidents_max = 1000};
	struct outbox_options options = {.station = "",
	    .from = "hinomi@station.example",
	    .desk = "",
	    .host = "station.example",
	    .identity = "0"};
	store = open_store("memory", "", false);
	must(casebook_new(&rules, &casebook));
	options.store = store;
	options.casebook = casebook;
	must(outbox_new(&options, &outbox));
	(void)add_contact(0, "ops@station.example", 0);
	open_watch();
	test_own();
	test_contacts();
	certificate_watch_free(watch);
	outbox_free(outbox);
	casebook_free(casebook);
	roster_free(roster);
	store_close(store);
	return test_done();
}
