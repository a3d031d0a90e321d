/* Members, contacts and exceptions out of a store, and the registry they make. */
#include "cmd/station/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static const struct roster_options options = {.language = LANGUAGE_JA, .zone = "Asia/Tokyo"};

static struct store *open_memory(void)
{
	struct store *store;
	const struct store_options memory = {.engine = "memory"};
	if (store_open(&memory, &store, NULL) != 0 || store_begin(store, NULL) != 0)
		abort();
	return store;
}

static void put(struct store *store, struct store_record record)
{
	struct complaint complaint;
	if (store_put(store, record, STORE_REPLACE, &complaint) == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static int64_t put_member(struct store *store, const char *name, const char *zone)
{
	struct store_member member = {
	    .name = name, .language = "en", .zone = zone, .note = "", .created_us = 1};
	put(store, STORE_RECORD(&member));
	return member.id;
}

static void put_prefix(struct store *store, int64_t member, const char *prefix, bool dark)
{
	struct store_prefix record = {.member_id = member, .prefix = prefix, .dark = dark};
	put(store, STORE_RECORD(&record));
}

static struct roster *read_roster(struct store *store)
{
	struct roster *roster;
	struct complaint complaint;
	if (store_commit(store, NULL) != 0)
		abort();
	if (roster_read(store, &options, &roster, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
	return roster;
}

static int member_of(const struct roster *roster, const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return registry_find_member(roster->registry, &address);
}

static bool is_dark(const struct roster *roster, const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return registry_is_dark(roster->registry, &address);
}

static void test_empty(void)
{
	struct store *store = open_memory();
	struct roster *roster = read_roster(store);
	int local = member_of(roster, "192.168.3.4");
	OK(roster->is_local && local >= 0 && roster_member(roster, local)->id == 0,
	    "without members private addresses are the operator's");
	int canary = member_of(roster, "100::ca:0:1");
	OK(canary >= 0 && roster_member(roster, canary)->id == ROSTER_CANARY_ID &&
		is_dark(roster, "100::da:0:1"),
	    "and there is the canary, with a dark range of its own");
	OK(member_of(roster, "192.0.2.1") == MEMBER_NONE, "others are strangers");
	OK(roster_member(roster, local)->language == LANGUAGE_JA &&
		roster_member(roster, local)->zone != NULL,
	    "in the station's language and on its clocks");
	roster_free(roster);
	store_close(store);
}

/* What is watched is the operator's as well, as long as nobody else is named. */
static void test_own(void)
{
	struct store *store = open_memory();
	struct prefix own[4];
	const char *const texts[] = {"203.0.113.0/24", "2001:db8:7::/64", "10.1.0.0/16", "100::/8"};
	const char *why;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (prefix_parse(texts[i], &own[i], &why) != 0)
			abort();
	struct roster_options with = options;
	with.own = own;
	with.own_count = sizeof own / sizeof own[0];
	struct roster *roster;
	if (store_commit(store, NULL) != 0 || roster_read(store, &with, &roster, NULL) != 0)
		abort();
	const int local = member_of(roster, "192.168.3.4");
	OK(local >= 0 && member_of(roster, "203.0.113.9") == local &&
		member_of(roster, "2001:db8:7::9") == local &&
		member_of(roster, "10.1.2.3") == local,
	    "without members ranges that are watched are the operator's, whether private or not");
	OK(roster_member(roster, member_of(roster, "100::ca:0:1"))->id == ROSTER_CANARY_ID &&
		member_of(roster, "100::1") == MEMBER_NONE,
	    "but for one in which the canary lives");
	roster_free(roster);

	if (store_begin(store, NULL) != 0)
		abort();
	put_prefix(store, put_member(store, "town", ""), "198.51.100.0/24", false);
	if (store_commit(store, NULL) != 0 || roster_read(store, &with, &roster, NULL) != 0)
		abort();
	OK(!roster->is_local && member_of(roster, "203.0.113.9") == MEMBER_NONE,
	    "with a member they are nobody's");
	roster_free(roster);
	store_close(store);
}

static void test_members(void)
{
	struct store *store = open_memory();
	(void)put_member(store, "empty", "");
	int64_t town = put_member(store, "town", "Europe/Berlin");
	int64_t school = put_member(store, "school", "No/Where");
	put_prefix(store, school, "192.0.2.0/24", false);
	put_prefix(store, town, "198.51.100.0/24", false);
	put_prefix(store, town, "203.0.113.0/24", true);
	struct roster *roster = read_roster(store);
	OK(!roster->is_local && member_of(roster, "192.168.3.4") == MEMBER_NONE,
	    "with members private addresses are nobody's");
	int number = member_of(roster, "198.51.100.7");
	OK(number >= 0 && roster_member(roster, number)->id == town &&
		strcmp(roster_member(roster, number)->name, "town") == 0 &&
		strcmp(registry_member_name(roster->registry, number), "town") == 0,
	    "each address to its member, whose number is that of the registry");
	number = member_of(roster, "192.0.2.9");
	OK(number >= 0 && roster_member(roster, number)->id == school &&
		roster_member(roster, number)->zone == roster->zone,
	    "a zone that is not there is the station's");
	OK(is_dark(roster, "203.0.113.1") && !is_dark(roster, "198.51.100.1"),
	    "a prefix of theirs may be dark");
	OK(roster_find_member(roster, town) != NULL && roster_find_member(roster, 999) == NULL &&
		roster_find_member(roster, ROSTER_CANARY_ID) != NULL,
	    "they are found by their id");
	struct registry *copy;
	OK(roster_parse_registry(roster->registry_text, roster->registry_bytes, &copy, NULL) == 0 &&
		registry_member_count(copy) == registry_member_count(roster->registry),
	    "the registry can be made again elsewhere");
	registry_free(copy);
	roster_free(roster);
	store_close(store);
}

static void test_overlap(void)
{
	struct store *store = open_memory();
	struct roster *roster = NULL;
	struct complaint complaint;
	put_prefix(store, put_member(store, "a", ""), "192.0.2.0/24", false);
	put_prefix(store, put_member(store, "b", ""), "192.0.2.0/25", false);
	if (store_commit(store, NULL) != 0)
		abort();
	OK(roster_read(store, &options, &roster, &complaint) == -EINVAL &&
		strstr(complaint.text, "192.0.2.0/25") != NULL,
	    "two members of one address: refused, and named");
	store_close(store);
}

static void test_contacts(void)
{
	struct store *store = open_memory();
	int64_t town = put_member(store, "town", "");
	struct store_contact contact = {.member_id = town,
	    .kind = CONTACT_MAIL,
	    .address = "soc@town.example",
	    .language = "ja",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	put(store, STORE_RECORD(&contact));
	contact.id = 0;
	contact.member_id = 0;
	contact.address = "ops@station.example";
	contact.severity_min = "newer";
	put(store, STORE_RECORD(&contact));
	struct roster *roster = read_roster(store);
	OK(roster->contact_count == 2 && roster->contacts[0].member_id == town &&
		roster->contacts[0].severity_min == SEVERITY_LOW &&
		strcmp(roster->contacts[0].address, "soc@town.example") == 0,
	    "contacts as they are");
	OK(roster->contacts[1].severity_min == SEVERITY_MEDIUM,
	    "a severity that is not known counts as medium");
	roster_free(roster);
	store_close(store);
}

static void test_exceptions(void)
{
	struct store *store = open_memory();
	struct store_exception exception = {.rule = "scan.dark",
	    .subject = "192.0.2.0/28",
	    .port = 161,
	    .reason = "our scanner",
	    .by = "hanako",
	    .created_us = 1,
	    .until_us = 100};
	put(store, STORE_RECORD(&exception));
	exception.id = 0;
	exception.rule = "";
	exception.port = -1;
	exception.until_us = 0;
	put(store, STORE_RECORD(&exception));
	exception.id = 0;
	exception.rule = "scan.newer";
	put(store, STORE_RECORD(&exception));
	struct roster *roster = read_roster(store);
	OK(roster->exception_count == 2 && roster->exceptions[0].rule == RULE_SCAN_DARK &&
		roster->exceptions[0].port == 161 && roster->exceptions[0].until_us == 100,
	    "exceptions as they are");
	OK(roster->exceptions[1].rule == -1 && roster->exceptions[1].port == -1 &&
		roster->exceptions[1].until_us == INT64_MAX,
	    "of every rule and port, for ever");
	roster_free(roster);
	store_close(store);
}

static const struct {
	const char *name;
	const char *text;
} wrong[] = {
    {"nothing", ""},
    {"a line without its end", "local"},
    {"an unknown word", "membre\tx\t192.0.2.0/24\n"},
    {"a member without a prefix", "member\tx\n"},
    {"no prefix at all", "dark\t\n"},
    {"something after local", "local\tx\n"},
    {"something after dark", "dark\t192.0.2.0/24\tx\n"},
    {"a name that none may have", "member\ta=b\t192.0.2.0/24\n"},
};

static void test_wrong(void)
{
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct registry *registry;
		struct complaint complaint;
		OK(roster_parse_registry(
		       wrong[i].text, strlen(wrong[i].text), &registry, &complaint) == -EINVAL,
		    wrong[i].name);
	}
	struct registry *registry;
	OK(roster_parse_registry("local\n\0", 7, &registry, NULL) == -EINVAL, "a zero inside");
}

int main(void)
{
	test_empty();
	test_own();
	test_members();
	test_overlap();
	test_contacts();
	test_exceptions();
	test_wrong();
	return test_done();
}
