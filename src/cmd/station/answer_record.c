#include "cmd/station/answer_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/endpoint.h"
#include "notify/glyph.h"

#define ANSWER_EVENT "answer"

enum {
	NUMBER_BYTES = 40, /* " (contact 12)" */
};

/* ---- By whom ---- */

static void format_number(int64_t contact, char out[static NUMBER_BYTES])
{
	(void)snprintf(out, NUMBER_BYTES, " (contact %" PRId64 ")", contact); /* it fits */
}

/* A mailbox, or what of a web hook is no secret. */
static void shown_address(const struct roster_contact *contact, char out[static HOST_BYTES])
{
	struct url url;
	const char *why;
	if (contact->kind == CONTACT_MAIL)
		(void)snprintf(out, HOST_BYTES, "%.*s", HOST_BYTES - 1, contact->address);
	else if (url_parse(contact->address, &url, &why) == 0)
		(void)snprintf(out, HOST_BYTES, "%s", url.endpoint.host);
	else
		(void)snprintf(out, HOST_BYTES, "-");
}

void answer_record_by(const struct roster_contact *contact, char out[static CASEBOOK_BY_BYTES])
{
	char number[NUMBER_BYTES];
	char address[HOST_BYTES];
	format_number(contact->id, number);
	shown_address(contact, address); /* ASCII, so that it may be cut anywhere */
	const int room = CASEBOOK_BY_BYTES - 1 - (int)strlen(number);
	const bool is_long = (int)strlen(address) > room;
	(void)snprintf(out, CASEBOOK_BY_BYTES, "%.*s%s%s", is_long ? room - 3 : room, address,
	    is_long ? "..." : "", number);
}

static bool is_by(const char *by, int64_t contact)
{
	char number[NUMBER_BYTES];
	format_number(contact, number);
	const size_t length = strlen(by);
	const size_t end = strlen(number);
	return length >= end && strcmp(by + length - end, number) == 0;
}

/* ---- What ---- */

int answer_record_put(
    struct store *store, const struct answer_record *record, struct complaint *complaint)
{
	char note[ANSWER_RECORD_NOTE_BYTES];
	(void)snprintf(note, sizeof note, "%s%s%s", answer_name(record->answer),
	    record->note[0] != '\0' ? ": " : "", record->note); /* it fits */
	struct store_event event = {
	    .incident_id = record->incident,
	    .at_us = record->at_us,
	    .from_state = record->state,
	    .to_state = record->state,
	    .what = ANSWER_EVENT,
	    .by = record->by,
	    .note = note,
	};
	return store_put(store, STORE_RECORD(&event), STORE_REPLACE, complaint);
}

struct reading {
	int64_t contact;
	struct answer_history *history;
};

static int visit_event(void *context, const void *record)
{
	const struct reading *reading = context;
	const struct store_event *event = record;
	struct answer_history *history = reading->history;
	char name[16];
	if (!is_by(event->by, reading->contact))
		return 0;
	const size_t length = strcspn(event->note, ":");
	(void)snprintf(name, sizeof name, "%.*s",
	    length < sizeof name ? (int)length : (int)sizeof name - 1, event->note);
	const int answer = answer_find(name);
	if (answer < 0)
		return 0; /* of a later program */
	const char *note = event->note[length] == '\0' ? "" : event->note + length + 2;
	history->count++;
	history->last = (enum answer)answer;
	history->at_us = event->at_us;
	(void)snprintf(history->note, sizeof history->note, "%s", note); /* as it was written */
	return 0;
}

int answer_record_read(struct store *store, int64_t incident, int64_t contact,
    struct answer_history *ret_history, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = incident},
		{.column = "what", .test = STORE_IS, .text = ANSWER_EVENT}},
	};
	struct reading reading = {contact, ret_history};
	*ret_history = (struct answer_history){.last = ANSWER_NONE};
	return store_each(store, &query, visit_event, &reading, complaint);
}

int answer_record_is_stopped(struct store *store, int64_t incident, int64_t contact,
    bool *ret_stopped, struct complaint *complaint)
{
	struct answer_history history = {.last = ANSWER_NONE};
	const int result = answer_record_read(store, incident, contact, &history, complaint);
	if (result == 0)
		*ret_stopped = history.last == ANSWER_STOP;
	return result;
}
