/* service_account.c - who may use the page. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/names.h"
#include "cmd/station/password.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

enum {
	ACCOUNTS_MAX = 1000, /* a list that somebody can still look through */
};

/* An account as it will be, and what ends with it. */
struct order {
	const struct call *call;
	struct store_account *before; /* NULL: it is a new one */
	struct store_account account;
	struct store_member *member; /* of its; NULL: none */
	bool ends_sessions;
};

static void release(struct order *order)
{
	free(order->before);
	free(order->member);
}

/* ---- What is right ---- */

/* Names stand in paths, and in histories beside "keeper" and "user 0". */
static int check_name(const struct call *call, const char *name)
{
	if (strpbrk(name, " /") != NULL || strcmp(name, "keeper") == 0 || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return call_refuse(call, -EINVAL, "account.name",
		    "name %s: expected one without blanks and slashes, and not keeper", name);
	return 0;
}

/* No account has this name. */
static int check_free(const struct call *call, const char *key)
{
	const char *name = call_text(call, key, "");
	void *there = NULL;
	int result = check_name(call, name);
	if (result == 0)
		result = call_find_text(call, STORE_ACCOUNT, "name", name, &there);
	if (result == 0 && there != NULL)
		result = call_refuse(
		    call, -EEXIST, "account.taken", "%s %s: is an account already", key, name);
	free(there);
	return result;
}

static int find_account(const struct call *call, struct store_account **ret_account)
{
	const char *name = call_text(call, "name", "");
	void *record = NULL;
	int result = call_find_text(call, STORE_ACCOUNT, "name", name, &record);
	if (result == 0 && record == NULL)
		result = call_refuse(call, -ENOENT, "account.none",
		    "account %s: there is none, expected one that `hinomi account list` shows",
		    name);
	if (result == 0)
		*ret_account = record;
	return result;
}

static int take_role(struct order *order)
{
	static const enum account_role roles[] = {ACCOUNT_OPERATOR, ACCOUNT_MEMBER, ACCOUNT_VIEWER};
	const char *name = call_text(order->call, "role", "");
	if (name[0] == '\0')
		return 0;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(record_account_role(roles[i]), name) == 0) {
			order->account.role = roles[i];
			return 0;
		}
	return call_refuse(order->call, -EINVAL, "account.role",
	    "role %s: expected operator, member or viewer", name);
}

/* One of a member has one, and no other has. */
static int take_member(struct order *order)
{
	const struct call *call = order->call;
	const char *name = call_text(call, "member", "");
	void *record = NULL;
	int result = 0;
	if (order->account.role != ACCOUNT_MEMBER) {
		order->account.member_id = 0;
		return name[0] == '\0' ? 0
				       : call_refuse(call, -EINVAL, "account.no-member",
					     "member %s: expected with the role member only", name);
	}
	if (name[0] != '\0')
		result = call_find_member(call, name, &order->member);
	else if (order->account.member_id != 0)
		result =
		    call_find_number(call, STORE_MEMBER, "id", order->account.member_id, &record);
	if (record != NULL)
		order->member = record;
	if (result == 0 && order->member == NULL)
		result = call_refuse(call, -EINVAL, "account.member",
		    "member: is missing, expected the name of whose incidents it sees");
	if (result == 0)
		order->account.member_id = order->member->id;
	return result;
}

static int take_language(struct order *order)
{
	const struct call *call = order->call;
	const char *text = call_text(call, "language", "");
	if (text[0] == '\0')
		return 0;
	const int language = language_find(text);
	if (language < 0)
		return call_refuse(
		    call, -EINVAL, "language", "language %s: expected ja or en", text);
	order->account.language = station_language_name((enum language)language);
	return 0;
}

/* Whoever sends a password itself is to send none: it would stand in memory of ours. */
static int take_password(struct order *order)
{
	const char *kept = call_text(order->call, "password", "");
	if (kept[0] == '\0')
		return 0;
	if (!password_is_kept(kept))
		return call_refuse(order->call, -EINVAL, "password.form",
		    "password: expected what `hinomi account` or the page makes of one");
	order->account.password_hash = kept;
	order->account.failures = 0;
	order->account.locked_until_us = 0;
	return 0;
}

/* Who comes by the page must not shut everybody out. A command always leads in again. */
static int check_last(const struct order *order, bool stays)
{
	const struct call *call = order->call;
	const struct store_query others = {.kind = STORE_ACCOUNT,
	    .conditions = {{.column = "role", .number = ACCOUNT_OPERATOR},
		{.column = "disabled", .number = 0}}};
	const struct store_account *before = order->before;
	int64_t count = 0;
	if (call->asker->name == NULL || stays || before->role != ACCOUNT_OPERATOR ||
	    before->disabled)
		return 0;
	int result = store_count(call->store, &others, &count, call->complaint);
	if (result == 0 && count <= 1)
		result = call_refuse(call, -EPERM, "account.last",
		    "account %s: is the last operator, expected another one before", before->name);
	return result;
}

static int take_all(struct order *order)
{
	const struct call *call = order->call;
	order->account.disabled =
	    call_has(call, "disabled") ? call_flag(call, "disabled") : order->account.disabled;
	order->account.changed_us = call->clock.wall_us;
	int result = take_role(order);
	if (result == 0)
		result = take_member(order);
	if (result == 0)
		result = take_language(order);
	return result != 0 ? result : take_password(order);
}

/* ---- What is put ---- */

/* Nobody who was signed in, or has a link, is any more. */
static int end_sessions(const struct call *call, int64_t account_id, struct complaint *complaint)
{
	const struct store_query its = {
	    .kind = STORE_SESSION, .conditions = {{.column = "account_id", .number = account_id}}};
	return store_remove(call->store, &its, NULL, complaint);
}

static int put_account(void *context, struct complaint *complaint)
{
	struct order *order = context;
	int result =
	    order->ends_sessions ? end_sessions(order->call, order->account.id, complaint) : 0;
	if (result == 0)
		result = store_put(
		    order->call->store, STORE_RECORD(&order->account), STORE_REPLACE, complaint);
	return result;
}

static int put_removal(void *context, struct complaint *complaint)
{
	const struct order *order = context;
	const struct store_query which = call_by_id(STORE_ACCOUNT, order->before->id);
	return store_remove(order->call->store, &which, NULL, complaint);
}

static int put_link(void *context, struct complaint *complaint)
{
	const struct order *order = context;
	const struct call *call = order->call;
	const struct store_query earlier = {.kind = STORE_SESSION,
	    .conditions = {{.column = "account_id", .number = order->before->id},
		{.column = "kind", .number = SESSION_LINK}}};
	struct store_session link = {
	    .account_id = order->before->id,
	    .token_hash = call_text(call, "token", ""),
	    .kind = SESSION_LINK,
	    .created_us = call->clock.wall_us,
	    .until_us = call->clock.wall_us + PAGE_LINK_US,
	    .from = call->asker->from,
	};
	int result = store_remove(call->store, &earlier, NULL, complaint);
	return result != 0 ? result
			   : store_put(call->store, STORE_RECORD(&link), STORE_REPLACE, complaint);
}

static void answer_account(const struct order *order)
{
	record_write_account(
	    order->call->json, &order->account, order->member == NULL ? NULL : order->member->name);
	fputc('\n', order->call->json->out);
}

/* ---- Requests ---- */

int service_account_add(struct call *call)
{
	struct order order = {.call = call,
	    .account = {.name = call_text(call, "name", ""),
		.password_hash = "",
		.language = station_language_name(call->service->language),
		.created_us = call->clock.wall_us}};
	const struct keeper_change change = {.context = &order, .put = put_account};
	const struct store_query all = {.kind = STORE_ACCOUNT};
	int64_t count = 0;
	int result = check_free(call, "name");
	if (result == 0)
		result = take_all(&order);
	if (result == 0)
		result = store_count(call->store, &all, &count, call->complaint);
	if (result == 0 && count >= ACCOUNTS_MAX)
		result = call_refuse(call, -EPERM, "account.many",
		    "there are %d accounts, expected fewer before another one", ACCOUNTS_MAX);
	if (result == 0)
		result = call_change(call, &change);
	if (result == 0)
		answer_account(&order);
	release(&order);
	return result;
}

/* What a session stands for is another, or its password is: whoever is signed in does so anew. */
static bool differs(const struct order *order)
{
	const struct store_account *before = order->before;
	const struct store_account *after = &order->account;
	return before->role != after->role || before->member_id != after->member_id ||
	       (after->disabled && !before->disabled) ||
	       after->password_hash != before->password_hash;
}

int service_account_change(struct call *call)
{
	struct order order = {.call = call};
	const struct keeper_change change = {.context = &order, .put = put_account};
	int result = find_account(call, &order.before);
	if (result == 0 && call_text(call, "rename", "")[0] != '\0')
		result = check_free(call, "rename");
	if (result == 0) {
		order.account = *order.before;
		order.account.name = call_text(call, "rename", order.before->name);
		if (order.account.name[0] == '\0')
			order.account.name = order.before->name;
		result = take_all(&order);
	}
	if (result == 0)
		result = check_last(
		    &order, order.account.role == ACCOUNT_OPERATOR && !order.account.disabled);
	if (result == 0) {
		order.ends_sessions = differs(&order);
		result = call_change(call, &change);
	}
	if (result == 0)
		answer_account(&order);
	release(&order);
	return result;
}

int service_account_remove(struct call *call)
{
	struct order order = {.call = call};
	const struct keeper_change change = {.context = &order, .put = put_removal};
	int result = find_account(call, &order.before);
	if (result == 0)
		result = check_last(&order, false);
	if (result == 0)
		result = call_change(call, &change);
	release(&order);
	return result;
}

int service_account_link(struct call *call)
{
	struct order order = {.call = call};
	const struct keeper_change change = {.context = &order, .put = put_link};
	int result = find_account(call, &order.before);
	if (result == 0 && !token_is_hash(call_text(call, "token", "")))
		result = call_refuse(call, -EINVAL, "token",
		    "token: expected a SHA-256 in small hexadecimal digits");
	if (result == 0 && order.before->disabled)
		result = call_refuse(call, -EPERM, "account.disabled",
		    "account %s: is disabled, expected one that is not", order.before->name);
	if (result == 0)
		result = call_change(call, &change);
	release(&order);
	return result;
}
