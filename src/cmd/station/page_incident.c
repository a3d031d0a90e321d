/* page_incident.c - one incident by the API. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_people.h"
#include "cmd/station/page_telling.h"
#include "cmd/station/record_json.h"
#include "web/answer_page.h"

enum {
	EVENTS_MAX = 1000,  /* of a history; each is some line that a person reads */
	NOTICES_MAX = 1000, /* letters and reminders of one incident */
};

static int copy_incident(void *context, const void *record)
{
	*(void **)context = store_record_copy(STORE_INCIDENT, record);
	return *(void **)context == NULL ? -ENOMEM : 0;
}

/* *ret_incident is NULL where there is none, or none for who asks. To be freed. */
static int find_incident(const struct page_question *question, struct complaint *complaint,
    struct store_incident **ret_incident)
{
	const struct store_query which = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .number = page_segment_id(question, 0)}}};
	void *record = NULL;
	const int result = store_each(question->store, &which, copy_incident, &record, complaint);
	struct store_incident *incident = record;
	if (incident != NULL && !page_may_see(question, incident->member_id)) {
		free(incident);
		incident = NULL;
	}
	*ret_incident = incident;
	return result;
}

/* ---- What happened ---- */

struct history {
	const struct page_question *question;
	struct json *json;
	/* The last answer of a contact. */
	bool has_answer;
	char answer[32];
	char note[ANSWER_NOTE_BYTES];
	char by[128];
	int64_t answered_us;
};

/* "fixed: we took it off the network" */
static void note_answer(struct history *history, const struct store_event *event)
{
	const size_t length = strcspn(event->note, ":");
	const char *note = event->note + length;
	note += strspn(note, ": ");
	history->has_answer = true;
	history->answered_us = event->at_us;
	(void)snprintf(history->answer, sizeof history->answer, "%.*s", (int)length, event->note);
	(void)snprintf(history->note, sizeof history->note, "%s", note);
	(void)snprintf(history->by, sizeof history->by, "%s", event->by);
}

static int write_event(void *context, const void *record)
{
	struct history *history = context;
	struct store_event event = *(const struct store_event *)record;
	if (strcmp(event.what, "answer") == 0)
		note_answer(history, &event);
	/* Addresses of contacts stand there, and what they wrote. */
	if (history->question->who->role == PAGE_VIEWER)
		event.by = event.note = "";
	record_write_event(history->json, &event);
	return 0;
}

static int put_history(const struct page_question *question, struct page_answer *answer, int64_t id)
{
	static struct history history; /* large */
	const struct store_query events = {.kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id", .number = id}},
	    .limit = EVENTS_MAX};
	struct json *json = &answer->json;
	history = (struct history){.question = question, .json = json};
	json_open_array(json, "events");
	const int result =
	    store_each(question->store, &events, write_event, &history, &answer->complaint);
	json_close_array(json);
	if (!history.has_answer || question->who->role == PAGE_VIEWER)
		return result;
	json_open_object(json, "answer");
	json_string(json, "answer", history.answer);
	json_string(json, "note", history.note);
	json_string(json, "by", history.by);
	record_put_time(json, "at", history.answered_us);
	json_close_object(json);
	return result;
}

/* ---- Letters ---- */

struct letters {
	const struct page_question *question;
	struct page_answer *answer;
};

static int write_notice(void *context, const void *record)
{
	struct letters *letters = context;
	return page_people_write_notice(letters->question, letters->answer, record);
}

static int put_notices(const struct page_question *question, struct page_answer *answer, int64_t id)
{
	struct letters letters = {question, answer};
	const struct store_query notices = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "incident_id", .number = id}},
	    .limit = NOTICES_MAX};
	json_open_array(&answer->json, "notices");
	const int result =
	    store_each(question->store, &notices, write_notice, &letters, &answer->complaint);
	json_close_array(&answer->json);
	return result;
}

/* ---- What may be done ---- */

/* The table of transitions says it: what leads to another state. */
static void put_actions(
    const struct page_question *question, struct json *json, const struct store_incident *incident)
{
	static const enum incident_event events[] = {INCIDENT_ACK, INCIDENT_WORK, INCIDENT_CLOSE};
	const int state = incident_state_find(incident->state);
	json_open_array(json, "actions");
	if (question->who->role != PAGE_VIEWER) {
		for (size_t i = 0; state >= 0 && i < sizeof events / sizeof events[0]; i++) {
			const int next = incident_next_state((enum incident_state)state, events[i]);
			if (next >= 0 && next != state)
				json_string(json, NULL, incident_event_name(events[i]));
		}
		json_string(json, NULL, "note");
	}
	json_close_array(json);
	json_open_array(json, "close_reasons");
	json_string(json, NULL, close_reason_name(CLOSE_FIXED));
	json_string(json, NULL, close_reason_name(CLOSE_NOT_OURS));
	json_string(json, NULL, close_reason_name(CLOSE_HARMLESS));
	json_close_array(json);
}

static int put_advice(const struct page_question *question, struct page_answer *answer,
    const struct store_incident *incident)
{
	static struct finding finding; /* large */
	struct page_telling telling;
	int result = 0;
	page_telling_init(&telling, question->world);
	if (page_telling_find(&telling, incident, &finding)) {
		page_telling_put_short(&telling, &answer->json, &finding);
		result = page_telling_put_advice(&telling, &answer->json, incident->id, &finding);
	}
	page_telling_release(&telling);
	return result;
}

static int put_all(const struct page_question *question, struct page_answer *answer,
    const struct store_incident *incident)
{
	struct json *json = &answer->json;
	json_open_object(json, NULL);
	record_put_incident(json, incident);
	json_raw(json, "finding", incident->finding);
	int result = put_advice(question, answer, incident);
	put_actions(question, json, incident);
	if (result == 0)
		result = put_history(question, answer, incident->id);
	if (result == 0)
		result = put_notices(question, answer, incident->id);
	json_close_object(json);
	return result;
}

unsigned page_incident_read(const struct page_question *question, struct page_answer *answer)
{
	struct store_incident *incident = NULL;
	int result = find_incident(question, &answer->complaint, &incident);
	if (result == 0 && incident == NULL)
		return page_missing(answer, "incident");
	if (result == 0)
		result = put_all(question, answer, incident);
	free(incident);
	return result == 0 ? 200 : page_broken(answer);
}

/* ---- Tables ---- */

static const char *const port_columns[] = {"proto", "port", "packets", "targets", NULL};
static const char *const event_columns[] = {"at", "what", "from", "to", "by", "note", NULL};
static const char *const notice_columns[] = {"id", "contact", "address", "kind", "message_id",
    "subject", "state", "attempts", "reply", "signed", "encrypted", "created", "next", "last",
    "delivered", NULL};

const struct page_part page_incident_parts[] = {
    {"ports", "finding.ports", port_columns, 0},
    {"events", "events", event_columns, 0},
    {"notices", "notices", notice_columns, 0},
    {.name = NULL},
};
