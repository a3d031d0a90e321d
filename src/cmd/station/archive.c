#include "cmd/station/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/finding_record.h"

enum {
	/* Ports that were told, as text: "255/65535 " each. */
	NAMED_BYTES = INCIDENT_TOLD_PORTS * 10 + 1,
	/* Of those that found no room so many are closed at once: some 100 ms. */
	LEFT_AT_ONCE = 4096,
	LEFT_NOTE_BYTES = 64,
};

/* An incident that is not closed and found no room. */
struct left {
	int64_t id;
	enum incident_state state;
};

/* What was read, the least urgent first (casebook_compare_urgency). */
struct heap {
	struct incident **all;
	size_t count;
	size_t room;
};

struct archive {
	struct store *store;       /* borrowed */
	struct casebook *casebook; /* borrowed */
	struct incident **fresh;   /* that got their number in this transaction */
	size_t fresh_count;
	size_t fresh_room;
	bool wrote_grown;
	struct heap open; /* by archive_load() */
	struct heap rest;
	struct left *left;
	size_t left_count;
	size_t left_room;
	size_t left_written; /* in this transaction, of the last */
	struct archive_counts counts;
	struct complaint *complaint; /* of the call under way, */
	const struct roster *roster; /* and of archive_load() */
};

int archive_new(struct store *store, struct casebook *casebook, struct archive **ret_archive)
{
	struct archive *archive = calloc(1, sizeof *archive);
	if (archive == NULL)
		return -ENOMEM;
	archive->store = store;
	archive->casebook = casebook;
	*ret_archive = archive;
	return 0;
}

void archive_free(struct archive *archive)
{
	if (archive == NULL)
		return;
	free(archive->fresh);
	free(archive->left);
	free(archive);
}

static uint64_t count_of(int64_t stored)
{
	return stored < 0 ? 0 : (uint64_t)stored;
}

static int64_t stored_count(uint64_t count)
{
	return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

/* "6/23 17/53"; what does not fit is not named. */
static void format_named(const struct incident_told *told, char out[static NAMED_BYTES])
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < told->ports_listed && at < NAMED_BYTES; i++) {
		int length = snprintf(out + at, NAMED_BYTES - at, "%s%u/%u", i == 0 ? "" : " ",
		    told->ports[i].protocol, told->ports[i].port);
		at += length > 0 ? (size_t)length : 0;
	}
}

static bool take_number(const char **text, char end, unsigned long max, unsigned long *ret_number)
{
	char *after;
	if (**text < '0' || **text > '9')
		return false;
	*ret_number = strtoul(*text, &after, 10);
	if (*ret_number > max || (*after != end && (end != ' ' || *after != '\0')))
		return false;
	*text = *after == '\0' ? after : after + 1;
	return true;
}

/* What is not written as above ends the list: its ports would be told once more. */
static void parse_named(const char *text, struct incident_told *told)
{
	while (*text != '\0' && told->ports_listed < INCIDENT_TOLD_PORTS) {
		unsigned long protocol;
		unsigned long port;
		if (!take_number(&text, '/', UINT8_MAX, &protocol) ||
		    !take_number(&text, ' ', UINT16_MAX, &port))
			return;
		told->ports[told->ports_listed++] =
		    (struct incident_port){(uint16_t)port, (uint8_t)protocol};
	}
}

static void read_told(const struct store_incident *record, struct incident_told *told)
{
	int severity = severity_find(record->told_severity);
	*told = (struct incident_told){
	    .at_us = record->told_us,
	    .letters = (uint32_t)count_of(record->told_letters),
	    .severity = severity < 0 ? SEVERITY_INFO : (enum severity)severity,
	    .extent = count_of(record->told_targets),
	    .port_count = count_of(record->told_ports),
	};
	parse_named(record->told_named, told);
}

/* The reason, or the rule of what it is instead. False for what is neither. */
static bool read_retraction(const char *text, struct incident *incident)
{
	int retraction = retraction_find(text);
	int rule = rule_find(text);
	incident->retraction = retraction >= 0 ? (enum retraction)retraction : RETRACTION_OTHER;
	incident->retraction_rule = rule >= 0 ? (enum rule)rule : (enum rule)0;
	return retraction >= 0 || rule >= 0;
}

static const char *retraction_text(const struct incident *incident)
{
	return incident->retraction == RETRACTION_OTHER ? rule_name(incident->retraction_rule)
							: retraction_name(incident->retraction);
}

/* False for what a newer program wrote: it is left as it is. */
static bool read_incident(const struct store_incident *record, struct incident *ret_incident)
{
	int rule = rule_find(record->rule);
	int state = incident_state_find(record->state);
	int reason = close_reason_find(record->close_reason);
	int severity = severity_find(record->severity);
	int owed = news_find(record->owed);
	struct address subject;
	if (rule < 0 || state < 0 || reason < 0 || severity < 0 || owed < 0 ||
	    address_parse(record->subject, &subject) != 0)
		return false;
	*ret_incident = (struct incident){
	    .id = record->id,
	    .member_id = record->member_id,
	    .subject = subject,
	    .rule = (enum rule)rule,
	    .drill = record->drill,
	    .state = (enum incident_state)state,
	    .reason = (enum close_reason)reason,
	    .severity = (enum severity)severity,
	    .opened_us = record->opened_us,
	    .opened_wall_us = record->opened_wall_us,
	    .first_us = record->first_us,
	    .last_us = record->last_us,
	    .state_us = record->state_us,
	    .rested_us = record->rested_us,
	    .packets = count_of(record->packets),
	    .extent = count_of(record->targets),
	    .port_count = count_of(record->port_count),
	    .relapses = (uint32_t)count_of(record->relapses),
	    .owed = (enum news)owed,
	    .reminders = (uint32_t)count_of(record->reminders),
	    .reminded_us = record->reminded_us,
	};
	read_told(record, &ret_incident->told);
	(void)snprintf(ret_incident->member, sizeof ret_incident->member, "%s", record->member);
	return read_retraction(record->retraction, ret_incident);
}

/* Its finding; NULL where it needs none, or that of an earlier program says too little. */
static struct finding *read_finding(const struct archive *archive,
    const struct store_incident *record, const struct incident *incident)
{
	const struct roster_member *member =
	    roster_find_member(archive->roster, incident->member_id);
	struct finding *finding = NULL;
	if (incident->state == INCIDENT_CLOSED && incident->owed == NEWS_NONE)
		return NULL;
	finding = malloc(sizeof *finding);
	if (finding == NULL || finding_record_read(record->finding, finding, NULL) != 0) {
		free(finding);
		return NULL;
	}
	if (member != NULL && (size_t)(member - archive->roster->members) <
				  registry_member_count(archive->roster->registry))
		finding->member = (int)(member - archive->roster->members);
	return finding;
}

/* ---- Loading ---- */

static void free_read(struct incident *incident)
{
	if (incident != NULL)
		free(incident->finding);
	free(incident);
}

/* Puts the least urgent of a place and what is below it on top. */
static void sink(struct heap *heap, size_t at)
{
	for (size_t below = 2 * at + 1; below < heap->count; below = 2 * at + 1) {
		struct incident **all = heap->all;
		if (below + 1 < heap->count &&
		    casebook_compare_urgency(all[below + 1], all[below]) < 0)
			below++;
		if (casebook_compare_urgency(all[at], all[below]) <= 0)
			return;
		struct incident *moved = all[at];
		all[at] = all[below];
		all[below] = moved;
		at = below;
	}
}

static void rise(struct heap *heap, size_t at)
{
	struct incident **all = heap->all;
	while (at > 0 && casebook_compare_urgency(all[at], all[(at - 1) / 2]) < 0) {
		struct incident *moved = all[at];
		all[at] = all[(at - 1) / 2];
		all[(at - 1) / 2] = moved;
		at = (at - 1) / 2;
	}
}

static bool push(struct heap *heap, struct incident *incident)
{
	if (heap->count == heap->room) {
		size_t room = heap->room == 0 ? 64 : heap->room * 2;
		struct incident **grown = reallocarray(heap->all, room, sizeof(struct incident *));
		if (grown == NULL)
			return false;
		heap->all = grown;
		heap->room = room;
	}
	heap->all[heap->count++] = incident;
	rise(heap, heap->count - 1);
	return true;
}

/* The least urgent. */
static struct incident *pop(struct heap *heap)
{
	struct incident *least = heap->all[0];
	heap->all[0] = heap->all[--heap->count];
	sink(heap, 0);
	return least;
}

/* What is closed and finds no room lies in the store as it is. */
static bool leave(struct archive *archive, const struct incident *incident)
{
	if (incident->state == INCIDENT_CLOSED)
		return true;
	if (archive->left_count == archive->left_room) {
		size_t room = archive->left_room == 0 ? 64 : archive->left_room * 2;
		struct left *grown = reallocarray(archive->left, room, sizeof *grown);
		if (grown == NULL)
			return false;
		archive->left = grown;
		archive->left_room = room;
	}
	archive->left[archive->left_count++] =
	    (struct left){.id = incident->id, .state = incident->state};
	archive->counts.left += incident_is_open(incident->state);
	return true;
}

static struct incident *copy_read(const struct archive *archive,
    const struct store_incident *record, const struct incident *incident)
{
	struct incident *copy = malloc(sizeof *copy);
	if (copy == NULL)
		return NULL;
	*copy = *incident;
	copy->finding = read_finding(archive, record, incident);
	return copy;
}

/* One more, or in the place of the least urgent. False when memory is out. */
static bool keep_read(
    struct archive *archive, const struct store_incident *record, const struct incident *incident)
{
	const bool is_open = incident_is_open(incident->state);
	struct heap *heap = is_open ? &archive->open : &archive->rest;
	const size_t max =
	    is_open ? casebook_open_max(archive->casebook) : casebook_max(archive->casebook);
	if (heap->count == max && casebook_compare_urgency(incident, heap->all[0]) < 0)
		return leave(archive, incident);
	struct incident *copy = copy_read(archive, record, incident);
	if (copy == NULL || !push(heap, copy)) {
		free_read(copy);
		return false;
	}
	if (heap->count <= max)
		return true;
	struct incident *least = pop(heap);
	const bool is_left = leave(archive, least);
	free_read(least);
	return is_left;
}

static int visit_incident(void *context, const void *record)
{
	struct archive *archive = context;
	struct incident incident;
	if (!read_incident(record, &incident)) {
		archive->counts.unreadable++;
		return 0;
	}
	return keep_read(archive, record, &incident)
		   ? 0
		   : complain(archive->complaint, -ENOMEM, "out of memory for incidents");
}

static int compare_incidents(const void *a, const void *b)
{
	const struct incident *x = *(struct incident *const *)a;
	const struct incident *y = *(struct incident *const *)b;
	return (x->id > y->id) - (x->id < y->id);
}

/* What is open, and of the rest as many as there is room for besides. */
static int merge(struct archive *archive)
{
	while (archive->open.count + archive->rest.count > casebook_max(archive->casebook)) {
		struct incident *least = pop(&archive->rest);
		const bool is_left = leave(archive, least);
		free_read(least);
		if (!is_left)
			return -ENOMEM;
	}
	while (archive->rest.count > 0) {
		struct incident *moved = archive->rest.all[archive->rest.count - 1];
		if (!push(&archive->open, moved))
			return -ENOMEM;
		archive->rest.count--;
	}
	return 0;
}

/* In the order of their making; of two of one key the later is the one that may be open. */
static int load_read(struct archive *archive)
{
	struct heap *all = &archive->open;
	int result = merge(archive);
	if (result == 0 && all->count > 1)
		qsort(all->all, all->count, sizeof(struct incident *), compare_incidents);
	for (size_t i = 0; i < all->count && result == 0; i++)
		result = casebook_load(archive->casebook, all->all[i]);
	return result == 0 ? 0
			   : complain(archive->complaint, result, "out of memory for incidents");
}

static void release_heap(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++)
		free_read(heap->all[i]);
	free(heap->all);
	*heap = (struct heap){.all = NULL};
}

int archive_load(struct archive *archive, const struct roster *roster, int64_t closed_since_us,
    struct complaint *complaint)
{
	const struct store_query closed = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .test = STORE_IS, .text = "closed"},
		{.column = "changed_us", .test = STORE_FROM, .number = closed_since_us}},
	};
	static const char *const states[] = {
	    "new", "notified", "acknowledged", "in-progress", "quiet", "relapsed"};
	const struct store_query others = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "state",
		.test = STORE_IN,
		.texts = states,
		.count = sizeof states / sizeof states[0]}},
	};
	archive->complaint = complaint;
	archive->roster = roster;
	int result = store_each(archive->store, &closed, visit_incident, archive, complaint);
	if (result == 0)
		result = store_each(archive->store, &others, visit_incident, archive, complaint);
	if (result == 0)
		result = load_read(archive);
	release_heap(&archive->open);
	release_heap(&archive->rest);
	return result;
}

/* What a record borrows. */
struct texts {
	char subject[ADDRESS_TEXT_BYTES];
	char named[NAMED_BYTES];
};

static struct store_incident make_record(
    const struct incident *incident, struct texts *texts, int64_t now_us)
{
	const bool was_told = incident->told.at_us != 0;
	const bool is_settled =
	    incident->state == INCIDENT_CLOSED || incident->state == INCIDENT_QUIET;
	address_format(&incident->subject, texts->subject);
	format_named(&incident->told, texts->named);
	return (struct store_incident){
	    .id = incident->id,
	    .member_id = incident->member_id,
	    .member = incident->member,
	    .subject = texts->subject,
	    .rule = rule_name(incident->rule),
	    .drill = incident->drill,
	    .state = incident_state_name(incident->state),
	    .close_reason = close_reason_name(incident->reason),
	    .severity = severity_name(incident->severity),
	    .first_us = incident->first_us,
	    .last_us = incident->last_us,
	    .opened_us = incident->opened_us,
	    .changed_us = is_settled ? incident->state_us : now_us,
	    .quiet_us = incident->state == INCIDENT_QUIET ? incident->state_us : 0,
	    .packets = stored_count(incident->packets),
	    .targets = stored_count(incident->extent),
	    .port_count = stored_count(incident->port_count),
	    .relapses = incident->relapses,
	    .told_severity = was_told ? severity_name(incident->told.severity) : "",
	    .told_targets = stored_count(incident->told.extent),
	    .told_ports = stored_count(incident->told.port_count),
	    .told_us = incident->told.at_us,
	    .finding = "",
	    .opened_wall_us = incident->opened_wall_us,
	    .state_us = incident->state_us,
	    .rested_us = incident->rested_us,
	    .told_letters = incident->told.letters,
	    .told_named = texts->named,
	    .owed = news_name(incident->owed),
	    .retraction = retraction_text(incident),
	    .reminders = incident->reminders,
	    .reminded_us = incident->reminded_us,
	};
}

static bool note_fresh(struct archive *archive, struct incident *incident)
{
	if (archive->fresh_count == archive->fresh_room) {
		size_t room = archive->fresh_room == 0 ? 64 : archive->fresh_room * 2;
		struct incident **grown =
		    reallocarray(archive->fresh, room, sizeof(struct incident *));
		if (grown == NULL)
			return false;
		archive->fresh = grown;
		archive->fresh_room = room;
	}
	archive->fresh[archive->fresh_count++] = incident;
	return true;
}

static struct store_query query_of(int64_t id)
{
	return (struct store_query){
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
}

/* Of one without a finding in memory the store keeps the one it has. */
static int change_without_finding(struct archive *archive, const struct store_incident *record)
{
	const struct store_query which = query_of(record->id);
	const struct store_change life[STORE_CHANGES_MAX] = {
	    {.column = "state", .text = record->state},
	    {.column = "close_reason", .text = record->close_reason},
	    {.column = "severity", .text = record->severity},
	    {.column = "changed_us", .number = record->changed_us},
	    {.column = "quiet_us", .number = record->quiet_us},
	    {.column = "state_us", .number = record->state_us},
	    {.column = "owed", .text = record->owed},
	    {.column = "retraction", .text = record->retraction},
	    {.column = "rule", .text = record->rule},
	    {.column = "member", .text = record->member},
	};
	const struct store_change numbers[STORE_CHANGES_MAX] = {
	    {.column = "first_us", .number = record->first_us},
	    {.column = "last_us", .number = record->last_us},
	    {.column = "packets", .number = record->packets},
	    {.column = "targets", .number = record->targets},
	    {.column = "port_count", .number = record->port_count},
	    {.column = "relapses", .number = record->relapses},
	    {.column = "rested_us", .number = record->rested_us},
	    {.column = "reminders", .number = record->reminders},
	    {.column = "reminded_us", .number = record->reminded_us},
	};
	int result = store_change(archive->store, &which, life, NULL, archive->complaint);
	return result != 0
		   ? result
		   : store_change(archive->store, &which, numbers, NULL, archive->complaint);
}

int archive_write_told(
    struct archive *archive, const struct incident *told, struct complaint *complaint)
{
	struct texts texts;
	const struct store_incident record = make_record(told, &texts, told->told.at_us);
	const struct store_query which = query_of(record.id);
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "told_severity", .text = record.told_severity},
	    {.column = "told_targets", .number = record.told_targets},
	    {.column = "told_ports", .number = record.told_ports},
	    {.column = "told_us", .number = record.told_us},
	    {.column = "told_letters", .number = record.told_letters},
	    {.column = "told_named", .text = record.told_named},
	    {.column = "owed", .text = record.owed},
	    {.column = "reminders", .number = record.reminders},
	    {.column = "reminded_us", .number = record.reminded_us},
	};
	return store_change(archive->store, &which, changes, NULL, complaint);
}

static int write_incident(struct archive *archive, struct incident *incident, int64_t now_us)
{
	struct texts texts;
	char *finding = NULL;
	struct store_incident record = make_record(incident, &texts, now_us);
	archive->counts.incidents++;
	if (incident->finding == NULL && incident->id != 0)
		return change_without_finding(archive, &record);
	/* one that was closed before it could be written has none */
	if (incident->finding != NULL &&
	    finding_record_write(incident->finding, incident->member, &finding) != 0)
		return complain(archive->complaint, -ENOMEM, "out of memory for an incident");
	record.finding = finding != NULL ? finding : "";
	int result =
	    store_put(archive->store, STORE_RECORD(&record), STORE_REPLACE, archive->complaint);
	free(finding);
	if (result != 0 || incident->id != 0)
		return result;
	if (!note_fresh(archive, incident))
		return complain(archive->complaint, -ENOMEM, "out of memory for incidents");
	incident->id = record.id;
	return 0;
}

static int write_step(struct archive *archive, const struct incident_step *step)
{
	struct store_event record = {
	    .incident_id = step->incident->id,
	    .at_us = step->at_us,
	    .from_state = incident_state_name(step->from),
	    .to_state = incident_state_name(step->to),
	    .what = incident_event_name(step->event),
	    .by = step->by,
	    .note = step->note,
	};
	archive->counts.steps++;
	return store_put(archive->store, STORE_RECORD(&record), STORE_REPLACE, archive->complaint);
}

/* Of what was left when it was loaded: it is closed, and its history says why. */
static int write_left(struct archive *archive, const struct left *left, int64_t now_us)
{
	char note[LEFT_NOTE_BYTES];
	const struct store_query which = query_of(left->id);
	const struct store_change closed[STORE_CHANGES_MAX] = {
	    {.column = "state", .text = incident_state_name(INCIDENT_CLOSED)},
	    {.column = "close_reason", .text = close_reason_name(CLOSE_NO_ROOM)},
	    {.column = "changed_us", .number = now_us},
	    {.column = "state_us", .number = now_us},
	    {.column = "owed", .text = news_name(NEWS_NONE)},
	};
	(void)snprintf(note, sizeof note, "more than %zu incidents were %s",
	    incident_is_open(left->state) ? casebook_open_max(archive->casebook)
					  : casebook_max(archive->casebook),
	    incident_is_open(left->state) ? "open" : "kept"); /* fits */
	const struct store_event event = {
	    .incident_id = left->id,
	    .at_us = now_us,
	    .from_state = incident_state_name(left->state),
	    .to_state = incident_state_name(INCIDENT_CLOSED),
	    .what = incident_event_name(INCIDENT_CLOSE),
	    .by = "",
	    .note = note,
	};
	struct store_event record = event;
	int result = store_change(archive->store, &which, closed, NULL, archive->complaint);
	return result != 0 ? result
			   : store_put(archive->store, STORE_RECORD(&record), STORE_REPLACE,
				 archive->complaint);
}

static int write_some_left(struct archive *archive, int64_t now_us)
{
	const size_t count =
	    archive->left_count < LEFT_AT_ONCE ? archive->left_count : LEFT_AT_ONCE;
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		result = write_left(archive, &archive->left[archive->left_count - 1 - i], now_us);
	archive->left_written = count;
	return result;
}

bool archive_is_due(const struct archive *archive)
{
	return archive->left_count > 0;
}

int archive_write(struct archive *archive, bool grown, int64_t now_us, struct complaint *complaint)
{
	size_t position = 0;
	size_t step_count;
	struct incident *incident;
	int result = 0;
	archive->complaint = complaint;
	archive->fresh_count = 0;
	archive->wrote_grown = grown;
	while (result == 0 && (incident = casebook_next(archive->casebook, &position)) != NULL)
		if (incident->is_changed || (grown && incident->is_grown))
			result = write_incident(archive, incident, now_us);
	const struct incident_step *steps = casebook_steps(archive->casebook, &step_count);
	for (size_t i = 0; i < step_count && result == 0; i++)
		result = write_step(archive, &steps[i]);
	return result != 0 ? result : write_some_left(archive, now_us);
}

void archive_commit(struct archive *archive)
{
	archive->fresh_count = 0;
	archive->left_count -= archive->left_written;
	archive->left_written = 0;
	casebook_written(archive->casebook, archive->wrote_grown);
}

void archive_forget(struct archive *archive)
{
	for (size_t i = 0; i < archive->fresh_count; i++)
		archive->fresh[i]->id = 0;
	archive->fresh_count = 0;
	archive->left_written = 0;
}

void archive_get_counts(const struct archive *archive, struct archive_counts *ret_counts)
{
	*ret_counts = archive->counts;
}
