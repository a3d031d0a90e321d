/* The operator's contacts in the store become those of the file. */
#include "cmd/station/operator.h"

#include <stdlib.h>
#include <string.h>

#include "store_help.h"

static struct store *store;

/* The operator's contacts in order, as "address language state". */
static int visit(void *context, const void *record)
{
	static const char *const states[] = {"unverified", "verified", "failing", "stopped"};
	const struct store_contact *contact = record;
	char *out = context;
	size_t used = strlen(out);
	(void)snprintf(out + used, 512 - used, "%s %s %s;", contact->address, contact->language,
	    states[contact->state]);
	return 0;
}

static bool are(const char *expected)
{
	char text[512] = "";
	const struct store_query query = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = 0}},
	};
	if (store_each(store, &query, visit, text, NULL) != 0)
		abort();
	if (strcmp(text, expected) != 0)
		printf("# %s\n", text);
	return strcmp(text, expected) == 0;
}

static void settle(const char *mail, const char *webhook, enum language language)
{
	static struct station_config config;
	station_config_init(&config);
	(void)snprintf(config.operator.mail, sizeof config.operator.mail, "%s", mail);
	(void)snprintf(config.operator.webhook, sizeof config.operator.webhook, "%s", webhook);
	config.operator.language =(int) language;
	if (operator_settle(store, &config, 1000, NULL) != 0)
		abort();
}

static void set_state(int64_t id, enum contact_state state)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = state}};
	if (store_begin(store, NULL) != 0 ||
	    store_change(store, &which, changes, NULL, NULL) != 0 || store_commit(store, NULL) != 0)
		abort();
}

int main(void)
{
	store = open_store("memory", NULL, false);
	struct store_member member = sample_member("town");
	struct store_contact contact = {.kind = CONTACT_MAIL,
	    .address = "a@x.example",
	    .language = "ja",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	if (put_alone(store, STORE_RECORD(&member)) != 0)
		abort();
	contact.member_id = member.id;
	if (put_alone(store, STORE_RECORD(&contact)) != 0)
		abort();
	settle("", "", LANGUAGE_EN);
	OK(are(""), "without any there is none");
	settle("a@x.example", "", LANGUAGE_EN);
	OK(are("a@x.example en verified;"), "one is verified from the beginning");
	settle("a@x.example", "", LANGUAGE_EN);
	OK(are("a@x.example en verified;"), "and there once");
	settle("a@x.example", "https://x.example/h", LANGUAGE_JA);
	OK(are("a@x.example ja verified;https://x.example/h ja verified;"),
	    "a web hook beside it, and another language");
	set_state(2, CONTACT_FAILING);
	settle("a@x.example", "https://x.example/h", LANGUAGE_JA);
	OK(are("a@x.example ja failing;https://x.example/h ja verified;"),
	    "one where letters do not arrive stays amber");
	settle("b@x.example", "", LANGUAGE_JA);
	OK(are("a@x.example ja stopped;https://x.example/h ja stopped;b@x.example ja verified;"),
	    "those that are named no more are stopped");
	settle("a@x.example", "", LANGUAGE_JA);
	OK(are("a@x.example ja verified;https://x.example/h ja stopped;b@x.example ja stopped;"),
	    "one that is named again is there again");
	OK(count_of(store, STORE_CONTACT) == 4,
	    "the member's own with the same address is another");
	store_close(store);
	return test_done();
}
