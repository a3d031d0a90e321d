/* service_notice.c - letters that are to be tried again. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

static int find_notice(const struct call *call, struct store_notice **ret_notice)
{
	const int64_t id = call_number(call, "notice", 0);
	void *record = NULL;
	int result = call_find_number(call, STORE_NOTICE, "id", id, &record);
	if (result == 0 && record == NULL)
		result = call_refuse(call, -ENOENT, "notice.none",
		    "notice %" PRId64
		    ": there is none, expected a number that `hinomi notice list` "
		    "shows",
		    id);
	if (result == 0)
		*ret_notice = record;
	return result;
}

/* Whether it makes sense. */
static int check_again(
    const struct call *call, const struct store_notice *notice, const struct store_contact *contact)
{
	if (notice->kind == NOTICE_VERIFY)
		return call_refuse(call, -EPERM, "notice.code",
		    "notice %" PRId64 ": holds a code, expected `hinomi contact resend`, which "
		    "makes a new one",
		    notice->id);
	if (notice->kind == NOTICE_CANARY)
		return call_refuse(call, -EPERM, "notice.test",
		    "notice %" PRId64 ": is a test of its moment, expected another kind",
		    notice->id);
	if (contact == NULL)
		return call_refuse(call, -EPERM, "notice.removed",
		    "notice %" PRId64 ": its contact was removed, expected one that is there",
		    notice->id);
	if (contact->state == CONTACT_STOPPED)
		return call_refuse(call, -EPERM, "notice.stopped",
		    "notice %" PRId64 ": its contact wants no letters, expected one that does",
		    notice->id);
	if (contact->state == CONTACT_UNVERIFIED)
		return call_refuse(call, -EPERM, "notice.unverified",
		    "notice %" PRId64 ": its contact is not verified, expected one that is",
		    notice->id);
	return 0;
}

static int put_again(void *context, struct complaint *complaint)
{
	const struct call *call = context;
	const struct store_query which = call_by_id(STORE_NOTICE, call_number(call, "notice", 0));
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = NOTICE_WAITING},
	    {.column = "attempts", .number = 0},
	    {.column = "unknown", .number = 0},
	    {.column = "next_us", .number = call->clock.wall_us},
	    {.column = "delivered_us", .number = 0},
	};
	return store_change(call->store, &which, changes, NULL, complaint);
}

static int answer_notice(const struct call *call, const struct store_contact *contact)
{
	struct store_notice *notice = NULL;
	int result = find_notice(call, &notice);
	if (result == 0) {
		record_write_notice(call->json, notice, contact->address);
		fputc('\n', call->json->out);
	}
	free(notice);
	return result;
}

int service_notice_resend(struct call *call)
{
	struct store_notice *notice = NULL;
	void *record = NULL;
	const struct store_contact *contact = NULL;
	const struct keeper_change change = {.context = call, .put = put_again};
	int result = find_notice(call, &notice);
	if (result == 0)
		result = call_find_number(call, STORE_CONTACT, "id", notice->contact_id, &record);
	contact = record;
	if (result == 0)
		result = check_again(call, notice, contact);
	if (result == 0)
		result = call_change(call, &change);
	if (result == 0)
		result = answer_notice(call, contact);
	free(record);
	free(notice);
	return result;
}
