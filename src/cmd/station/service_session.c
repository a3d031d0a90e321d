/*
 * service_session.c - who signs in, stays so, and signs out. Asked by the page alone: whoever has
 * the control socket has no session, and needs none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/names.h"
#include "cmd/station/password.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

enum {
	FAILURES_FREE = 10,   /* wrong passwords in a row, as people mistype */
	FAILURES_DOUBLED = 5, /* then half a minute, doubled so often: a quarter of an hour */
	SESSIONS_MAX = 50,    /* of an account; the oldest makes room */
};

#define LOCK_US (30 * WHEN_SECOND_US)

/* The same for everything that may be wrong, so that nobody learns who has an account. */
static const char refusal[] = "the name or the password is wrong, or there were too many wrong "
			      "ones: then wait, for up to a quarter of an hour";

/* Somebody who may become the owner of a session. */
struct entry {
	struct call *call;
	const struct service_asker *stranger; /* who asked before that was known */
	struct service_asker asker;           /* who he is, once it is */
	struct store_account *account;
	struct store_session session;
	bool was_wrong;
	char link[TOKEN_HASH_BYTES]; /* by which he comes; "" by none */
};

/* ---- Who ---- */

static int check_page(const struct call *call)
{
	return call->asker->name != NULL
		   ? 0
		   : call_refuse(call, -EPERM, "session.page",
			 "nobody signs in here, expected this by the page alone");
}

static const struct rate_limit one_door = {.burst = 15, .every_us = 6 * WHEN_SECOND_US};
static const struct rate_limit all_doors = {.burst = 45, .every_us = WHEN_SECOND_US / 3};

void service_init_doors(struct rate *doors)
{
	rate_init(doors, &one_door, &all_doors);
}

/* Whether something may be tried now, which is counted. */
static int knock(const struct call *call)
{
	struct rate *doors = call->service->doors;
	if (doors == NULL || call->asker->peer == NULL ||
	    rate_take(doors, call->asker->peer, call->clock.monotonic_us))
		return 0;
	return call_refuse(call, -EUSERS, "tries.many", "too many tries: wait for half a minute");
}

static bool is_locked(const struct entry *entry)
{
	return entry->account->locked_until_us > entry->call->clock.wall_us;
}

/* When somebody has mistyped so often. */
static int64_t lock_until_us(const struct entry *entry, int64_t failures)
{
	const int64_t more = failures - FAILURES_FREE;
	if (more < 0)
		return 0;
	return entry->call->clock.wall_us +
	       (LOCK_US << (more < FAILURES_DOUBLED ? more : FAILURES_DOUBLED));
}

static int put_failure(void *context, struct complaint *complaint)
{
	const struct entry *entry = context;
	const struct call *call = entry->call;
	const int64_t failures = entry->account->failures + 1;
	const struct store_query which = call_by_id(STORE_ACCOUNT, entry->account->id);
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "failures", .number = failures},
	    {.column = "locked_until_us", .number = lock_until_us(entry, failures)},
	};
	int result = store_change(call->store, &which, changes, NULL, complaint);
	return result != 0 ? result : call_put_record(call, "a wrong password", complaint);
}

/* Only where there is an account, and it is not locked: so this fills no disk. */
static int refuse(struct entry *entry)
{
	const struct call *call = entry->call;
	const struct keeper_change change = {.context = entry, .put = put_failure};
	struct complaint complaint;
	if (entry->was_wrong) {
		call->audit->is_written = true;
		/* where that cannot be written, nobody is let in all the same */
		(void)keeper_change(call->keeper, &call->clock, &change, &complaint);
	}
	return call_refuse(call, -EKEYREJECTED, "session.refused", "%s", refusal);
}

/* From now on it is he who asks. */
static void become(struct entry *entry)
{
	entry->asker = *entry->call->asker;
	entry->asker.name = entry->account->name;
	entry->call->asker = &entry->asker;
}

static int find_by_name(struct entry *entry)
{
	struct call *call = entry->call;
	void *record = NULL;
	int result =
	    call_find_text(call, STORE_ACCOUNT, "name", call_text(call, "account", ""), &record);
	if (result != 0)
		return result;
	entry->account = record;
	if (record == NULL || entry->account->disabled || is_locked(entry) ||
	    entry->account->password_hash[0] == '\0')
		return refuse(entry);
	entry->was_wrong =
	    !password_is_key(entry->account->password_hash, call_text(call, "key", ""));
	if (entry->was_wrong)
		return refuse(entry);
	become(entry);
	return 0;
}

/* ---- A new session ---- */

static int put_session(struct entry *entry, struct complaint *complaint)
{
	const struct call *call = entry->call;
	const int64_t now_us = call->clock.wall_us;
	const struct store_query over = {.kind = STORE_SESSION,
	    .conditions = {{.column = "until_us", .test = STORE_BELOW, .number = now_us + 1}}};
	struct store_query its = {.kind = STORE_SESSION,
	    .conditions = {{.column = "account_id", .number = entry->account->id},
		{.column = "kind", .number = SESSION_PAGE}}};
	int64_t count = 0;
	entry->session = (struct store_session){
	    .account_id = entry->account->id,
	    .token_hash = call_text(call, "token", ""),
	    .kind = SESSION_PAGE,
	    .created_us = now_us,
	    .until_us = page_session_until(page_role_of(entry->account->role), now_us, now_us),
	    .from = call->asker->from,
	};
	int result = store_remove(call->store, &over, NULL, complaint);
	if (result == 0)
		result = store_count(call->store, &its, &count, complaint);
	its.limit = count - SESSIONS_MAX + 1;
	if (result == 0 && its.limit > 0)
		result = store_remove(call->store, &its, NULL, complaint);
	if (result == 0)
		result =
		    store_put(call->store, STORE_RECORD(&entry->session), STORE_REPLACE, complaint);
	return result;
}

static int put_entry(void *context, struct complaint *complaint)
{
	struct entry *entry = context;
	const struct call *call = entry->call;
	const struct store_query which = call_by_id(STORE_ACCOUNT, entry->account->id);
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "failures", .number = 0}, {.column = "locked_until_us", .number = 0}};
	const struct store_query link = {.kind = STORE_SESSION,
	    .conditions = {{.column = "token_hash", .text = entry->link},
		{.column = "kind", .number = SESSION_LINK}}};
	int result = store_remove(call->store, &link, NULL, complaint);
	if (result == 0)
		result = store_change(call->store, &which, changes, NULL, complaint);
	return result != 0 ? result : put_session(entry, complaint);
}

static int answer_session(const struct entry *entry)
{
	struct json *json = entry->call->json;
	char until[WHEN_TEXT_BYTES];
	void *record = NULL;
	int result = 0;
	if (entry->account->member_id != 0)
		result = call_find_number(
		    entry->call, STORE_MEMBER, "id", entry->account->member_id, &record);
	if (result != 0)
		return result;
	const struct store_member *member = record;
	when_format_utc(entry->session.until_us, until);
	json_open_object(json, NULL);
	json_string(json, "type", "session");
	json_string(json, "account", entry->account->name);
	json_string(json, "role", record_account_role(entry->account->role));
	json_string(json, "member", member != NULL ? member->name : NULL);
	json_string(json, "language", entry->account->language);
	json_string(json, "until", until);
	json_close_object(json);
	fputc('\n', json->out);
	free(record);
	return 0;
}

/* Everything is known: the session begins. */
static int begin(struct entry *entry)
{
	const struct keeper_change change = {.context = entry, .put = put_entry};
	const struct call *call = entry->call;
	if (!token_is_hash(call_text(call, "token", "")))
		return call_refuse(call, -EINVAL, "token",
		    "token: expected a SHA-256 in small hexadecimal digits");
	(void)snprintf(
	    call->audit->on, sizeof call->audit->on, "%s", entry->account->name); /* fits */
	int result = call_change(call, &change);
	return result != 0 ? result : answer_session(entry);
}

int service_session_begin(struct call *call)
{
	struct entry entry = {.call = call, .stranger = call->asker};
	int result = check_page(call);
	if (result == 0)
		result = knock(call);
	if (result == 0)
		result = find_by_name(&entry);
	if (result == 0)
		result = begin(&entry);
	call->asker = entry.stranger;
	free(entry.account);
	return result;
}

static int find_by_link(struct entry *entry)
{
	const struct call *call = entry->call;
	void *record = NULL;
	if (!token_hash(call_text(call, "link", ""), entry->link))
		entry->link[0] = '\0'; /* which no link has */
	int result = call_find_text(call, STORE_SESSION, "token_hash", entry->link, &record);
	const struct store_session *link = record;
	const bool is_good =
	    link != NULL && link->kind == SESSION_LINK && link->until_us > call->clock.wall_us;
	void *account = NULL;
	if (result == 0 && is_good)
		result = call_find_number(call, STORE_ACCOUNT, "id", link->account_id, &account);
	free(record);
	if (result != 0)
		return result;
	entry->account = account;
	if (account == NULL || entry->account->disabled)
		return call_refuse(call, -EKEYREJECTED, "session.link",
		    "this link was used, or has ended: `hinomi account link` makes another");
	become(entry);
	return 0;
}

int service_session_link(struct call *call)
{
	struct entry entry = {.call = call, .stranger = call->asker};
	int result = check_page(call);
	if (result == 0)
		result = knock(call);
	if (result == 0)
		result = find_by_link(&entry);
	if (result == 0)
		result = begin(&entry);
	call->asker = entry.stranger;
	free(entry.account);
	return result;
}

/* ---- The session of whoever asks ---- */

static int check_session(const struct call *call)
{
	return call->asker->session != NULL
		   ? 0
		   : call_refuse(call, -EPERM, "session.page",
			 "there is no session, expected this by the page alone");
}

static struct store_query own_session(const struct call *call)
{
	return (struct store_query){.kind = STORE_SESSION,
	    .conditions = {{.column = "token_hash", .text = call->asker->session},
		{.column = "kind", .number = SESSION_PAGE}}};
}

static int put_touch(void *context, struct complaint *complaint)
{
	const struct entry *entry = context;
	const struct store_query which = own_session(entry->call);
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "until_us", .number = entry->session.until_us}};
	return store_change(entry->call->store, &which, changes, NULL, complaint);
}

/* Somebody is still there. */
int service_session_touch(struct call *call)
{
	struct entry entry = {.call = call};
	struct page_who who;
	const struct keeper_change change = {.context = &entry, .put = put_touch};
	int result = check_session(call);
	if (result == 0)
		result = page_who_find_hash(
		    call->store, call->asker->session, call->clock.wall_us, &who, call->complaint);
	if (result != 0 || who.role == PAGE_NOBODY)
		return result;
	entry.session.until_us = page_session_until(who.role, who.created_us, call->clock.wall_us);
	if (entry.session.until_us <= who.until_us)
		return 0;
	return keeper_change(call->keeper, &call->clock, &change, call->complaint);
}

static int put_end(void *context, struct complaint *complaint)
{
	const struct call *call = context;
	const struct store_query which = own_session(call);
	return store_remove(call->store, &which, NULL, complaint);
}

int service_session_end(struct call *call)
{
	const struct keeper_change change = {.context = call, .put = put_end};
	int result = check_session(call);
	return result != 0 ? result : call_change(call, &change);
}

/* ---- His own account ---- */

/* All sessions and links of the account but this one: SQL has no "other than". */
static int end_others(const struct entry *entry, struct complaint *complaint)
{
	const struct call *call = entry->call;
	struct page_who who;
	const struct store_query all = {.kind = STORE_SESSION,
	    .conditions = {{.column = "account_id", .number = entry->account->id}}};
	int result = page_who_find_hash(
	    call->store, call->asker->session, call->clock.wall_us, &who, complaint);
	if (result == 0)
		result = store_remove(call->store, &all, NULL, complaint);
	struct store_session own = {
	    .account_id = entry->account->id,
	    .token_hash = call->asker->session,
	    .kind = SESSION_PAGE,
	    .created_us = who.created_us,
	    .until_us = who.until_us,
	    .from = call->asker->from,
	};
	if (result == 0 && who.role != PAGE_NOBODY)
		result = store_put(call->store, STORE_RECORD(&own), STORE_REPLACE, complaint);
	return result;
}

static int put_own(void *context, struct complaint *complaint)
{
	struct entry *entry = context;
	const struct call *call = entry->call;
	const bool is_new_password = call_text(call, "password", "")[0] != '\0';
	int result = is_new_password ? end_others(entry, complaint) : 0;
	return result != 0
		   ? result
		   : store_put(call->store, STORE_RECORD(entry->account), STORE_REPLACE, complaint);
}

/* Whoever finds a browser open must know the password to change it. */
static int take_password(struct entry *entry)
{
	const struct call *call = entry->call;
	const char *kept = call_text(call, "password", "");
	struct store_account *account = entry->account;
	if (kept[0] == '\0')
		return 0;
	if (!password_is_kept(kept))
		return call_refuse(call, -EINVAL, "password.form",
		    "password: expected what the page makes of one");
	const int result = knock(call);
	if (result != 0)
		return result;
	if (account->password_hash[0] != '\0' && is_locked(entry))
		return refuse(entry);
	entry->was_wrong = account->password_hash[0] != '\0' &&
			   !password_is_key(account->password_hash, call_text(call, "key", ""));
	if (entry->was_wrong)
		return refuse(entry);
	account->password_hash = kept;
	account->failures = 0;
	account->locked_until_us = 0;
	return 0;
}

static int take_language(struct entry *entry)
{
	const char *text = call_text(entry->call, "language", "");
	const int language = language_find(text);
	if (text[0] == '\0')
		return 0;
	if (language < 0)
		return call_refuse(
		    entry->call, -EINVAL, "language", "language %s: expected ja or en", text);
	entry->account->language = station_language_name((enum language)language);
	return 0;
}

int service_session_change(struct call *call)
{
	struct entry entry = {.call = call};
	const struct keeper_change change = {.context = &entry, .put = put_own};
	void *record = NULL;
	int result = check_session(call);
	if (result == 0)
		result =
		    call_find_number(call, STORE_ACCOUNT, "id", call->asker->account_id, &record);
	if (result != 0 || record == NULL)
		return result != 0
			   ? result
			   : call_refuse(call, -ENOKEY, "session.none", "nobody is signed in");
	entry.account = record;
	entry.account->changed_us = call->clock.wall_us;
	(void)snprintf(
	    call->audit->on, sizeof call->audit->on, "%s", entry.account->name); /* fits */
	result = take_password(&entry);
	if (result == 0)
		result = take_language(&entry);
	if (result == 0)
		result = call_change(call, &change);
	free(record);
	return result;
}
