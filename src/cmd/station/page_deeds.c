/*
 * page_deeds.c - what is changed by the API of what a station keeps: each route is a request of the
 * keeper's service (station/service.h), whose arguments are the fields of the body and what the
 * path names. What they may be is the service's to say.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cmd/station/page_call.h"

enum {
	SMALL_BYTES = 8 << 10, /* a note, and more than that */
	EMPTY_BYTES = 256,     /* an object that says nothing */
};

/* A route of page_call_routes, by its number. */
enum deed_number {
	DEED_INCIDENT_ACK,
	DEED_INCIDENT_WORK,
	DEED_INCIDENT_CLOSE,
	DEED_INCIDENT_NOTE,
	DEED_MEMBER_ADD,
	DEED_MEMBER_CHANGE,
	DEED_MEMBER_REMOVE,
	DEED_CONTACT_ADD,
	DEED_CONTACT_CHANGE,
	DEED_CONTACT_REMOVE,
	DEED_CONTACT_RESEND,
	DEED_CONTACT_VERIFY,
	DEED_EXCEPTION_ADD,
	DEED_EXCEPTION_REMOVE,
	DEED_NOTICE_RESEND,
	DEED_ACCOUNT_REMOVE,
	DEED_CANARY,
	DEED_SETTING_CHANGE,
	DEED_COUNT,
};

static const struct deed {
	const char *name;     /* of the service's request */
	const char *argument; /* what the path names; NULL: nothing */
	bool is_number;       /* it is */
	bool is_new;          /* something is made: 201 */
} deeds[] = {
    [DEED_INCIDENT_ACK] = {"incident.ack", "incident", true, false},
    [DEED_INCIDENT_WORK] = {"incident.work", "incident", true, false},
    [DEED_INCIDENT_CLOSE] = {"incident.close", "incident", true, false},
    [DEED_INCIDENT_NOTE] = {"incident.note", "incident", true, false},
    [DEED_MEMBER_ADD] = {"member.add", NULL, false, true},
    [DEED_MEMBER_CHANGE] = {"member.change", "name", false, false},
    [DEED_MEMBER_REMOVE] = {"member.remove", "name", false, false},
    [DEED_CONTACT_ADD] = {"contact.add", "member", false, true},
    [DEED_CONTACT_CHANGE] = {"contact.change", "contact", true, false},
    [DEED_CONTACT_REMOVE] = {"contact.remove", "contact", true, false},
    [DEED_CONTACT_RESEND] = {"contact.resend", "contact", true, false},
    [DEED_CONTACT_VERIFY] = {"contact.verify", "contact", true, false},
    [DEED_EXCEPTION_ADD] = {"exception.add", NULL, false, true},
    [DEED_EXCEPTION_REMOVE] = {"exception.remove", "exception", true, false},
    [DEED_NOTICE_RESEND] = {"notice.resend", "notice", true, false},
    [DEED_ACCOUNT_REMOVE] = {"account.remove", "name", false, false},
    [DEED_CANARY] = {"canary.begin", NULL, false, false},
    [DEED_SETTING_CHANGE] = {"setting.change", "key", false, false},
};

/* ---- The request ---- */

/* Fields that are not the body's to say. */
static const char *foreign_field(const struct deed *deed, const struct json_node *body)
{
	const char *const names[] = {"do", "by", deed->argument};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] != NULL && json_read_member(body, names[i]) != NULL)
			return names[i];
	return NULL;
}

/* The body, which is an object of JSON, or nothing; false after it was refused. */
static bool check_body(struct http_request *request, const struct deed *deed)
{
	struct json_node *body = NULL;
	struct complaint complaint;
	size_t length;
	const uint8_t *bytes = http_request_body(request, &length);
	const char *field = NULL;
	if (length == 0)
		return true;
	if (json_read((const char *)bytes, length, &body, &complaint) != 0) {
		page_tell(request, PROBLEM(400, NULL, "body.form"),
		    "%.200s, expected an object of JSON", complaint.text);
		return false;
	}
	const bool is_object = json_read_is_object(body);
	if (is_object)
		field = foreign_field(deed, body);
	if (!is_object)
		page_tell(request, PROBLEM(400, NULL, "body.form"), "expected an object of JSON");
	else if (field != NULL)
		page_tell(request, PROBLEM(400, field, "argument.foreign"),
		    "%s: is %s, expected a body without it", field,
		    deed->argument != NULL && strcmp(field, deed->argument) == 0
			? "named by the path"
			: "not to be said");
	json_read_free(body);
	return is_object && field == NULL;
}

/* {"do":NAME,ARGUMENT:SEGMENT and then the body's own fields. */
static void write_request(const struct http_request *request, const struct deed *deed,
    const struct page_question *question, FILE *out)
{
	struct json json;
	size_t length;
	const char *body = (const char *)http_request_body(request, &length);
	size_t start = 0;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "do", deed->name);
	if (deed->argument != NULL && deed->is_number)
		json_signed(&json, deed->argument, page_segment_id(question, 0));
	else if (deed->argument != NULL)
		json_string(&json, deed->argument, question->segments[0]);
	while (start < length && body[start] != '{') /* blanks: it was read */
		start++;
	start += start < length;
	while (start < length && strchr(" \t\r\n", body[start]) != NULL)
		start++;
	if (start < length && body[start] != '}') {
		(void)fputc(',', out); /* memory */
		(void)fwrite(body + start, 1, length - start, out);
	} else {
		json_close_object(&json);
	}
}

static void reply_new(struct http_request *request, const struct page_called *called)
{
	page_call_reply(request, called, true);
}

static void run_deed(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	const struct deed *deed = &deeds[question->route - page_call_routes];
	char *json = NULL;
	size_t length = 0;
	if (deed->is_number && deed->argument != NULL && page_segment_id(question, 0) == 0) {
		page_tell(request, PROBLEM(404, NULL, "missing"), "there is none of this number");
		return;
	}
	if (!check_body(request, deed))
		return;
	FILE *out = open_memstream(&json, &length);
	if (out != NULL)
		write_request(request, deed, question, out);
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed) {
		page_tell(request, PROBLEM(503, NULL, NULL), "there is no memory now");
	} else {
		const struct page_call call = {.request = request,
		    .who = question->who,
		    .json = json,
		    .length = length,
		    .answer = deed->is_new ? reply_new : NULL};
		page_call(page, &call);
	}
	free(json);
}

/* ---- The table ---- */

#define OWN (PAGE_OPERATOR | PAGE_MEMBER)

const struct page_route page_call_routes[] = {
    [DEED_INCIDENT_ACK] = {.method = ROUTE_POST,
	.path = "/api/v1/incidents/{id}/ack",
	.roles = OWN,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Somebody has seen it: note"},
    [DEED_INCIDENT_WORK] = {.method = ROUTE_POST,
	.path = "/api/v1/incidents/{id}/work",
	.roles = OWN,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Somebody works on it: note"},
    [DEED_INCIDENT_CLOSE] = {.method = ROUTE_POST,
	.path = "/api/v1/incidents/{id}/close",
	.roles = OWN,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "It is done with: reason (fixed, not-ours, harmless), note"},
    [DEED_INCIDENT_NOTE] = {.method = ROUTE_POST,
	.path = "/api/v1/incidents/{id}/note",
	.roles = OWN,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "A note in its history: note"},
    [DEED_MEMBER_ADD] = {.method = ROUTE_POST,
	.path = "/api/v1/members",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = PAGE_CALL_BODY_BYTES,
	.summary = "A new member: name, prefixes, dark, language, zone, country, hours, egress, "
		   "note"},
    [DEED_MEMBER_CHANGE] = {.method = ROUTE_PATCH,
	.path = "/api/v1/members/{name}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = PAGE_CALL_BODY_BYTES,
	.summary = "Changes one: rename, add, dark, remove (ranges), language, zone, country, "
		   "hours, egress, note"},
    [DEED_MEMBER_REMOVE] = {.method = ROUTE_DELETE,
	.path = "/api/v1/members/{name}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = EMPTY_BYTES,
	.summary = "Removes one, with its contacts, exceptions and accounts"},
    [DEED_CONTACT_ADD] = {.method = ROUTE_POST,
	.path = "/api/v1/members/{name}/contacts",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = PAGE_CALL_BODY_BYTES,
	.summary = "A new contact, which is sent a code: address, language, severity, tier, rules, "
		   "hours, attach, style, secret, certificate, any_address"},
    [DEED_CONTACT_CHANGE] = {.method = ROUTE_PATCH,
	.path = "/api/v1/contacts/{id}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = PAGE_CALL_BODY_BYTES,
	.summary = "Changes one: as a new one's, and stopped"},
    [DEED_CONTACT_REMOVE] = {.method = ROUTE_DELETE,
	.path = "/api/v1/contacts/{id}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = EMPTY_BYTES,
	.summary = "Removes one"},
    [DEED_CONTACT_RESEND] = {.method = ROUTE_POST,
	.path = "/api/v1/contacts/{id}/resend",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Sends it another code"},
    [DEED_CONTACT_VERIFY] = {.method = ROUTE_POST,
	.path = "/api/v1/contacts/{id}/verify",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Gives the code back that it was sent: code"},
    [DEED_EXCEPTION_ADD] = {.method = ROUTE_POST,
	.path = "/api/v1/exceptions",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "What is known and wanted: subject, reason, until, member, rule, port"},
    [DEED_EXCEPTION_REMOVE] = {.method = ROUTE_DELETE,
	.path = "/api/v1/exceptions/{id}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = EMPTY_BYTES,
	.summary = "Removes one"},
    [DEED_NOTICE_RESEND] = {.method = ROUTE_POST,
	.path = "/api/v1/notices/{id}/resend",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Sends a letter again"},
    [DEED_ACCOUNT_REMOVE] = {.method = ROUTE_DELETE,
	.path = "/api/v1/accounts/{name}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = EMPTY_BYTES,
	.summary = "Removes an account, and signs it out"},
    [DEED_CANARY] = {.method = ROUTE_POST,
	.path = "/api/v1/canary",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Sends a test through the whole station, to the operator"},
    [DEED_SETTING_CHANGE] = {.method = ROUTE_PATCH,
	.path = "/api/v1/settings/{key}",
	.roles = PAGE_OPERATOR,
	.run = run_deed,
	.body_max_bytes = SMALL_BYTES,
	.summary = "Changes a setting that can be changed here: value, null for what station.yaml "
		   "says"},
    [DEED_COUNT] = {.path = NULL},
};
