#include "cmd/station/returns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The key of a store_meta: "returned.0123456789abcdef"; its value: when. */
#define KEY_PREFIX "returned."

enum {
	KEY_BYTES = 32,
	VALUE_BYTES = 32,
	FORGOTTEN_MAX = 64, /* marks that are removed with one that is put */
};

/* One message, under way. */
struct taking {
	struct store *store;
	const struct keeper_clock *clock;
	const struct returned *returned;
	int64_t observed_us;
	char key[KEY_BYTES];
	struct store_notice *notice; /* a copy */
};

/* ---- What it is about ---- */

static int visit_notice(void *context, const void *record)
{
	struct store_notice **notice = context;
	*notice = store_record_copy(STORE_NOTICE, record);
	return *notice == NULL ? -ENOMEM : 1;
}

static int find_notice(struct taking *taking, struct complaint *complaint)
{
	const struct returned *returned = taking->returned;
	int result = 0;
	for (size_t i = 0; i < returned->id_count && result == 0; i++) {
		const struct store_query which = {
		    .kind = STORE_NOTICE,
		    .conditions = {{.column = "message_id",
			.test = STORE_IS,
			.text = returned->ids[i]}},
		};
		result =
		    store_each(taking->store, &which, visit_notice, &taking->notice, complaint);
	}
	return result == -ENOMEM ? complain(complaint, result, "out of memory") : result;
}

/* Whether it was taken in before. */
static int find_mark(const struct taking *taking, bool *ret_is_known, struct complaint *complaint)
{
	int64_t count = 0;
	const struct store_query which = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = taking->key}},
	};
	int result = store_count(taking->store, &which, &count, complaint);
	*ret_is_known = count > 0;
	return result;
}

/* ---- Marks ---- */

struct forgetting {
	int64_t before_us;
	char keys[FORGOTTEN_MAX][KEY_BYTES];
	size_t count;
};

static int visit_mark(void *context, const void *record)
{
	struct forgetting *forgetting = context;
	const struct store_meta *meta = record;
	if (strtoll(meta->value, NULL, 10) < forgetting->before_us)
		(void)snprintf(
		    forgetting->keys[forgetting->count++], KEY_BYTES, "%s", meta->key); /* fits */
	return forgetting->count == FORGOTTEN_MAX;
}

static int forget_marks(const struct taking *taking, struct complaint *complaint)
{
	struct forgetting forgetting = {.before_us = taking->clock->wall_us - RETURNS_KEPT_US};
	const struct store_query all = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = KEY_PREFIX},
		/* the sign after the full stop */
		{.column = "key", .test = STORE_BELOW, .text = "returned/"}},
	};
	int result = store_each(taking->store, &all, visit_mark, &forgetting, complaint);
	for (size_t i = 0; i < forgetting.count && result >= 0; i++) {
		const struct store_query which = {
		    .kind = STORE_META,
		    .conditions = {{.column = "key", .test = STORE_IS, .text = forgetting.keys[i]}},
		};
		result = store_remove(taking->store, &which, NULL, complaint);
	}
	return result > 0 ? 0 : result;
}

static int put_mark(const struct taking *taking, struct complaint *complaint)
{
	char value[VALUE_BYTES];
	struct store_meta meta = {.key = (char *)(uintptr_t)taking->key, .value = value};
	(void)snprintf(value, sizeof value, "%" PRId64, taking->clock->wall_us); /* fits */
	int result = forget_marks(taking, complaint);
	return result != 0
		   ? result
		   : store_put(taking->store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

/* ---- Bounces ---- */

/* What has not left, or was given up, cannot have come back. */
static bool may_bounce(const struct store_notice *notice)
{
	return notice->state == NOTICE_DELIVERED || notice->state == NOTICE_BOUNCED ||
	       (notice->state != NOTICE_FAILED && notice->attempts > 0);
}

static int change_notice(const struct taking *taking, bool is_failed, struct complaint *complaint)
{
	char reply[RETURNED_TEXT_BYTES + RETURNED_WORD_BYTES + 64];
	(void)snprintf(reply, sizeof reply, "%s%s%s%s%s",
	    is_failed ? "came back" : "not delivered yet",
	    taking->returned->from[0] != '\0' ? ", for " : "", taking->returned->from,
	    taking->returned->reason[0] != '\0' ? ": " : "", taking->returned->reason);
	const struct store_query which = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = taking->notice->id}},
	};
	const struct store_change late[STORE_CHANGES_MAX] = {{.column = "reply", .text = reply}};
	const struct store_change bounced[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = NOTICE_BOUNCED},
	    {.column = "next_us", .number = 0},
	    {.column = "last_us", .number = taking->clock->wall_us},
	    {.column = "reply", .text = reply},
	    {.column = "delivered_us", .number = 0},
	};
	return store_change(taking->store, &which, is_failed ? bounced : late, NULL, complaint);
}

static int visit_contact(void *context, const void *record)
{
	struct store_contact **contact = context;
	*contact = store_record_copy(STORE_CONTACT, record);
	return *contact == NULL ? -ENOMEM : 1;
}

/* It turns amber; it is written to on all the same. */
static int change_contact(const struct taking *taking, struct complaint *complaint)
{
	struct store_contact *contact = NULL;
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id",
		.test = STORE_IS,
		.number = taking->notice->contact_id}},
	};
	int result = store_each(taking->store, &which, visit_contact, &contact, complaint);
	if (contact == NULL)
		return result < 0 ? complain(complaint, result, "out of memory") : 0;
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state",
		.number = contact->state == CONTACT_VERIFIED ? CONTACT_FAILING : contact->state},
	    {.column = "failures", .number = contact->failures + 1},
	    {.column = "bounced_us", .number = taking->clock->wall_us},
	    {.column = "bounce",
		.text = taking->returned->reason[0] != '\0' ? taking->returned->reason
							    : "no reason was given"},
	};
	free(contact);
	return store_change(taking->store, &which, changes, NULL, complaint);
}

/* ---- Answers ---- */

static int visit_state(void *context, const void *record)
{
	const struct store_incident *incident = record;
	char **state = context;
	*state = strdup(incident->state);
	return *state == NULL ? -ENOMEM : 1;
}

/* Into the history: it says what somebody wrote, and does nothing of it. */
static int put_answer(const struct taking *taking, struct complaint *complaint)
{
	char *state = NULL;
	const struct store_query which = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id",
		.test = STORE_IS,
		.number = taking->notice->incident_id}},
	};
	int result = store_each(taking->store, &which, visit_state, &state, complaint);
	if (state == NULL)
		return result < 0 ? complain(complaint, result, "out of memory") : 0;
	struct store_event event = {
	    .incident_id = taking->notice->incident_id,
	    .at_us = taking->observed_us,
	    .from_state = state,
	    .to_state = state,
	    .what = "reply",
	    .by = taking->returned->from,
	    .note = taking->returned->text,
	};
	result = store_put(taking->store, STORE_RECORD(&event), STORE_REPLACE, complaint);
	free(state);
	return result;
}

/* ---- All of it ---- */

static int put(void *context, struct complaint *complaint)
{
	const struct taking *taking = context;
	const bool is_failed = taking->returned->kind == RETURNED_FAILED;
	int result = put_mark(taking, complaint);
	if (result != 0)
		return result;
	if (taking->returned->kind == RETURNED_REPLY)
		return taking->notice->incident_id == 0 ? 0 : put_answer(taking, complaint);
	if (taking->notice->state == NOTICE_SENDING) /* its server was quicker than our courier */
		return complain(complaint, -EAGAIN, "it is on its way");
	if (!may_bounce(taking->notice) || (!is_failed && taking->notice->state == NOTICE_BOUNCED))
		return 0;
	result = change_notice(taking, is_failed, complaint);
	return result != 0 || !is_failed ? result : change_contact(taking, complaint);
}

int returns_take(struct keeper *keeper, const struct keeper_clock *clock,
    const struct returns_message *message, enum returns_verdict *ret_verdict,
    struct complaint *complaint)
{
	struct taking taking = {
	    .store = keeper_store(keeper),
	    .clock = clock,
	    .returned = message->returned,
	    .observed_us = keeper_now_us(keeper, clock->wall_us),
	};
	const struct keeper_change change = {.context = &taking,
	    .put = put,
	    .changes_roster = message->returned->kind == RETURNED_FAILED};
	bool is_known = false;
	(void)snprintf(
	    taking.key, sizeof taking.key, KEY_PREFIX "%016" PRIx64, message->mark); /* fits */
	if (store_is_suspect(taking.store))
		return complain(complaint, -EIO, "the database cannot be asked now");
	int result = find_mark(&taking, &is_known, complaint);
	if (result == 0 && !is_known)
		result = find_notice(&taking, complaint);
	if (result >= 0) {
		*ret_verdict = is_known                ? RETURNS_KNOWN
			       : taking.notice == NULL ? RETURNS_UNKNOWN
						       : RETURNS_TAKEN;
		result =
		    taking.notice == NULL ? 0 : keeper_change(keeper, clock, &change, complaint);
	}
	free(taking.notice);
	return result;
}
