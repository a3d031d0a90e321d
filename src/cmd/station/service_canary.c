/* service_canary.c - a canary on demand, and how it fares, for `hinomi check --end-to-end`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "cmd/station/canary.h"
#include "cmd/station/record_json.h"
#include "cmd/station/service_internal.h"

/* ---- Its letters ---- */

static const struct roster_contact *find_contact(const struct roster *roster, int64_t id)
{
	for (size_t i = 0; i < roster->contact_count; i++)
		if (roster->contacts[i].id == id)
			return &roster->contacts[i];
	return NULL;
}

struct listing {
	const struct roster *roster;
	struct json *json;
};

/* Without the address: that of a web hook is as good as a password. */
static int visit_letter(void *context, const void *record)
{
	const struct listing *listing = context;
	struct json *json = listing->json;
	const struct store_notice *notice = record;
	const struct roster_contact *contact = find_contact(listing->roster, notice->contact_id);
	json_open_object(json, NULL);
	json_signed(json, "notice", notice->id);
	if (contact != NULL)
		json_string(json, "kind", record_contact_kind(contact->kind));
	json_string(json, "state", record_notice_state(notice->state));
	json_signed(json, "attempts", notice->attempts);
	if (notice->reply[0] != '\0')
		json_string(json, "reply", notice->reply);
	json_close_object(json);
	return 0;
}

static int write_letters(struct call *call, struct json *json, int64_t incident_id)
{
	struct listing listing = {keeper_roster(call->keeper), json};
	const struct store_query letters = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = incident_id}}};
	if (incident_id == 0)
		return 0;
	return store_each(call->store, &letters, visit_letter, &listing, call->complaint);
}

/* ---- The answer ---- */

static void write_stages(struct json *json, const struct canary_flight *flight)
{
	char at[WHEN_TEXT_BYTES];
	for (size_t stage = 0; stage < CANARY_STAGES; stage++) {
		if (flight->at_us[stage] == 0)
			continue;
		when_format_utc(flight->at_us[stage], at);
		json_open_object(json, NULL);
		json_string(json, "stage", canary_stage_name((enum canary_stage)stage));
		json_string(json, "at", at);
		json_signed(json, "after_us", flight->at_us[stage] - flight->begun_us);
		json_close_object(json);
	}
}

static int write_flight(struct call *call, struct json *json, bool was_flying)
{
	const struct canary *canary = keeper_canary(call->keeper);
	const struct canary_flight *flight = canary_last(canary);
	const struct canary_rules *rules = canary_get_rules(canary);
	char begun[WHEN_TEXT_BYTES];
	json_open_object(json, NULL);
	json_string(json, "type", "canary");
	json_unsigned(json, "number", flight->number);
	json_string(json, "state", canary_state_name(flight->state));
	json_bool(json, "was_flying", was_flying);
	json_bool(json, "has_reader", canary_can_fly(canary, keeper_roster(call->keeper)));
	json_signed(json, "deadline_us", rules->deadline_us);
	if (flight->begun_us != 0) {
		when_format_utc(flight->begun_us, begun);
		json_string(json, "begun", begun);
	}
	if (flight->source[0] != '\0')
		json_string(json, "source", flight->source);
	if (rules->maildir[0] != '\0')
		json_string(json, "maildir", rules->maildir);
	json_open_array(json, "stages");
	write_stages(json, flight);
	json_close_array(json);
	json_open_array(json, "letters");
	int result = write_letters(call, json, flight->incident_id);
	json_close_array(json);
	json_close_object(json);
	return result;
}

/* Whole, or where the store does not give the letters, not at all. */
static int answer(struct call *call, bool was_flying)
{
	char *text = NULL;
	size_t bytes = 0;
	struct json json;
	FILE *out = open_memstream(&text, &bytes);
	if (out == NULL)
		return complain(call->complaint, -ENOMEM, "out of memory");
	json_init(&json, out);
	int result = write_flight(call, &json, was_flying);
	if (fclose(out) != 0 && result == 0)
		result = complain(call->complaint, -ENOMEM, "out of memory");
	if (result == 0)
		fprintf(call->json->out, "%s\n", text);
	free(text);
	return result;
}

int service_canary_begin(struct call *call)
{
	int result = canary_begin(
	    keeper_canary(call->keeper), keeper_roster(call->keeper), call->clock.wall_us);
	switch (result) {
	case 0:
	case -EALREADY:
		return answer(call, result == -EALREADY);
	case -ENODEV:
		return call_refuse(call, result, "canary.nobody",
		    "there is nobody to send a canary to, expected operator.mail with mail.server, "
		    "or operator.webhook, as canary.to says");
	default:
		return call_refuse(call, result, "canary.no-source",
		    "no source can carry a canary now, expected one that watches: look at `hinomi "
		    "check` and at what the station logs");
	}
}

int service_canary_state(struct call *call)
{
	return answer(call, canary_last(keeper_canary(call->keeper))->state == CANARY_FLIES);
}
