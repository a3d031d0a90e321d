#include "cmd/station/page_who.h"

#include <stdio.h>
#include <string.h>

const struct page_who page_nobody = {.role = PAGE_NOBODY};

enum page_role page_role_of(enum account_role role)
{
	static const enum page_role roles[] = {
	    [ACCOUNT_OPERATOR] = PAGE_OPERATOR,
	    [ACCOUNT_MEMBER] = PAGE_MEMBER,
	    [ACCOUNT_VIEWER] = PAGE_VIEWER,
	};
	return roles[role];
}

int64_t page_session_until(enum page_role role, int64_t created_us, int64_t now_us)
{
	const int64_t end_us =
	    created_us + (role == PAGE_VIEWER ? PAGE_VIEWER_US : PAGE_SESSION_US);
	if (role == PAGE_VIEWER || now_us + PAGE_IDLE_US > end_us)
		return end_us;
	return now_us + PAGE_IDLE_US;
}

/* A session, then its account, then the member of that. */
struct lookup {
	int64_t now_us;
	struct page_who who;
	bool is_found;
};

static int see_session(void *context, const void *record)
{
	struct lookup *lookup = context;
	const struct store_session *session = record;
	if (session->kind != SESSION_PAGE || session->until_us <= lookup->now_us)
		return 0;
	lookup->is_found = true;
	lookup->who.account_id = session->account_id;
	lookup->who.created_us = session->created_us;
	lookup->who.until_us = session->until_us;
	return 0;
}

static int see_account(void *context, const void *record)
{
	struct lookup *lookup = context;
	const struct store_account *account = record;
	if (account->disabled)
		return 0;
	lookup->is_found = true;
	lookup->who.role = page_role_of(account->role);
	lookup->who.member_id = account->role == ACCOUNT_MEMBER ? account->member_id : 0;
	(void)snprintf(lookup->who.name, sizeof lookup->who.name, "%s", account->name);
	(void)snprintf(
	    lookup->who.language, sizeof lookup->who.language, "%.3s", account->language);
	return 0;
}

static int see_member(void *context, const void *record)
{
	struct lookup *lookup = context;
	const struct store_member *member = record;
	lookup->is_found = true;
	(void)snprintf(lookup->who.member, sizeof lookup->who.member, "%s", member->name);
	return 0;
}

int page_who_find_hash(struct store *store, const char *hash, int64_t now_us,
    struct page_who *ret_who, struct complaint *complaint)
{
	struct lookup lookup = {.now_us = now_us};
	*ret_who = page_nobody;
	if (!token_is_hash(hash))
		return 0;
	const struct store_query session = {
	    .kind = STORE_SESSION, .conditions = {{.column = "token_hash", .text = hash}}};
	int result = store_each(store, &session, see_session, &lookup, complaint);
	if (result != 0 || !lookup.is_found)
		return result;
	lookup.is_found = false;
	const struct store_query account = {.kind = STORE_ACCOUNT,
	    .conditions = {{.column = "id", .number = lookup.who.account_id}}};
	result = store_each(store, &account, see_account, &lookup, complaint);
	if (result != 0 || !lookup.is_found)
		return result;
	if (lookup.who.role == PAGE_MEMBER) {
		lookup.is_found = false; /* without a member it is nobody's */
		const struct store_query member = {.kind = STORE_MEMBER,
		    .conditions = {{.column = "id", .number = lookup.who.member_id}}};
		result = store_each(store, &member, see_member, &lookup, complaint);
		if (result != 0 || !lookup.is_found)
			return result;
	}
	(void)snprintf(lookup.who.session, sizeof lookup.who.session, "%s", hash);
	*ret_who = lookup.who;
	return 0;
}

int page_who_find(struct store *store, const char *token, int64_t now_us, struct page_who *ret_who,
    struct complaint *complaint)
{
	char hash[TOKEN_HASH_BYTES];
	*ret_who = page_nobody;
	return token_hash(token, hash) ? page_who_find_hash(store, hash, now_us, ret_who, complaint)
				       : 0;
}

void page_link_format(
    const struct station_config *config, const char *token, char out[static PAGE_LINK_BYTES])
{
	const struct station_config_web *web = &config->web;
	const char *host = strstr(web->url, "://");
	if (host != NULL) {
		const size_t origin = (size_t)(host - web->url) + 3 + strcspn(host + 3, "/");
		(void)snprintf(out, PAGE_LINK_BYTES, "%.*s/#signin=%s", (int)origin, web->url,
		    token); /* it fits */
		return;
	}
	struct endpoint endpoint = web->listen;
	char place[ENDPOINT_TEXT_BYTES];
	/* what listens by every address is reached by this machine's own */
	if (endpoint.is_address && address_is_unspecified(&endpoint.address))
		(void)snprintf(endpoint.host, sizeof endpoint.host, "127.0.0.1"); /* fits */
	endpoint_format(&endpoint, place);
	(void)snprintf(out, PAGE_LINK_BYTES, "http%s://%s/#signin=%s",
	    web->certificate[0] != '\0' ? "s" : "", place, token); /* it fits */
}
