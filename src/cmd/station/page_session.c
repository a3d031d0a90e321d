/*
 * page_session.c - who signs in to the page, and out of it.
 *
 * A password becomes a key here (station/password.h), which the keeper compares; the token of a new
 * session is made here as well, and the keeper is told its hash. It goes to the browser as a cookie
 * that no script reads and no other site sends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cmd/station/names.h"
#include "cmd/station/page_call.h"
#include "cmd/station/page_store.h"
#include "cmd/station/password.h"

enum {
	BODY_BYTES = 8 << 10, /* a name, and two passwords with every byte escaped */
	EMPTY_BYTES = 256,    /* an object that says nothing */
	COOKIE_BYTES = 160,
	STATUS_UNAUTHORIZED = 401,
};

static void refuse_memory(struct http_request *request)
{
	http_problem(request, 503, NULL, "there is no memory now");
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

/* A call that begins a session: its token is made, and its hash added. */
static void send_entry(struct page *page, struct http_request *request,
    const struct page_question *question, const char *const fields[static 5])
{
	struct page_call call = {.request = request, .who = question->who, .answer = answer_entry};
	char hash[TOKEN_HASH_BYTES];
	char *text = NULL;
	struct json json;
	FILE *out = open_memstream(&text, &call.length);
	bool is_made = out != NULL && token_make(call.secret) == 0 && token_hash(call.secret, hash);
	if (is_made) {
		json_init(&json, out);
		json_open_object(&json, NULL);
		json_string(&json, "do", fields[0]);
		for (size_t i = 1; i < 5 && fields[i] != NULL; i += 2)
			json_string(&json, fields[i], fields[i + 1]);
		json_string(&json, "token", hash);
		json_close_object(&json);
		is_made = ferror(out) == 0;
	}
	if (out != NULL && fclose(out) != 0)
		is_made = false;
	call.json = text;
	if (is_made)
		page_call(page, &call);
	else
		refuse_memory(request);
	if (text != NULL)
		explicit_bzero(text, call.length);
	free(text);
	explicit_bzero(call.secret, sizeof call.secret);
}

/* The same work whether somebody has this name or not. */
static void try_password(struct page *page, struct http_request *request,
    const struct page_question *question, const char *name, const char *password)
{
	char kept[PASSWORD_KEPT_BYTES];
	char key[PASSWORD_KEY_BYTES];
	const struct store_condition which = {.column = "name", .text = name};
	if (!find_kept(page, &which, kept)) {
		http_problem(request, 503, NULL, "the database cannot be read now");
		return;
	}
	if (password_key(password, strlen(password), kept, key) != 0) {
		refuse_memory(request);
		return;
	}
	const char *const fields[5] = {"session.begin", "account", name, "key", key};
	send_entry(page, request, question, fields);
	explicit_bzero(key, sizeof key);
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
			http_problem(request, 400, "name", "name: expected the name of an account");
		else if (password == NULL || password[0] == '\0' ||
			 strlen(password) > PASSWORD_MAX_BYTES)
			http_problem(request, 400, "password",
			    "password: expected one of at most 1024 bytes");
		else if (page_calls_admit(page_calls(page), request, name))
			try_password(page, request, question, name, password);
	}
	json_read_free(body);
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
		const char *const fields[5] = {"session.link", "link", token, NULL};
		if (token != NULL && token_is_one(token))
			send_entry(page, request, question, fields);
		else
			http_problem(request, STATUS_UNAUTHORIZED, "token",
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
		http_problem(request, 403, "old_password",
		    "old_password: is wrong, or there were too many wrong ones, expected the "
		    "password as it is now");
	else
		page_call_reply(request, called, false);
}

struct change {
	const char *language;
	const char *password;
	const char *old_password;
	char kept[PASSWORD_KEPT_BYTES]; /* of the new one */
	char key[PASSWORD_KEY_BYTES];   /* of the old one */
};

/* False after it was refused. */
static bool take_passwords(struct page *page, struct http_request *request,
    const struct page_who *who, struct change *change)
{
	char kept[PASSWORD_KEPT_BYTES];
	struct complaint complaint;
	const char *old = change->old_password != NULL ? change->old_password : "";
	const struct store_condition which = {.column = "id", .number = who->account_id};
	if (change->password == NULL)
		return true;
	if (password_check(change->password, strlen(change->password), &complaint) != 0) {
		http_problem(request, 400, "password", complaint.text);
		return false;
	}
	if (strlen(old) > PASSWORD_MAX_BYTES) {
		http_problem(request, 400, "old_password",
		    "old_password: expected one of at most 1024 bytes");
		return false;
	}
	if (!page_calls_admit(page_calls(page), request, who->name))
		return false;
	if (!find_kept(page, &which, kept) ||
	    password_key(old, strlen(old), kept, change->key) != 0 ||
	    password_keep(change->password, strlen(change->password), change->kept) != 0) {
		refuse_memory(request);
		return false;
	}
	return true;
}

static void send_change(struct page *page, struct http_request *request,
    const struct page_question *question, const struct change *change)
{
	struct page_call call = {.request = request, .who = question->who, .answer = answer_change};
	char *text = NULL;
	struct json json;
	FILE *out = open_memstream(&text, &call.length);
	if (out == NULL) {
		refuse_memory(request);
		return;
	}
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "do", "session.change");
	if (change->language != NULL)
		json_string(&json, "language", change->language);
	if (change->password != NULL) {
		json_string(&json, "password", change->kept);
		json_string(&json, "key", change->key);
	}
	json_close_object(&json);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		refuse_memory(request);
	} else {
		call.json = text;
		page_call(page, &call);
	}
	free(text);
}

static void patch_session(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static const char *const names[] = {"language", "password", "old_password"};
	struct change change = {.language = NULL};
	struct json_node *body = page_call_body(request, names, 3);
	if (body == NULL)
		return;
	if (page_call_text(request, body, "language", &change.language) &&
	    page_call_text(request, body, "password", &change.password) &&
	    page_call_text(request, body, "old_password", &change.old_password) &&
	    take_passwords(page, request, question->who, &change))
		send_change(page, request, question, &change);
	explicit_bzero(change.key, sizeof change.key);
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
