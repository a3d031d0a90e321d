/* page_accounts.c - who may use the page, and who changed what, by the API: the operator's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cmd/station/page_list.h"
#include "cmd/station/page_order.h"
#include "cmd/station/record_json.h"

enum {
	BODY_BYTES = 8 << 10,
	FIELDS_MAX = 6, /* of an account */
};

/* ---- Lists ---- */

static int see_member(void *context, const void *record)
{
	const struct store_member *member = record;
	(void)snprintf(context, STATION_NAME_BYTES, "%s", member->name);
	return 0;
}

static int write_account(void *context, struct page_list *list, const void *record)
{
	const struct store_account *account = record;
	char member[STATION_NAME_BYTES] = "";
	const struct store_query its = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = account->member_id}}};
	int result = 0;
	(void)context;
	if (account->member_id != 0)
		result = store_each(
		    list->question->store, &its, see_member, member, &list->answer->complaint);
	if (result != 0)
		return result;
	record_write_account(list->json, account, account->member_id != 0 ? member : NULL);
	return PAGE_WRITTEN;
}

static unsigned read_accounts(const struct page_question *question, struct page_answer *answer)
{
	const struct page_walk walk = {.query = {.kind = STORE_ACCOUNT}, .write = write_account};
	return page_list_write(question, answer, &walk);
}

static int write_audit(void *context, struct page_list *list, const void *record)
{
	(void)context;
	record_write_audit(list->json, record);
	return PAGE_WRITTEN;
}

static unsigned read_audit(const struct page_question *question, struct page_answer *answer)
{
	static const char *const texts[] = {"by", "what", "on"};
	struct page_walk walk = {
	    .query = {.kind = STORE_AUDIT, .order = "at_us", .descending = true},
	    .write = write_audit};
	struct store_condition *next = walk.query.conditions;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (page_text(question, texts[i]) != NULL)
			*next++ = (struct store_condition){
			    .column = texts[i], .text = page_text(question, texts[i])};
	if (page_value(question, "since") != NULL)
		*next++ = (struct store_condition){.column = "at_us",
		    .test = STORE_FROM,
		    .number = page_number(question, "since", 0)};
	if (page_value(question, "until") != NULL)
		*next++ = (struct store_condition){.column = "at_us",
		    .test = STORE_BELOW,
		    .number = page_number(question, "until", 0)};
	return page_list_write(question, answer, &walk);
}

/* ---- Changes ---- */

/* A field as it is. False after it was refused. */
static bool put_field(struct page_order *order, const struct json_node *body, const char *name)
{
	const struct json_node *value = json_read_member(body, name);
	const char *text;
	bool flag;
	if (value == NULL)
		return true;
	if (strcmp(name, "disabled") == 0) {
		if (!json_read_flag(value, &flag)) {
			page_tell(order->call.request, PROBLEM(400, name, "argument.flag"),
			    "%s: expected true or false", name);
			return false;
		}
		json_bool(&order->json, name, flag);
		return true;
	}
	if (!page_call_text(order->call.request, body, name, &text))
		return false;
	json_string(&order->json, name, text);
	return true;
}

/* NULL where none is given; false after it was refused. */
static bool take_password(
    struct page_order *order, const struct json_node *body, const char **ret_password)
{
	struct http_request *request = order->call.request;
	struct password_about about = {.station = page_world(order->page)->config->station.name,
	    .account = http_request_segment(request, 0)};
	(void)json_read_text(json_read_member(body, "name"), &about.account);   /* of a new one */
	(void)json_read_text(json_read_member(body, "rename"), &about.account); /* as it will be */
	if (!page_call_text(request, body, "password", ret_password))
		return false;
	return *ret_password == NULL || page_call_password(request, *ret_password, &about);
}

/* Takes the order. `names` of fields as they are; a password besides. */
static void run_change(struct page_order *order, const char *const *names, size_t count)
{
	struct http_request *request = order->call.request;
	const char *all[FIELDS_MAX] = {"password"};
	memcpy(all + 1, names, count * sizeof *names);
	struct json_node *body = page_call_body(request, all, count + 1);
	struct hasher_work work = {.new_password = NULL};
	bool is_good = body != NULL;
	for (size_t i = 0; i < count && is_good; i++)
		is_good = put_field(order, body, names[i]);
	is_good = is_good && take_password(order, body, &work.new_password);
	if (!is_good)
		page_order_drop(order);
	else if (work.new_password != NULL)
		page_order_hash(order, &work);
	else
		page_order_send(order);
	json_read_free(body);
}

static void reply_new(struct http_request *request, const struct page_called *called)
{
	page_call_reply(request, called, true);
}

static void post_account(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"name", "role", "member", "language"};
	struct page_order *order = page_order_new(page, request, question, "account.add");
	if (order == NULL)
		return;
	order->call.answer = reply_new;
	run_change(order, names, sizeof names / sizeof names[0]);
}

static void patch_account(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"rename", "role", "member", "language", "disabled"};
	struct page_order *order = page_order_new(page, request, question, "account.change");
	if (order == NULL)
		return;
	json_string(&order->json, "name", question->segments[0]);
	run_change(order, names, sizeof names / sizeof names[0]);
}

/* ---- Links ---- */

static void answer_link(struct http_request *request, const struct page_called *called)
{
	char link[PAGE_LINK_BYTES];
	char *text = NULL;
	size_t length = 0;
	struct json json;
	if (called->result != 0) {
		page_call_refuse(request, called, NULL);
		return;
	}
	page_link_format(page_world(called->page)->config, called->secret, link);
	FILE *out = open_memstream(&text, &length);
	if (out != NULL) {
		json_init(&json, out);
		json_open_object(&json, NULL);
		json_string(&json, "token", called->secret);
		json_string(&json, "link", link);
		json_close_object(&json);
	}
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed) {
		page_tell(request, PROBLEM(503, NULL, NULL), "there is no memory now");
	} else {
		const struct http_reply reply = {
		    .status = 201, .type = "application/json", .bytes = text, .count = length};
		http_reply(request, &reply);
	}
	free(text);
}

static void post_link(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	char hash[TOKEN_HASH_BYTES];
	struct json_node *body = page_call_body(request, NULL, 0);
	json_read_free(body);
	struct page_order *order =
	    body == NULL ? NULL : page_order_new(page, request, question, "account.link");
	if (order == NULL)
		return;
	if (token_make(order->call.secret) != 0 || !token_hash(order->call.secret, hash)) {
		page_tell(request, PROBLEM(503, NULL, NULL), "no random token can be had");
		page_order_drop(order);
		return;
	}
	order->call.answer = answer_link;
	json_string(&order->json, "name", question->segments[0]);
	json_string(&order->json, "token", hash);
	page_order_send(order);
}

/* ---- The table ---- */

static const char *const account_columns[] = {"id", "name", "role", "member", "language",
    "password", "disabled", "failures", "locked_until", "created", "changed", NULL};
static const char *const audit_columns[] = {
    "id", "at", "by", "from", "what", "on", "outcome", NULL};

static const struct page_parameter audit_parameters[] = {
    {"by", PAGE_TEXT, 1, 63, NULL, "who did it: an account, or a user of the machine"},
    {"what", PAGE_TEXT, 1, 63, NULL, "what was done, such as incident.ack"},
    {"on", PAGE_TEXT, 1, 127, NULL, "what it was about: a number or a name"},
    {"since", PAGE_TIME, 0, 0, NULL, "from then"},
    {"until", PAGE_TIME, 0, 0, NULL, "before then"},
    {.name = NULL},
};

const struct page_route page_account_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/accounts",
	.roles = PAGE_OPERATOR,
	.read = read_accounts,
	.summary = "Who may use the page",
	.is_list = true,
	.columns = account_columns},
    {.method = ROUTE_POST,
	.path = "/api/v1/accounts",
	.roles = PAGE_OPERATOR,
	.run = post_account,
	.body_max_bytes = BODY_BYTES,
	.summary = "A new account: name, role (operator, member, viewer), member, language, "
		   "password"},
    {.method = ROUTE_PATCH,
	.path = "/api/v1/accounts/{name}",
	.roles = PAGE_OPERATOR,
	.run = patch_account,
	.body_max_bytes = BODY_BYTES,
	.summary = "Changes one: rename, role, member, language, password, disabled"},
    {.method = ROUTE_POST,
	.path = "/api/v1/accounts/{name}/link",
	.roles = PAGE_OPERATOR,
	.run = post_link,
	.body_max_bytes = BODY_BYTES,
	.summary = "A link that signs in once, within a day"},
    {.method = ROUTE_GET,
	.path = "/api/v1/audit",
	.roles = PAGE_OPERATOR,
	.read = read_audit,
	.summary = "Who changed what, and who tried to, the latest first",
	.parameters = audit_parameters,
	.is_list = true,
	.columns = audit_columns},
    {.path = NULL},
};
