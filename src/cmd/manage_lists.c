#include "cmd/manage_lists.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/station/message_text.h"
#include "cmd/station/record_json.h"
#include "cmd/station/roster.h"

enum {
	NUMBER_BYTES = 24,
	YEAR_BYTES = 5, /* "2026-": a line has no room for it, and who reads it knows it */
};

static_assert((int)MANAGE_NAME_BYTES == (int)MEMBER_NAME_BYTES, "a name fits");

const char *const manage_open_states[MANAGE_OPEN_STATES] = {
    "new", "notified", "acknowledged", "in-progress", "relapsed"};

/* A table being filled. */
struct listing {
	struct manage *manage;
	const struct column_head *heads;
	size_t head_count;
	struct columns *table;
	void *wish;
};

void manage_print_table(const struct manage *manage, const struct columns *table)
{
	if (manage->format != MANAGE_TEXT)
		return;
	if (columns_count(table) == 0)
		manage_say(manage, SAY_NONE, NULL, 0);
	else
		columns_print(table, stdout);
}

void manage_print_title(const struct manage *manage, enum manage_word title)
{
	if (manage->format != MANAGE_TEXT || title == MANAGE_WORDS)
		return;
	fputc('\n', stdout);
	manage_say(manage, title, NULL, 0);
}

static struct store_query by_id(enum store_kind kind, int64_t id)
{
	return (struct store_query){
	    .kind = kind,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
}

static int visit_name(void *context, const void *record)
{
	char *out = context;
	(void)snprintf(out, MANAGE_NAME_BYTES, "%s", ((const struct store_member *)record)->name);
	return 0;
}

int manage_member_name(const struct manage *manage, int64_t id, char out[static MANAGE_NAME_BYTES])
{
	const struct store_query which = by_id(STORE_MEMBER, id);
	out[0] = '\0';
	return id == 0 ? 0 : manage_each(manage, &which, visit_name, out);
}

int manage_member_id(const struct manage *manage, const char *name, int64_t *ret_id)
{
	const struct store_query which = {
	    .kind = STORE_MEMBER,
	    .conditions = {{.column = "name", .test = STORE_IS, .text = name}},
	};
	struct store_member *member = manage_find(manage, &which, "member", name);
	if (member == NULL)
		return EXIT_TROUBLE;
	*ret_id = member->id;
	free(member);
	return 0;
}

static void end_line(void)
{
	fputc('\n', stdout);
}

/* Runs a query into the listing's table. An exit status. */
static int fill(struct listing *listing, const struct store_query *query,
    int (*visit)(void *context, const void *record))
{
	struct manage *manage = listing->manage;
	listing->table = columns_new(listing->heads, listing->head_count);
	if (listing->table == NULL)
		return cmd_fail("out of memory");
	int status = manage_each(manage, query, visit, listing);
	if (status == 0)
		manage_print_table(manage, listing->table);
	columns_free(listing->table);
	return status;
}

/* ---- Contacts ---- */

static const char *contact_state(const struct manage *manage, const struct store_contact *contact)
{
	if (record_is_locked(contact))
		return manage_word(manage->language, TERM_LOCKED);
	return manage_term(manage->language, record_contact_state(contact->state));
}

static int visit_contact(void *context, const void *record)
{
	struct listing *listing = context;
	const struct store_contact *contact = record;
	const struct manage *manage = listing->manage;
	char member[MANAGE_NAME_BYTES];
	char number[NUMBER_BYTES];
	if (manage_member_name(manage, contact->member_id, member) != 0)
		return -ECANCELED;
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_contact(&json, contact, contact->member_id == 0 ? NULL : member);
		end_line();
		return 0;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, contact->id);
	const char *const cells[] = {number,
	    contact->member_id == 0 ? manage_word(manage->language, TERM_OPERATOR) : member,
	    contact->address, contact->language,
	    manage_term(manage->language, contact->severity_min),
	    manage_word(manage->language, contact->tier == 0 ? TERM_TIER_FIRST : TERM_TIER_SECOND),
	    contact_state(manage, contact)};
	return columns_add(listing->table, cells);
}

int manage_list_contacts(struct manage *manage, const int64_t *member, enum manage_word title)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_ID), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_MEMBER), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_ADDRESS), false, COLUMN_LATE},
	    {manage_word(language, HEAD_LANGUAGE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_LEAST), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_TIER), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	};
	struct store_query query = {.kind = STORE_CONTACT};
	struct listing listing = {
	    .manage = manage, .heads = heads, .head_count = sizeof heads / sizeof heads[0]};
	if (member != NULL)
		query.conditions[0] = (struct store_condition){
		    .column = "member_id", .test = STORE_IS, .number = *member};
	manage_print_title(manage, title);
	return fill(&listing, &query, visit_contact);
}

/* ---- Incidents ---- */

static bool is_wanted(const struct manage_incidents *wish, const struct store_incident *incident)
{
	int severity = severity_find(incident->severity);
	return (wish->has_canaries || incident->member_id != ROSTER_CANARY_ID) &&
	       (wish->severity_min < 0 || severity >= wish->severity_min);
}

static int visit_incident(void *context, const void *record)
{
	struct listing *listing = context;
	const struct store_incident *incident = record;
	const struct manage *manage = listing->manage;
	struct manage_incidents *wish = listing->wish;
	char number[NUMBER_BYTES];
	char last[MANAGE_MINUTE_BYTES] = "";
	if (!is_wanted(wish, incident))
		return 0;
	wish->listed++;
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_incident(&json, incident);
		end_line();
		return 0;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, incident->id);
	manage_minute(incident->last_us, last);
	const char *const cells[] = {number, manage_term(manage->language, incident->severity),
	    manage_term(manage->language, incident->state), incident->member, incident->subject,
	    incident->rule, last + YEAR_BYTES};
	return columns_add(listing->table, cells);
}

int manage_list_incidents(struct manage *manage, struct manage_incidents *incidents)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_ID), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_SEVERITY), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_MEMBER), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_MACHINE), false, COLUMN_LATE},
	    {manage_word(language, HEAD_WHAT), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_LAST), false, COLUMN_WHOLE},
	};
	struct listing listing = {.manage = manage,
	    .heads = heads,
	    .head_count = sizeof heads / sizeof heads[0],
	    .wish = incidents};
	incidents->listed = 0;
	return fill(&listing, incidents->query, visit_incident);
}

int manage_list_open(struct manage *manage, int64_t member)
{
	const struct store_query open = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member},
		{.column = "state",
		    .test = STORE_IN,
		    .texts = manage_open_states,
		    .count = MANAGE_OPEN_STATES}},
	    .order = "last_us",
	    .descending = true,
	};
	struct manage_incidents incidents = {.query = &open, .severity_min = -1};
	manage_print_title(manage, TITLE_OPEN);
	return manage_list_incidents(manage, &incidents);
}

/* ---- Notices ---- */

static int visit_address(void *context, const void *record)
{
	char *out = context;
	(void)snprintf(
	    out, ROSTER_ADDRESS_BYTES, "%s", ((const struct store_contact *)record)->address);
	return 0;
}

/* Of a web hook nothing is said. */
static const char *seal_of(enum language language, const struct store_notice *notice)
{
	const struct message_seal seal = message_seal(notice->body.data, notice->body.length);
	if (!seal.is_letter || (!seal.is_encrypted && !seal.is_signed))
		return "";
	return manage_word(language, seal.is_encrypted ? TERM_SEAL_ENCRYPTED : TERM_SEAL_SIGNED);
}

static int visit_notice(void *context, const void *record)
{
	struct listing *listing = context;
	const struct store_notice *notice = record;
	const struct manage *manage = listing->manage;
	struct manage_notices *wish = listing->wish;
	const enum language language = manage->language;
	const struct store_query which = by_id(STORE_CONTACT, notice->contact_id);
	char address[ROSTER_ADDRESS_BYTES] = "";
	char number[NUMBER_BYTES];
	char tries[NUMBER_BYTES];
	char written[MANAGE_MINUTE_BYTES];
	if (manage_each(manage, &which, visit_address, address) != 0)
		return -ECANCELED;
	wish->listed++;
	wish->failed += notice->state == NOTICE_FAILED || notice->state == NOTICE_BOUNCED;
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_notice(&json, notice, address[0] != '\0' ? address : NULL);
		end_line();
		return 0;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, notice->id);
	(void)snprintf(tries, sizeof tries, "%" PRId64, notice->attempts);
	manage_minute(notice->created_us, written);
	const char *const cells[] = {number, written,
	    manage_term(language, record_notice_kind(notice->kind)),
	    address[0] != '\0' ? address : manage_word(language, TERM_NOBODY),
	    manage_term(language, record_notice_state(notice->state)), seal_of(language, notice),
	    tries, notice->reply};
	return columns_add(listing->table, cells);
}

int manage_list_notices(struct manage *manage, struct manage_notices *notices)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_ID), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_WRITTEN), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_KIND), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_ADDRESS), false, COLUMN_LATE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_SEAL), false, COLUMN_RARE},
	    {manage_word(language, HEAD_TRIES), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_REPLY), false, COLUMN_FIRST},
	};
	struct listing listing = {.manage = manage,
	    .heads = heads,
	    .head_count = sizeof heads / sizeof heads[0],
	    .wish = notices};
	notices->listed = 0;
	notices->failed = 0;
	return fill(&listing, notices->query, visit_notice);
}
