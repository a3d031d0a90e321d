/*
 * page_session.c - who signs in to the page, and out of it.
 *
 * A password becomes a key here (page_order.h), which the keeper compares; the token of a new
 * session is made here as well, and the keeper is told its hash. It goes to the browser as a cookie
 * that no script reads and no other site sends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cmd/station/names.h"
#include "cmd/station/page_order.h"
#include "cmd/station/page_store.h"

enum {
	BODY_BYTES = 8 << 10, /* a name, and two passwords with every byte escaped */
	EMPTY_BYTES = 256,    /* an object that says nothing */
	COOKIE_BYTES = 160,
	STATUS_UNAUTHORIZED = 401,
};

static void refuse_memory(struct http_request *request)
{
	page_tell(request, PROBLEM(503, NULL, NULL), "there is no memory now");
}

/* ---- Who is there ---- */

struct shown {
	const char *name;
	const char *role;
	const char *member; /* NULL: none */
	const char *language;
};

static void write_session(
    struct json *json, const struct shown *shown, const struct station_config *config)
{
	json_open_object(json, NULL);
	json_open_object(json, "account");
	json_string(json, "name", shown->name);
	json_string(json, "role", shown->role);
	json_string(json, "member", shown->member);
	json_string(json, "language", shown->language);
	json_close_object(json);
	json_open_object(json, "station");
	json_string(json, "name", config->station.name);
	json_string(
	    json, "language", station_language_name((enum language)config->station.language));
	json_string(json, "zone", config->station.zone);
	json_string(json, "version", HINOMI_VERSION);
	json_close_object(json);
	json_bool(json, "drill", station_config_is_exercise(config));
	json_close_object(json);
}

static const char *name_of_role(enum page_role role)
{
	return role == PAGE_OPERATOR ? "operator" : role == PAGE_MEMBER ? "member" : "viewer";
}

static unsigned read_session(const struct page_question *question, struct page_answer *answer)
{
	const struct page_who *who = question->who;
	const struct shown shown = {.name = who->name,
	    .role = name_of_role(who->role),
	    .member = who->role == PAGE_MEMBER ? who->member : NULL,
	    .language = who->language};
	write_session(&answer->json, &shown, question->world->config);
	return 200;
}

/* ---- What comes of signing in and out ---- */

/* `token` "": takes it away. */
static void write_cookie(
    const struct page *page, const char *token, int64_t lasts_us, char out[static COOKIE_BYTES])
{
	const bool is_secure = page_is_secure(page);
	(void)snprintf(out, COOKIE_BYTES,
	    "%shinomi=%s; Path=/; Max-Age=%lld; HttpOnly; "
	    "SameSite=Strict%s",
	    is_secure ? "__Host-" : "", token, (long long)(lasts_us / WHEN_SECOND_US),
	    is_secure ? "; Secure" : ""); /* fits */
}

static void reply_with_cookie(
    struct http_request *request, const struct page_called *called, const struct json_node *record)
{
	char cookie[COOKIE_BYTES];
	char *text = NULL;
	size_t length = 0;
	struct json json;
	struct shown shown = {"", "", NULL, ""};
	(void)json_read_text(json_read_member(record, "account"), &shown.name); /* all are there */
	(void)json_read_text(json_read_member(record, "role"), &shown.role);
	(void)json_read_text(json_read_member(record, "member"), &shown.member); /* or null */
	(void)json_read_text(json_read_member(record, "language"), &shown.language);
	FILE *out = open_memstream(&text, &length);
	if (out != NULL) {
		json_init(&json, out);
		write_session(&json, &shown, page_world(called->page)->config);
	}
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed) {
		refuse_memory(request);
	} else {
		const bool is_viewer = strcmp(shown.role, "viewer") == 0;
		write_cookie(called->page, called->secret,
		    is_viewer ? PAGE_VIEWER_US : PAGE_SESSION_US, cookie);
		const struct http_reply reply = {.status = 200,
		    .type = "application/json",
		    .bytes = text,
		    .count = length,
		    .set_cookie = cookie};
		http_reply(request, &reply);
		explicit_bzero(cookie, sizeof cookie);
	}
	free(text);
}

static void answer_entry(struct http_request *request, const struct page_called *called)
{
	struct json_node *record = NULL;
	if (called->result != 0) {
		page_call_refuse(request, called, called->result == -EINVAL ? "name" : NULL);
	} else if (json_read(called->record, called->length, &record, NULL) != 0) {
		refuse_memory(request);
	} else {
		reply_with_cookie(request, called, record);
		json_read_free(record);
	}
}

/* Whose session had ended anyway is out all the same. */
static void answer_end(struct http_request *request, const struct page_called *called)
{
	char cookie[COOKIE_BYTES];
	if (called->result != 0 && called->result != -ENOKEY) {
		page_call_refuse(request, called, NULL);
		return;
	}
	write_cookie(called->page, "", 0, cookie);
	const struct http_reply reply = {.status = 200,
	    .type = "application/json",
	    .bytes = "{}",
	    .count = 2,
	    .set_cookie = cookie};
	http_reply(request, &reply);
}

/* ---- Signing in ---- */

/* What is kept of an account's password: "" where there is none, or nobody has this name. */
static int see_kept(void *context, const void *record)
{
	const struct store_account *account = record;
	(void)snprintf(context, PASSWORD_KEPT_BYTES, "%s", account->password_hash);
	return 0;
}

static bool find_kept(
    struct page *page, const struct store_condition *which, char out[static PASSWORD_KEPT_BYTES])
{
	struct store *store;
	struct complaint complaint;
	const struct store_query query = {.kind = STORE_ACCOUNT, .conditions = {*which}};
	out[0] = '\0';
	int result = page_store_begin(
	    page_database(page), loop_monotonic_us(page_loop(page)), &store, &complaint);
	if (result == 0)
		result = store_each(store, &query, see_kept, out, &complaint);
	page_store_end(page_database(page));
	return result == 0;
}

/* A call that begins a session: its token is made, and its hash added. NULL after it was refused.
 */
static struct page_order *begin_entry(struct page *page, struct http_request *request,
    const struct page_question *question, const char *name)
{
	char hash[TOKEN_HASH_BYTES];
	struct page_order *order = page_order_new(page, request, question, name);
	if (order == NULL)
		return NULL;
	if (token_make(order->call.secret) != 0 || !token_hash(order->call.secret, hash)) {
		refuse_memory(request);
		page_order_drop(order);
		return NULL;
	}
	order->call.answer = answer_entry;
	json_string(&order->json, "token", hash);
	return order;
}

/* The same work whether somebody has this name or not. */
static void try_password(struct page *page, struct http_request *request,
    const struct page_question *question, const char *name, const char *password)
{
	char kept[PASSWORD_KEPT_BYTES];
	const struct store_condition which = {.column = "name", .text = name};
	const struct hasher_work work = {.password = password, .kept = kept};
	if (!find_kept(page, &which, kept)) {
		page_tell(request, PROBLEM(503, NULL, NULL), "the database cannot be read now");
		return;
	}
	struct page_order *order = begin_entry(page, request, question, "session.begin");
	if (order == NULL)
		return;
	json_string(&order->json, "account", name);
	page_order_hash(order, &work);
}

static void post_session(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"name", "password"};
	const char *name;
	const char *password;
	struct json_node *body = page_call_body(request, names, 2);
	if (body == NULL)
		return;
	if (page_call_text(request, body, "name", &name) &&
	    page_call_text(request, body, "password", &password)) {
		if (name == NULL || name[0] == '\0' || strlen(name) >= PAGE_NAME_BYTES)
			page_tell(request, PROBLEM(400, "name", "session.name"),
			    "name: expected the name of an account");
		else if (password == NULL || password[0] == '\0' ||
			 strlen(password) > PASSWORD_MAX_BYTES)
			page_tell(request, PROBLEM(400, "password", "password.long"),
			    "password: expected one of at most %d bytes", PASSWORD_MAX_BYTES);
		else if (page_calls_admit(page_calls(page), request, name))
			try_password(page, request, question, name, password);
	}
	json_read_free(body);
}

static void follow_link(struct page *page, struct http_request *request,
    const struct page_question *question, const char *token)
{
	struct page_order *order = begin_entry(page, request, question, "session.link");
	if (order == NULL)
		return;
	json_string(&order->json, "link", token);
	page_order_send(order);
}

static void post_link(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"token"};
	const char *token;
	struct json_node *body = page_call_body(request, names, 1);
	if (body == NULL)
		return;
	if (!page_call_text(request, body, "token", &token)) {
		json_read_free(body);
		return;
	}
	if (page_calls_admit(page_calls(page), request, NULL)) {
		if (token != NULL && token_is_one(token))
			follow_link(page, request, question, token);
		else
			page_tell(request, PROBLEM(STATUS_UNAUTHORIZED, "token", "session.link"),
			    "token: is none, expected that of a link that signs in");
	}
	json_read_free(body);
}

static void delete_session(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char text[] = "{\"do\":\"session.end\"}";
	const struct page_call call = {.request = request,
	    .who = question->who,
	    .json = text,
	    .length = sizeof text - 1,
	    .answer = answer_end};
	page_call(page, &call);
}

/* ---- One's own account ---- */

static void answer_change(struct http_request *request, const struct page_called *called)
{
	/* 401 would say that he is not signed in */
	if (called->result == -EKEYREJECTED)
		page_tell(request, PROBLEM(403, "old_password", "password.old"),
		    "old_password: is wrong, or there were too many wrong ones, expected the "
		    "password as it is now");
	else
		page_call_reply(request, called, false);
}

struct change {
	const char *language;
	const char *password;
	const char *old_password; /* never NULL */
	char kept[PASSWORD_KEPT_BYTES];
};

/* False after it was refused. */
static bool check_passwords(struct page *page, struct http_request *request,
    const struct page_who *who, struct change *change)
{
	const struct store_condition which = {.column = "id", .number = who->account_id};
	const struct password_about about = {
	    .station = page_world(page)->config->station.name, .account = who->name};
	if (!page_call_password(request, change->password, &about))
		return false;
	if (strlen(change->old_password) > PASSWORD_MAX_BYTES) {
		page_tell(request, PROBLEM(400, "old_password", "password.long"),
		    "old_password: expected one of at most %d bytes", PASSWORD_MAX_BYTES);
		return false;
	}
	if (!page_calls_admit(page_calls(page), request, who->name))
		return false;
	if (!find_kept(page, &which, change->kept)) {
		page_tell(request, PROBLEM(503, NULL, NULL), "the database cannot be read now");
		return false;
	}
	return true;
}

static void send_change(struct page *page, struct http_request *request,
    const struct page_question *question, const struct change *change)
{
	const struct hasher_work work = {.password = change->old_password,
	    .kept = change->kept,
	    .new_password = change->password};
	struct page_order *order = page_order_new(page, request, question, "session.change");
	if (order == NULL)
		return;
	order->call.answer = answer_change;
	if (change->language != NULL)
		json_string(&order->json, "language", change->language);
	if (change->password != NULL)
		page_order_hash(order, &work);
	else
		page_order_send(order);
}

static void patch_session(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"language", "password", "old_password"};
	struct change change = {.language = NULL};
	struct json_node *body = page_call_body(request, names, 3);
	if (body == NULL)
		return;
	bool is_good = page_call_text(request, body, "language", &change.language) &&
		       page_call_text(request, body, "password", &change.password) &&
		       page_call_text(request, body, "old_password", &change.old_password);
	if (change.old_password == NULL)
		change.old_password = "";
	if (is_good && change.password != NULL)
		is_good = check_passwords(page, request, question->who, &change);
	if (is_good)
		send_change(page, request, question, &change);
	json_read_free(body);
}

/* ---- The table ---- */

const struct page_route page_session_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/session",
	.roles = PAGE_SIGNED_IN,
	.read = read_session,
	.is_fresh = true,
	.summary = "Who is signed in, and at which station"},
    {.method = ROUTE_POST,
	.path = "/api/v1/session",
	.roles = PAGE_NOBODY | PAGE_SIGNED_IN,
	.run = post_session,
	.body_max_bytes = BODY_BYTES,
	.summary = "Signs in: name, password"},
    {.method = ROUTE_POST,
	.path = "/api/v1/session/link",
	.roles = PAGE_NOBODY | PAGE_SIGNED_IN,
	.run = post_link,
	.body_max_bytes = BODY_BYTES,
	.summary = "Signs in by a link, once: token"},
    {.method = ROUTE_DELETE,
	.path = "/api/v1/session",
	.roles = PAGE_SIGNED_IN,
	.run = delete_session,
	.body_max_bytes = EMPTY_BYTES,
	.summary = "Signs out"},
    {.method = ROUTE_PATCH,
	.path = "/api/v1/session",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.run = patch_session,
	.body_max_bytes = BODY_BYTES,
	.summary = "Changes one's own account: language, password with old_password"},
    {.path = NULL},
};
