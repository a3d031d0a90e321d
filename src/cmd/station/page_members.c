/* page_members.c - members, contacts and exceptions by the API. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_list.h"
#include "cmd/station/page_people.h"
#include "cmd/station/record_json.h"
#include "registry/registry.h"

/* ---- What is known of a member ---- */

/* Open incidents by severity, exercises as well. */
static int count_open(const struct page_question *question, int64_t member_id,
    int64_t counts[static SEVERITY_COUNT], struct complaint *complaint)
{
	int result = 0;
	for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
		const char *states[INCIDENT_STATE_COUNT];
		size_t count = 0;
		for (int i = 0; i < INCIDENT_STATE_COUNT; i++)
			if (incident_is_open((enum incident_state)i))
				states[count++] = page_states[i];
		const struct store_query query = {.kind = STORE_INCIDENT,
		    .conditions = {{.column = "member_id", .number = member_id},
			{.column = "state", .test = STORE_IN, .texts = states, .count = count},
			{.column = "severity", .text = page_severities[severity]}}};
		if (result == 0)
			result = store_count(question->store, &query, &counts[severity], complaint);
	}
	return result;
}

static int put_open(
    const struct page_question *question, struct page_answer *answer, int64_t member_id)
{
	int64_t counts[SEVERITY_COUNT] = {0};
	int64_t total = 0;
	const char *worst = NULL;
	const int result = count_open(question, member_id, counts, &answer->complaint);
	json_open_object(&answer->json, "open");
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		json_signed(&answer->json, page_severities[i], counts[i]);
		total += counts[i];
		if (counts[i] > 0)
			worst = page_severities[i];
	}
	json_close_object(&answer->json);
	json_signed(&answer->json, "incidents", total);
	json_string(&answer->json, "severity", worst);
	return result;
}

struct contact_counts {
	int64_t all;
	int64_t failing;
	int64_t unverified;
};

static int count_contact(void *context, const void *record)
{
	const struct store_contact *contact = record;
	struct contact_counts *counts = context;
	counts->all++;
	counts->failing += contact->state == CONTACT_FAILING || contact->bounced_us != 0;
	counts->unverified += contact->state == CONTACT_UNVERIFIED;
	return 0;
}

static int put_contact_counts(
    const struct page_question *question, struct page_answer *answer, int64_t member_id)
{
	struct contact_counts counts = {0};
	const struct store_query query = {
	    .kind = STORE_CONTACT, .conditions = {{.column = "member_id", .number = member_id}}};
	const int result =
	    store_each(question->store, &query, count_contact, &counts, &answer->complaint);
	json_open_object(&answer->json, "contacts");
	json_signed(&answer->json, "count", counts.all);
	json_signed(&answer->json, "failing", counts.failing);
	json_signed(&answer->json, "unverified", counts.unverified);
	json_close_object(&answer->json);
	return result;
}

static int put_member(const struct page_question *question, struct page_answer *answer,
    const struct store_member *member)
{
	struct store_member shown = *member;
	if (question->who->role == PAGE_VIEWER)
		shown.note = "";
	int result = record_put_member(&answer->json, question->store, &shown, &answer->complaint);
	if (result == 0)
		result = put_open(question, answer, member->id);
	if (result == 0)
		result = put_contact_counts(question, answer, member->id);
	return result;
}

static int write_member(void *context, struct page_list *list, const void *record)
{
	(void)context;
	json_open_object(list->json, NULL);
	const int result = put_member(list->question, list->answer, record);
	json_close_object(list->json);
	return result == 0 ? PAGE_WRITTEN : result;
}

static unsigned read_members(const struct page_question *question, struct page_answer *answer)
{
	struct page_walk walk = {.query = {.kind = STORE_MEMBER}, .write = write_member};
	size_t count = 0;
	page_scope(question, "id", walk.query.conditions, &count);
	return page_list_write(question, answer, &walk);
}

/* ---- One ---- */

static int copy_member(void *context, const void *record)
{
	*(void **)context = store_record_copy(STORE_MEMBER, record);
	return *(void **)context == NULL ? -ENOMEM : 0;
}

/* *ret_member is NULL where there is none, or none for who asks. To be freed. */
static int find_member(const struct page_question *question, struct complaint *complaint,
    struct store_member **ret_member)
{
	const struct store_query which = {.kind = STORE_MEMBER,
	    .conditions = {{.column = "name", .text = question->segments[0]}}};
	void *record = NULL;
	const int result = store_each(question->store, &which, copy_member, &record, complaint);
	struct store_member *member = record;
	if (member != NULL && !page_may_see(question, member->id)) {
		free(member);
		member = NULL;
	}
	*ret_member = member;
	return result;
}

/* ---- Contacts ---- */

static int put_last_notice(void *context, const void *record)
{
	struct json *json = context;
	const struct store_notice *notice = record;
	json_open_object(json, "last_notice");
	json_signed(json, "id", notice->id);
	json_string(json, "kind", record_notice_kind(notice->kind));
	json_string(json, "state", record_notice_state(notice->state));
	json_signed(json, "attempts", notice->attempts);
	if (notice->reply[0] != '\0')
		json_string(json, "reply", notice->reply);
	record_put_time(json, "created", notice->created_us);
	record_put_time(json, "last", notice->last_us);
	record_put_time(json, "delivered", notice->delivered_us);
	json_close_object(json);
	return 0;
}

/* How well it is reached, as a light: what a clerk looks at first. */
static const char *light_of(const struct store_contact *contact)
{
	switch (contact->state) {
	case CONTACT_FAILING:
		return "red";
	case CONTACT_VERIFIED:
		return contact->bounced_us != 0 || contact->failures > 0 ? "amber" : "green";
	case CONTACT_UNVERIFIED:
	case CONTACT_STOPPED:
		break;
	}
	return "grey";
}

static int put_contact(const struct page_question *question, struct page_answer *answer,
    const struct store_contact *contact, const char *member)
{
	const struct store_query last = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .number = contact->id}},
	    .order = "created_us",
	    .descending = true,
	    .limit = 1};
	char address[PAGE_ADDRESS_BYTES];
	struct store_contact shown = *contact;
	page_people_show_address(contact->kind, contact->address, address);
	shown.address = address;
	json_open_object(&answer->json, NULL);
	record_put_contact(&answer->json, &shown, member);
	json_string(&answer->json, "light", light_of(contact));
	const int result =
	    store_each(question->store, &last, put_last_notice, &answer->json, &answer->complaint);
	json_close_object(&answer->json);
	return result;
}

static int write_contact(void *context, struct page_list *list, const void *record)
{
	const int result = put_contact(list->question, list->answer, record, context);
	return result == 0 ? PAGE_WRITTEN : result;
}

static unsigned list_contacts(const struct page_question *question, struct page_answer *answer,
    int64_t member_id, char *member)
{
	struct page_walk walk = {.query = {.kind = STORE_CONTACT,
				     .conditions = {{.column = "member_id", .number = member_id}}},
	    .write = write_contact,
	    .context = member};
	return page_list_write(question, answer, &walk);
}

static unsigned read_member_contacts(
    const struct page_question *question, struct page_answer *answer)
{
	struct store_member *member = NULL;
	char name[MEMBER_NAME_BYTES];
	if (find_member(question, &answer->complaint, &member) != 0)
		return page_broken(answer);
	if (member == NULL)
		return page_missing(answer, "member");
	(void)snprintf(name, sizeof name, "%s", member->name);
	const unsigned status = list_contacts(question, answer, member->id, name);
	free(member);
	return status;
}

/* The operator's own. */
static unsigned read_contacts(const struct page_question *question, struct page_answer *answer)
{
	return list_contacts(question, answer, 0, NULL);
}

struct contact_list {
	const struct page_question *question;
	struct page_answer *answer;
	const char *member;
};

static int visit_contact(void *context, const void *record)
{
	const struct contact_list *list = context;
	return put_contact(list->question, list->answer, record, list->member);
}

static unsigned read_member(const struct page_question *question, struct page_answer *answer)
{
	struct store_member *member = NULL;
	if (find_member(question, &answer->complaint, &member) != 0)
		return page_broken(answer);
	if (member == NULL)
		return page_missing(answer, "member");
	struct contact_list list = {question, answer, member->name};
	const struct store_query contacts = {
	    .kind = STORE_CONTACT, .conditions = {{.column = "member_id", .number = member->id}}};
	json_open_object(&answer->json, NULL);
	int result = put_member(question, answer, member);
	if (question->who->role != PAGE_VIEWER) {
		json_open_array(&answer->json, "contact_list");
		if (result == 0)
			result = store_each(
			    question->store, &contacts, visit_contact, &list, &answer->complaint);
		json_close_array(&answer->json);
	}
	json_close_object(&answer->json);
	free(member);
	return result == 0 ? 200 : page_broken(answer);
}

/* ---- Exceptions ---- */

struct member_name {
	bool is_there;
	char name[MEMBER_NAME_BYTES];
};

static int visit_name(void *context, const void *record)
{
	struct member_name *found = context;
	found->is_there = true;
	(void)snprintf(
	    found->name, sizeof found->name, "%s", ((const struct store_member *)record)->name);
	return 0;
}

static int write_exception(void *context, struct page_list *list, const void *record)
{
	const struct store_exception *exception = record;
	struct member_name found = {.is_there = false};
	const struct store_query which = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = exception->member_id}}};
	int result = 0;
	(void)context;
	if (exception->member_id != 0)
		result = store_each(
		    list->question->store, &which, visit_name, &found, &list->answer->complaint);
	record_write_exception(list->json, exception, found.is_there ? found.name : NULL);
	return result == 0 ? PAGE_WRITTEN : result;
}

static unsigned read_exceptions(const struct page_question *question, struct page_answer *answer)
{
	struct page_walk walk = {.query = {.kind = STORE_EXCEPTION}, .write = write_exception};
	size_t count = 0;
	page_scope(question, "member_id", walk.query.conditions, &count);
	return page_list_write(question, answer, &walk);
}

/* ---- Routes ---- */

static const char *const member_columns[] = {"id", "name", "language", "zone", "country", "hours",
    "egress", "note", "prefixes", "dark", "created", "incidents", "severity", "contacts.count",
    "contacts.failing", "contacts.unverified", NULL};

static const char *const contact_columns[] = {"id", "member", "kind", "address", "language",
    "severity", "tier", "rules", "hours", "attach", "style", "signed", "state", "light", "locked",
    "code_until", "certificate_until", "bounced", "bounce", "failures", "verified", "created",
    "last_notice.kind", "last_notice.state", "last_notice.reply", "last_notice.created",
    "last_notice.delivered", NULL};

static const char *const exception_columns[] = {
    "id", "member", "rule", "subject", "port", "reason", "by", "created", "until", NULL};

const struct page_route page_member_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/members",
	.roles = PAGE_SIGNED_IN,
	.read = read_members,
	.summary = "Members, with how many incidents are open and how well contacts are reached",
	.is_list = true,
	.columns = member_columns},
    {.method = ROUTE_GET,
	.path = "/api/v1/members/{name}",
	.roles = PAGE_SIGNED_IN,
	.read = read_member,
	.summary = "One member, with its contacts and what became of their last letters"},
    {.method = ROUTE_GET,
	.path = "/api/v1/members/{name}/contacts",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_member_contacts,
	.summary = "A member's contacts",
	.is_list = true,
	.columns = contact_columns},
    {.method = ROUTE_GET,
	.path = "/api/v1/contacts",
	.roles = PAGE_OPERATOR,
	.read = read_contacts,
	.summary = "The operator's own contacts",
	.is_list = true,
	.columns = contact_columns},
    {.method = ROUTE_GET,
	.path = "/api/v1/exceptions",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_exceptions,
	.summary = "What is known and wanted: exceptions from rules",
	.is_list = true,
	.columns = exception_columns},
    {.path = NULL},
};
