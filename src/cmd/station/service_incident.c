/* service_incident.c - what people do to incidents. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

static int answer_incident(const struct call *call, int64_t id)
{
	void *record = NULL;
	int result = call_find_number(call, STORE_INCIDENT, "id", id, &record);
	if (result == 0 && record != NULL) {
		record_write_incident(call->json, record);
		fputc('\n', call->json->out);
	}
	free(record);
	return result;
}

/* NULL, with a complaint, where there is none. */
static int find_record(const struct call *call, struct store_incident **ret_incident)
{
	const int64_t id = call_number(call, "incident", 0);
	void *record = NULL;
	int result = call_find_number(call, STORE_INCIDENT, "id", id, &record);
	if (result == 0 && record == NULL)
		result = call_refuse(call, -ENOENT, "incident.none",
		    "incident %" PRId64 ": there is none, expected a number that `hinomi incident "
		    "list --all` shows",
		    id);
	if (result == 0)
		*ret_incident = record;
	return result;
}

/* Those that were closed long ago, or quiet ones past all room, are in the store alone. */
static int refuse(const struct call *call)
{
	struct store_incident *record = NULL;
	int result = find_record(call, &record);
	if (result != 0)
		return result;
	if (strcmp(record->state, incident_state_name(INCIDENT_CLOSED)) == 0)
		result = call_refuse(call, -EPERM, "incident.closed",
		    "incident %" PRId64 ": is %s, expected one that is not closed", record->id,
		    record->state);
	else
		result = call_refuse(call, -EPERM, "incident.aside",
		    "incident %" PRId64 ": is %s, and was put aside for want of room until it "
		    "comes back",
		    record->id, record->state);
	free(record);
	return result;
}

static int do_deed(const struct call *call, enum incident_event event, enum close_reason reason)
{
	const int64_t id = call_number(call, "incident", 0);
	struct casebook *casebook = keeper_casebook(call->keeper);
	struct incident *incident = casebook_find(casebook, id);
	const struct incident_deed deed = {
	    .event = event,
	    .reason = reason,
	    .by = call_by(call),
	    .note = call_text(call, "note", ""),
	};
	const struct keeper_change change = {.context = NULL};
	if (incident == NULL || casebook_do(casebook, incident, &deed,
				    keeper_now_us(call->keeper, call->clock.wall_us)) != 0)
		return refuse(call);
	int result = call_change(call, &change);
	if (result != 0) {
		const struct complaint why = *call->complaint;
		return call_refuse(call, result, "incident.later",
		    "incident %" PRId64 ": not written yet, and tried again while the station "
		    "runs: %s",
		    id, why.text);
	}
	return answer_incident(call, id);
}

int service_incident_ack(struct call *call)
{
	return do_deed(call, INCIDENT_ACK, CLOSE_NONE);
}

int service_incident_work(struct call *call)
{
	return do_deed(call, INCIDENT_WORK, CLOSE_NONE);
}

/* What a person may say; the others are Hinomi's own. */
static bool is_reason_of_people(int reason)
{
	return reason == CLOSE_FIXED || reason == CLOSE_NOT_OURS || reason == CLOSE_HARMLESS;
}

int service_incident_close(struct call *call)
{
	const char *name = call_text(call, "reason", "");
	const int reason = close_reason_find(name);
	if (!is_reason_of_people(reason))
		return call_refuse(call, -EINVAL, "incident.reason",
		    "reason %s: expected fixed, not-ours or harmless", name);
	return do_deed(call, INCIDENT_CLOSE, (enum close_reason)reason);
}

/* A note moves nothing, so it goes straight into the history. */
struct noting {
	const struct call *call;
	const struct store_incident *incident;
};

static int put_note(void *context, struct complaint *complaint)
{
	const struct noting *noting = context;
	const struct call *call = noting->call;
	struct store_event event = {
	    .incident_id = noting->incident->id,
	    .at_us = keeper_now_us(call->keeper, call->clock.wall_us),
	    .from_state = noting->incident->state,
	    .to_state = noting->incident->state,
	    .what = "note",
	    .by = call_by(call),
	    .note = call_text(call, "note", ""),
	};
	return store_put(call->store, STORE_RECORD(&event), STORE_REPLACE, complaint);
}

int service_incident_note(struct call *call)
{
	struct store_incident *incident = NULL;
	int result = find_record(call, &incident);
	if (result != 0)
		return result;
	struct noting noting = {call, incident};
	const struct keeper_change change = {.context = &noting, .put = put_note};
	result = call_change(call, &change);
	if (result == 0)
		result = answer_incident(call, incident->id);
	free(incident);
	return result;
}
