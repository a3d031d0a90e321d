/* service_audit.c - who asks, what he may, and the record of what was done. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/station/service_internal.h"

enum {
	USER_BYTES = 24,
};

/* ---- Who ---- */

const char *call_by(const struct call *call)
{
	static char user[USER_BYTES];
	if (call->asker->name != NULL)
		return call->asker->name;
	(void)snprintf(user, sizeof user, "user %u", call->asker->user); /* fits */
	const char *by = call_text(call, "by", user);
	return by[0] != '\0' ? by : user;
}

int call_check_own(const struct call *call)
{
	if (call->asker->role != PAGE_MEMBER || !call_has(call, "incident"))
		return 0;
	const int64_t id = call_number(call, "incident", 0);
	void *record = NULL;
	int result = call_find_number(call, STORE_INCIDENT, "id", id, &record);
	const struct store_incident *incident = record;
	if (result == 0 && (incident == NULL || incident->member_id != call->asker->member_id))
		result = call_refuse(call, -ENOENT, "incident.none",
		    "incident %" PRId64 ": there is none, expected one of your member", id);
	free(record);
	return result;
}

int call_may(const struct call *call, unsigned roles)
{
	const enum page_role role = call->asker->role;
	if ((roles & role) != 0)
		return 0;
	if (role == PAGE_NOBODY)
		return call_refuse(call, -ENOKEY, "session.none", "nobody is signed in");
	if (role == PAGE_MEMBER)
		return call_refuse(call, -EACCES, "role.operator", "only an operator may do this");
	return call_refuse(call, -EACCES, "role.looks", "this account may only look");
}

/* ---- The record ---- */

void call_name_object(const struct call *call)
{
	static const char *const numbers[] = {"incident", "contact", "exception", "notice"};
	static const char *const names[] = {"name", "account", "subject", "member", "key"};
	char *on = call->audit->on;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (!call_has(call, numbers[i]))
			continue;
		(void)snprintf(on, sizeof call->audit->on, "%" PRId64,
		    call_number(call, numbers[i], 0)); /* fits */
		return;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0] && on[0] == '\0'; i++)
		(void)snprintf(on, sizeof call->audit->on, "%s",
		    call_text(call, names[i], "")); /* the longest is a member's */
}

int call_put_record(const struct call *call, const char *outcome, struct complaint *complaint)
{
	struct store_audit record = {
	    .at_us = call->clock.wall_us,
	    .by = call_by(call),
	    .from = call->asker->from,
	    .what = call->audit->what,
	    .on = call->audit->on,
	    .outcome = outcome,
	};
	return store_put(call->store, STORE_RECORD(&record), STORE_REPLACE, complaint);
}

/* A change, and its record. */
struct recorded {
	const struct call *call;
	const struct keeper_change *change;
};

static int put_recorded(void *context, struct complaint *complaint)
{
	const struct recorded *recorded = context;
	const struct keeper_change *change = recorded->change;
	int result = change->put == NULL ? 0 : change->put(change->context, complaint);
	return result != 0 ? result : call_put_record(recorded->call, "ok", complaint);
}

static int follow_recorded(void *context, const struct roster *roster, struct complaint *complaint)
{
	const struct recorded *recorded = context;
	const struct keeper_change *change = recorded->change;
	return change->follow == NULL ? 0 : change->follow(change->context, roster, complaint);
}

int call_change(const struct call *call, const struct keeper_change *change)
{
	struct recorded recorded = {call, change};
	const struct keeper_change with_record = {
	    .context = &recorded,
	    .put = put_recorded,
	    .follow = follow_recorded,
	    .changes_roster = change->changes_roster,
	};
	int result = keeper_change(call->keeper, &call->clock,
	    call->audit->is_written ? change : &with_record, call->complaint);
	if (result == -EIO) {
		const struct complaint why = *call->complaint;
		(void)call_refuse(call, result, "outcome.unknown",
		    "%s; whether it is kept is not known, look before you try again", why.text);
	}
	if (result == -E2BIG)
		(void)call_means(call, result, "station.full", NULL);
	call->audit->is_written = call->audit->is_written || result == 0;
	return result;
}

struct noting {
	const struct call *call;
	char outcome[SERVICE_OUTCOME_BYTES];
};

static int put_note(void *context, struct complaint *complaint)
{
	const struct noting *noting = context;
	return call_put_record(noting->call, noting->outcome, complaint);
}

/* As much of it as is UTF-8, and fits: it may quote what came, and have been cut. */
static void copy_text(const char *text, char out[static SERVICE_OUTCOME_BYTES])
{
	size_t used = 0;
	for (size_t left = strlen(text); left > 0;) {
		const size_t step = utf8_step(text + used, left);
		if (step == 0 || used + step >= SERVICE_OUTCOME_BYTES)
			break;
		memcpy(out + used, text + used, step);
		used += step;
		left -= step;
	}
	out[used] = '\0';
}

void call_note(const struct call *call, const char *why)
{
	struct noting noting = {.call = call};
	struct complaint complaint;
	const struct keeper_change change = {.context = &noting, .put = put_note};
	copy_text(why == NULL ? "ok" : why, noting.outcome);
	/* where nothing can be written, nothing was done either */
	(void)keeper_change(call->keeper, &call->clock, &change, &complaint);
}
