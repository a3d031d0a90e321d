#include "cmd/station/page_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/page_api.h"
#include "cmd/station/page_cache.h"
#include "cmd/station/page_incidents.h"

/* Whether a session is still good is asked so often. */
#define SESSION_US (5 * WHEN_SECOND_US)
/* What is so now is looked at so often; some of it changes all the time. */
#define NOW_US (2 * WHEN_SECOND_US)

/* How an incident was when it was looked at last. */
struct mark {
	int64_t id;
	uint64_t hash;
};

struct listener {
	struct http_stream *stream; /* NULL: free */
	struct page_events *events;
	struct page_who who;
	bool wants_sparks;
	bool has_missed;
	bool is_new; /* nothing was compared yet */
	struct mark marks[PAGE_CHANGES_MAX];
	int64_t event_id; /* the last of histories */
	char now[PAGE_ETAG_BYTES];
	int64_t now_us;     /* monotonic: looked at next */
	int64_t session_us; /* likewise */
};

struct page_events {
	struct page *page;
	uint64_t version;
	bool has_version;
	uint64_t seed;
	struct listener list[HTTP_STREAMS_MAX];
};

int page_events_new(struct page *page, struct page_events **ret_events)
{
	struct page_events *events = calloc(1, sizeof *events);
	if (events == NULL)
		return -ENOMEM;
	events->page = page;
	events->seed = hash_seed_random();
	*ret_events = events;
	return 0;
}

/* The streams end with their server. */
void page_events_free(struct page_events *events)
{
	free(events);
}

static void end(struct listener *listener)
{
	if (listener->stream != NULL)
		http_stream_end(listener->stream);
	listener->stream = NULL;
}

static void on_gone(void *context)
{
	struct listener *listener = context;
	listener->stream = NULL;
}

static void send_event(struct listener *listener, const char *name, const char *text, size_t length)
{
	if (listener->stream != NULL && http_stream_send(listener->stream, name, text, length) != 0)
		listener->has_missed = true;
}

/* ---- What changed ---- */

/* One look at what may have changed for one listener. */
struct look {
	struct listener *listener;
	struct mark marks[PAGE_CHANGES_MAX];
	size_t count;
	int64_t changed[2 * PAGE_CHANGES_MAX]; /* ids */
	size_t changed_count;
	int64_t event_id;
	struct store *store;
	struct complaint complaint;
};

static void note_change(struct look *look, int64_t id)
{
	for (size_t i = 0; i < look->changed_count; i++)
		if (look->changed[i] == id)
			return;
	look->changed[look->changed_count++] = id;
}

static uint64_t mark_of(const struct page_events *events, const struct store_incident *incident)
{
	const int64_t numbers[] = {incident->changed_us, incident->last_us, incident->packets,
	    incident->targets, incident->told_us, incident->relapses, incident->reminders,
	    incident_state_find(incident->state), severity_find(incident->severity)};
	return hash_bytes(numbers, sizeof numbers, events->seed);
}

static bool is_known(const struct listener *listener, const struct mark *mark)
{
	for (size_t i = 0; i < PAGE_CHANGES_MAX; i++)
		if (listener->marks[i].id == mark->id && listener->marks[i].hash == mark->hash)
			return true;
	return false;
}

static int see_incident(void *context, const void *record)
{
	struct look *look = context;
	const struct store_incident *incident = record;
	const struct mark mark = {
	    .id = incident->id, .hash = mark_of(look->listener->events, incident)};
	look->marks[look->count++] = mark;
	if (!is_known(look->listener, &mark))
		note_change(look, mark.id);
	return 0;
}

static int see_owner(void *context, const void *record)
{
	*(int64_t *)context = ((const struct store_incident *)record)->member_id;
	return 0;
}

/* What was noted or answered. */
static int see_event(void *context, const void *record)
{
	struct look *look = context;
	const struct store_event *event = record;
	const struct page_who *who = &look->listener->who;
	const struct store_query which = {
	    .kind = STORE_INCIDENT, .conditions = {{.column = "id", .number = event->incident_id}}};
	int64_t member_id = 0;
	if (event->id > look->event_id)
		look->event_id = event->id;
	if (event->id <= look->listener->event_id)
		return 0;
	const int result = store_each(look->store, &which, see_owner, &member_id, &look->complaint);
	if (result == 0 && (who->role != PAGE_MEMBER || who->member_id == member_id))
		note_change(look, event->incident_id);
	return result;
}

static int look_at(struct look *look)
{
	const struct page_question asking = {.who = &look->listener->who};
	struct store_query incidents = {.kind = STORE_INCIDENT,
	    .order = "changed_us",
	    .descending = true,
	    .limit = PAGE_CHANGES_MAX};
	const struct store_query history = {
	    .kind = STORE_EVENT, .descending = true, .limit = PAGE_CHANGES_MAX};
	size_t count = 0;
	page_scope(&asking, "member_id", incidents.conditions, &count);
	const int result =
	    store_each(look->store, &incidents, see_incident, look, &look->complaint);
	return result != 0 ? result
			   : store_each(look->store, &history, see_event, look, &look->complaint);
}

static void tell_change(struct page_events *events, struct look *look)
{
	struct listener *listener = look->listener;
	char at[WHEN_TEXT_BYTES];
	char *text = NULL;
	size_t length = 0;
	struct json json;
	const bool has_more = look->changed_count >= PAGE_CHANGES_MAX || listener->has_missed;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL) {
		listener->has_missed = true;
		return;
	}
	when_format_utc(page_now_us(events->page), at);
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_open_array(&json, "incidents");
	for (size_t i = 0; i < look->changed_count && i < PAGE_CHANGES_MAX; i++)
		json_signed(&json, NULL, look->changed[i]);
	json_close_array(&json);
	if (has_more)
		json_bool(&json, "more", true);
	json_string(&json, "at", at);
	json_close_object(&json);
	listener->has_missed = false;
	if (fclose(out) == 0)
		send_event(listener, "change", text, length);
	free(text);
}

static int compare(struct page_events *events, struct listener *listener, struct store *store)
{
	static struct look look; /* large */
	look = (struct look){.listener = listener, .store = store, .event_id = listener->event_id};
	const int result = look_at(&look);
	if (result != 0)
		return result;
	if (!listener->is_new && (look.changed_count > 0 || listener->has_missed))
		tell_change(events, &look);
	listener->is_new = false;
	listener->event_id = look.event_id;
	memcpy(listener->marks, look.marks, sizeof listener->marks);
	return 0;
}

static bool has_new(const struct page_events *events)
{
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		if (events->list[i].stream != NULL &&
		    (events->list[i].is_new || events->list[i].has_missed))
			return true;
	return false;
}

/* ---- Sessions ---- */

static int check_session(struct page_events *events, struct listener *listener, struct store *store)
{
	struct page_who who;
	struct complaint complaint;
	const int64_t now_us = loop_monotonic_us(page_loop(events->page));
	if (now_us < listener->session_us)
		return 0;
	listener->session_us = now_us + SESSION_US;
	const int result = page_who_find_hash(
	    store, listener->who.session, page_now_us(events->page), &who, &complaint);
	if (result != 0)
		return result;
	if (who.role != listener->who.role || who.member_id != listener->who.member_id)
		end(listener);
	return 0;
}

/* ---- What is so now ---- */

static const struct page_route *now_route(void)
{
	size_t count;
	const struct page_route *const *rows = page_routes(&count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i]->path, "/api/v1/now") == 0)
			return rows[i];
	return NULL;
}

static void tell_now(struct page_events *events, struct listener *listener)
{
	static struct page_question question; /* large */
	const int64_t now_us = loop_monotonic_us(page_loop(events->page));
	struct page_problem problem;
	char etag[PAGE_ETAG_BYTES];
	char *bytes = NULL;
	size_t count = 0;
	question = (struct page_question){.route = now_route(), .who = &listener->who};
	question.world = page_world(events->page);
	if (now_us < listener->now_us || question.route == NULL)
		return;
	listener->now_us = now_us + NOW_US;
	for (size_t i = 0; i < ROUTE_SEGMENTS_MAX; i++)
		question.segments[i] = "";
	if (page_ask(events->page, &question, &problem, &bytes, &count) != 200)
		return;
	page_etag(bytes, count, etag);
	if (strcmp(etag, listener->now) != 0)
		send_event(listener, "now", bytes, count);
	memcpy(listener->now, etag, sizeof etag);
	free(bytes);
}

/* ---- Turns ---- */

static bool is_empty(const struct page_events *events)
{
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		if (events->list[i].stream != NULL)
			return false;
	return true;
}

static void look_in(struct page_events *events, struct store *store, uint64_t version)
{
	const bool is_other = !events->has_version || events->version != version;
	const bool is_due = is_other || has_new(events);
	int result = 0;
	for (size_t i = 0; i < HTTP_STREAMS_MAX && result == 0; i++) {
		struct listener *listener = &events->list[i];
		if (listener->stream != NULL)
			result = check_session(events, listener, store);
		if (result == 0 && listener->stream != NULL && is_due)
			result = compare(events, listener, store);
	}
	if (result != 0)
		return; /* the next turn looks again */
	events->version = version;
	events->has_version = true;
}

void page_events_tick(struct page_events *events)
{
	struct page_store *database = page_database(events->page);
	struct store *store = NULL;
	struct complaint complaint;
	uint64_t version = 0;
	if (is_empty(events))
		return;
	int result = page_store_begin(
	    database, loop_monotonic_us(page_loop(events->page)), &store, &complaint);
	if (result == 0)
		result = page_store_version(database, &version, &complaint);
	if (result == 0)
		look_in(events, store, version);
	page_store_end(database);
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		if (events->list[i].stream != NULL)
			tell_now(events, &events->list[i]);
}

/* ---- Sparks ---- */

bool page_events_want_sparks(const struct page_events *events)
{
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		if (events->list[i].stream != NULL && events->list[i].wants_sparks)
			return true;
	return false;
}

static bool is_same_audience(const struct listener *a, const struct listener *b)
{
	return b->stream != NULL && b->wants_sparks && a->who.role == b->who.role &&
	       a->who.member_id == b->who.member_id;
}

/* The first of those who may see the same. */
static bool is_first(const struct page_events *events, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_same_audience(&events->list[at], &events->list[i]))
			return false;
	return true;
}

static void send_to_audience(
    struct page_events *events, size_t at, const char *name, const char *text, size_t length)
{
	for (size_t i = at; i < HTTP_STREAMS_MAX; i++)
		if (is_same_audience(&events->list[at], &events->list[i]) || i == at)
			send_event(&events->list[i], name, text, length);
}

void page_events_send_sparks(struct page_events *events, const char *name,
    bool (*write)(void *context, FILE *out, const struct page_who *who), void *context)
{
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++) {
		struct listener *listener = &events->list[i];
		char *text = NULL;
		size_t length = 0;
		if (listener->stream == NULL || !listener->wants_sparks || !is_first(events, i))
			continue;
		FILE *out = open_memstream(&text, &length);
		if (out == NULL)
			return;
		const bool is_any = write(context, out, &listener->who);
		if (fclose(out) == 0 && is_any)
			send_to_audience(events, i, name, text, length);
		free(text);
	}
}

/* ---- The route ---- */

static void run_events(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	struct page_events *events = page_events(page);
	struct listener *listener = NULL;
	for (size_t i = 0; i < HTTP_STREAMS_MAX && listener == NULL; i++)
		if (events->list[i].stream == NULL)
			listener = &events->list[i];
	if (listener == NULL) {
		page_tell(request, PROBLEM(503, NULL, NULL), "too many listen already");
		return;
	}
	*listener = (struct listener){.events = events,
	    .who = *question->who,
	    .wants_sparks = page_number(question, "sparks", 0) == 1,
	    .is_new = true};
	struct http_stream *stream = NULL;
	const int result = http_stream_begin(request, on_gone, listener, &stream);
	if (result != 0) {
		page_tell(request, PROBLEM(503, NULL, NULL), "%s",
		    result == -EUSERS ? "too many listen already" : "there is no memory now");
		return;
	}
	listener->stream = stream;
	tell_now(events, listener);
}

static const struct page_parameter parameters[] = {
    {"sparks", PAGE_FLAG, 0, 0, NULL, "1: with a sample of what comes in"},
    {.name = NULL},
};

const struct page_route page_event_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/events",
	.roles = PAGE_SIGNED_IN,
	.run = run_events,
	.summary = "Server-sent events: change, now, sparks",
	.parameters = parameters},
    {.path = NULL},
};
