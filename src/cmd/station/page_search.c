#include "cmd/station/page_search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_list.h"
#include "cmd/station/page_people.h"
#include "cmd/station/page_telling.h"
#include "cmd/station/roster.h"
#include "notify/headline.h"

enum {
	PART_MAX = 20, /* items of a kind: whoever wants more asks a list */
	/* Machines of a range that are put in order; of more the latest incidents are looked at. */
	RANGE_MAX = 1000,
	HREF_BYTES = 1024,
	TITLE_BYTES = 512,
	PORT_MAX = 65535,
};

struct search {
	const struct page_question *question;
	struct page_answer *answer;
	const char *words;
	struct page_telling telling;
	bool has_prefix;
	struct prefix prefix; /* that is looked for; an address is one as well */
	size_t left;          /* of the kind that is being listed */
	char name[MEMBER_NAME_BYTES];
};

/* ---- Items ---- */

/* What may stand in a fragment as it is; all else as %XX. */
static void add_escaped(char *out, size_t room, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	size_t length = strlen(out);
	for (; *text != '\0' && length + 4 < room; text++)
		length += (size_t)snprintf(out + length, room - length,
		    strchr(plain, *text) != NULL ? "%c" : "%%%02X", (unsigned char)*text);
}

static void open_item(struct search *search, const char *kind, const char *href)
{
	struct json *json = &search->answer->json;
	json_open_object(json, NULL);
	json_string(json, "kind", kind);
	json_string(json, "href", href);
}

static void put_item(struct search *search, const char *kind, const char *title, const char *detail,
    const char *href)
{
	struct json *json = &search->answer->json;
	open_item(search, kind, href);
	json_string(json, "title", title);
	if (detail != NULL)
		json_string(json, "detail", detail);
	json_close_object(json);
}

/* ---- Incidents ---- */

static void put_detail(struct search *search, const struct store_incident *incident)
{
	static struct finding finding; /* large */
	struct json *json = &search->answer->json;
	if (!page_telling_find(&search->telling, incident, &finding))
		return;
	json_open_object(json, "detail");
	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		char sentence[HEADLINE_BYTES];
		struct text text;
		text_init(&text, sentence, sizeof sentence);
		headline_add(&text, (enum language)i, search->telling.registry, &finding);
		json_string(json, page_language_name((enum language)i), sentence);
	}
	json_close_object(json);
}

static int write_incident(void *context, const void *record)
{
	struct search *search = context;
	const struct store_incident *incident = record;
	char href[HREF_BYTES];
	char title[TITLE_BYTES];
	struct address address;
	if (!page_may_see(search->question, incident->member_id) ||
	    incident->member_id == ROSTER_CANARY_ID)
		return 0;
	if (search->has_prefix && (address_parse(incident->subject, &address) != 0 ||
				      !prefix_contains(&search->prefix, &address)))
		return 0;
	if (search->left-- == 0)
		return 1;
	(void)snprintf(href, sizeof href, "#/incidents/%" PRId64, incident->id);
	(void)snprintf(title, sizeof title, "%s %s (%s, %s)", incident->subject, incident->member,
	    incident->severity, incident->state);
	open_item(search, "incident", href);
	json_string(&search->answer->json, "title", title);
	put_detail(search, incident);
	json_close_object(&search->answer->json);
	return 0;
}

/* With these conditions, the latest first. */
static int list_incidents(struct search *search, struct store_query *query)
{
	size_t count = 0;
	while (query->conditions[count].column != NULL)
		count++;
	page_scope(search->question, "member_id", query->conditions, &count);
	query->kind = STORE_INCIDENT;
	search->left = PART_MAX;
	const int result = store_each(
	    search->question->store, query, write_incident, search, &search->answer->complaint);
	return result < 0 ? result : 0;
}

/* "6", "#6" */
static int find_number(struct search *search)
{
	const char *digits = search->words + (search->words[0] == '#');
	struct store_query query = {.conditions = {{.column = "id"}}};
	const size_t length = strspn(digits, "0123456789");
	if (length == 0 || length > 15 || digits[length] != '\0')
		return 0;
	query.conditions[0].number = strtoll(digits, NULL, 10);
	return list_incidents(search, &query);
}

/* The latest, whatever range they are in, as far as one answer looks. */
static int find_latest(struct search *search)
{
	struct store_query query = {
	    .order = "changed_us", .descending = true, .limit = PAGE_SCAN_MAX};
	return list_incidents(search, &query);
}

static int find_in_range(struct search *search, const char *from, const char *below)
{
	struct store_query query = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "subject", .test = STORE_FROM, .text = from},
		{.column = "subject", .test = STORE_BELOW, .text = below}},
	    .limit = RANGE_MAX + 1};
	int64_t count = 0;
	const int result =
	    store_count(search->question->store, &query, &count, &search->answer->complaint);
	if (result != 0 || count > RANGE_MAX)
		return result != 0 ? result : find_latest(search);
	query.descending = true;
	return list_incidents(search, &query);
}

static int find_machines(struct search *search)
{
	char from[PAGE_RANGE_BYTES];
	char below[PAGE_RANGE_BYTES];
	char text[ADDRESS_TEXT_BYTES];
	struct store_query query = {.order = "id", .descending = true, .limit = RANGE_MAX};
	if (search->prefix.bits != ADDRESS_BITS)
		return page_subject_range(&search->prefix, from, below)
			   ? find_in_range(search, from, below)
			   : find_latest(search);
	address_format(&search->prefix.address, text);
	query.conditions[0] = (struct store_condition){.column = "subject", .text = text};
	return list_incidents(search, &query);
}

/* ---- Members and contacts ---- */

static void put_member(struct search *search, const char *name, const char *detail)
{
	char href[HREF_BYTES] = "#/members/";
	add_escaped(href, sizeof href, name);
	put_item(search, "member", name, detail, href);
}

/* Bytes of one in the other; of ASCII whatever the case. */
static bool has_words(const char *text, const char *words)
{
	return strcasestr(text, words) != NULL;
}

static int visit_member(void *context, const void *record)
{
	struct search *search = context;
	const struct store_member *member = record;
	if (!has_words(member->name, search->words))
		return 0;
	if (search->left-- == 0)
		return 1;
	put_member(search, member->name,
	    member->note[0] != '\0' && search->question->who->role != PAGE_VIEWER ? member->note
										  : NULL);
	return 0;
}

static int find_members(struct search *search)
{
	struct store_query query = {.kind = STORE_MEMBER};
	size_t count = 0;
	page_scope(search->question, "id", query.conditions, &count);
	search->left = PART_MAX;
	const int result = store_each(
	    search->question->store, &query, visit_member, search, &search->answer->complaint);
	return result < 0 ? result : 0;
}

static int visit_name(void *context, const void *record)
{
	struct search *search = context;
	(void)snprintf(
	    search->name, sizeof search->name, "%s", ((const struct store_member *)record)->name);
	return 0;
}

/* "" where there is none of this number. */
static int find_name(struct search *search, int64_t member_id)
{
	const struct store_query query = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = member_id}}};
	search->name[0] = '\0';
	return store_each(
	    search->question->store, &query, visit_name, search, &search->answer->complaint);
}

/* Whose ranges what is looked for is in, or overlaps. */
static int visit_range(void *context, const void *record)
{
	struct search *search = context;
	const struct store_prefix *stored = record;
	struct prefix prefix;
	const char *why;
	if (prefix_parse(stored->prefix, &prefix, &why) != 0 ||
	    !prefix_overlaps(&prefix, &search->prefix))
		return 0;
	if (search->left-- == 0)
		return 1;
	const int result = find_name(search, stored->member_id);
	if (result == 0 && search->name[0] != '\0')
		put_member(search, search->name, stored->prefix);
	return result;
}

static int find_ranges(struct search *search)
{
	struct store_query query = {.kind = STORE_PREFIX};
	size_t count = 0;
	page_scope(search->question, "member_id", query.conditions, &count);
	search->left = PART_MAX;
	const int result = store_each(
	    search->question->store, &query, visit_range, search, &search->answer->complaint);
	return result < 0 ? result : 0;
}

static int visit_contact(void *context, const void *record)
{
	struct search *search = context;
	const struct store_contact *contact = record;
	char href[HREF_BYTES] = "#/members/";
	char address[PAGE_ADDRESS_BYTES];
	page_people_show_address(contact->kind, contact->address, address);
	if (!has_words(address, search->words))
		return 0;
	if (search->left-- == 0)
		return 1;
	const int result = find_name(search, contact->member_id);
	if (search->name[0] != '\0')
		add_escaped(href, sizeof href, search->name);
	else
		(void)snprintf(href, sizeof href, "#/contacts"); /* the operator's */
	put_item(search, "contact", address, search->name[0] != '\0' ? search->name : NULL, href);
	return result;
}

static int find_contacts(struct search *search)
{
	struct store_query query = {.kind = STORE_CONTACT};
	size_t count = 0;
	if (search->question->who->role == PAGE_VIEWER)
		return 0;
	page_scope(search->question, "member_id", query.conditions, &count);
	search->left = PART_MAX;
	const int result = store_each(
	    search->question->store, &query, visit_contact, search, &search->answer->complaint);
	return result < 0 ? result : 0;
}

/* ---- What incidents are asked by ---- */

/* "445", "tcp/445", "port 445" */
static void put_port(struct search *search)
{
	static const char *const before[] = {"tcp/", "udp/", "port ", "tcp ", "udp ", ""};
	const char *digits = NULL;
	for (size_t i = 0; i < sizeof before / sizeof before[0] && digits == NULL; i++)
		if (strncasecmp(search->words, before[i], strlen(before[i])) == 0)
			digits = search->words + strlen(before[i]);
	char href[HREF_BYTES];
	char title[TITLE_BYTES];
	if (digits == NULL || strspn(digits, "0123456789") != strlen(digits) || digits[0] == '\0' ||
	    strlen(digits) > 5 || strtol(digits, NULL, 10) > PORT_MAX)
		return;
	const long port = strtol(digits, NULL, 10);
	(void)snprintf(href, sizeof href, "#/incidents?port=%ld", port);
	(void)snprintf(title, sizeof title, "%ld", port);
	put_item(search, "port", title, NULL, href);
}

static void put_names(
    struct search *search, const char *const *names, const char *kind, const char *parameter)
{
	for (; *names != NULL; names++) {
		char href[HREF_BYTES];
		if (!has_words(*names, search->words))
			continue;
		(void)snprintf(href, sizeof href, "#/incidents?%s=%s", parameter, *names);
		put_item(search, kind, *names, NULL, href);
	}
}

/* A day of UTC: "2026-04-01". */
static void put_day(struct search *search)
{
	char text[TITLE_BYTES];
	char since[WHEN_TEXT_BYTES];
	char until[WHEN_TEXT_BYTES];
	char href[HREF_BYTES] = "#/incidents?since=";
	int64_t day_us;
	if (strlen(search->words) != sizeof "2026-04-01" - 1)
		return;
	(void)snprintf(text, sizeof text, "%sT00:00:00Z", search->words);
	if (when_parse(text, &day_us) != 0)
		return;
	when_format_utc(day_us, since);
	when_format_utc(day_us + WHEN_DAY_US, until);
	add_escaped(href, sizeof href, since);
	(void)snprintf(href + strlen(href), sizeof href - strlen(href), "&until=");
	add_escaped(href, sizeof href, until);
	put_item(search, "time", search->words, NULL, href);
}

/* ---- All of it ---- */

/* Whether an address or a prefix is looked for. */
static bool take_prefix(struct search *search)
{
	struct address address;
	const char *why;
	if (address_parse(search->words, &address) != 0)
		return prefix_parse(search->words, &search->prefix, &why) == 0;
	search->prefix = (struct prefix){.address = address, .bits = ADDRESS_BITS};
	return true;
}

static int find_all(struct search *search)
{
	int result = 0;
	search->has_prefix = take_prefix(search);
	if (search->has_prefix) {
		result = find_machines(search);
		return result == 0 ? find_ranges(search) : result;
	}
	result = find_number(search);
	put_port(search);
	put_names(search, page_tools, "tool", "tool");
	put_names(search, page_rules, "rule", "rule");
	put_day(search);
	if (result == 0)
		result = find_members(search);
	return result == 0 ? find_contacts(search) : result;
}

static unsigned read_search(const struct page_question *question, struct page_answer *answer)
{
	struct search search = {
	    .question = question, .answer = answer, .words = page_text(question, "q")};
	if (search.words == NULL)
		return page_refuse(
		    answer, PROBLEM(400, "q", "search.empty"), "q: expected what is looked for");
	page_telling_init(&search.telling, question->world);
	json_open_object(&answer->json, NULL);
	json_open_array(&answer->json, "items");
	const int result = find_all(&search);
	json_close_array(&answer->json);
	json_close_object(&answer->json);
	page_telling_release(&search.telling);
	return result == 0 ? 200 : page_broken(answer);
}

static const struct page_parameter parameters[] = {
    {"q", PAGE_TEXT, 1, 200, NULL, "a word, an address, a prefix, a port, a day, a number"},
    {.name = NULL},
};

const struct page_route page_search_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/search",
	.roles = PAGE_SIGNED_IN,
	.read = read_search,
	.summary = "Incidents, members, contacts, ports, tools, rules, days by one word",
	.parameters = parameters},
    {.path = NULL},
};
