#include "cmd/station/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "cmd/station/password.h"
#include "cmd/station/service_internal.h"
#include "notify/certificate.h"
#include "store/columns.h"

/* ---- The table ---- */

enum argument_type {
	ARGUMENT_END,
	ARGUMENT_TEXT, /* of one line, at most `max` bytes */
	ARGUMENT_TEXT_OR_NULL,
	ARGUMENT_NUMBER, /* whole, from `min` to `max` */
	ARGUMENT_FLAG,
	ARGUMENT_TEXTS, /* a list, each as above */
	ARGUMENT_ROWS,  /* a list of objects with the arguments of member.add */
};

struct argument {
	const char *name;
	enum argument_type type;
	bool is_required; /* a text of no bytes is none then */
	int64_t min;
	int64_t max;
};

struct request {
	const char *name;
	const struct argument *arguments;
	int (*run)(struct call *call);
	bool is_look;   /* nothing is done */
	unsigned roles; /* of whom it may be asked by the page; 0: of the operator */
};

#define ID_MAX (INT64_C(1) << 53)

#define NAME(key, required)                                                                        \
	{                                                                                          \
		(key), ARGUMENT_TEXT, (required), 0, MEMBER_NAME_BYTES - 1                         \
	}
#define ACCOUNT(key, required)                                                                     \
	{                                                                                          \
		(key), ARGUMENT_TEXT, (required), 0, PAGE_NAME_BYTES - 1                           \
	}
#define WORD(key, required)                                                                        \
	{                                                                                          \
		(key), ARGUMENT_TEXT, (required), 0, 63                                            \
	}
#define TEXT(key, required, bytes)                                                                 \
	{                                                                                          \
		(key), ARGUMENT_TEXT, (required), 0, (bytes)                                       \
	}
#define PREFIXES(key)                                                                              \
	{                                                                                          \
		(key), ARGUMENT_TEXTS, false, 0, PREFIX_TEXT_BYTES                                 \
	}
#define ID(key)                                                                                    \
	{                                                                                          \
		(key), ARGUMENT_NUMBER, true, 1, ID_MAX                                            \
	}
#define FLAG(key)                                                                                  \
	{                                                                                          \
		(key), ARGUMENT_FLAG, false, 0, 0                                                  \
	}
#define TEXT_OR_NULL(key, bytes)                                                                   \
	{                                                                                          \
		(key), ARGUMENT_TEXT_OR_NULL, true, 0, (bytes)                                     \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, ARGUMENT_END, false, 0, 0                                                    \
	}

static const struct argument member_add[] = {NAME("name", true), PREFIXES("prefixes"),
    PREFIXES("dark"), WORD("language", false), WORD("zone", false), WORD("country", false),
    TEXT("hours", false, HOURS_TEXT_BYTES - 1), TEXT("egress", false, SERVICE_EGRESS_BYTES),
    TEXT("note", false, SERVICE_NOTE_BYTES), END};
static const struct argument member_change[] = {NAME("name", true), NAME("rename", false),
    PREFIXES("add"), PREFIXES("dark"), PREFIXES("remove"), WORD("language", false),
    WORD("zone", false), WORD("country", false), TEXT("hours", false, HOURS_TEXT_BYTES - 1),
    TEXT("egress", false, SERVICE_EGRESS_BYTES), TEXT("note", false, SERVICE_NOTE_BYTES), END};
static const struct argument member_remove[] = {NAME("name", true), END};
static const struct argument member_import[] = {{"members", ARGUMENT_ROWS, true, 0, 0}, END};
static const struct argument contact_add[] = {NAME("member", true),
    TEXT("address", true, ROSTER_ADDRESS_BYTES - 1), WORD("language", false),
    WORD("severity", false), WORD("tier", false), TEXT("rules", false, SERVICE_RULES_BYTES),
    TEXT("hours", false, HOURS_TEXT_BYTES - 1), WORD("attach", false), WORD("style", false),
    TEXT("secret", false, SIGNATURE_SECRET_MAX),
    TEXT("certificate", false, CERTIFICATE_BASE64_MAX_BYTES), FLAG("any_address"), END};
static const struct argument contact_verify[] = {ID("contact"), WORD("code", true), END};
static const struct argument contact_only[] = {ID("contact"), END};
static const struct argument contact_change[] = {ID("contact"),
    TEXT("address", false, ROSTER_ADDRESS_BYTES - 1), WORD("language", false),
    WORD("severity", false), WORD("tier", false), TEXT("rules", false, SERVICE_RULES_BYTES),
    TEXT("hours", false, HOURS_TEXT_BYTES - 1), WORD("attach", false), WORD("style", false),
    TEXT("secret", false, SIGNATURE_SECRET_MAX), FLAG("stopped"),
    TEXT("certificate", false, CERTIFICATE_BASE64_MAX_BYTES), FLAG("any_address"), END};
static const struct argument incident_deed[] = {
    ID("incident"), TEXT("note", false, CASEBOOK_NOTE_BYTES - 1), END};
static const struct argument incident_close[] = {
    ID("incident"), WORD("reason", true), TEXT("note", false, CASEBOOK_NOTE_BYTES - 1), END};
static const struct argument incident_note[] = {
    ID("incident"), TEXT("note", true, SERVICE_NOTE_BYTES), END};
static const struct argument exception_add[] = {NAME("member", false), WORD("rule", false),
    WORD("subject", true), {"port", ARGUMENT_NUMBER, false, 0, UINT16_MAX},
    TEXT("reason", true, SERVICE_REASON_BYTES), WORD("until", false), END};
static const struct argument exception_only[] = {ID("exception"), END};
static const struct argument notice_only[] = {ID("notice"), END};
static const struct argument account_add[] = {ACCOUNT("name", true), WORD("role", true),
    NAME("member", false), WORD("language", false), TEXT("password", false, PASSWORD_KEPT_BYTES),
    END};
static const struct argument account_change[] = {ACCOUNT("name", true), ACCOUNT("rename", false),
    WORD("role", false), NAME("member", false), WORD("language", false),
    TEXT("password", false, PASSWORD_KEPT_BYTES), FLAG("disabled"), END};
static const struct argument account_only[] = {ACCOUNT("name", true), END};
static const struct argument account_link[] = {
    ACCOUNT("name", true), TEXT("token", true, TOKEN_HASH_BYTES - 1), END};
static const struct argument session_begin[] = {ACCOUNT("account", true),
    TEXT("key", true, PASSWORD_KEY_BYTES - 1), TEXT("token", true, TOKEN_HASH_BYTES - 1), END};
static const struct argument session_link[] = {
    TEXT("link", true, TOKEN_TEXT_BYTES - 1), TEXT("token", true, TOKEN_HASH_BYTES - 1), END};
static const struct argument session_change[] = {WORD("language", false),
    TEXT("password", false, PASSWORD_KEPT_BYTES), TEXT("key", false, PASSWORD_KEY_BYTES - 1), END};
static const struct argument setting_change[] = {
    WORD("key", true), TEXT_OR_NULL("value", STATION_CHANGE_BYTES - 1), END};
static const struct argument nothing[] = {END};

static const struct request requests[] = {
    {"member.add", member_add, service_member_add, false, 0},
    {"member.change", member_change, service_member_change, false, 0},
    {"member.remove", member_remove, service_member_remove, false, 0},
    {"member.import", member_import, service_member_import, false, 0},
    {"contact.add", contact_add, service_contact_add, false, 0},
    {"contact.verify", contact_verify, service_contact_verify, false, 0},
    {"contact.resend", contact_only, service_contact_resend, false, 0},
    {"contact.change", contact_change, service_contact_change, false, 0},
    {"contact.remove", contact_only, service_contact_remove, false, 0},
    {"incident.ack", incident_deed, service_incident_ack, false, PAGE_OPERATOR | PAGE_MEMBER},
    {"incident.work", incident_deed, service_incident_work, false, PAGE_OPERATOR | PAGE_MEMBER},
    {"incident.close", incident_close, service_incident_close, false, PAGE_OPERATOR | PAGE_MEMBER},
    {"incident.note", incident_note, service_incident_note, false, PAGE_OPERATOR | PAGE_MEMBER},
    {"exception.add", exception_add, service_exception_add, false, 0},
    {"exception.remove", exception_only, service_exception_remove, false, 0},
    {"notice.resend", notice_only, service_notice_resend, false, 0},
    {"account.add", account_add, service_account_add, false, 0},
    {"account.change", account_change, service_account_change, false, 0},
    {"account.remove", account_only, service_account_remove, false, 0},
    {"account.link", account_link, service_account_link, false, 0},
    {"session.begin", session_begin, service_session_begin, false, PAGE_NOBODY | PAGE_SIGNED_IN},
    {"session.link", session_link, service_session_link, false, PAGE_NOBODY | PAGE_SIGNED_IN},
    {"session.touch", nothing, service_session_touch, true, PAGE_SIGNED_IN},
    {"session.end", nothing, service_session_end, false, PAGE_SIGNED_IN},
    {"session.change", session_change, service_session_change, false, PAGE_OPERATOR | PAGE_MEMBER},
    {"setting.change", setting_change, service_setting_change, false, 0},
    {"canary.begin", nothing, service_canary_begin, false, 0},
    {"canary.state", nothing, service_canary_state, true, 0},
    {"copy.begin", nothing, service_copy_begin, false, 0},
    {"copy.state", nothing, service_copy_state, true, 0},
};

enum {
	REQUESTS = sizeof requests / sizeof requests[0],
	ARGUMENTS_MAX = 16,
};

/* ---- Whether a request is right ---- */

/* A text of one line that a terminal shows as it is. */
static bool is_line(const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		size_t step = utf8_step(text, left);
		if (step == 0 || utf8_is_control(text, step))
			return false;
		text += step;
		left -= step;
	}
	return true;
}

static int check_text(
    const struct call *call, const struct argument *argument, const struct json_node *value)
{
	const char *text;
	if (!json_read_text(value, &text))
		return call_refuse(
		    call, -EINVAL, "argument.text", "%s: expected a text", argument->name);
	if (argument->is_required && text[0] == '\0')
		return call_refuse(call, -EINVAL, "argument.empty", "%s: is empty, expected a text",
		    argument->name);
	if (strlen(text) > (size_t)argument->max)
		return call_refuse(call, -EINVAL, "argument.long",
		    "%s: has %zu bytes, expected at most %" PRId64, argument->name, strlen(text),
		    argument->max);
	if (!is_line(text))
		return call_refuse(call, -EINVAL, "argument.line",
		    "%s: expected one line without control characters", argument->name);
	return 0;
}

static int check_arguments(
    const struct call *call, const struct argument *arguments, const struct json_node *object);

static int check_list(
    const struct call *call, const struct argument *argument, const struct json_node *value)
{
	const bool are_rows = argument->type == ARGUMENT_ROWS;
	int result = 0;
	if (!json_read_is_array(value))
		return call_refuse(call, -EINVAL, "argument.list", "%s: expected a list of %s",
		    argument->name, are_rows ? "objects" : "texts");
	for (size_t i = 0; i < json_read_count(value) && result == 0; i++) {
		const struct json_node *item = json_read_item(value, i);
		result = are_rows ? check_arguments(call, member_add, item)
				  : check_text(call, argument, item);
	}
	return result;
}

static int check_value(
    const struct call *call, const struct argument *argument, const struct json_node *value)
{
	int64_t number;
	bool flag;
	switch (argument->type) {
	case ARGUMENT_TEXT_OR_NULL:
		if (json_read_is_null(value))
			return 0;
		return check_text(call, argument, value);
	case ARGUMENT_TEXT:
		return check_text(call, argument, value);
	case ARGUMENT_NUMBER:
		if (json_read_whole(value, &number) && number >= argument->min &&
		    number <= argument->max)
			return 0;
		return call_refuse(call, -EINVAL, "argument.number",
		    "%s: expected a whole number from %" PRId64 " to %" PRId64, argument->name,
		    argument->min, argument->max);
	case ARGUMENT_FLAG:
		return json_read_flag(value, &flag)
			   ? 0
			   : call_refuse(call, -EINVAL, "argument.flag",
				 "%s: expected true or false", argument->name);
	case ARGUMENT_TEXTS:
	case ARGUMENT_ROWS:
		return check_list(call, argument, value);
	case ARGUMENT_END:
		break;
	}
	return 0;
}

/* Names that are given and not known. */
struct naming {
	const struct call *call;
	const struct argument *arguments;
};

static int visit_name(void *context, const char *name, const struct json_node *value)
{
	const struct naming *naming = context;
	const char *known[ARGUMENTS_MAX];
	size_t count = 0;
	(void)value;
	if (strcmp(name, "do") == 0 || strcmp(name, "by") == 0)
		return 0;
	for (; naming->arguments[count].type != ARGUMENT_END; count++) {
		if (strcmp(naming->arguments[count].name, name) == 0)
			return 0;
		known[count] = naming->arguments[count].name;
	}
	if (count == 0)
		return call_refuse(naming->call, -EINVAL, "argument.unknown",
		    "%s: is no argument of this, which has none", name);
	return call_refuse(naming->call, -EINVAL, "argument.unknown",
	    "%s: is no argument of this, is it %s?", name, nearest_name(name, known, count));
}

static int check_arguments(
    const struct call *call, const struct argument *arguments, const struct json_node *object)
{
	struct naming naming = {call, arguments};
	if (!json_read_is_object(object))
		return call_refuse(call, -EINVAL, "argument.object", "expected an object");
	int result = json_read_names(object, visit_name, &naming);
	for (; arguments->type != ARGUMENT_END && result == 0; arguments++) {
		const struct json_node *value = json_read_member(object, arguments->name);
		if (value != NULL)
			result = check_value(call, arguments, value);
		else if (arguments->is_required)
			result = call_refuse(
			    call, -EINVAL, "argument.missing", "%s: is missing", arguments->name);
	}
	return result;
}

static const struct request *find_request(
    const struct json_node *object, struct complaint *complaint)
{
	const char *names[REQUESTS];
	const char *name = "";
	if (!json_read_text(json_read_member(object, "do"), &name)) {
		(void)complain(complaint, -EINVAL,
		    "expected an object with \"do\", such as {\"do\":\"%s\",...}",
		    requests[0].name);
		return NULL;
	}
	for (size_t i = 0; i < REQUESTS; i++) {
		if (strcmp(requests[i].name, name) == 0)
			return &requests[i];
		names[i] = requests[i].name;
	}
	(void)complain(complaint, -EINVAL, "%s: is nothing that can be done, is it %s?", name,
	    nearest_name(name, names, REQUESTS));
	return NULL;
}

/* Who does it, which every request may say, but none of somebody whom we know. */
static int check_by(const struct call *call)
{
	static const struct argument by = TEXT("by", false, SERVICE_BY_BYTES);
	const struct json_node *value = json_read_member(call->arguments, by.name);
	if (value == NULL)
		return 0;
	if (call->asker->name != NULL)
		return call_refuse(call, -EINVAL, "argument.foreign",
		    "by: is whoever is signed in, expected a request without it");
	return check_text(call, &by, value);
}

/* ---- The answer ---- */

static int run_request(struct call *call, const struct request *request)
{
	const bool is_known = call->asker->role != PAGE_NOBODY;
	const int may = call_may(call, request->roles == 0 ? PAGE_OPERATOR : request->roles);
	int result = may;
	if (result == 0)
		result = check_arguments(call, request->arguments, call->arguments);
	if (result == 0)
		result = check_by(call);
	if (result != 0 && may == 0)
		return result; /* it asks for nothing */
	if (result == 0) {
		call_name_object(call);
		result = call_check_own(call);
	}
	if (result == 0)
		result = request->run(call);
	/* what nobody asks for in vain fills no disk */
	if (!request->is_look && !call->audit->is_written && (result == 0 || is_known))
		call_note(call, result == 0 ? NULL : call->complaint->text);
	return result;
}

/* Why not, for whoever reads English, and for all others. */
struct refused {
	struct complaint complaint;
	struct refusal refusal;
};

static int run(const struct service *service, const struct keeper_clock *clock,
    const struct json_node *object, struct json *json, struct refused *refused)
{
	struct complaint *complaint = &refused->complaint;
	const struct service_asker self = {
	    .from = "control", .user = (unsigned)getuid(), .role = PAGE_OPERATOR};
	struct service_audit audit = {.what = ""};
	struct call call = {
	    .service = service,
	    .asker = service->asker != NULL ? service->asker : &self,
	    .audit = &audit,
	    .keeper = service->keeper,
	    .store = keeper_store(service->keeper),
	    .clock = *clock,
	    .arguments = object,
	    .json = json,
	    .complaint = complaint,
	    .refusal = &refused->refusal,
	};
	const struct request *request = find_request(object, complaint);
	if (request == NULL)
		return -EINVAL;
	audit.what = request->name;
	int result = run_request(&call, request);
	if (service->note != NULL && !request->is_look)
		service->note(service->context, call.asker, request->name,
		    result == 0 ? NULL : complaint->text);
	return result;
}

static void write_values(struct json *json, const struct refusal *refusal)
{
	json_open_array(json, "values");
	for (size_t i = 0; i < refusal->count; i++)
		json_string(json, NULL, refusal->values[i].text);
	json_close_array(json);
}

static void write_end(FILE *out, int result, const struct refused *refused)
{
	struct json json;
	json_init(&json, out);
	json_open_object(&json, NULL);
	if (result == 0)
		json_bool(&json, "ok", true);
	else
		json_string(&json, "error", refused->complaint.text);
	if (result != 0 && refused->refusal.code[0] != '\0') {
		json_string(&json, "code", refused->refusal.code);
		write_values(&json, &refused->refusal);
	}
	json_close_object(&json);
	fputc('\n', out);
}

int service_answer(const struct service *service, const struct keeper_clock *clock,
    const char *request, size_t length, FILE *out)
{
	struct json_node *object = NULL;
	struct refused refused = {.complaint = {""}};
	struct json json;
	int result = 0;
	json_init(&json, out);
	if (length > SERVICE_REQUEST_BYTES_MAX)
		result = complain(&refused.complaint, -EMSGSIZE,
		    "a request of more than %d bytes, expected several smaller ones",
		    SERVICE_REQUEST_BYTES_MAX);
	if (result == 0)
		result = json_read(request, length, &object, &refused.complaint);
	if (result == 0)
		result = run(service, clock, object, &json, &refused);
	json_read_free(object);
	write_end(out, result, &refused);
	return result;
}

/* ---- Refusals ---- */

int call_refuse(const struct call *call, int error, const char *code, const char *format, ...)
{
	va_list arguments;
	char *line = NULL;
	va_start(arguments, format);
	const int length = vasprintf(&line, format, arguments);
	va_end(arguments);
	(void)complain(call->complaint, error, "%s", length >= 0 ? line : "out of memory");
	if (length >= 0)
		free(line);
	va_start(arguments, format);
	refusal_take(call->refusal, code, format, arguments);
	va_end(arguments);
	return error;
}

int call_means(const struct call *call, int error, const char *code, const char *value)
{
	if (error != 0 && error != -ENOMEM && error != -EIO)
		refusal_set(call->refusal, code, value);
	return error;
}

/* ---- What requests are made of ---- */

bool call_has(const struct call *call, const char *name)
{
	return json_read_member(call->arguments, name) != NULL;
}

bool call_has_text(const struct call *call, const char *name)
{
	return call_text(call, name, NULL) != NULL;
}

const char *call_text(const struct call *call, const char *name, const char *otherwise)
{
	const char *text = otherwise;
	(void)json_read_text(json_read_member(call->arguments, name), &text); /* it was checked */
	return text;
}

int64_t call_number(const struct call *call, const char *name, int64_t otherwise)
{
	int64_t number = otherwise;
	(void)json_read_whole(json_read_member(call->arguments, name), &number); /* likewise */
	return number;
}

bool call_flag(const struct call *call, const char *name)
{
	bool flag = false;
	(void)json_read_flag(json_read_member(call->arguments, name), &flag); /* likewise */
	return flag;
}

size_t call_count(const struct call *call, const char *name)
{
	return json_read_count(json_read_member(call->arguments, name));
}

const char *call_item(const struct call *call, const char *name, size_t index)
{
	const char *text = "";
	(void)json_read_text(
	    json_read_item(json_read_member(call->arguments, name), index), &text); /* likewise */
	return text;
}

struct store_query call_by_id(enum store_kind kind, int64_t id)
{
	return (struct store_query){
	    .kind = kind,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
}

struct finding_one {
	enum store_kind kind;
	void *record;
};

static int visit_one(void *context, const void *record)
{
	struct finding_one *finding = context;
	finding->record = store_record_copy(finding->kind, record);
	return finding->record == NULL ? -ENOMEM : 0;
}

static int find_one(const struct call *call, const struct store_query *query, void **ret_record)
{
	struct finding_one finding = {.kind = query->kind};
	int result = store_each(call->store, query, visit_one, &finding, call->complaint);
	if (result == -ENOMEM)
		(void)complain(call->complaint, result, "out of memory");
	if (result == 0)
		*ret_record = finding.record;
	return result;
}

int call_find_number(const struct call *call, enum store_kind kind, const char *column,
    int64_t number, void **ret_record)
{
	const struct store_query query = {
	    .kind = kind,
	    .conditions = {{.column = column, .test = STORE_IS, .number = number}},
	    .limit = 1,
	};
	return find_one(call, &query, ret_record);
}

int call_find_text(const struct call *call, enum store_kind kind, const char *column,
    const char *text, void **ret_record)
{
	const struct store_query query = {
	    .kind = kind,
	    .conditions = {{.column = column, .test = STORE_IS, .text = text}},
	    .limit = 1,
	};
	return find_one(call, &query, ret_record);
}

int call_find_member(const struct call *call, const char *name, struct store_member **ret_member)
{
	void *record = NULL;
	int result = call_find_text(call, STORE_MEMBER, "name", name, &record);
	if (result == 0 && record == NULL)
		result = call_refuse(call, -ENOENT, "member.none",
		    "member %s: there is none, expected one that `hinomi member list` shows", name);
	if (result == 0)
		*ret_member = record;
	return result;
}

int call_find_contact(const struct call *call, int64_t id, struct store_contact **ret_contact)
{
	void *record = NULL;
	int result = call_find_number(call, STORE_CONTACT, "id", id, &record);
	if (result == 0 && record == NULL)
		result = call_refuse(call, -ENOENT, "contact.none",
		    "contact %" PRId64 ": there is none, expected a number that `hinomi contact "
		    "list` shows",
		    id);
	if (result == 0)
		*ret_contact = record;
	return result;
}
