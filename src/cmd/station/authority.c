#include "cmd/station/authority.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int authority_answer(const struct service *service, const struct keeper_clock *clock,
    const struct wire_call *call, FILE *out)
{
	struct page_who who;
	struct complaint complaint;
	char from[ADDRESS_TEXT_BYTES];
	struct service mine = *service;
	address_format(&call->peer, from);
	if (page_who_find(
		keeper_store(service->keeper), call->token, clock->wall_us, &who, &complaint) != 0)
		who = page_nobody; /* what cannot be read lets nobody in */
	const struct service_asker asker = {
	    .name = who.name,
	    .from = from,
	    .peer = &call->peer,
	    .role = who.role,
	    .member_id = who.member_id,
	    .account_id = who.account_id,
	    .session = who.role == PAGE_NOBODY ? NULL : who.session,
	};
	mine.asker = &asker;
	return service_answer(&mine, clock, call->request, call->length, out);
}

/* ---- The first account ---- */

#define FIRST_NAME "operator"

/* Asks as whoever runs the station. */
static int ask(const struct service *service, const struct keeper_clock *clock, const char *request,
    struct complaint *complaint)
{
	static const struct service_asker station = {
	    .name = "keeper", .from = "station", .role = PAGE_OPERATOR};
	struct service mine = *service;
	char *answer = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&answer, &length);
	if (out == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	mine.asker = &station;
	int result = service_answer(&mine, clock, request, strlen(request), out);
	if (fclose(out) != 0 && result == 0)
		result = -ENOMEM;
	if (result != 0)
		result = complain(complaint, result, "the first account: %s",
		    answer == NULL ? "out of memory" : answer);
	free(answer);
	return result;
}

int authority_make_first(const struct service *service, const struct keeper_clock *clock,
    char ret_token[static TOKEN_TEXT_BYTES], struct complaint *complaint)
{
	const struct store_query all = {.kind = STORE_ACCOUNT, .limit = 1};
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	char request[256];
	int64_t count = 0;
	ret_token[0] = '\0';
	int result = store_count(keeper_store(service->keeper), &all, &count, complaint);
	if (result != 0 || count > 0)
		return result;
	if (token_make(token) != 0 || !token_hash(token, hash))
		return complain(complaint, -EIO, "no random token can be had");
	result = ask(service, clock,
	    "{\"do\":\"account.add\",\"name\":\"" FIRST_NAME "\",\"role\":\"operator\"}",
	    complaint);
	(void)snprintf(request, sizeof request,
	    "{\"do\":\"account.link\",\"name\":\"" FIRST_NAME "\",\"token\":\"%s\"}",
	    hash); /* fits */
	if (result == 0)
		result = ask(service, clock, request, complaint);
	if (result == 0)
		memcpy(ret_token, token, sizeof token);
	return result;
}
